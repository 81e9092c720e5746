// gzip (RFC 1952), the one door to zlib: one member after the other, as `cat a.gz b.gz` writes
// them.
#include <zlib.h>

#include <algorithm>
#include <array>
#include <limits>
#include <new>
#include <utility>

#include "feeds/byte_source.hpp"

namespace fastrsi {
namespace {

constexpr std::size_t kGzipInputBytes = 128U * 1024;
// 15: the largest window; + 16: gzip and nothing else.
constexpr int kWindowBits = 15 + 16;

class GzipSource final : public ByteSource {
 public:
  explicit GzipSource(RawFile file) : file_(std::move(file)) {
    if (inflateInit2(&stream_, kWindowBits) != Z_OK) throw std::bad_alloc();
  }
  ~GzipSource() override { inflateEnd(&stream_); }

  std::size_t read(char* into, std::size_t size) noexcept override;
  const std::string& damage() const noexcept override { return damage_; }
  InputProgress progress() const noexcept override { return file_.progress(); }

 private:
  bool refill() noexcept;
  void inflate_some() noexcept;
  void end(const char* damage) noexcept;

  RawFile file_;
  z_stream stream_{};
  std::array<char, kGzipInputBytes> input_;
  bool in_member_ = true;
  bool at_end_ = false;
  std::string damage_;
};

std::size_t GzipSource::read(char* into, std::size_t size) noexcept {
  const auto wanted =
      static_cast<uInt>(std::min<std::size_t>(size, std::numeric_limits<uInt>::max()));
  stream_.next_out = reinterpret_cast<Bytef*>(into);
  stream_.avail_out = wanted;
  while (stream_.avail_out > 0 && !at_end_) {
    if (stream_.avail_in > 0 || refill()) inflate_some();
  }
  return wanted - stream_.avail_out;
}

bool GzipSource::refill() noexcept {
  const std::size_t count = file_.read(input_.data(), input_.size());
  stream_.next_in = reinterpret_cast<Bytef*>(input_.data());
  stream_.avail_in = static_cast<uInt>(count);
  if (count > 0) return true;
  end(in_member_ ? "the gzip data ends early" : nullptr);
  return false;
}

void GzipSource::inflate_some() noexcept {
  if (!in_member_) {
    // Zeros behind a member are padding (tapes, block devices), not damage.
    if (*stream_.next_in == 0) {
      ++stream_.next_in;
      --stream_.avail_in;
      return;
    }
    inflateReset(&stream_);
    in_member_ = true;
  }
  const int result = inflate(&stream_, Z_NO_FLUSH);
  if (result == Z_STREAM_END) {
    in_member_ = false;
  } else if (result != Z_OK && result != Z_BUF_ERROR) {
    end("the gzip data is damaged");
  }
}

void GzipSource::end(const char* damage) noexcept {
  at_end_ = true;
  if (!file_.damage().empty()) {
    damage_ = file_.damage();
  } else if (damage != nullptr) {
    damage_ = damage;
  }
}

}  // namespace

std::unique_ptr<ByteSource> make_gzip_source(RawFile file) {
  return std::make_unique<GzipSource>(std::move(file));
}

}  // namespace fastrsi
