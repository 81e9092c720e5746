// WebSocket frames as bytes (RFC 6455, section 5.2): their names, and the writing of them.
//
//   frame   = first second [length16 | length64] [mask] payload
//   first   = FIN(1) RSV(3, zero) opcode(4)
//   second  = MASK(1) length(7); 126: length16 follows, 127: length64 (big-endian, the shortest)
//   mask    = 4 bytes, from clients only; payload byte i is XORed with mask[i % 4]
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace fastrsi::net {

enum class Role : std::uint8_t { Client, Server };

enum class Opcode : std::uint8_t {
  Continuation = 0x0,
  Text = 0x1,
  Binary = 0x2,
  Close = 0x8,
  Ping = 0x9,
  Pong = 0xA,
};

inline constexpr std::size_t kControlBytesMax = 125;
inline constexpr std::size_t kFrameHeaderBytesMax = 14;

// RFC 6455, section 7.4.1.
inline constexpr std::uint16_t kCloseNormal = 1000;
inline constexpr std::uint16_t kCloseGoingAway = 1001;
inline constexpr std::uint16_t kCloseProtocolError = 1002;
inline constexpr std::uint16_t kCloseNoCode = 1005;
inline constexpr std::uint16_t kCloseLost = 1006;
inline constexpr std::uint16_t kCloseBadText = 1007;
inline constexpr std::uint16_t kCloseTooBig = 1009;

// Whether a close frame may carry it: not those that only stand for the lack of one, nor those that
// nobody has defined. 1012 to 1014 are registered since (IANA's list), and exchanges send them.
constexpr bool is_close_code(std::uint16_t code) noexcept {
  if (code >= 1000 && code <= 1014) return code != 1004 && code != 1005 && code != 1006;
  return code >= 3000 && code <= 4999;
}

// XORs the bytes with the mask, beginning with its first byte.
void apply_mask(char* bytes, std::size_t count, std::array<unsigned char, 4> mask) noexcept;

// Writes one side's frames behind what `out` holds. Owner: one connection. Thread: its own.
class FrameWriter {
 public:
  // A client's frames are masked, each with a key of OpenSSL's random generator.
  explicit FrameWriter(Role role) noexcept : role_(role) {}

  // A control frame's payload has kControlBytesMax bytes at most (asserted).
  void append(std::string& out, Opcode opcode, std::string_view payload, bool final = true);
  // kCloseNoCode writes an empty close frame. A longer reason than fits is cut, between characters.
  void append_close(std::string& out, std::uint16_t code, std::string_view reason = {});

 private:
  std::array<unsigned char, 4> next_mask() noexcept;

  const Role role_;
  // Random bytes that are not used yet: those from used_ on.
  std::array<unsigned char, 256> random_{};
  std::size_t used_ = sizeof random_;
};

}  // namespace fastrsi::net
