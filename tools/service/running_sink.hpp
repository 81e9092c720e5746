// A sink of the service at work, whatever its kind: each follows the journal by its own cursor in
// its own thread, so that one that is slow or dead holds nobody up.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sinks/delivery/driver.hpp"
#include "tools/delivery_config.hpp"
#include "tools/service/recorder.hpp"

namespace fastrsi {

struct SinkStatus {
  std::uint64_t cursor = 0;  // every record up to it is done, or in the sink's own hands
  std::uint64_t failed = 0;  // writes that failed and are tried again
  std::string last_error;
  std::optional<DeliveryDriverStatus> delivery;  // of a sink that brings messages to people
};

// Which rules' first-load lists a sink takes, by its name.
using WantsList = std::function<bool(const std::string& rule)>;

// The messages that a sink could not bring to somebody. Any thread.
class DeadLetters {
 public:
  virtual ~DeadLetters() = default;
  // Newest first, at most `most`.
  virtual std::vector<DeadLetterRow> list(const DeadSearch& search, std::size_t most) = 0;
  // As DeliveryDriver's.
  virtual std::vector<std::string> requeue(std::vector<DeadLetterKey> letters) = 0;
  virtual std::vector<std::string> drop(std::vector<DeadLetterKey> letters) = 0;
};

// Owner: the service. Its thread runs from construction to destruction.
class RunningSink {
 public:
  explicit RunningSink(SinkConfig config) : config_(std::move(config)) {}
  virtual ~RunningSink() = default;
  RunningSink(const RunningSink&) = delete;
  RunningSink& operator=(const RunningSink&) = delete;

  const SinkConfig& config() const noexcept { return config_; }
  virtual std::uint64_t cursor() const noexcept = 0;
  virtual SinkStatus status() const = 0;
  // Whether all up to `newest` has been delivered, or given up.
  virtual bool is_done(std::uint64_t newest) const { return cursor() >= newest; }
  // Whether it has taken all up to `newest`, and what is left waits longer than that: for a
  // server's pause, another try, a quiet night.
  virtual bool is_resting(std::uint64_t newest, std::chrono::milliseconds longer_than) const {
    static_cast<void>(longer_than);
    return is_done(newest);
  }
  // What has become of a record here, in words.
  virtual std::string answer_to(const JournalEntry& entry) const = 0;
  // Null for a sink that has none, ever.
  virtual DeadLetters* dead_letters() noexcept { return nullptr; }
  // Begins to stop, and returns at once: many sinks stop together.
  virtual void stop() noexcept = 0;
  // Once it stops: waits for what is under way, but not for long, then gives it up.
  virtual void give_up() noexcept {}

 private:
  const SinkConfig config_;
};

// Entries behind `after`, at most `most`, from memory or from the disk. Any thread but the
// journal's.
std::vector<PublishedPtr> read_entries(Recorder& recorder, std::uint64_t after, std::size_t most);

}  // namespace fastrsi
