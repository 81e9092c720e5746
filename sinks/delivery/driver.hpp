// One sink's thread: brings events from the journal to the sink, makes its changes durable, sends,
// and gives the answers back. A sink has a thread of its own, so that one that never answers holds
// up no other; the engine it cannot hold up at all, which only writes the journal.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "sinks/delivery/delivery_sink.hpp"
#include "sinks/delivery/store.hpp"
#include "sinks/delivery/transport.hpp"

namespace fastrsi {

// The journal as a sink reads it. Thread: the driver's.
class EventSource {
 public:
  struct Batch {
    std::vector<DeliveryEvent> events;
    std::uint64_t reached = 0;  // records up to this seq were looked at; `after` when there is none
  };
  virtual ~EventSource() = default;
  virtual Batch read(std::uint64_t after, std::size_t most) = 0;
  // Where a sink that is new begins.
  virtual std::uint64_t newest() = 0;
  // Returns when there is something behind `after`, or after `at_most`.
  virtual void wait(std::uint64_t after, Milliseconds at_most) = 0;
};

// Our wall clock as it was at the start, and what has gone by since, time asleep included: it never
// jumps.
std::function<WallMs()> steady_wall_clock();

inline constexpr Milliseconds kStopWait = std::chrono::seconds{5};

struct DeliveryDriverStatus {
  DeliveryStatus sink;
  std::uint64_t cursor = 0;
  bool is_waiting_for_disk = false;  // changes are in memory only
  WallMs rests_until = 0;            // it does nothing by itself before; 0: it is at work
};

// Owner: the service. Its thread runs from construction to destruction.
class DeliveryDriver {
 public:
  struct Parts {
    std::unique_ptr<const Composer> composer;
    std::vector<std::unique_ptr<Transport>> transports;  // one for each endpoint, in order
    EventSource& source;                                 // these two outlive the driver
    DeliveryStore& store;
    Sha256Hex sha256;
    std::function<WallMs()> now;
  };

  // Throws std::runtime_error, with the mend, when the settings cannot be used or the rows cannot
  // be read.
  DeliveryDriver(DeliverySettings settings, Parts parts);
  // stop(), give_up() if nobody did, and the end of the thread.
  ~DeliveryDriver();
  DeliveryDriver(const DeliveryDriver&) = delete;
  DeliveryDriver& operator=(const DeliveryDriver&) = delete;

  // These two are the owner's thread's. Many sinks stop together, wait together, and are given up
  // together.
  // Begins to stop, and returns at once: no new attempt is made.
  void stop() noexcept;
  // Waits for the attempt under way until `kStopWait` after stop(), then gives it up: its rows stay
  // under way, and the next start finds it in doubt.
  void give_up() noexcept;
  DeliveryDriverStatus status() const;
  // Dead letters sent once more, or given up for good: done by the driver's thread, for which these
  // wait, but not for an attempt under way. A word for each letter: why not; empty: it is done.
  std::vector<std::string> requeue(std::vector<DeadLetterKey> letters);
  std::vector<std::string> drop_dead(std::vector<DeadLetterKey> letters);
  const DeliverySettings& settings() const noexcept { return settings_; }

 private:
  struct Command {
    std::vector<DeadLetterKey> letters;
    bool is_drop = false;
    std::vector<std::string> answers;  // as requeue() returns them
    bool is_over = false;

    void refuse(const char* why) { answers.assign(letters.size(), why); }
  };

  void begin();
  void run() noexcept;
  bool pull();
  bool deliver(WallMs now);
  SendAnswer send(const DeliveryAttempt& attempt) noexcept;
  bool commit(bool must_be_taken);
  void publish(WallMs rests_until);
  bool run_commands();
  void run_command(Command& command);
  std::string settle_dead(const DeadLetterKey& letter, DeadFound found, bool is_drop);
  std::vector<std::string> command(Command command);

  const DeliverySettings settings_;
  Parts parts_;

  // The owner's thread alone.
  std::chrono::steady_clock::time_point stop_begun_;

  // The driver's thread alone.
  std::optional<DeliverySink> sink_;
  DeliveryChanges waiting_;  // were refused

  // Any thread.
  std::atomic<bool> stop_{false};
  std::atomic<bool> give_up_{false};
  mutable std::mutex mutex_;
  std::condition_variable ended_;
  std::condition_variable answered_;
  bool is_over_ = false;
  DeliveryDriverStatus status_;
  std::vector<Command*> commands_;

  std::thread thread_;  // the last: it uses all others
};

}  // namespace fastrsi
