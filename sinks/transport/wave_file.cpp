#include "sinks/transport/wave_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <system_error>

namespace fastrsi::transport {
namespace {

// Before the samples stand a few small chunks.
constexpr std::size_t kLookedAtBytes = 64 * std::size_t{1024};
constexpr std::size_t kSoundBytesMax = 32 * std::size_t{1024} * 1024;
constexpr std::size_t kHeadBytes = 12;    // "RIFF" size "WAVE"
constexpr std::size_t kChunkBytes = 8;    // name, size
constexpr std::size_t kFormatBytes = 16;  // the shortest "fmt "

std::uint32_t little_endian(std::string_view bytes) {
  std::uint32_t value = 0;
  for (std::size_t i = 4; i-- > 0;) value = value << 8U | static_cast<unsigned char>(bytes[i]);
  return value;
}

}  // namespace

std::string wave_fault_of(std::string_view bytes, std::size_t file_bytes) {
  if (bytes.size() < kHeadBytes || bytes.substr(0, 4) != "RIFF" || bytes.substr(8, 4) != "WAVE") {
    return "is no WAVE file (mend: convert it, e.g. with sox or ffmpeg, to .wav)";
  }
  bool has_format = false;
  std::size_t at = kHeadBytes;
  while (at + kChunkBytes <= bytes.size()) {
    const std::string_view name = bytes.substr(at, 4);
    const std::size_t size = little_endian(bytes.substr(at + 4, 4));
    if (name == "data") {
      if (!has_format) return "has samples before their format (mend: convert it anew)";
      if (size == 0) return "has no samples";
      if (at + kChunkBytes >= file_bytes) return "ends before its samples";
      return {};
    }
    if (name == "fmt ") {
      if (size < kFormatBytes || at + kChunkBytes + kFormatBytes > bytes.size()) {
        return "has no whole format";
      }
      has_format = true;
    }
    at += kChunkBytes + size + size % 2;
  }
  return "has no samples where they belong (mend: convert it anew)";
}

std::string wave_fault(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd < 0) return std::generic_category().message(errno);
  struct stat about {};
  std::string bytes(kLookedAtBytes, '\0');
  ssize_t got = -1;
  const bool is_regular = ::fstat(fd, &about) == 0 && S_ISREG(about.st_mode);
  if (is_regular) got = ::read(fd, bytes.data(), bytes.size());
  ::close(fd);
  if (!is_regular) return "is no regular file";
  if (got < 0) return "cannot be read";
  const auto size = static_cast<std::size_t>(about.st_size);
  if (size > kSoundBytesMax) return "is longer than 32 MiB (mend: a shorter sound)";
  bytes.resize(static_cast<std::size_t>(got));
  return wave_fault_of(bytes, size);
}

}  // namespace fastrsi::transport
