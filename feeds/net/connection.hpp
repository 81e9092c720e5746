// A connection to a server as a client makes it: its name looked up, its addresses tried in turn,
// through a proxy if there is one, then TLS; then bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "feeds/net/byte_stream.hpp"
#include "feeds/net/event_loop.hpp"
#include "feeds/net/proxy.hpp"
#include "feeds/net/resolver.hpp"
#include "feeds/net/tls.hpp"
#include "feeds/net/url.hpp"

namespace fastrsi::net {

// What the connections of one shard share. All of it outlives them.
struct Network {
  EventLoop& loop;
  Resolver& resolver;
  TlsClient& tls;
};

struct ConnectionSettings {
  Url url;
  std::optional<Url> proxy;               // from parse_proxy()
  EventLoop::Clock::time_point deadline;  // to be connected
  std::size_t send_bytes_max = 1024U * 1024;
};

// Nothing here throws; inside each the connection may be destroyed.
class ConnectionListener {
 public:
  virtual void on_connected() noexcept = 0;
  // Read until it gives less than there was room for, or stop earlier and see has_unread().
  virtual void on_bytes() noexcept = 0;
  // It never was connected, or nothing can be written any more. Last call. A connection that ends
  // otherwise says so by read().
  virtual void on_failed(const Ended& why) noexcept = 0;

 protected:
  ~ConnectionListener() = default;
};

// Owner: its user. Thread: the loop's. Listeners are never called from inside a method.
class Connection final : private SocketHandler {
 public:
  // Begins at once. `network` and `listener` outlive it.
  Connection(const Network& network, ConnectionSettings settings, ConnectionListener& listener);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // --- when connected
  IoResult read(std::span<char> room) noexcept;
  bool has_unread() const noexcept { return stream_ != nullptr && stream_->has_unread(); }
  // Of the last read or write that Failed.
  const Ended& failure() const noexcept { return stream_->failure(); }
  // Bytes to append to, which flush() writes; what cannot be written yet waits and is written when
  // there is room.
  std::string& output() noexcept { return output_; }
  void flush() noexcept;
  std::size_t waiting_bytes() const noexcept { return output_.size() - written_; }
  bool has_room(std::size_t bytes) const noexcept {
    return waiting_bytes() + bytes <= settings_.send_bytes_max;
  }
  // Writes what it can, says goodbye and closes.
  void close() noexcept;

  std::uint64_t received_bytes_total() const noexcept { return received_bytes_; }
  std::uint64_t sent_bytes_total() const noexcept { return sent_bytes_; }

 private:
  enum class Stage : std::uint8_t { Name, Connect, Proxy, Tls, Open, Over };

  void on_readable() noexcept override;
  void on_writable() noexcept override;
  void on_hang_up() noexcept override;

  void take_addresses(LookUpResult result);
  void try_next();
  bool start(const Address& address);
  void on_try_timeout();
  void on_connect_result();
  void begin_proxy();
  void talk_to_proxy();
  void begin_tls();
  void go_on_with_tls();
  void open();
  void fail(Ended why);
  void fail_later(Ended why);
  void on_deadline();
  void write_output();
  std::string where() const;

  const Network network_;
  const ConnectionSettings settings_;
  ConnectionListener& listener_;
  Stage stage_ = Stage::Name;
  QueryId query_ = QueryId::None;
  TimerId deadline_timer_ = TimerId::None;
  TimerId try_timer_ = TimerId::None;
  TimerId failure_timer_ = TimerId::None;
  std::vector<Address> addresses_;
  std::size_t next_address_ = 0;
  Ended last_failure_;
  std::optional<ProxyTalk> proxy_;
  std::unique_ptr<Socket> socket_;
  // Reads and writes the socket's descriptor.
  std::unique_ptr<ByteStream> stream_;
  std::string output_;
  std::size_t written_ = 0;  // the part of output_ that is out
  std::uint64_t received_bytes_ = 0;
  std::uint64_t sent_bytes_ = 0;
};

}  // namespace fastrsi::net
