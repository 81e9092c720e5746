// Flip bands decide nothing: with them and without, over any rules and any prices, the same records
// come out.
#include <rapidcheck.h>

#include <random>

#include "tests/catch.hpp"
#include "tests/session.hpp"

namespace fastrsi {
namespace {

using testing::Session;

RuleSettings random_flip_rule(std::mt19937_64& random, int number) {
  const auto pick = [&](int low, int high) {
    return std::uniform_int_distribution<int>(low, high)(random);
  };
  RuleSettings rule;
  rule.name = "r" + std::to_string(number);
  rule.timeframes = {static_cast<Timeframe>(pick(0, 4))};
  if (pick(0, 1) == 1) rule.timeframes.push_back(Timeframe::M5);
  rule.evaluate = pick(0, 4) == 0 ? Evaluate::Close : Evaluate::Forming;
  rule.apply_to = static_cast<ApplyTo>(pick(0, 6));
  rule.profile = static_cast<Profile>(pick(0, 2));
  rule.empty_bars = static_cast<EmptyBars>(pick(0, 1));
  rule.period_default = pick(2, 9);
  rule.period_first = pick(2, 4);
  rule.period_second = pick(5, 9);
  rule.warmup_bars = 10;
  rule.level_overbought = pick(50, 100);
  rule.level_oversold = pick(0, 50);
  rule.level_middle = pick(30, 70);
  rule.cross_lookback = pick(1, 2);
  rule.cross_filter = pick(0, 3) == 0;
  rule.trend_rule = static_cast<TrendRule>(pick(0, 2));
  rule.once_per = static_cast<OncePer>(pick(0, 1));
  rule.hysteresis = pick(0, 1) * pick(0, 20);
  rule.cooldown = std::chrono::seconds{pick(0, 1) * pick(0, 10)};
  rule.repeat_every = std::chrono::seconds{pick(0, 2) == 0 ? pick(1, 20) : 0};
  rule.auto_enabled = pick(0, 9) > 0;
  rule.auto_mode = pick(0, 4) == 0 ? AutoMode::Scan : AutoMode::Edge;
  rule.auto_every = std::chrono::seconds{pick(1, 100)};
  rule.auto_kinds = static_cast<KindSet>(pick(0, 1) == 0 ? kAllKinds : pick(1, 255));
  rule.first_load_kinds = static_cast<KindSet>(pick(0, 1) == 0 ? kAllKinds : pick(0, 255));
  return rule;
}

// Prices on a grid, so that equal prices and exactly flat series are common; now and then a jump, a
// pause, an old trade, one that came before, or some that never came.
void play_random(Session& session, std::uint64_t seed, int trades) {
  std::mt19937_64 random(seed);
  const auto pick = [&](int low, int high) {
    return std::uniform_int_distribution<int>(low, high)(random);
  };
  const double step = pick(0, 1) == 0 ? 0.01 : 1e-8;
  const int calm = pick(1, 6);
  std::int64_t price = 10'000;
  std::int64_t ms = 0;
  std::uint64_t id = 1;
  for (int i = 0; i < trades; ++i) {
    ms += pick(0, 40) == 0 ? pick(1'000, 90'000) : pick(0, 400);
    if (pick(0, calm) == 0)
      price = std::max<std::int64_t>(1, price + pick(-3, 3) * (pick(0, 20) == 0 ? 100 : 1));
    const std::int64_t age = pick(0, 30) == 0 ? pick(0, 3'000) : 0;
    session.trade(ms - age, static_cast<double>(price) * step, id);
    id += pick(0, 60) == 0 ? static_cast<std::uint64_t>(pick(0, 3)) : 1;
    if (pick(0, 400) == 0) session.disconnected();
    if (pick(0, 10) == 0) session.clock(ms + pick(0, 500));
  }
}

std::vector<std::string> records_of(const std::vector<RuleSettings>& rules, bool bands,
                                    std::uint64_t seed) {
  EngineSettings settings;
  settings.flip_bands = bands;
  Session session(rules, settings);
  play_random(session, seed, 1'500);
  std::vector<std::string> lines;
  for (const Record& record : session.recorder().records) {
    if (record.type == Record::Type::Signal) {
      lines.push_back(to_json(record.signal));
    } else if (record.type == Record::Type::Listed) {
      lines.push_back("listed " + std::string(to_text(record.signal.kind)) +
                      to_iso_ns(record.signal.time));
    }
  }
  const EngineStatistics& said = session.statistics();
  for (const std::uint64_t count : {said.gaps, said.missing_trades, said.duplicates,
                                    said.late_ticks, said.older_ticks, said.bars_closed}) {
    lines.push_back(std::to_string(count));
  }
  return lines;
}

TEST_CASE("flip bands: the records are those of plain evaluation", "[flip_band]") {
  std::size_t records = 0;
  CHECK(rc::check([&records] {
    const auto seed = *rc::gen::arbitrary<std::uint64_t>();
    std::mt19937_64 random(seed);
    std::vector<RuleSettings> rules;
    rules.reserve(3);
    for (int i = 0; i < 3; ++i) rules.push_back(random_flip_rule(random, i));
    const std::vector<std::string> plain = records_of(rules, false, seed);
    const std::vector<std::string> banded = records_of(rules, true, seed);
    RC_ASSERT(plain == banded);
    records += plain.size();
  }));
  CHECK(records > 1'000);
}

TEST_CASE("flip bands: most ticks of a quiet market are let pass", "[flip_band]") {
  RuleSettings rule;
  rule.timeframes = {Timeframe::M1};
  rule.warmup_bars = 20;
  Session session({rule});
  std::mt19937_64 random(7);
  double price = 100.0;
  for (int i = 0; i < 100'000; ++i) {
    price += std::uniform_int_distribution<int>(-1, 1)(random) * 0.01;
    session.trade(i * 100, price);
  }
  CHECK(session.statistics().evaluations < 20'000);
}

TEST_CASE("flip bands: the price of an RSI level is where the value crosses it", "[flip_band]") {
  CHECK(rc::check([] {
    const auto closes = *rc::gen::container<std::vector<int>>(20, rc::gen::inRange(90, 110));
    const auto level = *rc::gen::inRange(1, 99);
    LanePeriods periods;
    periods.n = {2.0, 5.0, 14.0};
    LaneBlock block;
    for (const int close : closes) commit(block, periods, close);
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      const Lane state = lane_of(block, lane);
      const double price = price_of_rsi(state, level);
      if (state.up + state.down < 1e-3) continue;
      const double span = state.up + state.down;
      RC_ASSERT(peek(block, periods, price - span * 1e-6)[lane] < level);
      RC_ASSERT(peek(block, periods, price + span * 1e-6)[lane] > level);
    }
  }));
}

}  // namespace
}  // namespace fastrsi
