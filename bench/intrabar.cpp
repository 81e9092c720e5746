// Question: what does a tick within a bar cost for the periods 2, 12 and 14 and all eight
// conditions, compared with three plain RSI objects that compute their values at every tick, and
// with computing them anew over 250 bars (G8)?
#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "bench/figure.hpp"
#include "bench/input.hpp"
#include "bench/pipeline.hpp"
#include "bench/plain_rsi.hpp"
#include "engine/symbol_core.hpp"

namespace fastrsi::bench {
namespace {

constexpr std::size_t kTicks = 16'384;
constexpr std::size_t kProofTicks = 200'000;
constexpr std::size_t kRecomputedBars = 250;
// Computing anew takes so long that a round does it for a part of its ticks.
constexpr std::size_t kRecomputeEvery = 128;
constexpr std::int64_t kBarNs = 60'000'000'000;
// A large coin's.
constexpr double kTicksPerSecond = 30.0;

// Keeps the newest signals; said() forgets.
class Firings final : public RecordOutput {
 public:
  void record(const Record& record) noexcept override {
    ++count;
    if (record.signal.stage == Stage::Provisional)
      newest[static_cast<std::size_t>(record.signal.kind)] = record.signal;
    if (record.signal.stage == Stage::Provisional) kinds |= set_of(record.signal.kind);
  }
  std::array<Signal, kKindCount> newest;
  unsigned kinds = 0;
  std::uint64_t count = 0;
};

// The three objects over bars of a minute.
class PlainSeries {
 public:
  struct Values {
    double by_default;
    double by_first;
    double by_second;
  };

  Values take(const Tick& tick) noexcept {
    const std::int64_t bar = to_unix_ns(tick.time) / kBarNs;
    if (bar != bar_ && bar_ != 0) close();
    bar_ = bar;
    price_ = tick.price.value;
    return {default_.peek(price_), first_.peek(price_), second_.peek(price_)};
  }

  // Kinds whose condition is true at `now` (SIGNALS.md, section 4, by its default settings).
  unsigned truths(const Values& now) const noexcept {
    const auto when = [](bool is_true, Kind kind) { return is_true ? unsigned{set_of(kind)} : 0U; };
    return when(now.by_first > now.by_second && closed_.by_first <= closed_.by_second, Kind::Buy) |
           when(now.by_first < now.by_second && closed_.by_first >= closed_.by_second, Kind::Sell) |
           when(now.by_default > 70.0, Kind::Overbought) |
           when(now.by_default < 30.0, Kind::Oversold) |
           when(now.by_default > before_.by_default, Kind::Rising) |
           when(now.by_default < before_.by_default, Kind::Falling) |
           when(now.by_default > 50.0 && closed_.by_default <= 50.0, Kind::PhaseUp) |
           when(now.by_default < 50.0 && closed_.by_default >= 50.0, Kind::PhaseDown);
  }

  const std::vector<double>& closes() const noexcept { return closes_; }

 private:
  void close() {
    default_.close(price_);
    first_.close(price_);
    second_.close(price_);
    before_ = closed_;
    closed_ = {default_.value(), first_.value(), second_.value()};
    if (closes_.size() == kRecomputedBars) closes_.erase(closes_.begin());
    closes_.push_back(price_);
  }

  PlainRsi default_{14};
  PlainRsi first_{2};
  PlainRsi second_{12};
  Values closed_{};
  Values before_{};
  double price_ = 0.0;
  std::int64_t bar_ = 0;
  std::vector<double> closes_;  // the newest kRecomputedBars
};

std::vector<Rule> every_edge_fires() {
  RuleSettings rule = rule_over({Timeframe::M1});
  rule.once_per = OncePer::None;
  std::vector<Rule> rules;
  rules.emplace_back(rule);
  return rules;
}

class Intrabar final : public Figure {
 public:
  Intrabar()
      : input_(make_market({1, kTicksPerSecond, 8, kTicks})),
        rules_(every_edge_fires()),
        plan_(make_plan(rules_, {0}, {0})),
        core_({"binance", "BTCUSDT", "binance:BTCUSDT"}, plan_, IdRule::Rising, EngineSettings{}),
        scratch_(plan_.blocks.size()) {
    // As far back as the recomputation looks.
    input_->tell_history(Timeframe::M5, [this](const CaptureLine& line) {
      core_.apply(line.tick, moment_);
      active_ = plain_.truths(plain_.take(line.tick));
    });
  }

  std::vector<Question> questions() const override {
    return {{"G8", "three plain RSI objects / intrabar update, time", Better::Higher, 2.5, 1},
            {"G8", "250-bar recomputation / intrabar update, time", Better::Higher, 500.0, 0}};
  }

  // Tick by tick, what fires is what the plain objects' values say, with the same doubles.
  void prove() override {
    std::uint64_t fired = 0;
    for (std::size_t done = 0; done < kProofTicks; done += kTicks) {
      input_->next(kTicks);
      for (const Tick& tick : input_->trades()) {
        firings_.kinds = 0;
        core_.apply(tick, moment_);
        const PlainSeries::Values values = plain_.take(tick);
        prove_tick(tick, values);
        fired += firings_.kinds != 0 ? 1U : 0U;
      }
    }
    require(fired > 100, "hardly anything fired: there is nothing to compare");
    require(statistics_.evaluations * 5 < kProofTicks, "most ticks are not within a band");
  }

  void round(std::vector<Reading>& readings) override {
    input_->next(kTicks);
    const auto ticks = input_->trades();
    std::array<double, 3> ns{};
    turns_.each([&](std::size_t side) {
      const std::int64_t begin = now_ns();
      if (side == 0)
        update(ticks);
      else if (side == 1)
        compute(ticks);
      else
        compute_anew(ticks);
      ns[side] = static_cast<double>(now_ns() - begin) / static_cast<double>(ticks.size());
    });
    ns[2] *= static_cast<double>(kRecomputeEvery);
    readings.push_back({ns[1] / ns[0], ns[0], ns[1]});
    readings.push_back({ns[2] / ns[0], ns[0], ns[2]});
  }

 private:
  void prove_tick(const Tick& tick, const PlainSeries::Values& values) {
    const unsigned truths = plain_.truths(values);
    const unsigned risen = truths & ~active_;
    active_ = truths;
    require(firings_.kinds == risen, "a decision differs from the plain objects'");
    for (std::size_t kind = 0; kind < kKindCount; ++kind) {
      if ((risen >> kind & 1U) == 0) continue;
      const Signal& signal = firings_.newest[kind];
      require(signal.rsi.by_default == values.by_default &&
                  signal.rsi.by_first == values.by_first &&
                  signal.rsi.by_second == values.by_second && signal.time == tick.time,
              "a signal's values differ from the plain objects'");
    }
    if (risen == 0) return;
    // The older bars' weight is gone.
    constexpr double kForgotten = 1e-5;
    require(std::abs(recompute_rsi(14, plain_.closes(), tick.price.value) - values.by_default) <
                kForgotten,
            "the recomputation differs from the plain objects");
  }

  void update(std::span<const Tick> ticks) noexcept {
    for (const Tick& tick : ticks) core_.apply(tick, moment_);
  }

  void compute(std::span<const Tick> ticks) noexcept {
    double sum = 0.0;
    for (const Tick& tick : ticks) {
      const PlainSeries::Values values = plain_.take(tick);
      sum += values.by_default + values.by_first + values.by_second;
    }
    benchmark::DoNotOptimize(sum);
  }

  void compute_anew(std::span<const Tick> ticks) const noexcept {
    double sum = 0.0;
    for (std::size_t i = 0; i < ticks.size(); i += kRecomputeEvery) {
      for (const int period : {2, 12, 14}) {
        sum += recompute_rsi(period, plain_.closes(), ticks[i].price.value);
      }
    }
    benchmark::DoNotOptimize(sum);
  }

  std::unique_ptr<Input> input_;
  const std::vector<Rule> rules_;
  const SymbolPlan plan_;
  SymbolCore core_;
  // What the engine lends a symbol.
  Firings firings_;
  EngineStatistics statistics_;
  const Calendar calendar_{CalendarSettings{}};
  std::vector<LaneValues> scratch_;
  std::uint32_t pending_lists_ = 0;
  Moment moment_{firings_,        statistics_, calendar_,     scratch_.data(),
                 &pending_lists_, {},          kNoReceiveTime};

  PlainSeries plain_;
  unsigned active_ = 0;
  Turns turns_{3};
};

std::unique_ptr<Figure> make_g8(std::string& /*why_not*/) {
  return std::make_unique<Intrabar>();
}

}  // namespace

std::vector<FigureEntry> intrabar_figures() {
  return {{"G8", make_g8}};
}

}  // namespace fastrsi::bench
