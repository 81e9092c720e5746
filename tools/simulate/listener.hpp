// The port of a simulated exchange, which it may close for a while and open again.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "feeds/net/event_loop.hpp"

namespace fastrsi::simulate {

struct ListenAddress {
  std::string host = "127.0.0.1";  // an IP literal, or localhost
  std::uint16_t port = 0;          // 0: the system chooses
  bool is_tls = false;             // the URL's scheme said so
  bool has_scheme = false;
};
// "ws://127.0.0.1:9001/ws", "wss://[::1]:9001", "127.0.0.1:0". Throws std::invalid_argument.
ListenAddress parse_listen(const std::string& text);

// Owner: the simulator. Thread: the loop's.
class Listener final : public net::SocketHandler {
 public:
  // `accept` takes each new connection's descriptor over.
  Listener(net::EventLoop& loop, ListenAddress address, std::function<void(int)> accept);

  // Throws std::runtime_error when the port cannot be had.
  void open();
  void close() noexcept { socket_.reset(); }
  bool is_open() const noexcept { return socket_ != nullptr; }
  // As others reach it: "127.0.0.1:43117".
  std::string authority() const;

 private:
  void on_readable() noexcept override;
  void on_writable() noexcept override {}
  void on_hang_up() noexcept override {}

  net::EventLoop& loop_;
  ListenAddress address_;
  const std::function<void(int)> accept_;
  std::unique_ptr<net::Socket> socket_;
};

}  // namespace fastrsi::simulate
