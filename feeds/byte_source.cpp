#include "feeds/byte_source.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace fastrsi {
namespace {

constexpr std::string_view kGzipMagic = "\x1f\x8b";
constexpr std::string_view kZstdMagic = "\x28\xb5\x2f\xfd";

class PlainSource final : public ByteSource {
 public:
  explicit PlainSource(RawFile file) : file_(std::move(file)) {}
  std::size_t read(char* into, std::size_t size) noexcept override {
    return file_.read(into, size);
  }
  const std::string& damage() const noexcept override { return file_.damage(); }
  InputProgress progress() const noexcept override { return file_.progress(); }

 private:
  RawFile file_;
};

// A zstd file may begin with a skippable frame (magic 0x184D2A50 to 0x184D2A5F).
bool is_zstd(std::string_view head) {
  if (head.size() < RawFile::kHeadBytes) return false;
  if (head == kZstdMagic) return true;
  return (static_cast<unsigned char>(head[0]) & 0xF0U) == 0x50U &&
         head.substr(1) == std::string_view("\x2a\x4d\x18");
}

[[noreturn]] void refuse(const std::string& path, const std::string& what, const char* mend) {
  throw std::runtime_error(path + ": " + what + " (" + mend + ")");
}

}  // namespace

RawFile::RawFile(const std::string& path) {
  descriptor_ = path == "-" ? ::dup(STDIN_FILENO) : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor_ < 0) refuse(path, std::strerror(errno), "name a capture file that can be read");
  struct stat status {};
  if (::fstat(descriptor_, &status) == 0) {
    if (S_ISDIR(status.st_mode)) {
      ::close(descriptor_);
      refuse(path, "is a directory", "name the capture files in it");
    }
    if (S_ISREG(status.st_mode)) progress_.total = static_cast<std::uint64_t>(status.st_size);
  }
  ::posix_fadvise(descriptor_, 0, 0, POSIX_FADV_SEQUENTIAL);
  while (head_size_ < kHeadBytes) {
    const std::size_t count = read_descriptor(head_.data() + head_size_, kHeadBytes - head_size_);
    if (count == 0) break;
    head_size_ += count;
  }
}

RawFile::~RawFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

RawFile::RawFile(RawFile&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      head_(other.head_),
      head_size_(other.head_size_),
      head_taken_(other.head_taken_),
      progress_(other.progress_),
      damage_(std::move(other.damage_)) {}

std::size_t RawFile::read(char* into, std::size_t size) noexcept {
  if (head_taken_ < head_size_) {
    const std::size_t count = std::min(size, head_size_ - head_taken_);
    std::memcpy(into, head_.data() + head_taken_, count);
    head_taken_ += count;
    return count;
  }
  return read_descriptor(into, size);
}

std::size_t RawFile::read_descriptor(char* into, std::size_t size) noexcept {
  for (;;) {
    const ssize_t count = ::read(descriptor_, into, size);
    if (count >= 0) {
      progress_.read += static_cast<std::uint64_t>(count);
      return static_cast<std::size_t>(count);
    }
    if (errno == EINTR) continue;
    if (damage_.empty()) damage_ = std::string("cannot be read on: ") + std::strerror(errno);
    return 0;
  }
}

std::unique_ptr<ByteSource> open_byte_source(const std::string& path) {
  RawFile file(path);
  const std::string head = file.head();
  if (std::string_view(head).starts_with(kGzipMagic)) return make_gzip_source(std::move(file));
  if (is_zstd(head)) return make_zstd_source(std::move(file));
  return std::make_unique<PlainSource>(std::move(file));
}

}  // namespace fastrsi
