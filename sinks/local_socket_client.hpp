// One client of the local socket: its lines, what waits for it, what it asked for, who it is.
//
// When a client is slow:
// - What it does not take waits in a buffer of at most 1 MiB (kSocketWaitingBytesMax).
// - While it catches up (a `since` in the past, or a burst of more than one batch) it is paced: the
//   next records are read for it when less than half of its buffer waits. It cannot overflow.
// - Once it is live, records go into the buffer up to its limit. The next one that does not fit,
//   although as much as possible was just written, makes it slow.
// - Live or not, half a buffer waiting of which not a byte is taken for `slow_after` is slow.
// - Slow: {"type":"bye","reason":"slow"} goes behind what waits, and the client is cut when that
//   was taken, at the latest after a second. What it did not take until then is given up, but for
//   the rest of the line it is in, so that the last whole line it can ever read is the bye.
// - A reply always goes in: there is one at a time, and a client with half a buffer waiting is not
//   listened to. One that leaves more than half waiting makes its client paced again.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "sinks/local_socket_descriptor.hpp"
#include "sinks/local_socket_listener.hpp"
#include "sinks/local_socket_protocol.hpp"

namespace fastrsi {

using SteadyTime = std::chrono::steady_clock::time_point;

inline constexpr std::size_t kSocketPacedBytes = kSocketWaitingBytesMax / 2;
inline constexpr Nanoseconds kSocketGoodbye = std::chrono::seconds{1};

// A record stream's place.
struct Subscription {
  RecordFilter filter;
  std::uint64_t position = 0;  // the last seq that was looked at for this client
  bool live = false;           // it had all there was when last looked at
  bool held = false;           // there is more, and half a buffer waits
};

// Owner: the server. Thread: the socket's.
class SocketClient {
 public:
  SocketClient(std::uint64_t its_number, Descriptor connection, const SocketPeer& peer)
      : number(its_number),
        user(peer.user),
        process(peer.process),
        connection_(std::move(connection)) {}

  // What the server knows of it.
  const std::uint64_t number;
  const std::uint32_t user;
  const std::uint32_t process;
  LineSplitter lines;
  std::optional<Subscription> subscription;
  std::optional<LocalConsumer> consumer;  // once logged in
  int wrong_logins = 0;
  bool awaits_answer = false;  // of the host, to its last command
  std::uint64_t records = 0;   // put into its buffer

  int descriptor() const noexcept { return connection_.get(); }

  // Takes a line behind what waits.
  void say(std::string_view line, SteadyTime now);
  std::size_t waiting() const noexcept { return out_.size() - sent_; }
  // An empty buffer takes a line of any length.
  bool fits(std::size_t bytes) const noexcept {
    return waiting() == 0 || waiting() + bytes <= kSocketWaitingBytesMax;
  }
  // Writes what waits, in one call, as far as the kernel takes it.
  void flush(SteadyTime now) noexcept;
  // It did not take all that was last offered: there is no use in a flush before POLLOUT.
  bool is_blocked() const noexcept { return blocked_; }
  void unblock() noexcept { blocked_ = false; }
  bool is_stuck(SteadyTime now, Nanoseconds slow_after) const noexcept {
    return waiting() >= kSocketPacedBytes && now - progress_ >= slow_after;
  }
  SteadyTime progress() const noexcept { return progress_; }

  // Reads once what is there.
  void receive();
  // Whether more of its bytes are wanted, or a line that is there can be answered.
  bool listens() const noexcept;
  bool can_receive() { return listens() && !input_ended_ && !lines.has_line(); }
  // The other side is gone altogether: nobody reads what is said, but what it said before counts.
  void hang_up() noexcept;
  bool is_hung_up() const noexcept { return hung_up_; }

  // The last line; from then on nothing is heard or added.
  void leave(std::string_view bye, SteadyTime now, SteadyTime deadline);
  bool is_leaving() const noexcept { return !bye_.empty(); }
  SteadyTime deadline() const noexcept { return deadline_; }
  // Nothing is left to be done, or no more time to do it.
  bool is_done(SteadyTime now);
  // The end of one that leaves and has not taken all: the rest of its line, and the bye.
  void cut() noexcept;

 private:
  void go_deaf() noexcept;

  Descriptor connection_;
  std::string out_;
  std::size_t sent_ = 0;
  bool mid_line_ = false;  // the last byte sent was no line end
  bool blocked_ = false;
  bool input_ended_ = false;
  bool deaf_ = false;     // what is said goes nowhere
  bool hung_up_ = false;  // both ways are closed
  SteadyTime progress_;   // a byte was taken, or less than half a buffer waited
  std::string bye_;
  SteadyTime deadline_;
};

}  // namespace fastrsi
