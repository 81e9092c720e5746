#include "feeds/net/websocket_reader.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "engine/base/utf8.hpp"

namespace fastrsi::net {
namespace {

// A read of less is not worth its system call.
constexpr std::size_t kRoomBytesMin = 16U * 1024;
// A buffer that grew beyond is given back when it is empty: order-book snapshots are rare.
constexpr std::size_t kKeptBytesMax = 1024U * 1024;

std::uint64_t big_endian(const unsigned char* bytes, int count) noexcept {
  std::uint64_t value = 0;
  for (int i = 0; i < count; ++i) value = value << 8 | bytes[i];
  return value;
}

bool is_utf8(std::string_view text) noexcept {
  while (!text.empty()) {
    std::uint64_t word = 0;
    if (text.size() >= sizeof word) {
      std::memcpy(&word, text.data(), sizeof word);
      if ((word & 0x8080808080808080U) == 0) {
        text.remove_prefix(sizeof word);
        continue;
      }
    }
    const Utf8Step step = first_utf8(text);
    if (!step.valid) return false;
    text.remove_prefix(step.length);
  }
  return true;
}

constexpr unsigned opcode(Opcode value) noexcept {
  return static_cast<unsigned>(value);
}
constexpr bool is_control(unsigned value) noexcept {
  return (value & 0x8U) != 0;
}

}  // namespace

// At its largest the buffer holds a whole message, an unfinished frame's header, a control frame
// between fragments, and room for the next read.
WebSocketReader::WebSocketReader(const WebSocketReaderSettings& settings)
    : settings_(settings),
      capacity_max_(settings.message_bytes_max + 2 * kFrameHeaderBytesMax + kControlBytesMax +
                    kRoomBytesMin),
      capacity_(std::min(std::max(settings.buffer_bytes, 2 * kRoomBytesMin), capacity_max_)) {
  buffer_ = std::make_unique<char[]>(capacity_ + kReadPaddingBytes);
}

std::span<char> WebSocketReader::room() {
  reset_when_empty();
  if (capacity_ - end_ < kRoomBytesMin) make_room();
  return {buffer_.get() + end_, capacity_ - end_};
}

void WebSocketReader::reset_when_empty() {
  if (in_message_ || at_ != end_) return;
  at_ = end_ = 0;
  if (capacity_ <= std::max(kKeptBytesMax, settings_.buffer_bytes)) return;
  capacity_ = std::max(settings_.buffer_bytes, 2 * kRoomBytesMin);
  buffer_ = std::make_unique<char[]>(capacity_ + kReadPaddingBytes);
}

// What is kept moves to the front, of a buffer twice as large when it fills more than half of this
// one: so each byte is moved but a few times.
void WebSocketReader::make_room() {
  const std::size_t joined = in_message_ ? message_end_ - message_begin_ : 0;
  const std::size_t unread = end_ - at_;
  char* const from = buffer_.get();
  std::unique_ptr<char[]> bigger;
  if (joined + unread > capacity_ / 2 && capacity_ < capacity_max_) {
    capacity_ = std::min(2 * capacity_, capacity_max_);
    bigger = std::make_unique<char[]>(capacity_ + kReadPaddingBytes);
  }
  char* const to = bigger ? bigger.get() : from;
  // The joined bytes lie in front of the unread ones, so that neither move runs over the other.
  std::memmove(to, from + message_begin_, joined);
  std::memmove(to + joined, from + at_, unread);
  message_begin_ = 0;
  message_end_ = joined;
  at_ = joined;
  end_ = joined + unread;
  if (bigger) buffer_ = std::move(bigger);
}

WebSocketEvent WebSocketReader::next() {
  while (!ended_) {
    Header header;
    const HeaderState state = read_header(header);
    if (state == HeaderState::Wrong) return failure();
    if (state == HeaderState::Short) return {};
    if (header.payload_bytes > end_ - at_ - header.bytes) return {};
    char* const payload = buffer_.get() + at_ + header.bytes;
    if (header.masked) {
      std::array<unsigned char, 4> mask{};
      std::memcpy(mask.data(), payload - mask.size(), mask.size());
      apply_mask(payload, header.payload_bytes, mask);
    }
    at_ += header.bytes + header.payload_bytes;
    if (is_control(header.opcode)) return take_control(header, payload);
    if (take_fragment(header, payload)) return message();
  }
  return {};
}

WebSocketReader::HeaderState WebSocketReader::read_header(Header& header) {
  const std::size_t left = end_ - at_;
  if (left < 2) return HeaderState::Short;
  const auto* const bytes = reinterpret_cast<const unsigned char*>(buffer_.get() + at_);
  const unsigned length = bytes[1] & 0x7FU;
  header.opcode = bytes[0] & 0xFU;
  header.final = (bytes[0] & 0x80U) != 0;
  header.masked = (bytes[1] & 0x80U) != 0;
  header.payload_bytes = length;
  if (!check_start(header)) return HeaderState::Wrong;
  const int length_bytes = length < 126 ? 0 : length == 126 ? 2 : 8;
  header.bytes = 2 + static_cast<std::size_t>(length_bytes) + (header.masked ? 4 : 0);
  if (left < header.bytes) return HeaderState::Short;
  if (length_bytes != 0) {
    header.payload_bytes = big_endian(bytes + 2, length_bytes);
    if (length_bytes == 8 && (bytes[2] & 0x80U) != 0) {
      fail(kCloseProtocolError, "a frame's length has its highest bit set");
      return HeaderState::Wrong;
    }
    if (header.payload_bytes < 126 || (length_bytes == 8 && header.payload_bytes <= 0xFFFF)) {
      fail(kCloseProtocolError, "a frame's length of " + std::to_string(header.payload_bytes) +
                                    " is not written in the shortest way");
      return HeaderState::Wrong;
    }
  }
  return check_length(header) ? HeaderState::Whole : HeaderState::Wrong;
}

// What the first two bytes tell.
bool WebSocketReader::check_start(const Header& header) {
  const auto first = static_cast<unsigned char>(buffer_[at_]);
  if ((first & 0x70U) != 0) {
    return fail(kCloseProtocolError,
                "a frame has reserved bits set, of extensions nobody asked for");
  }
  if (header.masked != (settings_.role == Role::Server)) {
    return fail(kCloseProtocolError,
                header.masked ? "a server's frame is masked" : "a client's frame is not masked");
  }
  if (is_control(header.opcode)) {
    if (header.opcode > opcode(Opcode::Pong)) {
      return fail(kCloseProtocolError, "reserved opcode " + std::to_string(header.opcode));
    }
    if (!header.final) return fail(kCloseProtocolError, "a control frame is fragmented");
    if (header.payload_bytes > kControlBytesMax) {
      return fail(kCloseProtocolError, "a control frame has more than 125 bytes");
    }
    return true;
  }
  if (header.opcode > opcode(Opcode::Binary)) {
    return fail(kCloseProtocolError, "reserved opcode " + std::to_string(header.opcode));
  }
  const bool continues = header.opcode == opcode(Opcode::Continuation);
  if (continues && !in_message_) {
    return fail(kCloseProtocolError, "a continuation without a message to continue");
  }
  if (!continues && in_message_) {
    return fail(kCloseProtocolError, "a message begins within another's fragments");
  }
  return true;
}

bool WebSocketReader::check_length(const Header& header) {
  if (is_control(header.opcode)) return true;
  const std::size_t joined = in_message_ ? message_end_ - message_begin_ : 0;
  if (header.payload_bytes <= settings_.message_bytes_max - joined) return true;
  return fail(kCloseTooBig,
              "a message of more than " + std::to_string(settings_.message_bytes_max) + " bytes");
}

// Whether the message is whole now.
bool WebSocketReader::take_fragment(const Header& header, char* payload) noexcept {
  const auto begin = static_cast<std::size_t>(payload - buffer_.get());
  if (!in_message_) {
    message_is_text_ = header.opcode == opcode(Opcode::Text);
    message_begin_ = begin;
    message_end_ = begin;
  }
  if (message_end_ != begin) {
    std::memmove(buffer_.get() + message_end_, payload, header.payload_bytes);
  }
  message_end_ += header.payload_bytes;
  in_message_ = !header.final;
  return header.final;
}

WebSocketEvent WebSocketReader::message() {
  const std::string_view bytes(buffer_.get() + message_begin_, message_end_ - message_begin_);
  if (settings_.check_utf8 && message_is_text_ && !is_utf8(bytes)) {
    fail(kCloseBadText, "a text message is not UTF-8");
    return failure();
  }
  return {WebSocketEvent::Kind::Message, message_is_text_, 0, bytes};
}

WebSocketEvent WebSocketReader::take_control(const Header& header, const char* payload) {
  const std::string_view bytes(payload, header.payload_bytes);
  if (header.opcode == opcode(Opcode::Ping)) return {WebSocketEvent::Kind::Ping, false, 0, bytes};
  if (header.opcode == opcode(Opcode::Pong)) return {WebSocketEvent::Kind::Pong, false, 0, bytes};
  return take_close(bytes);
}

WebSocketEvent WebSocketReader::take_close(std::string_view payload) {
  if (payload.empty()) {
    ended_ = true;
    return {WebSocketEvent::Kind::Close, false, kCloseNoCode, {}};
  }
  if (payload.size() == 1) {
    fail(kCloseProtocolError, "a close frame with half a code");
    return failure();
  }
  const auto code = static_cast<std::uint16_t>(
      big_endian(reinterpret_cast<const unsigned char*>(payload.data()), 2));
  if (!is_close_code(code)) {
    fail(kCloseProtocolError, "close code " + std::to_string(code) + ", which no frame may carry");
    return failure();
  }
  const std::string_view reason = payload.substr(2);
  if (!is_utf8(reason)) {
    fail(kCloseBadText, "the reason of a close frame is not UTF-8");
    return failure();
  }
  ended_ = true;
  return {WebSocketEvent::Kind::Close, false, code, reason};
}

bool WebSocketReader::fail(std::uint16_t code, std::string sentence) {
  ended_ = true;
  failure_code_ = code;
  failure_ = std::move(sentence);
  return false;
}

WebSocketEvent WebSocketReader::failure() {
  return {WebSocketEvent::Kind::Failure, false, failure_code_, failure_};
}

}  // namespace fastrsi::net
