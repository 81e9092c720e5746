#include "sinks/delivery/message_id.hpp"

#include "engine/base/assert.hpp"

namespace fastrsi {
namespace {

unsigned digit_of(char hex) noexcept {
  return static_cast<unsigned>(hex <= '9' ? hex - '0' : hex - 'a' + 10);
}

}  // namespace

std::string message_id(Sha256Hex sha256, std::string_view sink,
                       std::span<const std::string_view> keys) {
  // Lengths before the texts: no two lists of keys make the same bytes.
  std::string bytes = std::to_string(sink.size()) + ":" + std::string(sink);
  for (const std::string_view key : keys) {
    bytes.append(std::to_string(key.size())).append(":").append(key);
  }
  const std::string hex = sha256(bytes);
  FASTRSI_ASSERT(hex.size() == 64);
  constexpr std::string_view kAlphabet = "abcdefghijklmnopqrstuvwxyz234567";
  std::string mid;
  unsigned bits = 0;
  unsigned held = 0;
  for (std::size_t i = 0; mid.size() < kMidBytes; ++i) {
    bits = (bits << 4U) | digit_of(hex[i]);
    held += 4;
    if (held < 5) continue;
    held -= 5;
    mid.push_back(kAlphabet[(bits >> held) & 31U]);
    bits &= (1U << held) - 1;
  }
  return mid;
}

}  // namespace fastrsi
