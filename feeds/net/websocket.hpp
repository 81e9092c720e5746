// A WebSocket to a server, from its URL to its messages, in one event loop.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "feeds/net/connection.hpp"
#include "feeds/net/ended.hpp"
#include "feeds/net/http_head.hpp"
#include "feeds/net/url.hpp"
#include "feeds/net/websocket_frame.hpp"
#include "feeds/net/websocket_reader.hpp"

namespace fastrsi::net {

// Our clock: nanoseconds since 1970.
std::int64_t unix_now_ns() noexcept;

struct WebSocketSettings {
  Url url;
  std::optional<Url> proxy;  // from parse_proxy()
  std::vector<HttpField> fields;
  std::string subprotocol;
  std::chrono::milliseconds open_timeout{10'000};  // from the look-up to the 101, in all
  std::chrono::milliseconds close_timeout{2'000};  // for the other side's close frame
  std::size_t send_bytes_max = 1024U * 1024;       // that wait to be sent
  std::size_t message_bytes_max = kMessageBytesMax;
  bool check_utf8 = false;  // see WebSocketReaderSettings
  std::int64_t (*clock)() noexcept = unix_now_ns;
};

// What a WebSocket tells, in the loop's thread and never from inside one of its methods. Inside
// each call every method may be used, and the WebSocket may be destroyed.
class WebSocketListener {
 public:
  virtual void on_open() noexcept = 0;
  // `bytes` are there until this returns, and kReadPaddingBytes behind them can be read. All that
  // one wake-up brings has the same `received_ns`, of settings.clock.
  virtual void on_message(std::string_view bytes, bool text, std::int64_t received_ns) noexcept = 0;
  virtual void on_pong(std::string_view payload) noexcept = 0;
  // Once, whether it was open or not; then nothing more.
  virtual void on_closed(const Ended& why) noexcept = 0;

 protected:
  ~WebSocketListener() = default;
};

// Owner: whoever made it. Thread: the loop's. Pings are answered by itself.
class WebSocket {
 public:
  // Begins at once. Throws std::invalid_argument when the fields cannot be sent. What `network`
  // refers to and `listener` outlive it.
  WebSocket(const Network& network, WebSocketSettings settings, WebSocketListener& listener);
  // Cuts the connection, if there is one, and tells nobody.
  ~WebSocket();
  WebSocket(const WebSocket&) = delete;
  WebSocket& operator=(const WebSocket&) = delete;

  bool is_open() const noexcept;
  // False: not open, or there is no room for it; nothing was sent then. What is sent inside a call
  // of the listener goes out together when the batch of messages is done.
  bool send_text(std::string_view text);
  bool send_ping(std::string_view payload = {});
  // Says goodbye and waits for the answer; on_closed() follows, messages do not. One that is not
  // open yet is given up.
  void close(std::uint16_t code = kCloseNormal, std::string_view reason = {});

  std::size_t waiting_bytes() const noexcept;
  std::uint64_t received_bytes_total() const noexcept;
  std::uint64_t sent_bytes_total() const noexcept;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace fastrsi::net
