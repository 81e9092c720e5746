// zstd (RFC 8878), the one door to its library: one frame after the other, skippable ones passed
// over.
#include <zstd.h>

#include <algorithm>
#include <array>
#include <new>
#include <utility>

#include "feeds/byte_source.hpp"

namespace fastrsi {
namespace {

// The largest block and its header: what the library asks for at most.
constexpr std::size_t kZstdInputBytes = 128U * 1024 + 3;

class ZstdSource final : public ByteSource {
 public:
  explicit ZstdSource(RawFile file) : file_(std::move(file)), stream_(ZSTD_createDStream()) {
    if (stream_ == nullptr) throw std::bad_alloc();
    start_hint_ = ZSTD_initDStream(stream_);
  }
  ~ZstdSource() override { ZSTD_freeDStream(stream_); }
  ZstdSource(const ZstdSource&) = delete;
  ZstdSource& operator=(const ZstdSource&) = delete;

  std::size_t read(char* into, std::size_t size) noexcept override;
  const std::string& damage() const noexcept override { return damage_; }
  InputProgress progress() const noexcept override { return file_.progress(); }

 private:
  void refill() noexcept;
  bool decompress_some(ZSTD_outBuffer& output) noexcept;

  RawFile file_;
  ZSTD_DStream* const stream_;
  std::array<char, kZstdInputBytes> input_;
  std::size_t input_begin_ = 0;
  std::size_t input_end_ = 0;
  std::size_t start_hint_ = 0;  // bytes the library wants at a frame's start
  std::size_t hint_ = 0;        // bytes it wants next; 0: between frames
  bool more_output_ = false;    // it may hold bytes that had no room
  bool input_ended_ = false;
  bool at_end_ = false;
  std::string damage_;
};

std::size_t ZstdSource::read(char* into, std::size_t size) noexcept {
  ZSTD_outBuffer output{into, size, 0};
  while (output.pos < output.size && !at_end_) {
    if (input_begin_ == input_end_ && !more_output_ && !input_ended_) refill();
    if (!decompress_some(output)) break;
  }
  return output.pos;
}

void ZstdSource::refill() noexcept {
  input_begin_ = 0;
  input_end_ = file_.read(input_.data(), input_.size());
  input_ended_ = input_end_ == 0;
}

// The library gives nothing of a call that meets damage, so each call gets the bytes of one block
// only.
bool ZstdSource::decompress_some(ZSTD_outBuffer& output) noexcept {
  const std::size_t waiting = input_end_ - input_begin_;
  if (waiting == 0 && !more_output_) {
    at_end_ = true;
    if (hint_ != 0) damage_ = "the zstd data ends early";
    if (!file_.damage().empty()) damage_ = file_.damage();
    return false;
  }
  const std::size_t step = std::min(waiting, hint_ == 0 ? start_hint_ : hint_);
  ZSTD_inBuffer input{input_.data() + input_begin_, step, 0};
  const std::size_t before = output.pos;
  const std::size_t result = ZSTD_decompressStream(stream_, &output, &input);
  if (ZSTD_isError(result) != 0) {
    at_end_ = true;
    damage_ = std::string("the zstd data is damaged: ") + ZSTD_getErrorName(result);
    return false;
  }
  input_begin_ += input.pos;
  hint_ = result;
  more_output_ = result != 0 && output.pos == output.size;
  // No way on although there was room: the rest of the frame is missing.
  if (input.pos == 0 && output.pos == before && step == 0) more_output_ = false;
  return true;
}

}  // namespace

std::unique_ptr<ByteSource> make_zstd_source(RawFile file) {
  return std::make_unique<ZstdSource>(std::move(file));
}

}  // namespace fastrsi
