// Lines in a file, which may begin anew when it is large, or on standard output.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sinks/output.hpp"

namespace fastrsi {

// Lines wait for the batch's end, but no more of them than this.
inline constexpr std::size_t kOutputBufferBytes = 256 * 1024;

// When a new file begins. The old ones are FILE.1, the newest, to FILE.`kept`; older ones are
// removed.
struct FileRotation {
  std::uint64_t bytes_max = 0;  // 0: never
  std::uint64_t kept = 0;
};

// The program ignores SIGPIPE, so that a closed pipe is an error here.
class FileOutput final : public Output {
 public:
  // `path` is "-" for standard output, or a file. Throws std::runtime_error with the mend when it
  // cannot be opened.
  FileOutput(const std::string& path, bool append, FileRotation rotation = {});
  ~FileOutput() override;

  void add_line(std::string_view line, std::uint64_t records, OutputFields fields = {}) override;
  void flush() noexcept override;
  bool sync() noexcept override;

 private:
  struct Line {
    std::size_t end;
    std::uint64_t records;
  };

  bool is_file() const noexcept;
  // Before a batch: begins a new file when this one is full, or somebody has taken it away
  // (logrotate).
  void renew() noexcept;
  bool shift_old_files() noexcept;
  std::size_t write_all() noexcept;

  // Constant after construction.
  const std::string path_;
  const FileRotation rotation_;

  int descriptor_;
  std::uint64_t size_ = 0;  // of the file; 0 for what is none
  std::string buffer_;
  std::vector<Line> lines_;
  bool torn_ = false;  // the last byte written is not a line's end
  bool unsynced_ = false;
  bool sync_failed_ = false;  // of a file that is closed, and nobody has heard of it
};

}  // namespace fastrsi
