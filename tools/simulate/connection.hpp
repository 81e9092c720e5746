// One client's connection to a simulated exchange, from the socket to messages: TLS or plain, then
// HTTP requests, then perhaps a WebSocket. What it answers is decided by its listener.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "feeds/net/byte_stream.hpp"
#include "feeds/net/event_loop.hpp"
#include "feeds/net/http_head.hpp"
#include "feeds/net/tls.hpp"
#include "feeds/net/websocket_reader.hpp"

namespace fastrsi::simulate {

// A client that sends longer messages is no client of an exchange.
inline constexpr std::size_t kClientMessageBytesMax = 64U * 1024;

class Connection;

class ConnectionListener {
 public:
  // Wants an answer, now or later: until then the connection reads no further request.
  virtual void on_request(Connection& connection, const net::HttpHead& request) = 0;
  virtual void on_message(Connection& connection, std::string_view text) = 0;
  // Once, and nothing follows. The connection must live until the handler it is in has returned.
  virtual void on_ended(Connection& connection, std::string_view why) = 0;

 protected:
  ~ConnectionListener() = default;
};

// Owner: the simulator. Thread: the loop's.
class Connection final : public net::SocketHandler {
 public:
  // Takes the descriptor over. `is_silent`: reads and never says a word.
  Connection(net::EventLoop& loop, int descriptor, net::TlsServer* tls, std::uint64_t number,
             bool is_silent, ConnectionListener& listener);
  // Something may be there to be read already.
  void start();

  std::uint64_t number() const noexcept { return number_; }
  bool is_websocket() const noexcept { return reader_ != nullptr; }
  bool is_open() const noexcept { return state_ == State::Open && !is_closing_; }
  std::size_t waiting_bytes() const noexcept { return out_.size() - out_begin_; }
  // Seconds of silence are told by what was counted before.
  std::uint64_t pongs() const noexcept { return pongs_; }

  void answer(std::string_view http, bool keep_alive);
  // False when the request is no good one; it has then been answered.
  bool accept_websocket(const net::HttpHead& request);
  // Queued until flush().
  void send(net::Opcode opcode, std::string_view payload);
  void flush();
  // A close frame, then the end when the other side has answered.
  void close(std::uint16_t code, std::string_view reason);
  // In order, but without a word.
  void hang_up(std::string_view why);
  // As when a cable is pulled: the other side gets a reset.
  void cut(std::string_view why);

 private:
  enum class State : std::uint8_t { TlsHandshake, Open, Ended };

  void on_readable() noexcept override;
  void on_writable() noexcept override;
  void on_hang_up() noexcept override;

  bool finish_tls();
  bool read_some();
  void take_http();
  void take_websocket();
  void end(std::string_view why);

  const std::uint64_t number_;
  const bool is_silent_;
  ConnectionListener& listener_;
  State state_ = State::TlsHandshake;
  bool is_answering_ = false;  // a request waits for its answer
  bool ends_after_flush_ = false;
  bool is_closing_ = false;  // our close frame is sent
  std::uint64_t pongs_ = 0;
  std::string head_;  // of requests, not yet whole
  std::unique_ptr<net::WebSocketReader> reader_;
  net::FrameWriter writer_{net::Role::Server};
  std::string out_;
  std::size_t out_begin_ = 0;
  std::unique_ptr<net::ByteStream> stream_;
  std::unique_ptr<net::Socket> socket_;  // goes first: the stream does not own the descriptor
};

}  // namespace fastrsi::simulate
