#include "tools/service/file_runner.hpp"

#include <utility>

#include "tools/service/clocks.hpp"

namespace fastrsi {
namespace {

using Clock = std::chrono::steady_clock;

// One clock reading, and one look for tasks, serves this many lines.
constexpr std::uint64_t kFileLinesPerStamp = 64;
constexpr auto kForEver = Clock::time_point::max();

}  // namespace

FileRunner::FileRunner(ShardBegin begin, const FileFrames& input)
    : ShardRunner(std::move(begin)), input_(input) {}

void FileRunner::run() noexcept {
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

void FileRunner::take_block(const CaptureBlock& block) {
  for (const CaptureLine& line : block.lines) {
    if (line_ % kFileLinesPerStamp == 0) {
      input_.blocks.run_waiting_tasks(index_);
      stamp_ = steady_ns();
      lines_.store(line_, std::memory_order_relaxed);
    }
    if (!stopped_) take_line(line);
  }
  lines_.store(line_, std::memory_order_relaxed);
}

void FileRunner::take_line(const CaptureLine& line) {
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
bool FileRunner::keep_pace(const CaptureLine& line) {
  const ReceiveTime time = time_of(line);
  if (time == kNoReceiveTime) return true;
  if (first_time_ == kNoReceiveTime) {
    first_time_ = time;
    first_taken_ = Clock::now();
  }
  const std::chrono::duration<double, std::nano> passed(
      static_cast<double>((time - first_time_).count()) / input_.speed);
  const auto due = first_taken_ + std::chrono::duration_cast<Clock::duration>(passed);
  // While the others wait for this shard at a line, it hurries there.
  input_.blocks.serve_until(index_, due, [this] { return stopped_ || save_pending_; });
  stamp_ = steady_ns();
  lines_.store(line_, std::memory_order_relaxed);
  return !stopped_;
}

void FileRunner::begin_checkpoint(std::uint64_t mark, bool and_stop) {
  save_mark_ = mark;
  stop_after_save_ = and_stop;
  save_at_ = input_.gate.agree(line_);
  save_pending_ = true;
  save_if_due();
}

void FileRunner::save_if_due() {
  if (!save_pending_ || line_ < save_at_) return;
  save_pending_ = false;
  stopped_ = stopped_ || stop_after_save_;
  save(save_at_, save_mark_);
}

}  // namespace fastrsi
