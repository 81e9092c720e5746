// The story of a signal: each kind's condition in words with its numbers, the page as a whole, ids
// read from their end, and what an id that is not there may have been meant to be.
#include "tools/why.hpp"

#include <chrono>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/catch.hpp"
#include "tests/records.hpp"

namespace fastrsi {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
const RuleLabel kWhyTars{"tars", 14, 2, 12};
const Symbol kWhyBitcoin{"binance", "BTCUSDT", "binance:BTCUSDT"};

Evidence::Trade why_trade(double price, std::uint64_t id, std::int64_t after_ns) {
  return {Price{price}, Quantity{0.5}, TradeId{id}, kTickTime + Nanoseconds{after_ns}};
}

// A firing of a forming bar; r(14) rose from 69.8 to 70.4.
JournalEntry make_entry(Kind kind, Stage stage = Stage::Provisional) {
  JournalEntry entry;
  entry.signal = make_signal(kWhyTars, kWhyBitcoin);
  entry.signal.kind = kind;
  entry.signal.stage = stage;
  entry.signal.rsi = {70.4, 81.25, 55.1};
  entry.signal.received = kNoReceiveTime;
  entry.evidence.default_1 = 49.5;
  entry.evidence.default_2 = 51.0;
  entry.evidence.first_back = 40.1;
  entry.evidence.second_back = 45.2;
  if (stage != Stage::Provisional) {
    entry.signal.time = kBarOpen + std::chrono::minutes{1};
    return entry;
  }
  entry.evidence.before = {69.8, 80.0, 55.0};
  entry.evidence.trades[0] = why_trade(61837.63, 4712, 0);
  entry.evidence.trades[1] = why_trade(61830.0, 4711, -1'000'000);
  entry.evidence.trade_count = 2;
  return entry;
}

std::string condition(const JournalEntry& entry, const RuleSettings& rule) {
  const WhyStory story = make_story({entry}, &rule, {}, {});
  return condition_text(story, story.stages.front());
}

std::string condition(Kind kind, const RuleSettings& rule = {}) {
  return condition(make_entry(kind), rule);
}

TEST_CASE("why: each kind's condition stands with its numbers", "[why]") {
  CHECK(condition(Kind::Buy) ==
        "buy: r(2) crosses above r(12) in the forming bar: 1 bar back r(2) 40.10 < r(12) 45.20, "
        "now r(2) 81.25 > r(12) 55.10");
  CHECK(condition(Kind::Overbought) ==
        "overbought: r(14) of the forming bar above 70: 69.80 < 70 at the price before, "
        "70.40 > 70 now");
  CHECK(condition(Kind::Rising) ==
        "rising: r(14) of the forming bar above two bars back: r[0] 70.40 > r[2] 51.00 "
        "(r[1] 49.50)");
  CHECK(condition(Kind::PhaseUp) ==
        "phase_up: r(14) of the forming bar crosses 50 upwards: 1 bar back 49.50 < 50, now "
        "70.40 > 50");

  JournalEntry down = make_entry(Kind::Sell);
  down.signal.rsi = {28.5, 10.0, 35.0};
  down.evidence.before = {30.5, 12.0, 36.0};
  down.evidence.default_1 = 50.0;
  std::swap(down.evidence.first_back, down.evidence.second_back);
  CHECK(condition(down, {}) ==
        "sell: r(2) crosses below r(12) in the forming bar: 1 bar back r(2) 45.20 > r(12) 40.10, "
        "now r(2) 10.00 < r(12) 35.00");
  down.signal.kind = Kind::Oversold;
  CHECK(condition(down, {}) ==
        "oversold: r(14) of the forming bar below 30: 30.50 > 30 at the price before, 28.50 < 30 "
        "now");
  down.signal.kind = Kind::Falling;
  CHECK(condition(down, {}) ==
        "falling: r(14) of the forming bar below two bars back: r[0] 28.50 < r[2] 51.00 "
        "(r[1] 50.00)");
  down.signal.kind = Kind::PhaseDown;
  CHECK(condition(down, {}) ==
        "phase_down: r(14) of the forming bar crosses 50 downwards: 1 bar back 50.00 = 50, now "
        "28.50 < 50");
}

TEST_CASE("why: the rule's own settings change the words", "[why]") {
  RuleSettings rule;
  rule.cross_lookback = 2;
  rule.cross_filter = true;
  rule.level_oversold = 75.5;
  CHECK(condition(Kind::Buy, rule) ==
        "buy: r(2) crosses above r(12) in the forming bar: 2 bars back r(2) 40.10 < r(12) 45.20, "
        "now r(2) 81.25 > r(12) 55.10; r(14) not above 75.5: 70.40 < 75.5");
  CHECK(condition(Kind::PhaseUp, rule) ==
        "phase_up: r(14) of the forming bar crosses 50 upwards: 2 bars back 51.00 > 50, now "
        "70.40 > 50");
  rule.trend_rule = TrendRule::Both;
  CHECK(condition(Kind::Rising, rule) ==
        "rising: r(14) of the forming bar above both bars before: r[0] 70.40 > r[1] 49.50, "
        "r[0] 70.40 > r[2] 51.00");
  rule.trend_rule = TrendRule::Monotone;
  CHECK(condition(Kind::Rising, rule) ==
        "rising: r(14) of the forming bar above the bar before, and that above its own: "
        "r[0] 70.40 > r[1] 49.50, r[1] 49.50 < r[2] 51.00");
}

TEST_CASE("why: rounding never hides which side is greater", "[why]") {
  JournalEntry entry = make_entry(Kind::Overbought);
  entry.signal.rsi.by_default = 70.00000001;
  entry.evidence.before.by_default = 70.0;
  CHECK(condition(entry, {}) ==
        "overbought: r(14) of the forming bar above 70: 70.00 = 70 at the price before, "
        "70.00000001 > 70 now");
  entry.signal.kind = Kind::Buy;
  entry.signal.rsi.by_first = 55.1000001;
  CHECK_THAT(condition(entry, {}), ContainsSubstring("now r(2) 55.1000001 > r(12) 55.1"));
}

TEST_CASE("why: a rule that is gone or has changed lends no settings", "[why]") {
  const JournalEntry entry = make_entry(Kind::Overbought);
  RuleSettings other;
  other.period_default = 9;
  for (const bool gone : {true, false}) {
    const WhyStory story = make_story({entry}, gone ? nullptr : &other, {}, {});
    CHECK_FALSE(story.rule);
    CHECK_THAT(to_text(story),
               ContainsSubstring("rule tars: is not in the configuration any more"));
    CHECK(condition_text(story, story.stages[0]) ==
          "overbought: r(14) of the forming bar above its level: 70.40");
  }
}

TEST_CASE("why: the whole way stands on one page", "[why]") {
  JournalEntry fired = make_entry(Kind::Overbought);
  fired.seq = 1041;
  const std::int64_t received = to_unix_ns(kTickTime) + 6'000'000;
  fired.signal.received = receive_time_from_ns(received);
  fired.taken_ns = received + 85'000;
  fired.fired_ns = received + 85'400;
  fired.journaled_ns = received + 1'385'400;
  JournalEntry closed = make_entry(Kind::Overbought, Stage::Retracted);
  closed.seq = 1050;
  closed.signal.rsi.by_default = 68.25;
  closed.signal.quality = Quality::Gap;
  const RuleSettings rule;
  // Stages come in order, however the journal gives them.
  const WhyStory story = make_story({closed, fired}, &rule, {why_trade(61840.0, 4713, 2'000'000)},
                                    {{"log", "done"}, {"e-mail\x1b", "waiting behind 3 others"}});
  CHECK(to_text(story) ==
        R"(tars/binance:BTCUSDT/1m/overbought/2024-08-08T23:54:00Z/1
Overbought on 1m of binance:BTCUSDT, the 1st of its kind in the bar of 2024-08-08T23:54:00Z: retracted

rule tars: the forming bar at each trade, once a bar at most

stages, by the venue's clock
  2024-08-08T23:54:12.345000000Z  provisional  price 61837.63  fired while its bar was forming
    overbought: r(14) of the forming bar above 70: 69.80 < 70 at the price before, 70.40 > 70 now
    quality complete: no trade of the bar is missing
  2024-08-08T23:55:00.000000000Z  retracted    price 61837.63  not true any more on the closed bar
    overbought: r(14) of the closed bar above 70: 68.25 < 70
    quality gap: trades of the bar are missing

RSI of the bar, at the price before and at the one that fired
  r(14)    69.80 -> 70.40   default
  r(2)     80.00 -> 81.25   first
  r(12)    55.00 -> 55.10   second

trades, by the venue's clock
  2024-08-08T23:54:12.344000000Z  price 61830  quantity 0.5  id 4711
> 2024-08-08T23:54:12.345000000Z  price 61837.63  quantity 0.5  id 4712  fired it
  2024-08-08T23:54:12.347000000Z  price 61840  quantity 0.5  id 4713  afterwards

way of the provisional stage, by our own clock (record 1041)
  2024-08-08T23:54:12.351000000Z  received
  2024-08-08T23:54:12.351085000Z  taken by the shard  +85.0 us
  2024-08-08T23:54:12.351085400Z  fired  +400 ns
  2024-08-08T23:54:12.352385400Z  journaled  +1.3 ms

way of the retracted stage, by our own clock (record 1050)
  not known

sinks
  log         done
  e-mail\x1b  waiting behind 3 others
)");
}

TEST_CASE("why: clocks that are far apart are not subtracted", "[why]") {
  JournalEntry entry = make_entry(Kind::Buy);
  entry.signal.received = receive_time_from_ns(to_unix_ns(kTickTime));
  entry.taken_ns = to_unix_ns(kTickTime) + 86'400'000'000'000;  // a capture of the day before
  entry.fired_ns = entry.taken_ns - 5;                          // a clock that was set back
  CHECK_THAT(to_text(make_story({entry}, nullptr, {}, {})), !ContainsSubstring("  +"));
}

TEST_CASE("why: repeats, finds after a break and firings at a close say so", "[why]") {
  JournalEntry entry = make_entry(Kind::Buy, Stage::Confirmed);
  entry.signal.repeat = true;
  entry.signal.offline = true;
  entry.signal.firing = 12;
  entry.evidence.before = {kNone, kNone, kNone};
  const std::string page = to_text(make_story({entry}, nullptr, {}, {}));
  CHECK_THAT(page, ContainsSubstring("the 12th of its kind"));
  CHECK_THAT(page, ContainsSubstring("a repeat:"));
  CHECK_THAT(page, ContainsSubstring("while nobody was looking"));
  CHECK_THAT(page, ContainsSubstring("fired at its bar's end"));
  CHECK_THAT(page, ContainsSubstring("trades: none fired it, its bar's end did"));
}

TEST_CASE("why: the facts read back from JSON", "[why]") {
  JournalEntry entry = make_entry(Kind::Overbought);
  entry.seq = 7;
  entry.evidence.before.by_second = kNone;
  const RuleSettings rule;
  const auto json = nlohmann::json::parse(
      to_json(make_story({entry}, &rule, {why_trade(1.0, 2, 3)}, {{"log\xFF", "done"}})));
  CHECK(json["id"] == "tars/binance:BTCUSDT/1m/overbought/2024-08-08T23:54:00Z/1");
  CHECK(json["settings"]["levels"]["overbought"] == 70.0);
  const auto& stage = json["stages"][0];
  CHECK(stage["seq"] == 7);
  CHECK(stage["rsi"]["14"] == 70.4);
  CHECK(stage["rsi_before"]["14"] == 69.8);
  CHECK(stage["rsi_before"]["12"].is_null());
  CHECK(stage["received"].is_null());
  CHECK(json["trades"].size() == 2);
  CHECK(json["trades"][1]["id"] == 4712);
  CHECK(json["after"][0]["price"] == 1.0);
  CHECK(json["sinks"][0]["answer"] == "done");
}

TEST_CASE("why: an id is read from its end, for names hold slashes", "[why]") {
  const std::string id = "my/rule/kraken:XBT/USD/1h/phase_up/2024-08-08T23:00:00Z/3";
  const auto parts = parse_signal_id(id);
  REQUIRE(parts);
  CHECK(parts->rule_and_symbol == "my/rule/kraken:XBT/USD");
  CHECK(parts->series == "my/rule/kraken:XBT/USD/1h/phase_up");
  CHECK(parts->timeframe == Timeframe::H1);
  CHECK(parts->kind == Kind::PhaseUp);
  CHECK(parts->bar_open_ns == 1'723'158'000'000'000'000);
  CHECK(parts->firing == 3);
  for (const char* const wrong :
       {"", "/", "////////", "a", "r/s/1m/buy/2024-08-08T23:54:00Z", "r/s/1m/buy/yesterday/1",
        "r/s/7m/buy/2024-08-08T23:54:00Z/1", "r/s/1m/by/2024-08-08T23:54:00Z/1",
        "r/s/1m/buy/2024-08-08T23:54:00Z/0", "r/s/1m/buy/2024-08-08T23:54:00Z/-1",
        "s/1m/buy/2024-08-08T23:54:00Z/1"}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_signal_id(wrong));
  }
}

TEST_CASE("why: an id that is not there is met with the nearest of its series", "[why]") {
  const std::string series = "tars/binance:BTCUSDT/1m/buy/2024-08-08T23:";
  NearestIds nearest(series + "30:00Z/1");
  CHECK_THAT(nearest.error(), ContainsSubstring("(none of tars/binance:BTCUSDT/1m/buy either)"));
  for (const char* const end : {"10:00Z/1", "29:00Z/1", "29:00Z/1", "50:00Z/2", "32:00Z/1"}) {
    nearest.add(series + end);
  }
  nearest.add("tars/binance:ETHUSDT/1m/buy/2024-08-08T23:30:00Z/1");
  CHECK(nearest.error() == "no signal " + series + "30:00Z/1; did you mean " + series +
                               "29:00Z/1, " + series + "32:00Z/1 or " + series + "10:00Z/1?");
  CHECK_THAT(NearestIds("buy\x1b").error(), ContainsSubstring("buy\\x1b: is no signal's id"));
}

}  // namespace
}  // namespace fastrsi
