// PastBars goes into a series: at its beginning, and where trades were missed. The reference is the
// same engine that has seen every trade, and bars made of all trades by hand.
#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/catch.hpp"
#include "tests/session.hpp"

namespace fastrsi::testing {
namespace {

constexpr std::int64_t kHistoryMinute = 60'000;

struct HistoryTrade {
  std::int64_t ms;
  double price;
  std::uint64_t id;
};

// Hours of trades, some seconds apart, with quiet minutes in between.
std::vector<HistoryTrade> random_history_trades(unsigned seed, std::int64_t minutes) {
  std::mt19937_64 random(seed);
  std::exponential_distribution<double> pause(1.0 / 9000.0);
  std::normal_distribution<double> step(0.0, 0.4);
  std::vector<HistoryTrade> trades;
  double price = 100.0;
  std::uint64_t id = 7;
  for (double ms = 0.0; ms < static_cast<double>(minutes * kHistoryMinute); ms += pause(random)) {
    if (random() % 60 == 0) ms += 150'000.0;
    price = std::max(1.0, price + std::round(step(random) * 100.0) / 100.0);
    trades.push_back({static_cast<std::int64_t>(ms), price, id++});
  }
  return trades;
}

// Bars of `length` that are over at `end`, made of the trades from `begin` on.
std::vector<PastBar> past_bars_of(const std::vector<HistoryTrade>& trades, std::int64_t length,
                                  std::int64_t begin, std::int64_t end) {
  std::map<std::int64_t, PastBar> bars;
  for (const HistoryTrade& trade : trades) {
    const std::int64_t open = trade.ms / length * length;
    if (open < begin || open + length > end) continue;
    auto [at, is_new] = bars.try_emplace(open);
    PastBar& bar = at->second;
    if (is_new) bar = {Session::at(open), trade.price, trade.price, trade.price, trade.price};
    bar.high = std::max(bar.high, trade.price);
    bar.low = std::min(bar.low, trade.price);
    bar.close = trade.price;
  }
  std::vector<PastBar> list;
  list.reserve(bars.size());
  for (const auto& [open, bar] : bars) list.push_back(bar);
  return list;
}

std::vector<RuleSettings> rules(EmptyBars empty_bars, Evaluate evaluate) {
  RuleSettings rule;
  rule.name = "t";
  rule.timeframes = {Timeframe::M1, Timeframe::M2, Timeframe::M5, Timeframe::M15, Timeframe::H1};
  rule.warmup_bars = 16;
  rule.empty_bars = empty_bars;
  rule.evaluate = evaluate;
  return {rule};
}

// With a rule beside it that needs another timeframe: another plan.
std::vector<RuleSettings> rules_and_another(EmptyBars empty_bars, Evaluate evaluate) {
  std::vector<RuleSettings> both = rules(empty_bars, evaluate);
  RuleSettings other;
  other.name = "other";
  other.timeframes = {Timeframe::S5};
  other.warmup_bars = 16;
  both.insert(both.begin(), other);
  return both;
}

const std::vector<std::pair<Timeframe, std::int64_t>> kLengths = {
    {Timeframe::M1, kHistoryMinute},
    {Timeframe::M2, 2 * kHistoryMinute},
    {Timeframe::M5, 5 * kHistoryMinute},
    {Timeframe::M15, 15 * kHistoryMinute},
    {Timeframe::H1, 60 * kHistoryMinute}};

void give(Session& session, const PastBars& history) {
  session.engine().take_history(session.connection(), session.symbol(), history, kNoReceiveTime,
                                session.recorder());
}

// With the venue's clock in between, every `clock_ms`: bars close without a trade of the next one.
void play_trades(Session& session, const std::vector<HistoryTrade>& trades, std::int64_t from,
                 std::int64_t to, std::int64_t clock_ms = 0) {
  std::int64_t clock = from;
  const auto tell = [&](std::int64_t until) {
    if (clock_ms == 0) return;
    for (clock = clock / clock_ms * clock_ms + clock_ms; clock < until; clock += clock_ms) {
      session.clock(clock);
    }
    clock = until;
  };
  for (const HistoryTrade& trade : trades) {
    if (trade.ms < from || trade.ms >= to) continue;
    tell(trade.ms);
    session.trade(trade.ms, trade.price, trade.id);
  }
  tell(to);
}

// `to` goes on where `from` is now.
void restart(Session& from, Session& to) {
  std::map<std::string, std::string> parts;
  from.engine().save(
      true, [&](const std::string& name, std::string bytes) { parts[name] = std::move(bytes); });
  const auto unknown = to.engine().restore([&](const std::string& name) {
    const auto found = parts.find(name);
    return found == parts.end() ? nullptr : &found->second;
  });
  REQUIRE(unknown.empty());
}

bool same(double a, double b) {
  return a == b || (std::isnan(a) && std::isnan(b));
}

void check_same_state(Session& got, Session& wanted) {
  const SymbolCore& a = got.engine().symbol(got.symbol());
  const SymbolCore& b = wanted.engine().symbol(wanted.symbol());
  const_cast<SymbolCore&>(a).settle();
  const_cast<SymbolCore&>(b).settle();
  for (std::uint32_t watch = 0; watch < a.plan().watches.size(); ++watch) {
    CAPTURE(watch, a.closed_rsi(watch), b.closed_rsi(watch));
    CHECK(same(a.closed_rsi(watch), b.closed_rsi(watch)));
  }
  for (std::uint32_t track = 0; track < a.plan().tracks.size(); ++track) {
    CAPTURE(track);
    for (const auto& [x, y] : {std::pair(a.forming_bar(track), b.forming_bar(track)),
                               std::pair(a.closed_bar(track), b.closed_bar(track))}) {
      REQUIRE((x == nullptr) == (y == nullptr));
      if (x == nullptr) continue;
      CHECK(x->span == y->span);
      CHECK(x->open == y->open);
      CHECK(x->high == y->high);
      CHECK(x->low == y->low);
      CHECK(x->close == y->close);
      CHECK_FALSE(x->gap);
    }
  }
}

TEST_CASE("history: a gap that is mended leaves the series as if no trade had been missed",
          "[history]") {
  const EmptyBars empty_bars = GENERATE(EmptyBars::Skip, EmptyBars::Carry);
  const Evaluate evaluate = GENERATE(Evaluate::Forming, Evaluate::Close);
  // Not at all, as it was, or with another rule for a moment.
  const int restarts = GENERATE(0, 1, 2);
  const std::int64_t clock_ms = GENERATE(0, 1'000);
  for (unsigned seed = 1; seed <= 40; ++seed) {
    CAPTURE(seed);
    const std::vector<HistoryTrade> trades = random_history_trades(seed, 600);
    std::mt19937_64 random(seed);
    const std::int64_t from =
        static_cast<std::int64_t>(200 + random() % 200) * kHistoryMinute + 17'000;
    const std::int64_t missing = static_cast<std::int64_t>(1 + random() % 5'000'000);
    const std::int64_t to = from + missing;
    Session all(rules(empty_bars, evaluate));
    Session before(rules(empty_bars, evaluate));
    Session between(rules_and_another(empty_bars, evaluate));
    Session after(rules(empty_bars, evaluate));
    Session& got = restarts > 0 ? after : before;
    play_trades(all, trades, 0, from, clock_ms);
    play_trades(before, trades, 0, from, clock_ms);
    // Mended when the minute of the first trade after the gap is over.
    const auto first = std::find_if(trades.begin(), trades.end(),
                                    [&](const HistoryTrade& trade) { return trade.ms >= to; });
    if (first == trades.end()) continue;
    const std::int64_t until = (first->ms / kHistoryMinute + 1) * kHistoryMinute;
    const std::int64_t mended = until + 3'000;
    play_trades(all, trades, from, mended, clock_ms);
    play_trades(before, trades, to, mended, clock_ms);
    if (restarts == 2) restart(before, between);
    if (restarts > 0) restart(restarts == 2 ? between : before, after);
    const SymbolCore& core = got.engine().symbol(got.symbol());
    const bool is_gap = core.missing_since() != kNoExchangeTime;
    CHECK(is_gap == (before.statistics().gaps > 0));
    if (is_gap) {
      const std::int64_t since = (core.missing_since() - Session::at(0)).count() / 1'000'000;
      const auto parts =
          past_bars_of(trades, kHistoryMinute, since / kHistoryMinute * kHistoryMinute, until);
      for (const auto& [timeframe, length] : kLengths) give(got, {timeframe, false, parts});
      CHECK(core.missing_since() == kNoExchangeTime);
    }
    check_same_state(got, all);
    play_trades(all, trades, mended, 600 * kHistoryMinute, clock_ms);
    play_trades(got, trades, mended, 600 * kHistoryMinute, clock_ms);
    check_same_state(got, all);
  }
}

TEST_CASE("history: a series that begins with it is the one that saw the trades", "[history]") {
  const EmptyBars empty_bars = GENERATE(EmptyBars::Skip, EmptyBars::Carry);
  for (unsigned seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    const std::vector<HistoryTrade> trades = random_history_trades(seed, 600);
    const std::int64_t begin = 400 * kHistoryMinute + 31'000;
    const std::int64_t minute = begin / kHistoryMinute * kHistoryMinute;
    Session all(rules(empty_bars, Evaluate::Forming));
    Session got(rules(empty_bars, Evaluate::Forming));
    play_trades(all, trades, 0, minute + 2 * kHistoryMinute);
    // Trades are seen from within a minute on; history comes when that minute is over.
    play_trades(got, trades, begin, minute + 2 * kHistoryMinute);
    for (const auto& [timeframe, length] : kLengths) {
      const std::int64_t over = (minute + kHistoryMinute) / length * length;
      auto bars = past_bars_of(trades, length, 0, over);
      const auto parts = past_bars_of(trades, kHistoryMinute, over, minute + kHistoryMinute);
      bars.insert(bars.end(), parts.begin(), parts.end());
      give(got, {timeframe, true, bars});
    }
    play_trades(all, trades, minute + 2 * kHistoryMinute, 600 * kHistoryMinute);
    play_trades(got, trades, minute + 2 * kHistoryMinute, 600 * kHistoryMinute);
    check_same_state(got, all);
  }
}

TEST_CASE("history: what was never looked at fires from mended bars, what was does not again",
          "[history]") {
  std::vector<RuleSettings> rule = rules(EmptyBars::Skip, Evaluate::Close);
  rule[0].timeframes = {Timeframe::M1};
  const std::vector<HistoryTrade> trades = random_history_trades(3, 600);
  const std::int64_t from = 300 * kHistoryMinute + 20'000;
  const std::int64_t to = 320 * kHistoryMinute + 20'000;
  Session all(rule);
  Session got(rule);
  play_trades(all, trades, 0, from);
  play_trades(got, trades, 0, from);
  all.said();
  got.said();
  play_trades(all, trades, from, 321 * kHistoryMinute);
  play_trades(got, trades, to, 321 * kHistoryMinute);
  const auto parts =
      past_bars_of(trades, kHistoryMinute, 300 * kHistoryMinute, 321 * kHistoryMinute);
  give(got, {Timeframe::M1, false, parts});
  play_trades(all, trades, 321 * kHistoryMinute, 400 * kHistoryMinute);
  play_trades(got, trades, 321 * kHistoryMinute, 400 * kHistoryMinute);
  const std::vector<std::string> wanted = all.said();
  const std::vector<std::string> said = got.said();
  // Each once: an edge of a bar that closed damaged may differ, nothing is said twice.
  CHECK(std::set<std::string>(said.begin(), said.end()).size() == said.size());
  std::size_t found = 0;
  for (const std::string& line : wanted) {
    found += static_cast<std::size_t>(std::count(said.begin(), said.end(), line));
  }
  CHECK(found > wanted.size() / 2);
}

TEST_CASE("history: no firing has the id of another, whatever is mended when", "[history]") {
  const EmptyBars empty_bars = GENERATE(EmptyBars::Skip, EmptyBars::Carry);
  const Evaluate evaluate = GENERATE(Evaluate::Forming, Evaluate::Close);
  for (unsigned seed = 1; seed <= 40; ++seed) {
    CAPTURE(seed);
    const std::vector<HistoryTrade> trades = random_history_trades(seed, 600);
    std::mt19937_64 random(seed);
    Session session(rules(empty_bars, evaluate));
    std::int64_t begin = 0;
    for (int gap = 0; gap < 6; ++gap) {
      const std::int64_t from = begin + static_cast<std::int64_t>(random() % 60) * kHistoryMinute;
      const std::int64_t to = from + static_cast<std::int64_t>(1 + random() % 1'500'000);
      play_trades(session, trades, begin, from);
      const auto first = std::find_if(trades.begin(), trades.end(),
                                      [&](const HistoryTrade& trade) { return trade.ms >= to; });
      if (first == trades.end()) break;
      const std::int64_t until = (first->ms / kHistoryMinute + 1) * kHistoryMinute;
      begin = until + static_cast<std::int64_t>(random() % 100'000);
      play_trades(session, trades, to, begin);
      const SymbolCore& core = session.engine().symbol(session.symbol());
      if (core.missing_since() == kNoExchangeTime) continue;
      const std::int64_t since = (core.missing_since() - Session::at(0)).count() / 1'000'000;
      const auto parts =
          past_bars_of(trades, kHistoryMinute, since / kHistoryMinute * kHistoryMinute, until);
      for (const auto& [timeframe, length] : kLengths) give(session, {timeframe, false, parts});
    }
    play_trades(session, trades, begin, 600 * kHistoryMinute);
    std::map<std::string, int> times;
    for (const std::string& id_and_stage : session.said()) ++times[id_and_stage];
    REQUIRE(times.size() > 100);
    for (const auto& [id, count] : times) {
      CAPTURE(id);
      REQUIRE(count == 1);
    }
  }
}

TEST_CASE("history: nothing happens to a series that misses nothing", "[history]") {
  Session session({small_rule()});
  session.closes(0, {10, 11, 12, 11, 13, 12, 14});
  const double before = session.engine().symbol(session.symbol()).closed_rsi(0);
  const PastBar wrong{Session::at(0), 1.0, 1.0, 1.0, 1.0};
  give(session, {Timeframe::M1, false, {&wrong, 1}});
  CHECK(session.engine().symbol(session.symbol()).closed_rsi(0) == before);
}

}  // namespace
}  // namespace fastrsi::testing
