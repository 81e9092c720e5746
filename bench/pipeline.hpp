// The whole pipeline as the program runs it: a shard (parser, look-up, rings, graph, edges) and one
// consumer's queue, drained by the same thread between frames so that its cost counts too.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "bench/input.hpp"
#include "engine/publisher.hpp"
#include "engine/settings.hpp"
#include "tools/shard.hpp"

namespace fastrsi::bench {

// The default rule over these timeframes.
RuleSettings rule_over(std::vector<Timeframe> timeframes);
// 1m to 1d.
std::vector<Timeframe> eight_timeframes();

struct PipelineSettings {
  std::vector<Timeframe> timeframes = {Timeframe::M1};
  std::vector<std::string> symbols;
  TradeStream stream = TradeStream::AggTrade;
  MakeExecutor make = make_graph_executor;
  bool flip_bands = true;
  // Where given, how long after its stamp each signal of the forming bar was in the queue.
  std::vector<std::int64_t>* latencies = nullptr;
};

// Hands records on and then looks at the clock.
class StampedOutput final : public RecordOutput {
 public:
  StampedOutput(RecordOutput& next, std::vector<std::int64_t>* latencies)
      : next_(next), latencies_(latencies) {}
  void record(const Record& record) noexcept override;

 private:
  RecordOutput& next_;
  std::vector<std::int64_t>* latencies_;
};

// A number that depends on every record, whichever shard said it. Ends of lists do not count: each
// shard has its own.
struct RecordSum {
  std::uint64_t records = 0;
  std::uint64_t sum = 0;

  void add(const Record& record) noexcept;
  void add(const RecordSum& other) noexcept;
  friend bool operator==(const RecordSum&, const RecordSum&) = default;
};

// Owner: a figure. Thread: one at a time.
class Pipeline {
 public:
  explicit Pipeline(const PipelineSettings& settings);

  // Makes every series of its symbols warm.
  void tell_history(const Input& input);
  // Works the lines off, one after the other, and drains the queue.
  void run(std::span<const CaptureLine> lines) noexcept;
  // One line; the queue is left alone.
  void take(const CaptureLine& line, std::int64_t stamp_ns) noexcept {
    ++lines_;
    shard_.take(line, 0, stamp_ns);
  }
  void drain() noexcept;

  RecordQueue& queue() noexcept { return queue_; }
  Engine& engine() noexcept { return shard_.engine(); }
  const EngineStatistics& statistics() const noexcept { return shard_.engine_statistics(); }
  // What the frames made it say, without its history.
  const RecordSum& records() const noexcept { return records_; }

  // The newest tick of a symbol that had one.
  const Tick& newest(std::string_view symbol) noexcept;

  // Throws WrongAnswer when one of the lines was not taken for a trade in its turn, or a record was
  // lost.
  void require_sound() const;

 private:
  // Constant after construction.
  const Timeframe longest_;
  const std::vector<std::string> symbols_;

  RecordQueue queue_;
  Publisher publisher_;
  StampedOutput stamped_;
  Shard shard_;
  std::uint64_t lines_ = 0;
  EngineStatistics before_;  // when the frames began
  RecordSum records_;        // since then
  std::vector<Record> batch_;
};

// Of a clock that only moves forward.
std::int64_t now_ns() noexcept;

}  // namespace fastrsi::bench
