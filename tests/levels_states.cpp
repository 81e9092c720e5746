// Prints random engine states with the levels the engine gives for them, one JSON object a line,
// for levels_test.py.
//
//   fastrsi_levels_states SEED COUNT
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <random>

#include "tests/session.hpp"

namespace fastrsi {
namespace {

using Json = nlohmann::ordered_json;
using testing::Session;

constexpr const char* kApplyTo[] = {"close",  "open",    "high",    "low",
                                    "median", "typical", "weighted"};
constexpr const char* kProfiles[] = {"mt5", "tradingview", "talib"};
constexpr const char* kTrends[] = {"two_back", "both", "monotone"};

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : random_(seed) {}
  int operator()(int low, int high) {
    return std::uniform_int_distribution<int>(low, high)(random_);
  }

 private:
  std::mt19937_64 random_;
};

RuleSettings random_rule(Dice& dice) {
  RuleSettings rule;
  rule.timeframes = {Timeframe::M1};
  rule.apply_to = static_cast<ApplyTo>(dice(0, 6));
  rule.profile = static_cast<Profile>(dice(0, 2));
  rule.trend_rule = static_cast<TrendRule>(dice(0, 2));
  rule.period_default = dice(2, 14);
  rule.period_first = dice(2, 5);
  rule.period_second = dice(6, 14);
  rule.warmup_bars = 15;
  rule.level_overbought = dice(55, 90);
  rule.level_oversold = dice(10, 45);
  rule.level_middle = dice(46, 54);
  rule.cross_lookback = dice(1, 2);
  rule.cross_filter = dice(0, 2) == 0;
  return rule;
}

Json rule_json(const RuleSettings& rule) {
  return {{"profile", kProfiles[static_cast<int>(rule.profile)]},
          {"warmup_bars", rule.warmup_bars},
          {"rsi",
           {{"default", rule.period_default},
            {"first", rule.period_first},
            {"second", rule.period_second}}},
          {"levels",
           {{"middle", rule.level_middle},
            {"overbought", rule.level_overbought},
            {"oversold", rule.level_oversold}}},
          {"cross", {{"lookback", rule.cross_lookback}, {"filter", rule.cross_filter}}},
          {"trend", {{"rule", kTrends[static_cast<int>(rule.trend_rule)]}}}};
}

Json level_json(const Level& level) {
  Json json = {{"kind", std::string(to_text(level.kind))}, {"true_now", level.true_now}};
  for (const auto& [name, price] :
       {std::pair{"below", level.below}, std::pair{"above", level.above}}) {
    if (std::isnan(price)) {
      json[name] = nullptr;
    } else {
      json[name] = {std::nextafter(price, 0.0), price, std::nextafter(price, INFINITY)};
    }
  }
  return json;
}

// Bars of a few trades each, kept here too, so that the oracle hears the applied prices and not the
// engine's.
class State {
 public:
  explicit State(std::uint64_t seed) : dice_(seed), rule_(random_rule(dice_)), session_({rule_}) {}

  Json make() {
    const double step = dice_(0, 3) == 0 ? 1e-8 : 0.01;
    const int calm = dice_(0, 3);
    const int bars = dice_(17, 40);
    const bool forming = dice_(0, 5) > 0;
    int price = 1'000;
    for (int bar = 0; bar < bars + (forming ? 1 : 0); ++bar) {
      if (bar > 0) closes_.push_back(applied_price(rule_.apply_to, bar_));
      const int trades = dice_(1, 4);
      for (int i = 0; i < trades; ++i) {
        if (dice_(0, calm) == 0) price = std::max(1, price + dice_(-9, 9));
        trade(std::int64_t{bar} * 60'000 + i * 100, price * step, i == 0);
      }
    }
    if (!forming) {
      closes_.push_back(applied_price(rule_.apply_to, bar_));
      session_.clock(std::int64_t{bars} * 60'000 + 1'000);
    }
    return told(forming);
  }

 private:
  void trade(std::int64_t ms, double price, bool opens) {
    if (opens) bar_.start({}, price);
    bar_.high = std::max(bar_.high, price);
    bar_.low = std::min(bar_.low, price);
    bar_.close = price;
    session_.trade(ms, price);
  }

  Json told(bool forming) {
    Json levels = Json::array();
    session_.engine().for_each_level([&](const SymbolLevels& found) {
      for (const Level& level : found.levels) levels.push_back(level_json(level));
    });
    Json bar = nullptr;
    if (forming)
      bar = {{"open", bar_.open}, {"high", bar_.high}, {"low", bar_.low}, {"close", bar_.close}};
    return {{"state",
             {{"rule", rule_json(rule_)},
              {"apply_to", kApplyTo[static_cast<int>(rule_.apply_to)]},
              {"closes", closes_},
              {"bar", bar}}},
            {"price", bar_.close},
            {"levels", levels}};
  }

  Dice dice_;
  RuleSettings rule_;
  Session session_;
  Bar bar_;
  std::vector<double> closes_;
};

}  // namespace
}  // namespace fastrsi

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const std::uint64_t seed = std::strtoull(argv[1], nullptr, 10);
  const std::uint64_t count = std::strtoull(argv[2], nullptr, 10);
  for (std::uint64_t i = 0; i < count; ++i) {
    std::puts(fastrsi::State(seed * 1'000'003 + i).make().dump().c_str());
  }
  return 0;
}
