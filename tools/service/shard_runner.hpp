// One shard's thread in the service: takes the blocks of the input, in order and at its pace, and
// does what others ask of the shard between two lines.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "engine/base/histogram.hpp"
#include "engine/publisher.hpp"
#include "tools/block_queue.hpp"
#include "tools/capture_session.hpp"
#include "tools/service/gate.hpp"
#include "tools/service/wake_up.hpp"
#include "tools/shard.hpp"

namespace fastrsi {

// What all runners share. Owner: the service; outlives them.
struct ShardInput {
  BlockExchange& blocks;
  LineGate& gate;
  WakeUp& recorder;
  const std::vector<std::size_t>& feed_of_source;
  double speed = 0.0;            // times exchange speed; 0: as fast as it goes
  std::uint64_t begin_line = 0;  // lines before it were taken by an earlier run
  bool is_other_input = false;   // the state is of another input: there may be a break before this
};

// Owner: the service. run() is the shard's thread.
class ShardRunner {
 public:
  ShardRunner(std::size_t index, std::size_t count, const EngineSettings& settings,
              const std::vector<RuleSettings>& rules, const std::vector<ShardFeed>& feeds,
              const ShardInput& input, std::vector<StatePart> state);

  // Until the exchange gives up. Past the input's end it only does what is asked.
  void run() noexcept;

  // --- in the shard's thread, as tasks of the exchange
  // When every shard is live: agrees with the other shards on a line, goes on to it, saves the
  // state, and sends Mark `mark`. `and_stop`: takes no line after it.
  void begin_checkpoint(std::uint64_t mark, bool and_stop);
  // Sends a Mark behind every record so far.
  void send_mark(std::uint64_t mark);
  Shard& shard() noexcept { return shard_; }
  const Shard& shard() const noexcept { return shard_; }
  RecordOutput& output() noexcept { return output_; }
  const Histogram& latency() const noexcept { return latency_; }

  // --- any thread
  RecordQueue& queue() noexcept { return queue_; }
  // The state of the checkpoint whose Mark has come out of the queue, and the line it is of.
  std::vector<StatePart> take_saved(std::uint64_t& line);
  // Past the lines that an earlier run took.
  bool is_live() const noexcept { return is_live_.load(std::memory_order_acquire); }
  // Parts of the state that could not be read; once it is live.
  const std::vector<std::string>& damaged() const noexcept { return damaged_; }
  bool is_at_end() const noexcept { return at_end_.load(std::memory_order_acquire); }
  std::uint64_t lines() const noexcept { return lines_.load(std::memory_order_relaxed); }
  double progress() const noexcept { return progress_.load(std::memory_order_relaxed); }

 private:
  // Measures, stamps and publishes.
  class Output final : public RecordOutput {
   public:
    explicit Output(ShardRunner& runner)
        : runner_(runner), publisher_({&runner.queue_}, WhenFull::Wait) {}
    void record(const Record& record) noexcept override;

   private:
    ShardRunner& runner_;
    Publisher publisher_;
  };

  void begin();
  void take_block(const CaptureBlock& block);
  void take_line(const CaptureLine& line);
  bool keep_pace(const CaptureLine& line);
  void save_if_due();

  const std::size_t index_;
  const ShardInput input_;
  Histogram latency_;
  RecordQueue queue_;
  Output output_;
  Shard shard_;
  std::vector<StatePart> state_;  // to go on from at begin_line
  std::vector<std::string> damaged_;

  std::uint64_t line_ = 0;  // the next one's number
  bool save_pending_ = false;
  std::uint64_t save_at_ = 0;
  std::uint64_t save_mark_ = 0;
  bool stop_after_save_ = false;
  bool stopped_ = false;
  std::int64_t stamp_ = 0;
  ReceiveTime first_received_ = kNoReceiveTime;
  std::chrono::steady_clock::time_point first_taken_;

  std::mutex mutex_;
  std::vector<StatePart> saved_;
  std::uint64_t saved_line_ = 0;

  // Written by the shard's thread, read by any.
  std::atomic<bool> is_live_{false};
  std::atomic<bool> at_end_{false};
  std::atomic<std::uint64_t> lines_{0};
  std::atomic<double> progress_{0.0};
};

}  // namespace fastrsi
