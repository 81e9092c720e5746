// The records last read from the host, for all clients that stand near one place: those who are up
// to date stand at the same seq, and 64 of them cost one question and not 64.
//
// One fetch is under way at a time. A host that answers "being fetched" may keep only what it was
// asked last; clients that took turns asking for different places would wait for ever.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "sinks/local_socket.hpp"

namespace fastrsi {

inline constexpr std::size_t kSocketBatchRecords = 512;

// Owner: the server. Thread: the socket's.
class RecordWindow {
 public:
  explicit RecordWindow(LocalSocketHost& host) : host_(host) {}

  enum class State { Records, None, Fetching };
  struct Look {
    State state = State::None;
    std::span<const SocketRecordPtr> records;  // until the next call
    bool full = false;                         // there may be as many again behind them
  };
  // Records behind `position`. One who `must_queue` asks for no fetch beside another's.
  Look after(std::uint64_t position, bool must_queue);

  // New records, or fetched ones: the host may now say other than before.
  void wake() noexcept;
  // The place of the fetch under way; who stands there asks first.
  std::optional<std::uint64_t> fetching() const noexcept { return fetching_; }
  // Nobody stands there any more.
  void forget_fetch() noexcept { fetching_.reset(); }

 private:
  bool covers(std::uint64_t position) const noexcept;
  Look ask(std::uint64_t position);

  LocalSocketHost& host_;  // outlives the socket
  std::uint64_t after_ = 0;
  std::vector<SocketRecordPtr> records_;
  std::optional<std::uint64_t> none_after_;
  std::optional<std::uint64_t> fetching_;
  bool asked_since_wake_ = false;  // for what is being fetched
};

}  // namespace fastrsi
