// A file's bytes in order, unpacked when they are gzip or zstd, which the first bytes tell and not
// the name. Damage ends the bytes early and is a value, so that what came before it is kept.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace fastrsi {

// How far a file has been read, in its own (compressed) bytes. `total` is 0 for pipes.
struct InputProgress {
  std::uint64_t read = 0;
  std::uint64_t total = 0;
};

// Owner: one capture file. Thread: the reader's.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  // Writes up to `size` (> 0) bytes; 0 says the end, then and ever after. May write fewer.
  virtual std::size_t read(char* into, std::size_t size) noexcept = 0;
  // Why the bytes ended before the file's own end; empty while nothing is wrong.
  virtual const std::string& damage() const noexcept = 0;
  virtual InputProgress progress() const noexcept = 0;
};

// The file itself, with its first bytes kept for a look ahead.
class RawFile {
 public:
  static constexpr std::size_t kHeadBytes = 4;

  // Throws std::runtime_error ("PATH: what (mend)") when it cannot be opened or is a directory.
  // "-" is standard input.
  explicit RawFile(const std::string& path);
  ~RawFile();
  RawFile(RawFile&& other) noexcept;
  RawFile(const RawFile&) = delete;
  RawFile& operator=(const RawFile&) = delete;

  // As ByteSource::read; a failing disk is an end with damage().
  std::size_t read(char* into, std::size_t size) noexcept;
  // The first bytes, fewer in a shorter file; reading gives them too.
  std::string head() const { return {head_.data(), head_size_}; }
  const std::string& damage() const noexcept { return damage_; }
  InputProgress progress() const noexcept { return progress_; }

 private:
  std::size_t read_descriptor(char* into, std::size_t size) noexcept;

  int descriptor_ = -1;
  std::array<char, kHeadBytes> head_{};
  std::size_t head_size_ = 0;
  std::size_t head_taken_ = 0;
  InputProgress progress_;
  std::string damage_;
};

// Throws as RawFile does.
std::unique_ptr<ByteSource> open_byte_source(const std::string& path);

// Each is the one door to its library, for `file` whose head carries the format's magic bytes.
std::unique_ptr<ByteSource> make_gzip_source(RawFile file);
std::unique_ptr<ByteSource> make_zstd_source(RawFile file);

}  // namespace fastrsi
