#include "tools/service/shard_runner.hpp"

#include <algorithm>
#include <utility>

#include "tools/service/clocks.hpp"

namespace fastrsi {
namespace {

constexpr std::size_t kShardRecords = 4096;

}  // namespace

void ShardRunner::Output::record(const Record& record) noexcept {
  Record stamped = record;
  stamped.fired_ns = steady_ns();
  publisher_.record(stamped);
  if (record.type == Record::Type::Signal) {
    runner_.latency_.add(
        static_cast<std::uint64_t>(std::max<std::int64_t>(0, stamped.fired_ns - record.stamp_ns)));
  }
  recorder_.ring();
}

ShardRunner::ShardRunner(ShardBegin begin)
    : index_(begin.index),
      after_break_(begin.after_break),
      queue_(kShardRecords),
      output_(*this, begin.recorder),
      shard_(begin.index, begin.count, begin.settings, begin.rules, begin.feeds, output_),
      state_(std::move(begin.state)) {}

void ShardRunner::begin() {
  damaged_ = shard_.restore(std::exchange(state_, {}));
  if (after_break_) shard_.engine().returned();
  is_live_.store(true, std::memory_order_release);  // pairs with the acquire in is_live()
}

void ShardRunner::save(std::uint64_t line, std::uint64_t mark) {
  {
    const std::lock_guard lock(mutex_);
    saved_ = shard_.save();
    saved_line_ = line;
  }
  send_mark(mark);
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
