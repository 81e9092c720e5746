// History fetched from a server on loopback: what is asked for comes, whatever the server does, and
// no more is asked than needed.
#include <fmt/format.h>

#include <future>
#include <string>
#include <vector>

#include "feeds/live/history_fetcher.hpp"
#include "tests/catch.hpp"
#include "tests/history_venue.hpp"
#include "tests/scratch_folder.hpp"

using namespace fastrsi;
using namespace fastrsi::live;
using namespace fastrsi::testing;
using namespace std::chrono_literals;

namespace {

// 2024-05-15T13:47:31Z, a Wednesday.
constexpr std::int64_t kNow = 1'715'780'851;
constexpr std::int64_t kUntil = kNow / kMinute * kMinute;

ExchangeTime at_second(std::int64_t unix_s) {
  return exchange_time_from_ns(unix_s * 1'000'000'000);
}
std::int64_t second_of(ExchangeTime time) {
  return to_unix_ns(time) / 1'000'000'000;
}

HistorySettings fetcher_settings(const HistoryVenue& venue, std::int64_t now_s = kNow) {
  HistorySettings settings;
  settings.feed.venue = "binance";
  settings.rest_url = venue.url();
  settings.now = [now_s] { return at_second(now_s); };
  settings.times.retry_first_max = 5ms;
  settings.times.late_bar_pause = 1ms;
  settings.times.too_fast_pause = 10ms;
  return settings;
}

HistoryResult fetch(HistoryFetcher& fetcher, const HistoryJob& job) {
  std::promise<HistoryResult> promise;
  REQUIRE(fetcher.ask(job, [&](HistoryResult got) { promise.set_value(std::move(got)); }));
  return promise.get_future().get();
}

HistoryJob warm_up(const std::string& symbol, std::vector<HistoryWish> wishes) {
  return {symbol, 0, std::move(wishes), kNoExchangeTime};
}

HistoryJob repair(const std::string& symbol, std::int64_t since_s,
                  std::vector<HistoryWish> wishes) {
  return {symbol, 0, std::move(wishes), at_second(since_s)};
}

// Whether it tells what the venue's minutes tell: `bars` closed ones and the forming one.
void check_list(const CaptureBars& list, const std::string& symbol, std::size_t bars,
                std::int64_t until_s, const CalendarSettings& cut = {}) {
  INFO(to_text(list.timeframe));
  CHECK(list.symbol == symbol);
  const Calendar calendar(cut);
  ExchangeTime from = calendar.bar_at(at_second(until_s), list.timeframe).open;
  for (std::size_t i = 0; i < bars; ++i) {
    from = calendar.bar_at(from - Nanoseconds{1}, list.timeframe).open;
  }
  const std::int64_t step = list.timeframe < Timeframe::M1 ? 1 : kMinute;
  CHECK(merged(list.bars, list.timeframe, calendar) ==
        expected(second_of(from), until_s, step, symbol == "QUIET", list.timeframe, calendar));
  for (std::size_t i = 1; i < list.bars.size(); ++i) {
    CHECK(list.bars[i - 1].open_time < list.bars[i].open_time);
  }
}

std::vector<HistoryWish> every_timeframe(std::size_t bars) {
  std::vector<HistoryWish> wishes;
  for (std::size_t i = 0; i < kTimeframeCount; ++i) {
    const auto timeframe = static_cast<Timeframe>(i);
    if (timeframe <= Timeframe::D1) wishes.push_back({timeframe, bars});
  }
  return wishes;
}

}  // namespace

TEST_CASE(
    "history: a warm-up tells every timeframe what the venue's minutes tell, up to one minute",
    "[live_history]") {
  const HistoryVenue venue;
  for (const CalendarSettings& cut : {CalendarSettings{}, CalendarSettings{"America/New_York", 17h},
                                      CalendarSettings{"Asia/Kolkata", 0min}}) {
    INFO(cut.zone);
    for (const std::string symbol : {"BUSY", "QUIET"}) {
      HistorySettings settings = fetcher_settings(venue);
      settings.feed.calendar = cut;
      HistoryFetcher fetcher(settings);
      const HistoryResult result = fetch(fetcher, warm_up(symbol, every_timeframe(30)));
      CHECK(result.error.empty());
      CHECK(result.until == at_second(kUntil));
      CHECK(result.sure_until == result.until);
      CHECK(result.without.empty());
      REQUIRE(result.lists.size() == every_timeframe(30).size());
      for (const CaptureBars& list : result.lists) {
        CHECK_FALSE(list.repair);
        check_list(list, symbol, 30, kUntil, cut);
      }
    }
  }
}

TEST_CASE("history: a venue without seconds says which timeframes it cannot warm up",
          "[live_history]") {
  const HistoryVenue venue;
  HistorySettings settings = fetcher_settings(venue);
  settings.feed.venue = "binance-usdm";
  HistoryFetcher fetcher(settings);
  const HistoryResult result =
      fetch(fetcher, warm_up("BUSY", {{Timeframe::S5, 10}, {Timeframe::M1, 10}}));
  CHECK(result.error.empty());
  CHECK(result.without == std::vector{Timeframe::S5});
  REQUIRE(result.lists.size() == 1);
  check_list(result.lists[0], "BUSY", 10, kUntil);
}

TEST_CASE("history: a restart asks only for what is new", "[live_history]") {
  const HistoryVenue venue;
  const test::ScratchFolder folder;
  const std::vector<HistoryWish> wishes = {
      {Timeframe::M1, 500}, {Timeframe::M20, 100}, {Timeframe::H1, 200}, {Timeframe::D1, 10}};
  HistorySettings settings = fetcher_settings(venue);
  settings.cache_folder = folder.path("history");
  {
    HistoryFetcher fetcher(settings);
    REQUIRE(fetch(fetcher, warm_up("BUSY", wishes)).error.empty());
  }
  const std::size_t before = venue.requests().size();
  constexpr std::int64_t kLater = 25 * kMinute;
  settings.now = [] { return at_second(kNow + kLater); };
  HistoryFetcher fetcher(settings);
  const HistoryResult result = fetch(fetcher, warm_up("BUSY", wishes));
  REQUIRE(result.lists.size() == wishes.size());
  for (std::size_t i = 0; i < wishes.size(); ++i) {
    check_list(result.lists[i], "BUSY", wishes[i].bars, kUntil + kLater);
  }
  const std::vector<std::string> requests = venue.requests();
  REQUIRE(requests.size() > before);
  // Minutes, twenties and the hour that has closed since; no day has.
  CHECK(requests.size() <= before + 4);
  for (std::size_t i = before; i < requests.size(); ++i) {
    INFO(requests[i]);
    const std::string start = HistoryVenue::parameter(requests[i], "startTime");
    CHECK(std::stoll(start) >= (kUntil - 8 * 3600) * 1000);
  }
  CHECK(fetcher.counters().cached_bars_total > 500);
}

TEST_CASE("history: a server in trouble is asked again until the answer is whole",
          "[live_history]") {
  const std::string fault = GENERATE(as<std::string>{}, "500", "503:1", "429:1", "429", "garbage",
                                     "short", "few", "damaged", "late");
  INFO(fault);
  const HistoryVenue venue({fault});
  HistoryFetcher fetcher(fetcher_settings(venue));
  const HistoryResult result =
      fetch(fetcher, warm_up("BUSY", {{Timeframe::M1, 50}, {Timeframe::H1, 20}}));
  CHECK(result.error.empty());
  REQUIRE(result.lists.size() == 2);
  check_list(result.lists[0], "BUSY", 50, kUntil);
  check_list(result.lists[1], "BUSY", 20, kUntil);
  const HistoryCounters& counters = fetcher.counters();
  CHECK(counters.requests_total == venue.requests().size());
  CHECK(counters.too_fast_total == (fault.starts_with("429") ? 1 : 0));
  const bool is_error = fault.starts_with("50") || fault == "garbage" || fault == "short";
  CHECK(counters.errors_total == (is_error ? 1 : 0));
  CHECK(counters.late_bars_total == (fault == "late" || fault == "few" ? 1 : 0));
  CHECK(counters.damaged_bars_total == 0);
}

TEST_CASE("history: a newest bar that stays away is asked for again next time", "[live_history]") {
  HistoryVenue venue({"late", "late"});
  const test::ScratchFolder folder;
  HistorySettings settings = fetcher_settings(venue);
  settings.cache_folder = folder.path("history");
  HistoryFetcher fetcher(settings);
  const HistoryJob job = warm_up("BUSY", {{Timeframe::M1, 50}});
  const HistoryResult first = fetch(fetcher, job);
  REQUIRE(first.lists.size() == 1);
  CHECK(first.lists[0].bars.size() == 49);
  CHECK(first.until == at_second(kUntil));
  CHECK(first.sure_until == at_second(kUntil - kMinute));
  const HistoryResult second = fetch(fetcher, job);
  REQUIRE(second.lists.size() == 1);
  check_list(second.lists[0], "BUSY", 50, kUntil);
  CHECK(second.sure_until == second.until);
  CHECK(venue.requests().size() == 3);
}

TEST_CASE("history: one new bar that is late is noticed beside those that are known",
          "[live_history]") {
  HistoryVenue venue;
  const test::ScratchFolder folder;
  HistorySettings settings = fetcher_settings(venue);
  settings.cache_folder = folder.path("history");
  const HistoryJob job = warm_up("BUSY", {{Timeframe::M1, 50}});
  {
    HistoryFetcher fetcher(settings);
    CHECK(fetch(fetcher, job).error.empty());
  }
  settings.now = [] { return at_second(kNow + kMinute); };
  venue.add_fault("late");
  HistoryFetcher fetcher(settings);
  const HistoryResult result = fetch(fetcher, job);
  REQUIRE(result.lists.size() == 1);
  check_list(result.lists[0], "BUSY", 50, kUntil + kMinute);
  CHECK(fetcher.counters().late_bars_total == 1);
}

TEST_CASE("history: a venue that never answers well ends the job in words", "[live_history]") {
  const std::string fault = GENERATE(as<std::string>{}, "500", "garbage");
  const HistoryVenue venue(std::deque<std::string>(3, fault));
  HistorySettings settings = fetcher_settings(venue);
  settings.tries_max = 3;
  HistoryFetcher fetcher(settings);
  const HistoryResult result = fetch(fetcher, warm_up("BUSY", {{Timeframe::M1, 50}}));
  CHECK(result.lists.empty());
  CHECK_THAT(result.error, ContainsSubstring("history of binance BUSY 1m: "));
  CHECK_THAT(result.error, ContainsSubstring(fault == "500" ? "HTTP 500" : "no JSON"));
  CHECK_FALSE(result.is_unknown_symbol);
  CHECK(fetcher.counters().requests_total == 3);
  // And the next is served as ever.
  CHECK(fetch(fetcher, warm_up("BUSY", {{Timeframe::M1, 50}})).error.empty());
}

TEST_CASE("history: a banned address asks no more until it may", "[live_history]") {
  const HistoryVenue venue({"418:300"});
  HistoryFetcher fetcher(fetcher_settings(venue));
  for (int i = 0; i < 3; ++i) {
    const HistoryResult result = fetch(fetcher, warm_up("BUSY", {{Timeframe::M1, 50}}));
    CHECK_THAT(result.error, ContainsSubstring("banned"));
    CHECK(result.retry_in > 4min);
    CHECK(result.retry_in <= 5min);
  }
  CHECK(venue.requests().size() == 1);
}

TEST_CASE("history: a symbol that the venue does not know is said to be one, and asked for once",
          "[live_history]") {
  const HistoryVenue venue;
  HistoryFetcher fetcher(fetcher_settings(venue));
  const HistoryResult result = fetch(fetcher, warm_up("NONE", {{Timeframe::M1, 50}}));
  CHECK(result.is_unknown_symbol);
  CHECK_THAT(result.error, ContainsSubstring("NONE") && ContainsSubstring("Invalid symbol"));
  CHECK(venue.requests().size() == 1);
}

TEST_CASE("history: a redirect is refused, not followed", "[live_history]") {
  HistoryVenue venue({"302"});
  venue.set_headers("Location: https://elsewhere.example/\r\n");
  HistoryFetcher fetcher(fetcher_settings(venue));
  const HistoryResult result = fetch(fetcher, warm_up("BUSY", {{Timeframe::M1, 50}}));
  CHECK_THAT(result.error, ContainsSubstring("302") && ContainsSubstring("elsewhere.example"));
  CHECK(venue.requests().size() == 1);
}

TEST_CASE("history: a repair is the minutes since, for every timeframe alike", "[live_history]") {
  const HistoryVenue venue;
  HistoryFetcher fetcher(fetcher_settings(venue));
  const std::int64_t since = kUntil - 47 * kMinute + 13;
  const HistoryResult result =
      fetch(fetcher,
            repair("BUSY", since, {{Timeframe::D1, 9}, {Timeframe::M1, 9}, {Timeframe::S15, 9}}));
  CHECK(result.error.empty());
  REQUIRE(result.lists.size() == 3);
  const Calendar calendar(CalendarSettings{});
  for (const CaptureBars& list : result.lists) {
    INFO(to_text(list.timeframe));
    CHECK(list.repair);
    const bool seconds = list.timeframe == Timeframe::S15;
    CHECK(list.bars == (seconds ? expected(since, kUntil, 1, false, Timeframe::S1, calendar)
                                : expected(since / kMinute * kMinute, kUntil, kMinute, false,
                                           Timeframe::M1, calendar)));
  }
  // The minutes are asked for once; the seconds are three pages.
  CHECK(venue.requests().size() == 4);
}

TEST_CASE("history: a repair in the minute that is not over is empty, and of a long gap a warm-up",
          "[live_history]") {
  const HistoryVenue venue;
  HistoryFetcher fetcher(fetcher_settings(venue));
  const HistoryResult soon = fetch(fetcher, repair("BUSY", kUntil + 5, {{Timeframe::H1, 9}}));
  REQUIRE(soon.lists.size() == 1);
  CHECK(soon.lists[0].repair);
  CHECK(soon.lists[0].bars.empty());
  CHECK(soon.until == at_second(kUntil));
  CHECK(venue.requests().empty());
  const HistoryResult late =
      fetch(fetcher, repair("BUSY", kUntil - 1001 * kMinute, {{Timeframe::H1, 9}}));
  REQUIRE(late.lists.size() == 1);
  CHECK_FALSE(late.lists[0].repair);
  check_list(late.lists[0], "BUSY", 9, kUntil);
}

TEST_CASE("history: the most important symbols come first", "[live_history]") {
  const HistoryVenue venue({"hang"});
  HistorySettings settings = fetcher_settings(venue);
  settings.answer_within = 500ms;
  HistoryFetcher fetcher(settings);
  std::vector<int> order;
  std::promise<void> all;
  const auto ask = [&](int priority) {
    HistoryJob job = warm_up("BUSY", {{Timeframe::M1, 5}});
    job.priority = priority;
    CHECK(fetcher.ask(job, [&, priority](const HistoryResult&) {
      order.push_back(priority);
      if (order.size() == 5) all.set_value();
    }));
  };
  // The first is under way while the others come.
  ask(3);
  venue.await_requests(1);
  for (const int priority : {9, 2, 7, 2}) ask(priority);
  all.get_future().get();
  CHECK(order == std::vector{3, 2, 2, 7, 9});
}

TEST_CASE("history: stop ends an answer that does not come, and a pause", "[live_history]") {
  const std::string fault = GENERATE(as<std::string>{}, "hang", "429:100");
  const HistoryVenue venue({fault});
  HistorySettings settings = fetcher_settings(venue);
  settings.answer_within = 1h;
  bool done = false;
  HistoryFetcher fetcher(settings);
  const HistoryJob job = warm_up("BUSY", {{Timeframe::M1, 5}});
  CHECK(fetcher.ask(job, [&](const HistoryResult&) { done = true; }));
  CHECK(fetcher.ask(job, [&](const HistoryResult&) { done = true; }));
  venue.await_requests(1);
  fetcher.stop();
  CHECK_FALSE(done);
  CHECK_FALSE(fetcher.ask(job, [&](const HistoryResult&) { done = true; }));
  CHECK(fetcher.waiting() == 0);
}

TEST_CASE("history: files make a warm-up where the venue is not asked", "[live_history]") {
  HistoryVenue venue;
  const test::ScratchFolder folder;
  std::vector<std::string> said;
  HistorySettings settings = fetcher_settings(venue);
  settings.asks_venue = false;
  settings.files_folder = folder.path("");
  settings.say = [&](const std::string& line) { said.push_back(line); };
  // Hours in one file, minutes out of trades in the other; a third is no CSV.
  std::string hours = "time,open,high,low,close\n";
  const std::int64_t hour = kNow / 3600 * 3600;
  for (int back = 50; back > 0; --back) {
    hours += fmt::format("{},10,{},9,10.5\n", hour - back * 3600, 11 + back);
  }
  folder.write("BTC%2FUSD-1h.csv", hours);
  std::string trades = "time,price,qty\n";
  for (std::int64_t at = hour - 30; at < hour + 1'000; at += 7) {
    trades += fmt::format("{},{},1\n", at, 10 + (at % 5));
  }
  folder.write("BTC%2FUSD.csv", trades);
  folder.write("BTC%2FUSD-x.csv", "nothing of use");
  folder.write("BTC%2FUSDT.csv", "of another symbol");
  HistoryFetcher fetcher(std::move(settings));
  const HistoryResult got =
      fetch(fetcher, warm_up("BTC/USD", {{Timeframe::H1, 40}, {Timeframe::M1, 5}}));
  CHECK(got.error.empty());
  REQUIRE(got.lists.size() == 2);
  const CaptureBars& minutes = got.lists[0];
  CHECK(minutes.timeframe == Timeframe::M1);
  const CaptureBars& list = got.lists[1];
  CHECK(list.timeframe == Timeframe::H1);
  REQUIRE(list.bars.size() > 40);
  CHECK(list.bars.front().open_time == at_second(hour - 40 * 3600));
  CHECK(list.bars.front().high.value == 51.0);
  // The forming hour is made of minutes; the first and the last of the file are not whole.
  CHECK(second_of(list.bars[40].open_time) == hour);
  CHECK(second_of(list.bars.back().open_time) == (hour + 1'000) / 60 * 60 - 60);
  CHECK_FALSE(said.empty());
  for (const std::string& line : said) CHECK_THAT(line, ContainsSubstring("BTC%2FUSD-x.csv"));
  CHECK(venue.requests().empty());
}

TEST_CASE("history: without a time to go by nothing is asked", "[live_history]") {
  const HistoryVenue venue;
  HistorySettings settings = fetcher_settings(venue);
  settings.now = [] { return kNoExchangeTime; };
  HistoryFetcher fetcher(settings);
  CHECK_THAT(fetch(fetcher, warm_up("BUSY", {{Timeframe::M1, 5}})).error,
             ContainsSubstring("time is not known"));
  CHECK(venue.requests().empty());
}
