// Lines in the system's journal (journald): the text as MESSAGE, what it says as FASTRSI_ fields of
// their own, so that `journalctl FASTRSI_KIND=buy` finds it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sinks/output.hpp"

namespace fastrsi {

class JournaldOutput final : public Output {
 public:
  // `sink` is the sink's name. Throws std::runtime_error when this system has no journal.
  explicit JournaldOutput(std::string sink);
  ~JournaldOutput() override;

  bool keeps_fields() const noexcept override { return true; }
  void add_line(std::string_view line, std::uint64_t records, OutputFields fields = {}) override;
  void flush() noexcept override;
  // The journal itself sees to its disk.
  bool sync() noexcept override { return true; }

 private:
  struct Entry {
    std::vector<std::string> fields;  // NAME=value
    std::uint64_t records;
  };

  const std::string sink_;
  std::vector<Entry> entries_;
};

}  // namespace fastrsi
