// The loop behind the local socket: one thread, one poll for all clients, and turns in which each
// client gets a bounded piece of work, so that none waits long for another.
//
// A turn: mail from other threads, new connections, bytes received, lines answered, records put
// into buffers, buffers written, clock, the gone removed. The parts stand in
// local_socket_server.cpp (the turn), local_socket_commands.cpp (lines) and local_socket_feed.cpp
// (records).
#pragma once

#include <poll.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "sinks/local_socket_client.hpp"
#include "sinks/local_socket_inbox.hpp"
#include "sinks/local_socket_listener.hpp"
#include "sinks/local_socket_records.hpp"

namespace fastrsi {

// Owner: LocalSocket. run() belongs to one thread; inbox and status() are for any.
class LocalSocketServer {
 public:
  LocalSocketServer(LocalSocketSettings settings, LocalSocketHost& host);

  void run() noexcept;
  SocketInbox& inbox() noexcept { return inbox_; }
  LocalSocketStatus status() const;
  bool wait_until(const std::function<bool(const LocalSocketStatus&)>& true_of,
                  std::chrono::steady_clock::time_point time) const;

 private:
  // The turn.
  void wait();
  int timeout_ms(SteadyTime now) const;
  void take_mail();
  void accept_clients();
  void welcome(Descriptor connection, const SocketPeer& peer);
  void turn_away(const Descriptor& connection, const std::string& line);
  void receive();
  void write();
  void keep_time();
  void heartbeat();
  void begin_stop();
  void remove_done();
  void publish();
  bool has_room() const noexcept;
  void bye(SocketClient& client, std::string_view reason);

  // Lines.
  void answer_lines(SocketClient& client);
  void answer_line(SocketClient& client, const LineSplitter::Line& line);
  void log_in(SocketClient& client, const ClientCommand& command);
  void subscribe(SocketClient& client, ClientCommand& command);
  void ask_host(SocketClient& client, const std::string& cmd, const std::string& line);
  void change_consumers(std::vector<LocalConsumer> consumers);
  void say_error(SocketClient& client, const std::string& error);
  void refuse(SocketClient& client, std::string_view cmd, const std::string& error);

  // Records.
  void feed();
  void feed(SocketClient& client);
  bool feed_batch(SocketClient& client);
  bool push(SocketClient& client, const SocketRecord& record);
  void cut_slow(SocketClient& client);

  // Constant after construction, but for the consumers.
  LocalSocketSettings settings_;
  LocalSocketHost& host_;  // outlives the socket
  SocketListener listener_;

  // The socket's thread.
  RecordWindow window_;
  std::vector<std::unique_ptr<SocketClient>> clients_;
  std::vector<pollfd> polled_;  // inbox, listener, then a client each
  std::uint64_t next_number_ = 1;
  std::size_t fed_first_ = 0;  // whose turn it is to be fed first
  SteadyTime now_;             // of the turn
  SteadyTime next_heartbeat_;
  SteadyTime accept_again_;
  SteadyTime stop_at_;
  bool stopping_ = false;
  bool more_to_do_ = false;   // a bounded piece of work left some: no wait before the next turn
  LocalSocketStatus counts_;  // without clients

  // Any thread.
  SocketInbox inbox_;
  mutable std::mutex mutex_;  // of published_, held for a copy
  mutable std::condition_variable turned_;
  LocalSocketStatus published_;
};

}  // namespace fastrsi
