// SIGNALS.md by hand: each example is small enough to be worked on paper.
#include "tests/session.hpp"

#include "tests/catch.hpp"

namespace fastrsi {
namespace {

using testing::Session;
using testing::small_rule;
using Lines = std::vector<std::string>;

const std::string kPrefix = "t/v:S/1m/";

// Only the records of one kind.
Lines of_kind(const Lines& lines, const std::string& kind) {
  Lines kept;
  for (const std::string& line : lines) {
    if (line.starts_with(kPrefix + kind + "/")) kept.push_back(line.substr(kPrefix.size()));
  }
  return kept;
}

TEST_CASE("edges: the first evaluation tells the state without firing", "[engine]") {
  Session session({small_rule()});
  // Closes 10 11 12 13: RSI(2) is 100 from the third on. The fifth bar's first trade is the first
  // evaluation.
  session.closes(0, {10, 11, 12, 13});
  session.trade(4 * 60'000, 14);
  CHECK(of_kind(session.said(), "overbought").empty());
  // RSI(2) falls below 70 and rises above it again within the bar: that is the edge.
  session.trade(4 * 60'000 + 1'000, 11);
  session.trade(4 * 60'000 + 2'000, 15);
  CHECK(of_kind(session.said(), "overbought") ==
        Lines{"overbought/2024-01-01T00:04:00Z/1 provisional"});
}

TEST_CASE("stages: a provisional signal is confirmed or retracted at its bar's close", "[engine]") {
  Session session({small_rule()});
  session.closes(0, {10, 11, 12, 13});
  session.trade(4 * 60'000, 9);
  session.trade(4 * 60'000 + 1'000, 15);
  session.said();
  session.trade(4 * 60'000 + 2'000, 9);
  session.trade(5 * 60'000, 9);
  CHECK(of_kind(session.said(), "overbought") ==
        Lines{"overbought/2024-01-01T00:04:00Z/1 retracted"});
}

TEST_CASE("edges: at most one firing a bar, unless the rule says otherwise", "[engine]") {
  for (const OncePer once_per : {OncePer::Bar, OncePer::None}) {
    RuleSettings rule = small_rule();
    rule.once_per = once_per;
    Session session({rule});
    session.closes(0, {10, 11, 12, 13});
    for (const double price : {9.0, 15.0, 9.0, 15.0}) session.trade(4 * 60'000, price);
    const std::size_t expected = once_per == OncePer::Bar ? 1 : 2;
    CHECK(of_kind(session.said(), "overbought").size() == expected);
  }
}

TEST_CASE("edges: evaluate = close fires once a bar, confirmed at its end", "[engine]") {
  RuleSettings rule = small_rule();
  rule.evaluate = Evaluate::Close;
  Session session({rule});
  session.closes(0, {10, 11, 12, 11, 10, 14, 15});
  // Closed bars: RSI(2) after 10,11,12,11: U=.5 D=.5: 50. After 10: U=.25 D=.75: 25. After 14:
  // U=2.125 D=.375: 85.
  CHECK(of_kind(session.said(), "overbought") ==
        Lines{"overbought/2024-01-01T00:05:00Z/1 confirmed"});
}

TEST_CASE("edges: hysteresis keeps a condition active until it has moved back far enough",
          "[engine]") {
  RuleSettings rule = small_rule();
  rule.once_per = OncePer::None;
  rule.hysteresis = 15.0;
  Session session({rule});
  session.closes(0, {10, 11, 10, 11});
  // Averages after the four closes: U=.75 D=.25 (n=2). At 11.5: U=.625 D=.125, RSI 83.3; at 11: 75;
  // at 10.5: U=.375 D=.375, 50.
  session.trade(4 * 60'000, 10.5);
  session.trade(4 * 60'000, 11.5);
  session.trade(4 * 60'000, 10.9);  // RSI 68.2: below 70, not below 55
  session.trade(4 * 60'000, 11.5);
  CHECK(of_kind(session.said(), "overbought").size() == 1);
  session.trade(4 * 60'000, 10.5);
  session.trade(4 * 60'000, 11.5);
  CHECK(of_kind(session.said(), "overbought").size() == 1);
}

TEST_CASE("edges: cooldown counts exchange time since the last firing", "[engine]") {
  RuleSettings rule = small_rule();
  rule.once_per = OncePer::None;
  rule.cooldown = std::chrono::seconds{10};
  Session session({rule});
  session.closes(0, {10, 11, 12, 13});
  const std::int64_t bar = 4 * 60'000;
  for (const std::int64_t ms : {0, 1'000, 2'000, 3'000})
    session.trade(bar + ms, ms % 2'000 == 0 ? 9 : 15);
  CHECK(of_kind(session.said(), "overbought").size() == 1);
  session.trade(bar + 10'000, 9);
  session.trade(bar + 11'000, 15);
  CHECK(of_kind(session.said(), "overbought").size() == 1);
}

TEST_CASE("edges: a condition that stays active repeats when asked to", "[engine]") {
  RuleSettings rule = small_rule();
  rule.repeat_every = std::chrono::seconds{5};
  Session session({rule});
  session.closes(0, {10, 11, 12, 13});
  const std::int64_t bar = 4 * 60'000;
  session.trade(bar, 9);
  session.trade(bar + 1'000, 15);
  session.trade(bar + 5'999, 15);
  CHECK(of_kind(session.said(), "overbought").size() == 1);
  session.trade(bar + 6'000, 15);
  const auto& records = session.recorder().records;
  REQUIRE(of_kind({signal_id(records.back().signal) + " provisional"}, "overbought") ==
          Lines{"overbought/2024-01-01T00:04:00Z/2 provisional"});
  CHECK(records.back().signal.repeat);
}

TEST_CASE("bars: the venue's clock closes a bar after its grace, the local clock never",
          "[engine]") {
  Session session({small_rule()});
  session.trade(30'000, 10);
  session.clock(60'249);
  CHECK(session.statistics().bars_closed == 0);
  session.clock(60'250);
  CHECK(session.statistics().bars_closed == 1);
  session.trade(59'999, 10);
  CHECK(session.statistics().late_ticks == 1);
}

TEST_CASE("bars: after a silence the venue's clock goes on with ours", "[engine]") {
  Session session({small_rule()});
  session.trade(30'000, 10);
  session.message({}, 31'000, 39'000);
  session.message({}, 31'000, 48'000);
  CHECK(session.statistics().bars_closed == 0);
  session.message({}, 31'000, 78'000);
  CHECK(session.statistics().bars_closed == 1);
}

TEST_CASE("bars: an older trade of the forming bar moves its extremes, not its close", "[engine]") {
  Session session({small_rule()});
  session.trade(30'000, 10);
  session.trade(40'000, 12);
  session.trade(35'000, 15);
  const SymbolCore& core = session.engine().symbol(session.symbol());
  const Bar* bar = core.forming_bar(0);
  REQUIRE(bar != nullptr);
  CHECK(bar->close == 12);
  CHECK(bar->high == 15);
  CHECK(session.statistics().older_ticks == 1);
}

TEST_CASE("ids: duplicates are dropped, jumps are gaps, equal time and price is neither",
          "[engine]") {
  Session session({small_rule()});
  session.trade(1'000, 10, 5);
  session.trade(1'000, 10, 6);
  session.trade(1'000, 10, 6);
  session.trade(1'000, 10, 3);
  CHECK(session.statistics().duplicates == 2);
  CHECK(session.statistics().gaps == 0);
  session.trade(2'000, 10, 9);
  CHECK(session.statistics().gaps == 1);
  CHECK(session.statistics().missing_trades == 2);
}

TEST_CASE("ids: where they only differ a window of recent ones finds duplicates", "[engine]") {
  Session session({small_rule()}, {}, {}, IdRule::Window);
  session.trade(1'000, 10, 900);
  session.trade(2'000, 10, 17);
  session.trade(3'000, 10, 900);
  CHECK(session.statistics().duplicates == 1);
  CHECK(session.statistics().gaps == 0);
}

TEST_CASE("quality: gap, late and partial are said, worst first", "[engine]") {
  RuleSettings rule = small_rule();
  rule.once_per = OncePer::None;
  Session session({rule});
  session.closes(0, {10, 11, 12, 13});
  const std::int64_t bar = 4 * 60'000;
  session.trade(bar, 9);
  session.said();
  session.trade(bar - 1, 9);  // late
  session.trade(bar + 1'000, 15);
  REQUIRE(!session.recorder().records.empty());
  CHECK(session.recorder().records.front().signal.quality == Quality::Late);
  session.said();
  session.trade(bar + 2'000, 9);
  session.said();
  session.trade(bar + 3'000, 15, 50);  // ids jump
  REQUIRE(!session.recorder().records.empty());
  CHECK(session.recorder().records.front().signal.quality == Quality::Gap);
}

TEST_CASE("quality: a jump seen at a trade that moves nothing marks the next one's bar",
          "[engine]") {
  for (const EmptyBars empty_bars : {EmptyBars::Skip, EmptyBars::Carry}) {
    RuleSettings rule = small_rule();
    rule.empty_bars = empty_bars;
    Session session({rule});
    session.closes(0, {10, 11, 12, 13});
    Tick fill;
    fill.id = TradeId{9};
    fill.has_id = fill.id_only = true;
    fill.time = Session::at(5 * 60'000);
    fill.symbol = session.symbol();
    session.message({&fill, 1}, 4 * 60'000, 4 * 60'000);
    CHECK(session.statistics().gaps == 1);
    session.trade(5 * 60'000, 14, 10);
    const SymbolCore& core = session.engine().symbol(session.symbol());
    REQUIRE(core.forming_bar(0) != nullptr);
    CHECK(core.forming_bar(0)->gap);
    CHECK(core.closed_bar(0)->gap);
    session.trade(6 * 60'000, 15, 11);
    CHECK(core.closed_bar(0)->gap);
    CHECK_FALSE(core.forming_bar(0)->gap);
    CHECK(session.statistics().gaps == 1);
  }
}

TEST_CASE("quality: the empty bar that is forming when ids jump is carried up to the jump",
          "[engine]") {
  RuleSettings rule = small_rule();
  rule.empty_bars = EmptyBars::Carry;
  Session session({rule});
  session.closes(0, {10, 11, 12, 13});
  session.clock(4 * 60'000 + 10'000);  // bar 3 is over, bar 4 is empty so far
  session.trade(5 * 60'000, 14, 9);
  const SymbolCore& core = session.engine().symbol(session.symbol());
  CHECK(core.closed_bar(0)->trades == 0);
  CHECK(core.closed_bar(0)->gap);
  CHECK(core.forming_bar(0)->gap);
}

TEST_CASE("bars: carry repeats the last close, skip does not", "[engine]") {
  for (const EmptyBars empty_bars : {EmptyBars::Skip, EmptyBars::Carry}) {
    RuleSettings rule = small_rule();
    rule.empty_bars = empty_bars;
    Session session({rule});
    session.trade(30'000, 10);
    session.trade(5 * 60'000, 11);
    CHECK(session.statistics().bars_closed == (empty_bars == EmptyBars::Carry ? 5U : 1U));
    CHECK(session.statistics().bars_carried == (empty_bars == EmptyBars::Carry ? 4U : 0U));
  }
}

TEST_CASE("bars: more than a million empty bars start the series anew", "[engine]") {
  RuleSettings rule = small_rule();
  rule.timeframes = {Timeframe::S1};
  rule.empty_bars = EmptyBars::Carry;
  Session session({rule});
  session.trade(500, 10);
  session.trade(1'500'000'000, 11);
  CHECK(session.statistics().series_restarted == 1);
  // The one that traded, a million empty ones, and the one too many.
  CHECK(session.statistics().bars_closed == 1 + kCarriedBarsMax + 1);
}

TEST_CASE("lists: first load names what is true once everything is known", "[engine]") {
  Session session({small_rule()});
  session.closes(0, {10, 11, 12, 13, 14, 15, 16});
  session.clock(8 * 60'000);
  std::vector<Kind> kinds;
  for (const Record& record : session.recorder().records) {
    if (record.type == Record::Type::Listed) kinds.push_back(record.signal.kind);
  }
  CHECK(kinds == std::vector<Kind>{Kind::Overbought});
}

TEST_CASE("lists: a scan names what is true at every multiple, fired before or not", "[engine]") {
  RuleSettings rule = small_rule();
  rule.auto_mode = AutoMode::Scan;
  rule.auto_every = std::chrono::minutes{2};
  rule.first_load_kinds = 0;
  Session session({rule});
  session.closes(0, {10, 11, 12, 13, 14, 15, 16, 17, 18});
  std::vector<std::string> times;
  for (const Record& record : session.recorder().records) {
    REQUIRE(record.type != Record::Type::Signal);
    if (record.type == Record::Type::Listed && record.signal.kind == Kind::Overbought) {
      times.push_back(to_iso_seconds(record.signal.time));
    }
  }
  // At 4:30 the first evaluation and the multiple 4:00 come with one message: trades first, then
  // lists.
  CHECK(times == Lines{"2024-01-01T00:04:00Z", "2024-01-01T00:06:00Z", "2024-01-01T00:08:00Z"});
}

TEST_CASE("klines: a closed candle is compared with our own bar", "[engine]") {
  Session session({small_rule()});
  session.clock(-1'000);
  session.trade(10'000, 10);
  session.trade(20'000, 12);
  session.trade(30'000, 9);
  Kline kline;
  kline.timeframe = Timeframe::M1;
  kline.open_time = Session::at(0);
  kline.open = Price{10};
  kline.high = Price{12};
  kline.low = Price{9};
  kline.close = Price{9};
  kline.closed = true;
  const std::string name = "S" + std::string(16, '\0');
  kline.symbol = std::string_view(name).substr(0, 1);
  session.engine().compare(session.connection(), kline);
  session.clock(61'000);
  CHECK(session.statistics().klines_compared == 1);
  CHECK(session.statistics().klines_different == 0);
  kline.high = Price{13};
  session.engine().compare(session.connection(), kline);
  CHECK(session.statistics().klines_different == 1);
}

TEST_CASE("rules: equal work on one symbol is shared, not repeated", "[engine]") {
  RuleSettings one = small_rule();
  RuleSettings two = small_rule();
  two.name = "two";
  two.level_overbought = 80;
  RuleSettings three = small_rule();
  three.name = "three";
  three.period_default = 14;
  three.warmup_bars = 20;
  const std::vector<Rule> rules = {Rule(one), Rule(two), Rule(three)};
  const SymbolPlan plan = make_plan(rules, {0, 1, 2}, {0, 1, 2});
  CHECK(plan.tracks.size() == 1);
  CHECK(plan.series.size() == 1);
  // What only the third one needs has lanes of its own (D24).
  CHECK(plan.blocks.size() == 2);
  CHECK(plan.watches.size() == 3);
  RuleSettings four = small_rule();
  four.apply_to = ApplyTo::High;
  four.empty_bars = EmptyBars::Carry;
  const std::vector<Rule> more = {Rule(one), Rule(four)};
  const SymbolPlan wider = make_plan(more, {0, 1}, {0, 1});
  CHECK(wider.tracks.size() == 2);
  CHECK(wider.series.size() == 2);
}

}  // namespace
}  // namespace fastrsi
