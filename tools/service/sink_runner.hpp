// One sink's thread: follows the journal by its own cursor, so that a sink that is slow or dead
// holds nobody up, and a record that it has not taken is still there after a restart.
//
// The cursor is stored after the delivery: what a crash cuts in between is delivered again. A log
// file of JSON lines shows by its end what it has, so there nothing comes twice.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "sinks/sinks.hpp"
#include "tools/service/running_sink.hpp"
#include "tools/service/silences.hpp"

namespace fastrsi {

// Owner: the service. Its thread runs from construction to destruction.
class SinkRunner final : public RunningSink {
 public:
  // Throws std::runtime_error when the sink cannot be made. A sink that is new to the journal
  // begins with what comes from now on.
  SinkRunner(const SinkConfig& config, Recorder& recorder, const Silences& silences,
             WantsList wants_list);
  ~SinkRunner() override;

  SinkStatus status() const override;
  std::string answer_to(const JournalEntry& entry) const override;
  std::uint64_t cursor() const noexcept override { return cursor_.load(std::memory_order_acquire); }
  void stop() noexcept override;

 private:
  void run();
  // What the end of a log file of JSON lines says it has already.
  void skip_written();
  bool deliver(const std::vector<PublishedPtr>& entries);
  bool is_wanted(const JournalEntry& entry) const;
  void store_cursor(std::uint64_t seq);

  const SinkSettings& settings_;
  Recorder& recorder_;
  const Silences& silences_;
  const WantsList wants_list_;
  std::unique_ptr<Sink> sink_;

  // Written by the sink's thread, read by any.
  std::atomic<std::uint64_t> cursor_{0};
  std::atomic<bool> stop_{false};
  mutable std::mutex mutex_;
  std::uint64_t failed_ = 0;
  std::string last_error_;

  std::thread thread_;  // the last: it uses all others
};

}  // namespace fastrsi
