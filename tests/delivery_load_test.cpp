// Much at once, and nothing for long: a bar's close that fires everywhere, a channel that is down.
#include <algorithm>
#include <map>
#include <set>

#include "tests/catch.hpp"
#include "tests/delivery_bench.hpp"

namespace fastrsi::test {

using Bench = DeliveryBench;

TEST_CASE(
    "delivery: 2,000 signals of one bar's close come as few messages, each symbol once, none lost",
    "[delivery]") {
  DeliverySettings settings = settings_of_test();
  settings.targets = {"chat"};
  settings.rates = {{1, std::chrono::seconds{1}, 3}, {20, std::chrono::minutes{1}, 20}};
  settings.group_wait = std::chrono::seconds{30};
  settings.group_interval = std::chrono::minutes{5};
  Bench bench(settings, 500);
  const std::vector<Kind> kinds{Kind::Buy, Kind::Overbought, Kind::Rising, Kind::PhaseUp};
  std::size_t live_most = 0;
  for (int symbol = 0; symbol < 500; ++symbol) {
    for (const Kind kind : kinds) {
      DeliveryEvent event =
          event_of_test(++bench.seq, "S" + std::to_string(symbol), kind, Timeframe::M1, kStart);
      bench.sink->offer(event, bench.now);
      live_most = std::max(live_most, bench.sink->status(bench.now).live);
    }
  }
  bench.rows.apply(bench.sink->take_changes());
  CHECK(live_most <= settings.live_most);
  std::map<std::string, std::multiset<std::string>> named;  // by the group's first event's kind
  std::size_t messages = 0;
  for (int step = 0; step < 1000 && bench.rows.live() > 0; ++step) {
    while (const auto message = bench.next()) {
      ++messages;
      const std::string kind = message->events.front().key.substr(5, 3);
      for (const ReadEvent& event : message->events) named[kind].insert(event.symbol);
      bench.now += 200;
      bench.answer(Outcome::Done);
    }
    const WallMs wake = bench.sink->wake_at(bench.now);
    if (wake != INT64_MAX) bench.now = std::max(bench.now, wake);
  }
  CHECK(messages == kinds.size());
  REQUIRE(named.size() == kinds.size());
  for (const auto& [kind, symbols] : named) {
    CHECK(symbols.size() == 500);
    CHECK(std::set<std::string>(symbols.begin(), symbols.end()).size() == 500);
  }
  CHECK(bench.rows.tally("done") == 2000);
  CHECK(bench.now < kStart + kWallMinute);
}

TEST_CASE("delivery: a channel that is down for a day stays within its bounds", "[delivery]") {
  DeliverySettings settings = settings_of_test();
  settings.live_most = 300;
  settings.group_interval = std::chrono::minutes{1};
  Bench bench(settings, 20);
  for (int minute = 0; minute < 24 * 60; ++minute) {
    for (int i = 0; i < 5; ++i) {
      bench.offer("S" + std::to_string(i), static_cast<Kind>(minute % 8), Priority::Normal,
                  Timeframe::M1);
    }
    while (bench.next()) {
      while (bench.answer(Outcome::EndpointFailure)) {
      }
    }
    REQUIRE(bench.sink->status(bench.now).live <= 300);
    bench.now += kWallMinute;
  }
  CHECK(bench.rows.tally("done") == 0);
  // The breaker: no more than four an hour, but for the first ones.
  CHECK(bench.rows.tally("attempts") < 24 * 4 + 20);
  CHECK(bench.rows.tally("offered") == 7200);
}

TEST_CASE("delivery: settings that cannot be used are refused with the mend", "[delivery]") {
  const auto refused = [](auto change, const char* words) {
    DeliverySettings settings = settings_of_test();
    change(settings);
    CHECK_THROWS_WITH(check(settings), ContainsSubstring(words));
  };
  refused([](auto& s) { s.targets.clear(); }, "recipient");
  refused([](auto& s) { s.endpoints.clear(); }, "endpoint");
  refused([](auto& s) { s.targets = {"a", "a"}; }, "twice");
  refused([](auto& s) { s.live_most = 1; }, "max_live");
  refused([](auto& s) { s.repeat = Repeat::Interval; }, "duration");
  refused(
      [](auto& s) {
        s.quiet = {{0x7F, 0, 1, "UTC", QuietMode::Hold}};
        s.symbols_most = 0;
      },
      "max_symbols");
}

}  // namespace fastrsi::test
