// A venue's bars made into a calendar's: against trades put into bars one by one.
#include <rapidcheck.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "feeds/live/history_bars.hpp"
#include "tests/catch.hpp"

using namespace fastrsi;
using namespace fastrsi::live;
using namespace std::chrono_literals;

namespace {

struct PlacedTrade {
  ExchangeTime time;
  double price;
};

const std::vector<Timeframe> kBinance = {
    Timeframe::S1,  Timeframe::M1,  Timeframe::M3, Timeframe::M5, Timeframe::M15,
    Timeframe::M30, Timeframe::H1,  Timeframe::H2, Timeframe::H4, Timeframe::H6,
    Timeframe::H8,  Timeframe::H12, Timeframe::D1, Timeframe::W1, Timeframe::Mo1};
const std::vector<Timeframe> kKraken = {Timeframe::M1,  Timeframe::M5, Timeframe::M15,
                                        Timeframe::M30, Timeframe::H1, Timeframe::H4,
                                        Timeframe::D1,  Timeframe::W1};

ExchangeTime bars_utc(int year, unsigned month, unsigned day, std::chrono::seconds clock = 0s) {
  const std::chrono::sys_days date{std::chrono::year{year} / static_cast<int>(month) /
                                   static_cast<int>(day)};
  return ExchangeTime{(date + clock).time_since_epoch()};
}

// As a venue cuts time: by UTC, with the standard library's days.
BarSpan venue_span(ExchangeTime time, Timeframe timeframe) {
  const std::chrono::sys_time<Nanoseconds> moment{time.time_since_epoch()};
  const auto day = std::chrono::floor<std::chrono::days>(moment);
  const auto from = [](std::chrono::sys_days begin, std::chrono::sys_days end) {
    return BarSpan{ExchangeTime{begin.time_since_epoch()}, ExchangeTime{end.time_since_epoch()}};
  };
  const std::chrono::year_month_day date{day};
  if (timeframe == Timeframe::Mo1) {
    const std::chrono::year_month month{date.year(), date.month()};
    return from(month / 1, (month + std::chrono::months{1}) / 1);
  }
  if (timeframe == Timeframe::W1) {
    const auto monday = day - (std::chrono::weekday{day} - std::chrono::Monday);
    return from(monday, monday + std::chrono::days{7});
  }
  const Nanoseconds length = nominal_length(timeframe);
  const ExchangeTime open{time.time_since_epoch() / length * length};
  return {open, open + length};
}

// Trades in [from, to) as bars that open where `open_of` says.
template <typename OpenOf>
std::vector<CaptureBar> capture_bars_of(const std::vector<PlacedTrade>& trades, ExchangeTime from,
                                        ExchangeTime to, const OpenOf& open_of) {
  std::map<ExchangeTime, CaptureBar> bars;
  for (const PlacedTrade& trade : trades) {
    if (trade.time < from || trade.time >= to) continue;
    const Price price{trade.price};
    const ExchangeTime open = open_of(trade.time);
    const auto at = bars.try_emplace(open, CaptureBar{open, price, price, price, price, 0}).first;
    at->second.high.value = std::max(at->second.high.value, price.value);
    at->second.low.value = std::min(at->second.low.value, price.value);
    at->second.close = price;
    ++at->second.trades;
  }
  std::vector<CaptureBar> out;
  out.reserve(bars.size());
  for (const auto& [open, bar] : bars) out.push_back(bar);
  return out;
}

std::vector<PlacedTrade> random_placed_trades(ExchangeTime begin, ExchangeTime end, int count) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(end - begin).count();
  std::vector<PlacedTrade> trades;
  trades.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    trades.push_back({begin + std::chrono::seconds{*rc::gen::inRange<std::int64_t>(0, seconds)},
                      static_cast<double>(*rc::gen::inRange(90, 110))});
  }
  std::stable_sort(trades.begin(), trades.end(),
                   [](const PlacedTrade& a, const PlacedTrade& b) { return a.time < b.time; });
  return trades;
}

}  // namespace

TEST_CASE("history bars: planned bars make the calendar's bars, over clock changes and any zone",
          "[live_history]") {
  const std::vector<std::string> zones = {
      "UTC",           "America/New_York", "Asia/Tehran",       "Asia/Kolkata",
      "Europe/Berlin", "Asia/Kathmandu",   "America/Sao_Paulo", "Australia/Lord_Howe"};
  // Around changes of their clocks, and any time.
  const std::vector<ExchangeTime> moments = {bars_utc(2024, 3, 12), bars_utc(2024, 11, 5),
                                             bars_utc(2024, 4, 2),  bars_utc(2021, 9, 23),
                                             bars_utc(2018, 11, 6), bars_utc(2024, 10, 28)};
  CHECK(rc::check([&] {
    const CalendarSettings cut{
        *rc::gen::elementOf(zones),
        std::chrono::minutes{*rc::gen::elementOf(std::vector{0, 540, 1020})}};
    const Calendar calendar(cut);
    const auto timeframe = static_cast<Timeframe>(
        *rc::gen::inRange<int>(static_cast<int>(Timeframe::S1), static_cast<int>(kTimeframeCount)));
    const bool is_kraken = *rc::gen::arbitrary<bool>();
    const std::vector<Timeframe>& venue = is_kraken ? kKraken : kBinance;
    const ExchangeTime until =
        *rc::gen::elementOf(moments) + std::chrono::minutes{*rc::gen::inRange(-3000, 3000)};
    const auto bars = static_cast<std::size_t>(*rc::gen::inRange(0, 40));

    const auto plan = plan_bars(timeframe, bars, until, venue, 0, calendar);
    if (!plan) {
      RC_ASSERT(timeframe < Timeframe::M1 && is_kraken);
      return;
    }
    ExchangeTime begin = calendar.bar_at(until, timeframe).open;
    for (std::size_t i = 0; i < bars; ++i) {
      begin = calendar.bar_at(begin - Nanoseconds{1}, timeframe).open;
    }
    const std::vector<PlacedTrade> trades =
        begin < until ? random_placed_trades(begin, until, 300) : std::vector<PlacedTrade>{};
    std::vector<CaptureBar> list;
    ExchangeTime reached = begin;
    for (const BarsWanted& wanted : *plan) {
      RC_ASSERT(wanted.begin == reached);
      RC_ASSERT(wanted.begin < wanted.end);
      reached = wanted.end;
      RC_ASSERT(std::find(venue.begin(), venue.end(), wanted.timeframe) != venue.end());
      std::vector<CaptureBar> got =
          capture_bars_of(trades, wanted.begin, wanted.end, [&](ExchangeTime time) {
            const BarSpan span = venue_span(time, wanted.timeframe);
            // It lies within what is asked for, and within one bar of ours.
            RC_ASSERT(span.open >= wanted.begin);
            RC_ASSERT(span.end <= wanted.end);
            RC_ASSERT(span.open >= calendar.bar_at(time, timeframe).open);
            RC_ASSERT(span.end <= calendar.bar_at(time, timeframe).end);
            return span.open;
          });
      if (wanted.compose) got = compose(got, timeframe, calendar);
      list.insert(list.end(), got.begin(), got.end());
    }
    RC_ASSERT(reached == until);
    const auto open_of = [&](ExchangeTime time) { return calendar.bar_at(time, timeframe).open; };
    RC_ASSERT(compose(list, timeframe, calendar) == capture_bars_of(trades, begin, until, open_of));
  }));
}

TEST_CASE("history bars: the longest bars that fit are asked for", "[live_history]") {
  const ExchangeTime until = bars_utc(2024, 5, 15, 13h + 47min);
  const auto sources = [&](const CalendarSettings& cut, Timeframe timeframe,
                           const std::vector<Timeframe>& venue) {
    std::string text;
    const auto plan = plan_bars(timeframe, 10, until, venue, 0, Calendar(cut));
    REQUIRE(plan.has_value());
    for (const BarsWanted& wanted : *plan) {
      text += std::string{to_text(wanted.timeframe)} + (wanted.compose ? "+ " : " ");
    }
    return text;
  };
  const CalendarSettings utc;
  CHECK(sources(utc, Timeframe::M1, kBinance) == "1m ");
  CHECK(sources(utc, Timeframe::M20, kBinance) == "5m+ 1m ");
  CHECK(sources(utc, Timeframe::H3, kKraken) == "1h+ 1h 1m ");
  CHECK(sources(utc, Timeframe::D1, kBinance) == "1d 1h 1m ");
  CHECK(sources(utc, Timeframe::W1, kBinance) == "1w 1d 1h 1m ");
  CHECK(sources(utc, Timeframe::Mo1, kKraken) == "1d+ 1d 1h 1m ");
  CHECK(sources({"UTC", 17h}, Timeframe::D1, kBinance) == "1h+ 1h 1m ");
  CHECK(sources({"UTC", 12h}, Timeframe::D1, kBinance) == "12h+ 1h 1m ");
  CHECK(sources({"America/New_York", 0min}, Timeframe::D1, kBinance) == "4h+ 1h 1m ");
  CHECK(sources({"Asia/Kolkata", 0min}, Timeframe::D1, kBinance) == "30m+ 1m 1h 1m ");
  CHECK(sources(utc, Timeframe::S5, kBinance) == "1s+ ");
  CHECK_FALSE(plan_bars(Timeframe::S5, 10, until, kKraken, 0, Calendar(utc)));
  CHECK_FALSE(plan_bars(Timeframe::M5, 10, until, {}, 0, Calendar(utc)));
}

TEST_CASE("history bars: nothing is asked for that the venue has forgotten, or never had",
          "[live_history]") {
  const ExchangeTime until = bars_utc(2024, 5, 15, 13h + 47min);
  const Calendar calendar(CalendarSettings{});
  const auto plan = plan_bars(Timeframe::M10, 1000, until, kKraken, 720, calendar);
  REQUIRE(plan.has_value());
  CHECK(plan->front().timeframe == Timeframe::M5);
  CHECK(plan->front().begin >= until - 720 * 5min);
  CHECK(plan->front().begin < until - 700 * 5min);
  const auto months = plan_bars(Timeframe::Mo1, 10'000, until, kBinance, 0, calendar);
  REQUIRE(months.has_value());
  CHECK(months->front().begin <= kEarliestHistory);
  CHECK(months->front().begin > bars_utc(2009, 1, 1));
}

TEST_CASE("history bars: a repair is whole minutes, or seconds where the venue has them",
          "[live_history]") {
  const ExchangeTime until = bars_utc(2024, 5, 15, 13h + 47min);
  const ExchangeTime since = bars_utc(2024, 5, 15, 13h + 40min + 12s) + 345ms;
  CHECK(plan_repair(Timeframe::D1, since, until, kKraken) ==
        std::vector{BarsWanted{Timeframe::M1, bars_utc(2024, 5, 15, 13h + 40min), until, false}});
  CHECK(plan_repair(Timeframe::S30, since, until, kBinance) ==
        std::vector{
            BarsWanted{Timeframe::S1, bars_utc(2024, 5, 15, 13h + 40min + 12s), until, false}});
  CHECK_FALSE(plan_repair(Timeframe::S30, since, until, kKraken));
  CHECK(plan_repair(Timeframe::H1, until + 5s, until, kKraken)->front().begin == until);
}
