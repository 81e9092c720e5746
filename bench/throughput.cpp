// Questions: what share of the parse-only rate does the whole pipeline keep (G1), also with eight
// timeframes, and what do seven more of them cost (G2)? What does the flow graph cost over direct
// calls (G4)?
#include <algorithm>

#include "bench/figure.hpp"
#include "bench/input.hpp"
#include "bench/pipeline.hpp"
#include "bench/yardstick.hpp"

namespace fastrsi::bench {
namespace {

// Before the clock starts, each side works off some frames to find its memory again: in the program
// nothing else runs on a shard's core.
constexpr std::size_t kThroughputWarmFrames = 4096;
constexpr std::size_t kThroughputTimedFrames = 16'384;
constexpr std::size_t kThroughputProofFrames = 30'000;

// One thing that works frames off: the yardstick when it has no timeframes.
struct Side {
  std::vector<Timeframe> timeframes;
  MakeExecutor make = make_graph_executor;
};

// The sides' indices: the ratio is the time of one over the time of the other.
struct Asked {
  Question question;
  std::size_t ours;
  std::size_t yardstick;
};

class Throughput final : public Figure {
 public:
  Throughput(std::unique_ptr<Input> input, std::vector<Side> sides, std::vector<Asked> asked)
      : input_(std::move(input)),
        sides_(std::move(sides)),
        asked_(std::move(asked)),
        yardstick_(input_->stream() == TradeStream::AggTrade ? IdKey::Aggregate : IdKey::Single),
        turns_(sides_.size()) {}

  std::vector<Question> questions() const override {
    std::vector<Question> questions;
    for (const Asked& asked : asked_) questions.push_back(asked.question);
    return questions;
  }

  void prove() override {
    prove_fields();
    prove_records();
    restart();
  }

  void round(std::vector<Reading>& readings) override {
    auto lines = input_->next(kThroughputWarmFrames + kThroughputTimedFrames);
    if (lines.empty()) {
      restart();
      lines = input_->next(kThroughputWarmFrames + kThroughputTimedFrames);
    }
    const auto warm = lines.first(std::min(kThroughputWarmFrames, lines.size() / 4));
    const auto timed = lines.subspan(warm.size());
    std::vector<double> ns(sides_.size());
    turns_.each([&](std::size_t side) {
      work(side, warm);
      const std::int64_t begin = now_ns();
      work(side, timed);
      ns[side] = static_cast<double>(now_ns() - begin) / static_cast<double>(timed.size());
    });
    for (const auto& pipeline : pipelines_) {
      if (pipeline != nullptr) pipeline->require_sound();
    }
    for (const Asked& asked : asked_) {
      const double ours = ns[asked.ours];
      const double yardstick = ns[asked.yardstick];
      const bool is_rate = asked.question.better == Better::Higher;
      readings.push_back({is_rate ? yardstick / ours : ours / yardstick, ours, yardstick});
    }
  }

 private:
  // Everything from the beginning: the input, and every pipeline with its history told.
  void restart() {
    input_->restart();
    pipelines_.clear();
    for (const Side& side : sides_) {
      pipelines_.push_back(side.timeframes.empty() ? nullptr : make_pipeline(side, true));
    }
  }

  std::unique_ptr<Pipeline> make_pipeline(const Side& side, bool flip_bands) const {
    PipelineSettings settings;
    settings.timeframes = side.timeframes;
    settings.symbols = input_->symbols();
    settings.stream = input_->stream();
    settings.make = side.make;
    settings.flip_bands = flip_bands;
    auto pipeline = std::make_unique<Pipeline>(settings);
    pipeline->tell_history(*input_);
    return pipeline;
  }

  void work(std::size_t side, std::span<const CaptureLine> lines) {
    if (pipelines_[side] != nullptr) return pipelines_[side]->run(lines);
    require(yardstick_.parse_all(lines).frames == lines.size(), "the yardstick lost a frame");
  }

  // Frame by frame, the pipeline's newest tick is what the yardstick read and what was written.
  void prove_fields() {
    input_->restart();
    const auto pipeline = make_pipeline({{Timeframe::M1}}, true);
    const auto lines = input_->next(kThroughputProofFrames);
    const auto trades = input_->trades();
    for (std::size_t i = 0; i < lines.size(); ++i) {
      FiveFields fields;
      require(yardstick_.parse(lines[i].bytes, fields), "the yardstick cannot read a frame");
      pipeline->run(lines.subspan(i, 1));
      const Tick& tick = pipeline->newest(fields.symbol);
      require(same_trade(tick, fields), "pipeline and yardstick read different trades");
      if (trades.empty()) continue;
      require(input_->symbols()[index_of(trades[i].symbol)] == fields.symbol &&
                  same_trade(trades[i], fields),
              "the yardstick did not read what was written");
    }
    pipeline->require_sound();
  }

  static bool same_trade(const Tick& tick, const FiveFields& fields) noexcept {
    return tick.price.value == fields.price && tick.quantity.value == fields.quantity &&
           static_cast<std::uint64_t>(tick.id) == fields.id &&
           to_unix_ns(tick.time) == static_cast<std::int64_t>(fields.time_ms) * 1'000'000;
  }

  // Each side says, record for record, what direct calls without flip bands say.
  void prove_records() {
    for (const Side& side : sides_) {
      if (side.timeframes.empty()) continue;
      input_->restart();
      const auto lines = input_->next(kThroughputProofFrames);
      const auto measured = make_pipeline(side, true);
      const auto plain = make_pipeline({side.timeframes, make_plain_executor}, false);
      measured->run(lines);
      plain->run(lines);
      measured->require_sound();
      require(measured->records().records > 0, "nothing was said: there is nothing to compare");
      require(measured->records() == plain->records(), "graph or flip bands change the records");
    }
  }

  std::unique_ptr<Input> input_;
  const std::vector<Side> sides_;
  const std::vector<Asked> asked_;
  Yardstick yardstick_;
  Turns turns_;
  std::vector<std::unique_ptr<Pipeline>> pipelines_;  // by side
};

std::unique_ptr<Figure> make_g1(std::string& /*why_not*/) {
  const Question question{"G1", "whole pipeline / simdjson-only parse, messages/s", Better::Higher,
                          0.80};
  return std::make_unique<Throughput>(make_market({}), std::vector<Side>{{}, {{Timeframe::M1}}},
                                      std::vector<Asked>{{question, 1, 0}});
}

std::unique_ptr<Figure> make_g1_real(std::string& /*why_not*/) {
  const Question question{"G1", "the same, real trades of two symbols", Better::Higher, 0.80};
  return std::make_unique<Throughput>(make_captured_trades(),
                                      std::vector<Side>{{}, {{Timeframe::M1}}},
                                      std::vector<Asked>{{question, 1, 0}});
}

std::unique_ptr<Figure> make_g2(std::string& /*why_not*/) {
  const Question of_parse{"G2", "8 timeframes / simdjson-only parse, messages/s", Better::Higher,
                          0.72};
  const Question of_one{"G2", "8 timeframes / 1 timeframe, time", Better::Lower, 1.15};
  return std::make_unique<Throughput>(
      make_market({}), std::vector<Side>{{}, {{Timeframe::M1}}, {eight_timeframes()}},
      std::vector<Asked>{{of_parse, 2, 0}, {of_one, 2, 1}});
}

std::unique_ptr<Figure> make_g4(std::string& /*why_not*/) {
  const Question question{"G4", "flow graph / direct calls, time", Better::Lower, 1.10};
  return std::make_unique<Throughput>(
      make_market({}), std::vector<Side>{{{Timeframe::M1}, make_plain_executor}, {{Timeframe::M1}}},
      std::vector<Asked>{{question, 1, 0}});
}

}  // namespace

std::vector<FigureEntry> throughput_figures() {
  return {{"G1", make_g1}, {"G1_real", make_g1_real}, {"G2", make_g2}, {"G4", make_g4}};
}

}  // namespace fastrsi::bench
