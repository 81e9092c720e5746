// WebSocket frames as a test writes them, right or wrong, apart from the code that is tested; and
// the conformance cases (RFC 6455) with what must come of them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "feeds/net/websocket_frame.hpp"

namespace fastrsi::net::test {

struct FrameForm {
  bool final = true;
  unsigned reserved = 0;                 // the three bits
  std::optional<bool> masked{};          // else as the sender must
  int length_form = 0;                   // 126, 127: longer than needed
  std::optional<std::uint64_t> claim{};  // the length it says, in 64 bits
};

// One frame of a sender of this role.
inline std::string frame(Role sender, unsigned opcode, std::string_view payload,
                         const FrameForm& form = {}) {
  const bool masked = form.masked.value_or(sender == Role::Client);
  const std::uint64_t length = form.claim.value_or(payload.size());
  std::string out;
  out += static_cast<char>((form.final ? 0x80U : 0U) | form.reserved << 4 | opcode);
  const auto add = [&out](std::uint64_t value, unsigned bytes) {
    for (unsigned i = bytes; i-- > 0;) out += static_cast<char>(value >> (i * 8) & 0xFFU);
  };
  const unsigned bit = masked ? 0x80U : 0U;
  if (form.claim || form.length_form == 127 || (form.length_form == 0 && length > 65535)) {
    add(bit | 127U, 1);
    add(length, 8);
  } else if (form.length_form == 126 || length > 125) {
    add(bit | 126U, 1);
    add(length, 2);
  } else {
    add(bit | length, 1);
  }
  constexpr std::array<unsigned char, 4> kKey{0x37, 0xFA, 0x21, 0x3D};
  if (masked) out.append(reinterpret_cast<const char*>(kKey.data()), kKey.size());
  for (std::size_t i = 0; i < payload.size(); ++i) {
    out += masked ? static_cast<char>(static_cast<unsigned char>(payload[i]) ^ kKey[i % 4])
                  : payload[i];
  }
  return out;
}

inline std::string close_payload(unsigned code, std::string_view reason = {}) {
  return std::string{static_cast<char>(code >> 8), static_cast<char>(code & 0xFFU)} +
         std::string(reason);
}

struct ConformanceCase {
  std::string name;
  std::string bytes;
  // text:..., binary:..., ping:..., pong:..., close:CODE:..., fail:CODE, in this order.
  std::vector<std::string> events;
};

// What a reader must make of a sender's frames, with text checked for UTF-8.
std::vector<ConformanceCase> conformance_cases(Role sender);

}  // namespace fastrsi::net::test
