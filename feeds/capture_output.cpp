#include "feeds/capture_output.hpp"

#include <fcntl.h>
#include <unistd.h>
#include <zstd.h>

#include <cerrno>
#include <new>
#include <system_error>
#include <utility>

#include "engine/base/assert.hpp"

namespace fastrsi {
namespace {

constexpr mode_t kFileMode = 0644;
// Captures of one link that begin within one second.
constexpr int kSameNamesMax = 1000;

std::string text_of_errno(int number) {
  return std::generic_category().message(number);
}

}  // namespace

// Only here zstd is known.
struct CaptureOutput::Packer {
  explicit Packer(int level) : stream(ZSTD_createCCtx()) {
    if (stream == nullptr) throw std::bad_alloc();
    ZSTD_CCtx_setParameter(stream, ZSTD_c_compressionLevel, level);
    ZSTD_CCtx_setParameter(stream, ZSTD_c_checksumFlag, 1);
  }
  ~Packer() { ZSTD_freeCCtx(stream); }
  Packer(const Packer&) = delete;
  Packer& operator=(const Packer&) = delete;

  ZSTD_CCtx* const stream;
};

std::unique_ptr<CaptureOutput> CaptureOutput::create(const std::string& stem,
                                                     std::string_view suffix, int level,
                                                     std::string& error) {
  for (int number = 1; number <= kSameNamesMax; ++number) {
    std::string path = stem + (number == 1 ? "" : "-" + std::to_string(number));
    path += suffix;
    const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kFileMode);
    if (descriptor >= 0) {
      return std::unique_ptr<CaptureOutput>(new CaptureOutput(std::move(path), descriptor, level));
    }
    if (errno == EEXIST) continue;
    error = path + ": " + text_of_errno(errno);
    return nullptr;
  }
  error = stem + std::string(suffix) + ": this name is taken, and those up to -" +
          std::to_string(kSameNamesMax) + " too (move old captures away)";
  return nullptr;
}

CaptureOutput::CaptureOutput(std::string path, int descriptor, int level)
    : path_(std::move(path)),
      descriptor_(descriptor),
      packer_(std::make_unique<Packer>(level)),
      packed_(ZSTD_CStreamOutSize()) {}

CaptureOutput::~CaptureOutput() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

bool CaptureOutput::put(std::size_t size) noexcept {
  std::size_t done = 0;
  while (done < size) {
    const ssize_t count = ::write(descriptor_, packed_.data() + done, size - done);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) {
      error_ = path_ + ": " + text_of_errno(count == 0 ? ENOSPC : errno);
      return false;
    }
    done += static_cast<std::size_t>(count);
    bytes_ += static_cast<std::uint64_t>(count);
  }
  return true;
}

bool CaptureOutput::pack(std::string_view text, int directive) noexcept {
  FASTRSI_ASSERT(descriptor_ >= 0);
  if (!error_.empty()) return false;
  const auto mode = static_cast<ZSTD_EndDirective>(directive);
  ZSTD_inBuffer input{text.data(), text.size(), 0};
  bool is_done = false;
  while (!is_done) {
    ZSTD_outBuffer output{packed_.data(), packed_.size(), 0};
    const std::size_t left = ZSTD_compressStream2(packer_->stream, &output, &input, mode);
    if (ZSTD_isError(left) != 0) {
      error_ = path_ + ": zstd: " + ZSTD_getErrorName(left);
      return false;
    }
    if (!put(output.pos)) return false;
    is_done = mode == ZSTD_e_continue ? input.pos == input.size : left == 0;
  }
  return true;
}

bool CaptureOutput::write(std::string_view text) noexcept {
  is_flushed_ = false;
  return pack(text, ZSTD_e_continue);
}

bool CaptureOutput::flush() noexcept {
  if (is_flushed_) return true;
  is_flushed_ = pack({}, ZSTD_e_flush);
  return is_flushed_;
}

bool CaptureOutput::finish() noexcept {
  if (!pack({}, ZSTD_e_end)) return false;
  if (::fsync(descriptor_) != 0 || ::close(std::exchange(descriptor_, -1)) != 0) {
    error_ = path_ + ": " + text_of_errno(errno);
    return false;
  }
  return true;
}

}  // namespace fastrsi
