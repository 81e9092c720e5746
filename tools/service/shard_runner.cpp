#include "tools/service/shard_runner.hpp"

#include <algorithm>
#include <utility>

#include "tools/service/clocks.hpp"

namespace fastrsi {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kQueueRecords = 4096;
// One clock reading, and one look for tasks, serves this many lines.
constexpr std::uint64_t kLinesPerStamp = 64;
constexpr auto kForEver = Clock::time_point::max();

}  // namespace

void ShardRunner::Output::record(const Record& record) noexcept {
  Record stamped = record;
  stamped.fired_ns = steady_ns();
  publisher_.record(stamped);
  if (record.type == Record::Type::Signal) {
    runner_.latency_.add(
        static_cast<std::uint64_t>(std::max<std::int64_t>(0, stamped.fired_ns - record.stamp_ns)));
  }
  runner_.input_.recorder.ring();
}

ShardRunner::ShardRunner(std::size_t index, std::size_t count, const EngineSettings& settings,
                         const std::vector<RuleSettings>& rules,
                         const std::vector<ShardFeed>& feeds, const ShardInput& input,
                         std::vector<StatePart> state)
    : index_(index),
      input_(input),
      queue_(kQueueRecords),
      output_(*this),
      shard_(index, count, settings, rules, feeds, output_),
      state_(std::move(state)) {}

void ShardRunner::run() noexcept {
  if (input_.begin_line == 0) begin();
  while (const CaptureBlock* block = input_.blocks.next(index_)) {
    take_block(*block);
    const double progress = input_.blocks.release(index_);
    progress_.store(progress, std::memory_order_relaxed);
    lines_.store(line_, std::memory_order_relaxed);
  }
  // An input that has become shorter than what an earlier run took of it.
  if (!is_live()) begin();
  at_end_.store(true, std::memory_order_release);  // pairs with the acquire in is_at_end()
  input_.blocks.serve_until(index_, kForEver, [] { return false; });
}

void ShardRunner::begin() {
  damaged_ = shard_.restore(std::exchange(state_, {}));
  if (input_.is_other_input) shard_.engine().returned();
  is_live_.store(true, std::memory_order_release);  // pairs with the acquire in is_live()
}

void ShardRunner::take_block(const CaptureBlock& block) {
  for (const CaptureLine& line : block.lines) {
    if (line_ % kLinesPerStamp == 0) {
      input_.blocks.run_waiting_tasks(index_);
      stamp_ = steady_ns();
      lines_.store(line_, std::memory_order_relaxed);
    }
    if (!stopped_) take_line(line);
  }
  lines_.store(line_, std::memory_order_relaxed);
}

void ShardRunner::take_line(const CaptureLine& line) {
  const std::size_t feed = input_.feed_of_source[line.source];
  if (line_ < input_.begin_line) {
    if (feed != kNoFeed) shard_.pass(line, feed);
    if (++line_ == input_.begin_line) begin();
    return;
  }
  if (input_.speed > 0.0 && !keep_pace(line)) return;
  if (feed != kNoFeed) shard_.take(line, feed, stamp_);
  ++line_;
  save_if_due();
}

// Waits until the line is due, doing what is asked meanwhile. False when the line is not to be
// taken any more.
bool ShardRunner::keep_pace(const CaptureLine& line) {
  if (line.received == kNoReceiveTime) return true;
  if (first_received_ == kNoReceiveTime) {
    first_received_ = line.received;
    first_taken_ = Clock::now();
  }
  const std::chrono::duration<double, std::nano> passed(
      static_cast<double>((line.received - first_received_).count()) / input_.speed);
  const auto due = first_taken_ + std::chrono::duration_cast<Clock::duration>(passed);
  // While the others wait for this shard at a line, it hurries there.
  input_.blocks.serve_until(index_, due, [this] { return stopped_ || save_pending_; });
  stamp_ = steady_ns();
  lines_.store(line_, std::memory_order_relaxed);
  return !stopped_;
}

void ShardRunner::begin_checkpoint(std::uint64_t mark, bool and_stop) {
  save_mark_ = mark;
  stop_after_save_ = and_stop;
  save_at_ = input_.gate.agree(line_);
  save_pending_ = true;
  save_if_due();
}

void ShardRunner::save_if_due() {
  if (!save_pending_ || line_ < save_at_) return;
  save_pending_ = false;
  {
    const std::lock_guard lock(mutex_);
    saved_ = shard_.save();
    saved_line_ = save_at_;
  }
  stopped_ = stopped_ || stop_after_save_;
  send_mark(save_mark_);
}

void ShardRunner::send_mark(std::uint64_t mark) {
  Record record;
  record.type = Record::Type::Mark;
  record.mark = mark;
  output_.record(record);
}

std::vector<StatePart> ShardRunner::take_saved(std::uint64_t& line) {
  const std::lock_guard lock(mutex_);
  line = saved_line_;
  return std::move(saved_);
}

}  // namespace fastrsi
