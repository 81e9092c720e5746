// Counts a file's damage and tells the first of it in words.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "feeds/capture.hpp"

namespace fastrsi {

inline constexpr std::size_t kDiagnosticsPerFileMax = 20;

// Owner: one capture file. The statistics and diagnostics of the reader must outlive it.
class DamageLog {
 public:
  DamageLog(std::string file, CaptureStatistics& statistics, std::vector<std::string>& diagnostics)
      : file_(std::move(file)), statistics_(statistics), diagnostics_(diagnostics) {}

  CaptureStatistics& statistics() noexcept { return statistics_; }

  void damaged_line(std::uint64_t line, std::string_view what);
  void oversized_line(std::uint64_t line);
  // Lines after this are counted and not told: they are the tail.
  void damaged_tail(std::uint64_t line, std::string_view what);
  // At the file's end: how many were counted and not told.
  void finish();

 private:
  void tell(std::uint64_t line, std::string_view what);

  const std::string file_;
  CaptureStatistics& statistics_;
  std::vector<std::string>& diagnostics_;
  std::uint64_t told_ = 0;
  std::uint64_t untold_ = 0;
  bool is_over_ = false;
};

}  // namespace fastrsi
