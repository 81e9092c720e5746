// One file of a capture while it is written: text goes in, zstd goes to the disk.
//
// The file has its last name from the start. After each flush() it can be read up to there by
// anybody, also when this process has died since; what a reader finds behind that is a cut frame,
// which it tells as a damaged tail. A power failure costs what the kernel had not written yet: a
// capture is not worth an fsync a second beside the journal, so there is one at the file's end.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace fastrsi {

// Owner: one link of the capture writer. Thread: the writer's.
class CaptureOutput {
 public:
  // Makes a new file; an existing one is never touched: then the name gets -2, -3, ... before
  // `suffix`. Nullptr, and why, when there can be none.
  static std::unique_ptr<CaptureOutput> create(const std::string& stem, std::string_view suffix,
                                               int level, std::string& error);
  // What was not finished is lost, as after a crash.
  ~CaptureOutput();
  CaptureOutput(const CaptureOutput&) = delete;
  CaptureOutput& operator=(const CaptureOutput&) = delete;

  // False when the disk refuses: error() says why, and the file is of no more use.
  bool write(std::string_view text) noexcept;
  bool flush() noexcept;
  bool finish() noexcept;

  const std::string& path() const noexcept { return path_; }
  const std::string& error() const noexcept { return error_; }
  std::uint64_t bytes() const noexcept { return bytes_; }  // on the disk
  bool is_flushed() const noexcept { return is_flushed_; }

 private:
  struct Packer;
  CaptureOutput(std::string path, int descriptor, int level);
  bool pack(std::string_view text, int directive) noexcept;
  bool put(std::size_t size) noexcept;

  const std::string path_;
  int descriptor_;
  std::unique_ptr<Packer> packer_;
  std::vector<char> packed_;
  std::uint64_t bytes_ = 0;
  bool is_flushed_ = true;
  std::string error_;
};

}  // namespace fastrsi
