// A client of a simulated exchange: its connection, and what it has subscribed to.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tools/simulate/connection.hpp"
#include "tools/simulate/protocol.hpp"

namespace fastrsi::simulate {

class Client;

// What clients need of the simulator.
class ClientHost {
 public:
  virtual Subscribed add_subscription(Client& client, const std::string& stream) = 0;
  virtual void remove_subscription(Client& client, const std::string& stream) = 0;
  virtual std::int64_t exchange_time_ns() const = 0;

 protected:
  ~ClientHost() = default;
};

// Owner: the simulator. Thread: its own.
class Client final : public Session {
 public:
  using Clock = std::chrono::steady_clock;

  Client(net::EventLoop& loop, int descriptor, net::TlsServer* tls, std::uint64_t number,
         bool is_silent, ConnectionListener& listener, ClientHost& host);

  Connection& connection() noexcept { return connection_; }
  const Connection& connection() const noexcept { return connection_; }

  Subscribed subscribe(const std::string& stream) override;
  void unsubscribe(const std::string& stream) override;
  std::vector<std::string> streams() const override;
  void send(std::string_view text) override;
  bool is_subscriber() const noexcept { return !streams_.empty(); }
  void refuse(std::string_view reason) override;
  std::int64_t exchange_time_ns() const override { return host_.exchange_time_ns(); }

  // Gets nothing more; then a close frame, and the end when the client has answered, or late.
  void close(std::uint16_t code, std::string_view reason);
  // Whether one more message is too many for this second.
  bool counts_too_many(int messages_a_second, Clock::time_point now);
  // Sends a ping when it is time; false when pings, or a close, had no answer for too long.
  bool keep_alive(Clock::time_point now);

  Form form = Form::Raw;
  // What the last message has changed: for the log.
  std::vector<std::string> added, removed, dead, unknown;
  // Trades to send once more behind the answer: the fault `stale`.
  std::vector<std::string> stale;

 private:
  ClientHost& host_;
  Connection connection_;
  std::set<std::string> streams_;
  Clock::time_point second_{};
  int messages_ = 0;
  Clock::time_point ping_at_{};
  Clock::time_point pong_until_{};
  Clock::time_point close_until_ = Clock::time_point::max();
  std::uint64_t pongs_seen_ = 0;
};

}  // namespace fastrsi::simulate
