// A server of a test's own, on loopback: it accepts in its own thread and does with each
// connection what the test says. And a client of ours that notes what it is told.
#pragma once

#include <poll.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "feeds/net/tls.hpp"
#include "feeds/net/websocket.hpp"

namespace fastrsi::net::test {

// One connection as the server has it. Everything blocks, but not for ever.
class Peer {
 public:
  Peer(int descriptor, TlsServer* tls);
  ~Peer();
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  bool handshake();
  // What there is; empty at the end.
  std::string read_some();
  // So many, or fewer at the end.
  std::string read(std::size_t count);
  // Up to and with the empty line.
  std::string read_head();
  void write(std::string_view bytes);
  // Answers the client's handshake; returns its request.
  HttpHead accept_websocket();
  void send(Opcode opcode, std::string_view payload, bool final = true);
  // The client's next frame: text:..., ping:..., close:CODE:..., or end.
  std::string next();
  // Cuts without a word: the other side gets a reset.
  void reset();
  int descriptor() const noexcept { return descriptor_; }

 private:
  bool wait(short what) const;

  const int descriptor_;
  const std::unique_ptr<ByteStream> stream_;
  std::string received_;
  WebSocketReader reader_{{Role::Server, true}};
  FrameWriter writer_{Role::Server};
};

// Owner: a test. `serve` runs in the server's thread, for one connection after the other.
class Server {
 public:
  using Serve = std::function<void(Peer&)>;
  // `tls` is shown where there is one; it outlives this.
  explicit Server(Serve serve, TlsServer* tls = nullptr);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Serves nobody any more; what it noted may be read afterwards.
  void finish();
  std::uint16_t port() const noexcept { return port_; }
  // ws://localhost:PORT/path
  Url url(const std::string& scheme = "ws", const std::string& host = "127.0.0.1") const;

 private:
  void work();

  const Serve serve_;
  TlsServer* const tls_;
  int listening_ = -1;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

Url url_of(std::string_view text);

// A client in the test's thread: run() serves its loop until it is closed, or a callback stops it.
struct Client final : WebSocketListener {
  explicit Client(const TlsSettings& trust = {}, ResolverSettings names = {});

  void open(const Url& url);
  void open(WebSocketSettings settings);
  // Fails the test when it takes for ever.
  void run();
  // open() and run(), until it has ended.
  Ended end_of(const Url& url);

  // Opens another each time one has ended, inside its last call, as long as `next` says so.
  using Next = std::function<bool()>;
  void open_again(const Url& url, const Next& next);

  void on_open() noexcept override;
  void on_message(std::string_view bytes, bool text, std::int64_t received_ns) noexcept override;
  void on_pong(std::string_view payload) noexcept override;
  void on_closed(const Ended& why) noexcept override;

  EventLoop loop;
  Resolver resolver;
  TlsClient tls;
  std::unique_ptr<WebSocket> socket;
  std::vector<std::string> said;  // open, text:..., binary:..., pong:..., closed
  std::vector<std::int64_t> times;
  std::optional<Ended> ended;
  // Called at the end of each call, with what was said.
  std::function<void(const std::string&)> then;

 private:
  void say(const std::string& what);

  std::function<bool()> again_;
};

}  // namespace fastrsi::net::test
