#include "bench/pipeline.hpp"

#include <algorithm>
#include <bit>
#include <chrono>
#include <string_view>
#include <unordered_set>

#include "bench/figure.hpp"
#include "engine/base/decimal.hpp"

namespace fastrsi::bench {
namespace {

// A minute's end can make every symbol speak before the queue is drained again.
constexpr std::size_t kPipelineRecords = 65'536;
constexpr std::size_t kDrainBatch = 256;
// As often as the program reads the clock for its latency figures.
constexpr std::size_t kLinesPerStamp = 64;

EngineSettings engine_settings(const PipelineSettings& settings) {
  EngineSettings engine;
  engine.flip_bands = settings.flip_bands;
  return engine;
}

ShardFeed feed_of(const PipelineSettings& settings) {
  ShardFeed feed;
  feed.venue = "binance";
  feed.stream = settings.stream;
  feed.symbols = settings.symbols;
  return feed;
}

std::uint64_t said_by(const EngineStatistics& statistics) noexcept {
  std::uint64_t said = statistics.listed;
  for (const auto& stages : statistics.signals) {
    for (const std::uint64_t count : stages) said += count;
  }
  return said;
}

}  // namespace

RuleSettings rule_over(std::vector<Timeframe> timeframes) {
  RuleSettings rule;
  rule.timeframes = std::move(timeframes);
  return rule;
}

std::vector<Timeframe> eight_timeframes() {
  return {Timeframe::M1, Timeframe::M5, Timeframe::M15, Timeframe::M30,
          Timeframe::H1, Timeframe::H4, Timeframe::H12, Timeframe::D1};
}

void RecordSum::add(const Record& record) noexcept {
  if (record.type == Record::Type::ListEnd) return;
  const Signal& signal = record.signal;
  // The last eight bytes of "binance:BTCUSDT".
  const std::string& name = signal.symbol->full_name;
  std::uint64_t hash = decimal::load_eight(name.data() + name.size() - 8);
  const auto mix = [&hash](std::uint64_t word) { hash = (hash ^ word) * 0x9E37'79B9'7F4A'7C15U; };
  mix(static_cast<std::uint64_t>(to_unix_ns(signal.time)));
  mix(std::bit_cast<std::uint64_t>(signal.price.value));
  mix(std::bit_cast<std::uint64_t>(signal.rsi.by_default));
  mix(std::bit_cast<std::uint64_t>(signal.rsi.by_first));
  mix(static_cast<std::uint64_t>(signal.firing) << 32U |
      static_cast<std::uint64_t>(signal.kind) << 16U |
      static_cast<std::uint64_t>(signal.stage) << 8U |
      static_cast<std::uint64_t>(signal.timeframe));
  ++records;
  sum += hash ^ (hash >> 32U);
}

void RecordSum::add(const RecordSum& other) noexcept {
  records += other.records;
  sum += other.sum;
}

// What a bar's end says was not made by the frame.
void StampedOutput::record(const Record& record) noexcept {
  next_.record(record);
  if (record.type != Record::Type::Signal || record.signal.stage != Stage::Provisional) return;
  latencies_->push_back(now_ns() - record.stamp_ns);
}

Pipeline::Pipeline(const PipelineSettings& settings)
    : longest_(settings.timeframes.back()),
      symbols_(settings.symbols),
      queue_(kPipelineRecords),
      publisher_({&queue_}, WhenFull::Count),
      stamped_(publisher_, settings.latencies),
      shard_(0, 1, engine_settings(settings), {rule_over(settings.timeframes)}, {feed_of(settings)},
             settings.latencies == nullptr ? static_cast<RecordOutput&>(publisher_) : stamped_,
             settings.make),
      batch_(kDrainBatch) {}

void Pipeline::tell_history(const Input& input) {
  const std::unordered_set<std::string_view> ours(symbols_.begin(), symbols_.end());
  input.tell_history(longest_, [&](const CaptureLine& line) {
    if (!ours.contains(line.symbol)) return;
    take(line, 0);
    drain();
  });
  // Which lists a symbol's first conditions came into depends on who else was told before it.
  before_ = shard_.engine_statistics();
  records_ = {};
}

void Pipeline::run(std::span<const CaptureLine> lines) noexcept {
  while (!lines.empty()) {
    const auto some = lines.first(std::min(kLinesPerStamp, lines.size()));
    const std::int64_t stamp = now_ns();
    for (const CaptureLine& line : some) take(line, stamp);
    drain();
    lines = lines.subspan(some.size());
  }
}

void Pipeline::drain() noexcept {
  while (const std::size_t count = queue_.pop_bulk(batch_.data(), batch_.size())) {
    for (std::size_t i = 0; i < count; ++i) records_.add(batch_[i]);
  }
}

const Tick& Pipeline::newest(std::string_view symbol) noexcept {
  const auto found = std::find(symbols_.begin(), symbols_.end(), symbol);
  FASTRSI_ASSERT(found != symbols_.end());
  // A feed's listed symbols are numbered in their order.
  const auto id = static_cast<SymbolId>(found - symbols_.begin());
  return engine().symbol(id).ring().back(0);
}

void Pipeline::require_sound() const {
  const EngineStatistics& statistics = shard_.engine_statistics();
  require(statistics.ticks == lines_, "the pipeline did not see every trade");
  require(statistics.duplicates == 0, "the pipeline took a trade for a duplicate");
  require(statistics.gaps == 0, "the pipeline saw a gap where there is none");
  require(statistics.late_ticks == 0, "the pipeline took a trade for a late one");
  require(shard_.frame_statistics(0).unwatched_trades == 0, "the pipeline did not know a symbol");
  require(publisher_.dropped() == 0, "the queue was full");
  require(records_.records == said_by(statistics) - said_by(before_), "a record was lost");
}

std::int64_t now_ns() noexcept {
  return std::chrono::steady_clock::now().time_since_epoch().count();
}

}  // namespace fastrsi::bench
