// Cuts WebSocket messages from received bytes, in the buffer that they were received into (RFC
// 6455, section 5). Both roles: what a client may not get, a server may not either.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "feeds/net/websocket_frame.hpp"

namespace fastrsi::net {

// Behind every message so many bytes may be read, whatever they hold: parsers take whole words.
inline constexpr std::size_t kReadPaddingBytes = 64;
inline constexpr std::size_t kMessageBytesMax = 16U * 1024 * 1024;

struct WebSocketEvent {
  enum class Kind : std::uint8_t { None, Message, Ping, Pong, Close, Failure };

  Kind kind = Kind::None;  // None: read more
  bool text = false;       // of a message: text, else binary
  std::uint16_t code = 0;  // of Close: what was sent, or kCloseNoCode; of Failure: what to send
  // The message; the payload of a ping or pong; the reason of a close; what was wrong, in words.
  // Until the next call.
  std::string_view bytes;
};

struct WebSocketReaderSettings {
  Role role = Role::Client;  // our own: a client's reader gets a server's frames
  // Text that is no UTF-8 is a failure. Off where a parser looks at every byte anyway. The reason
  // of a close is always checked.
  bool check_utf8 = false;
  std::size_t message_bytes_max = kMessageBytesMax;  // of all fragments together
  std::size_t buffer_bytes = 64U * 1024;             // at first; it grows for a longer message
};

// Owner: one connection. Thread: its own. Use: read into room(), say added(), take each next().
class WebSocketReader {
 public:
  explicit WebSocketReader(const WebSocketReaderSettings& settings);

  // Where to read to. Never empty as long as next() was taken until None.
  std::span<char> room();
  void added(std::size_t count) noexcept { end_ += count; }

  // The next event; None when the bytes do not hold another whole one. After Close or Failure there
  // is nothing more, whatever comes.
  WebSocketEvent next();

  // What was added and not taken. skip() leaves out its first bytes: the handshake's answer.
  std::string_view unread() const noexcept { return {buffer_.get() + at_, end_ - at_}; }
  void skip(std::size_t count) noexcept { at_ += count; }

  std::size_t capacity_bytes() const noexcept { return capacity_; }

 private:
  struct Header {
    unsigned opcode = 0;
    bool final = false;
    bool masked = false;
    std::size_t bytes = 0;
    std::uint64_t payload_bytes = 0;
  };
  enum class HeaderState : std::uint8_t { Whole, Short, Wrong };

  HeaderState read_header(Header& header);
  bool check_start(const Header& header);
  bool check_length(const Header& header);
  bool take_fragment(const Header& header, char* payload) noexcept;
  WebSocketEvent take_control(const Header& header, const char* payload);
  WebSocketEvent take_close(std::string_view payload);
  WebSocketEvent message();
  WebSocketEvent failure();
  bool fail(std::uint16_t code, std::string sentence);
  void make_room();
  void reset_when_empty();

  // Constant after construction.
  const WebSocketReaderSettings settings_;
  const std::size_t capacity_max_;

  // capacity_ bytes and the padding. [message_begin_, message_end_): fragments, joined, while
  // in_message_. [at_, end_): not looked at yet.
  std::unique_ptr<char[]> buffer_;
  std::size_t capacity_;
  std::size_t at_ = 0;
  std::size_t end_ = 0;
  std::size_t message_begin_ = 0;
  std::size_t message_end_ = 0;
  bool in_message_ = false;
  bool message_is_text_ = false;
  bool ended_ = false;
  std::uint16_t failure_code_ = 0;
  std::string failure_;
};

}  // namespace fastrsi::net
