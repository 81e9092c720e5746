#include "feeds/net/websocket_frame.hpp"

#include <openssl/rand.h>

#include <algorithm>
#include <cstring>

#include "engine/base/assert.hpp"
#include "engine/base/utf8.hpp"

namespace fastrsi::net {
namespace {

void append_big_endian(std::string& out, std::uint64_t value, int bytes) {
  for (int i = bytes - 1; i >= 0; --i) out.push_back(static_cast<char>(value >> (8 * i)));
}

// The most whole characters that fit.
std::string_view cut_text(std::string_view text, std::size_t bytes_max) noexcept {
  std::size_t used = 0;
  while (used < text.size()) {
    const Utf8Step step = first_utf8(text.substr(used));
    if (!step.valid || used + step.length > bytes_max) break;
    used += step.length;
  }
  return text.substr(0, used);
}

}  // namespace

void apply_mask(char* bytes, std::size_t count, std::array<unsigned char, 4> mask) noexcept {
  std::uint64_t wide = 0;
  std::memcpy(&wide, mask.data(), 4);
  std::memcpy(reinterpret_cast<char*>(&wide) + 4, mask.data(), 4);
  std::size_t i = 0;
  for (; i + sizeof wide <= count; i += sizeof wide) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes + i, sizeof word);
    word ^= wide;
    std::memcpy(bytes + i, &word, sizeof word);
  }
  for (; i < count; ++i) bytes[i] = static_cast<char>(bytes[i] ^ mask[i % 4]);
}

void FrameWriter::append(std::string& out, Opcode opcode, std::string_view payload, bool final) {
  const bool control = (static_cast<unsigned>(opcode) & 0x8U) != 0;
  FASTRSI_ASSERT(!control || payload.size() <= kControlBytesMax);
  FASTRSI_ASSERT(!control || final);
  const unsigned masked = role_ == Role::Client ? 0x80U : 0U;
  out.push_back(static_cast<char>((final ? 0x80U : 0U) | static_cast<unsigned>(opcode)));
  if (payload.size() < 126) {
    out.push_back(static_cast<char>(masked | payload.size()));
  } else if (payload.size() <= 0xFFFF) {
    out.push_back(static_cast<char>(masked | 126U));
    append_big_endian(out, payload.size(), 2);
  } else {
    out.push_back(static_cast<char>(masked | 127U));
    append_big_endian(out, payload.size(), 8);
  }
  if (role_ == Role::Server) {
    out.append(payload);
    return;
  }
  const auto mask = next_mask();
  out.append(reinterpret_cast<const char*>(mask.data()), mask.size());
  const std::size_t begin = out.size();
  out.append(payload);
  apply_mask(out.data() + begin, payload.size(), mask);
}

void FrameWriter::append_close(std::string& out, std::uint16_t code, std::string_view reason) {
  std::string payload;
  if (code != kCloseNoCode) {
    FASTRSI_ASSERT(is_close_code(code));
    append_big_endian(payload, code, 2);
    payload.append(cut_text(reason, kControlBytesMax - payload.size()));
  }
  append(out, Opcode::Close, payload);
}

std::array<unsigned char, 4> FrameWriter::next_mask() noexcept {
  if (used_ == random_.size()) {
    // It fails only where the system has no random numbers at all; then nothing may be sent.
    FASTRSI_ASSERT(RAND_bytes(random_.data(), static_cast<int>(random_.size())) == 1);
    used_ = 0;
  }
  std::array<unsigned char, 4> mask{};
  std::copy_n(random_.begin() + static_cast<std::ptrdiff_t>(used_), mask.size(), mask.begin());
  used_ += mask.size();
  return mask;
}

}  // namespace fastrsi::net
