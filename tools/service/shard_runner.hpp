// One shard's thread in the service: it takes what comes in, in order, and does what others ask of
// the shard in between. Where the input comes from is the business of file_runner and live_runner.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "engine/base/histogram.hpp"
#include "engine/publisher.hpp"
#include "tools/service/wake_up.hpp"
#include "tools/shard.hpp"

namespace fastrsi {

// What every runner begins with.
struct ShardBegin {
  std::size_t index = 0;
  std::size_t count = 1;
  EngineSettings settings;
  const std::vector<RuleSettings>& rules;
  const std::vector<ShardFeed>& feeds;
  WakeUp& recorder;              // outlives the runner
  std::vector<StatePart> state;  // to go on from
  // The state is of another input, or of an earlier time: there may be a break before this.
  bool after_break = false;
};

// Owner: the service. run() is the shard's thread.
class ShardRunner {
 public:
  virtual ~ShardRunner() = default;
  ShardRunner(const ShardRunner&) = delete;
  ShardRunner& operator=(const ShardRunner&) = delete;

  // Until the service gives up. Past the input's end it only does what is asked.
  virtual void run() noexcept = 0;

  // --- in the shard's thread, as tasks
  // Saves the state and sends Mark `mark` behind every record so far, now or as soon as all shards
  // are at the same place of their input. `and_stop`: takes no input after it.
  virtual void begin_checkpoint(std::uint64_t mark, bool and_stop) = 0;
  // Sends a Mark behind every record so far.
  void send_mark(std::uint64_t mark);
  // Rules and lists of symbols change; returns the engine that was (Shard::reconfigure).
  virtual std::unique_ptr<Engine> reconfigure(const EngineSettings& settings,
                                              const std::vector<RuleSettings>& rules,
                                              const std::vector<ShardFeed>& feeds) {
    return shard_.reconfigure(settings, rules, feeds);
  }
  Shard& shard() noexcept { return shard_; }
  const Shard& shard() const noexcept { return shard_; }
  RecordOutput& output() noexcept { return output_; }
  const Histogram& latency() const noexcept { return latency_; }

  // --- any thread
  // Runs `task` in the shard's thread, soon.
  virtual void post(std::function<void()> task) = 0;
  RecordQueue& queue() noexcept { return queue_; }
  // The state of the checkpoint whose Mark has come out of the queue, and the line it is of.
  std::vector<StatePart> take_saved(std::uint64_t& line);
  // Has gone on from the state, and takes what is new.
  bool is_live() const noexcept { return is_live_.load(std::memory_order_acquire); }
  // Parts of the state that could not be read; once it is live.
  const std::vector<std::string>& damaged() const noexcept { return damaged_; }
  bool is_at_end() const noexcept { return at_end_.load(std::memory_order_acquire); }
  std::uint64_t lines() const noexcept { return lines_.load(std::memory_order_relaxed); }
  double progress() const noexcept { return progress_.load(std::memory_order_relaxed); }

 protected:
  explicit ShardRunner(ShardBegin begin);

  // Goes on from the state.
  void begin();
  // Keeps the state as of `line` and sends its Mark.
  void save(std::uint64_t line, std::uint64_t mark);

  const std::size_t index_;
  Histogram latency_;
  std::uint64_t line_ = 0;  // the next one's number
  // Written by the shard's thread, read by any.
  std::atomic<bool> is_live_{false};
  std::atomic<bool> at_end_{false};
  std::atomic<std::uint64_t> lines_{0};
  std::atomic<double> progress_{0.0};

 private:
  // Measures, stamps and publishes.
  class Output final : public RecordOutput {
   public:
    Output(ShardRunner& runner, WakeUp& recorder)
        : runner_(runner), recorder_(recorder), publisher_({&runner.queue_}, WhenFull::Wait) {}
    void record(const Record& record) noexcept override;

   private:
    ShardRunner& runner_;
    WakeUp& recorder_;
    Publisher publisher_;
  };

  const bool after_break_;
  RecordQueue queue_;
  Output output_;

 protected:
  Shard shard_;

 private:
  std::vector<StatePart> state_;
  std::vector<std::string> damaged_;
  std::mutex mutex_;
  std::vector<StatePart> saved_;
  std::uint64_t saved_line_ = 0;
};

}  // namespace fastrsi
