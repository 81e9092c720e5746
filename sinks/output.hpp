// Where a sink's lines end: a file or standard output, written a batch at a time, with every
// failure counted. Its own class because a sink must know which records a full disk or a closed
// pipe has cost it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace fastrsi {

// Lines wait for the batch's end, but no more of them than this.
inline constexpr std::size_t kOutputBufferBytes = 256 * 1024;

// Owner and thread: one sink. The program ignores SIGPIPE, so that a closed pipe is an error here.
class Output {
 public:
  // `path` is "-" for standard output, or a file. Throws std::runtime_error with the mend when it
  // cannot be opened.
  Output(const std::string& path, bool append);
  ~Output();
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  // Takes a line without its end; it speaks for `records` records.
  void add_line(std::string_view line, std::uint64_t records);
  // Writes all lines taken. Lines that cannot be written are given up: the records behind them
  // would only be older.
  void flush() noexcept;
  // Puts on the disk what has been written; a pipe or a terminal has none. False when the disk
  // refuses: last_error() says why.
  bool sync() noexcept;

  std::uint64_t failed_records() const noexcept { return failed_records_; }
  const std::string& last_error() const noexcept { return last_error_; }

 private:
  struct Line {
    std::size_t end;
    std::uint64_t records;
  };

  std::size_t write_all() noexcept;

  // Constant after construction.
  const std::string path_;
  const int descriptor_;

  std::string buffer_;
  std::vector<Line> lines_;
  bool torn_ = false;  // the last byte written is not a line's end
  bool unsynced_ = false;
  std::uint64_t failed_records_ = 0;
  std::string last_error_;
};

}  // namespace fastrsi
