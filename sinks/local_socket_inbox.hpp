// What other threads tell the socket's thread: answers, new consumers, "there are records", "stop".
//
// An event descriptor wakes the thread out of its poll; it is written only when the thread does not
// know yet that something waits, so that a wake for every record costs one atomic exchange.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "sinks/local_socket.hpp"
#include "sinks/local_socket_descriptor.hpp"

namespace fastrsi {

struct SocketMail {
  struct Answer {
    std::uint64_t client = 0;
    std::string line;
  };
  std::vector<Answer> answers;
  std::optional<std::vector<LocalConsumer>> consumers;
  bool records = false;
  bool stop = false;
};

// Owner: the server. put functions: any thread; take: the socket's thread.
class SocketInbox {
 public:
  // Throws std::runtime_error when there is no descriptor to be had.
  SocketInbox();

  int descriptor() const noexcept { return event_.get(); }
  void put_answer(std::uint64_t client, std::string line) noexcept;
  void put_consumers(std::vector<LocalConsumer> consumers) noexcept;
  void put_records() noexcept;
  void put_stop() noexcept;
  bool is_signalled() const noexcept { return signalled_.load(std::memory_order_acquire); }
  // All that came since the last call. `stop` stays.
  SocketMail take() noexcept;

 private:
  void signal() noexcept;

  Descriptor event_;
  std::atomic<bool> signalled_{false};
  std::atomic<bool> records_{false};
  std::atomic<bool> stop_{false};
  std::mutex mutex_;  // of mail_, held for a move
  SocketMail mail_;
};

}  // namespace fastrsi
