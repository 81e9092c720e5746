// The parts of the simulated exchange that only compute: faults by time, candles, limits.
#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "tests/catch.hpp"
#include "tools/simulate/fault_list.hpp"
#include "tools/simulate/listener.hpp"
#include "tools/simulate/rest.hpp"
#include "tools/simulate/trade_history.hpp"

namespace fastrsi::simulate {
namespace {

using std::chrono::seconds;

Tick tape_trade(std::int64_t time_ms, double price, double quantity = 1.0) {
  Tick tick;
  tick.price.value = price;
  tick.quantity.value = quantity;
  tick.time = exchange_time_from_ns(time_ms * 1'000'000);
  return tick;
}

TEST_CASE("simulate faults: each line comes at its times, in their order", "[simulate]") {
  FaultSchedule schedule(parse_faults("f",
                                      "at 7s junk 2\n"
                                      "every 3s until 10s swallow 1 | drop # by turns\n"
                                      "every 4s from 0s until 4s close\n"
                                      "at 9s refuse 0s\n"));
  std::vector<std::pair<std::int64_t, FaultKind>> got;
  Nanoseconds when{0};
  for (std::int64_t now = 0; now < 60; now += 5) {
    while (const Fault* const fault = schedule.next(seconds(now), when)) {
      CHECK(when <= seconds(now));
      got.emplace_back(when.count() / 1'000'000'000, fault->kind);
    }
  }
  CHECK(got == std::vector<std::pair<std::int64_t, FaultKind>>{{0, FaultKind::Close},
                                                               {3, FaultKind::Swallow},
                                                               {4, FaultKind::Close},
                                                               {6, FaultKind::Drop},
                                                               {7, FaultKind::Junk},
                                                               {9, FaultKind::Swallow},
                                                               {9, FaultKind::Refuse}});
}

TEST_CASE("simulate faults: every word has its number or file", "[simulate]") {
  const auto lines = parse_faults("f",
                                  "at 1s slow 2s 30ms\nat 1s certificate a b\nat 1s limit 3s 9\n"
                                  "at 1s limit 3s\nat 1s broken 4s\nat 1s close\nat 1s half 5s\n");
  REQUIRE(lines.size() == 7);
  CHECK(lines[0].turns[0].duration == seconds(2));
  CHECK(lines[0].turns[0].delay == std::chrono::milliseconds(30));
  CHECK(lines[1].turns[0].certificate_file == "a");
  CHECK(lines[1].turns[0].key_file == "b");
  CHECK(lines[2].turns[0].count == 9);
  CHECK(lines[3].turns[0].count == 5);
  CHECK(lines[4].turns[0].count == 503);
  CHECK(lines[5].turns[0].count == 1000);
  CHECK(lines[6].turns[0].kind == FaultKind::Half);
  for (std::size_t kind = 0; kind < kFaultKindCount; ++kind) {
    CHECK_FALSE(to_text(static_cast<FaultKind>(kind)).empty());
  }
}

TEST_CASE("simulate history: bars are what their trades make", "[simulate]") {
  std::mt19937_64 random(3);
  constexpr std::int64_t kBeginMs = 1'723'161'600'000;
  TradeHistory history;
  std::vector<Tick> trades;
  std::int64_t time_ms = kBeginMs + 31'000;
  for (int i = 0; i < 3000; ++i) {
    time_ms += static_cast<std::int64_t>(random() % 4'000);
    trades.push_back(tape_trade(time_ms, 1.0 + static_cast<double>(random() % 1000) / 8.0, 0.5));
    history.add("X", trades.back());
  }
  for (const std::int64_t length : {60'000, 180'000, 3'600'000}) {
    CAPTURE(length);
    // The slow way: every trade asked for every bar.
    std::map<std::int64_t, HistoryBar> wanted;
    for (const Tick& tick : trades) {
      const std::int64_t ms = to_unix_ns(tick.time) / 1'000'000;
      HistoryBar& bar = wanted[ms - ms % length];
      const double price = tick.price.value;
      if (bar.trades++ == 0) bar.open = bar.high = bar.low = price;
      bar.high = std::max(bar.high, price);
      bar.low = std::min(bar.low, price);
      bar.close = price;
      bar.volume += 0.5;
    }
    const auto bars = history.bars("X", {length, 0, time_ms, 100'000, false});
    REQUIRE(bars.size() ==
            static_cast<std::size_t>((wanted.rbegin()->first - wanted.begin()->first) / length) +
                1);
    double last = 0.0;
    for (const HistoryBar& bar : bars) {
      const auto found = wanted.find(bar.open_ms);
      if (found == wanted.end()) {
        CHECK(bar.trades == 0);
        CHECK((bar.open == last && bar.high == last && bar.low == last && bar.close == last));
        continue;
      }
      last = bar.close;
      CHECK(bar.trades == found->second.trades);
      CHECK(bar.open == found->second.open);
      CHECK(bar.high == found->second.high);
      CHECK(bar.low == found->second.low);
      CHECK(bar.close == found->second.close);
      CHECK(bar.volume == found->second.volume);
    }
    const auto newest = history.bars("X", {length, 0, time_ms, 2, true});
    REQUIRE(newest.size() == std::min<std::size_t>(2, bars.size()));
    CHECK(newest.back().open_ms == bars.back().open_ms);
    CHECK(newest.back().close == bars.back().close);
  }
  CHECK(history.bars("Y", {}).empty());
  CHECK(history.bars("X", {60'000, time_ms + 60'000, time_ms + 120'000, 5, false}).size() <= 2);
  CHECK(history.bars("X", {60'000, 0, kBeginMs - 1, 5, false}).empty());
}

TEST_CASE("simulate rest: above the weight it says wait, then bans", "[simulate]") {
  WeightLimit limit(100);
  const WeightLimit::Clock::time_point begin{std::chrono::hours(1)};
  for (int i = 0; i < 10; ++i) CHECK(limit.take(10, begin + seconds(i)).status == 200);
  const auto refused = limit.take(10, begin + seconds(20));
  CHECK(refused.status == 429);
  CHECK(refused.retry_after_s == 40);
  CHECK(limit.take(10, begin + seconds(60)).status == 200);
  int status = 200;
  for (int i = 0; i < 40; ++i) status = limit.take(10, begin + seconds(61)).status;
  CHECK(status == 418);
  CHECK(limit.take(1, begin + seconds(125)).status == 418);
  CHECK(limit.take(1, begin + seconds(200)).status == 200);
}

TEST_CASE("simulate rest: targets and prices", "[simulate]") {
  const RestTarget target = parse_target("/a%2Fb?x=1&y=%41+c&z&x=2&n=99999999999999999999");
  CHECK(target.path == "/a/b");
  CHECK(target.text("x") == "2");
  CHECK(target.text("y") == "A c");
  CHECK(target.text("z").empty());
  CHECK(target.number("x", 7) == 2);
  CHECK(target.number("n", 7) == 7);
  CHECK(price_text(64000.0) == "64000.00000000");
  CHECK(price_text(0.00033458) == "0.00033458");
  CHECK(price_text(1e-10) == "0.000000000100");
}

TEST_CASE("simulate: where it listens", "[simulate]") {
  CHECK(parse_listen("ws://127.0.0.1:9001/ws").port == 9001);
  CHECK(parse_listen("wss://[::1]:9001").host == "::1");
  CHECK(parse_listen("wss://[::1]:9001").is_tls);
  CHECK(parse_listen("localhost:0").port == 0);
  for (const char* const bad : {"", "127.0.0.1", ":1", "127.0.0.1:", "127.0.0.1:65536",
                                "ftp://1.1.1.1:2", "[::1]", "example.org:80", "127.0.0.1:-1"}) {
    CAPTURE(bad);
    CHECK_THROWS_AS(parse_listen(bad), std::invalid_argument);
  }
}

}  // namespace
}  // namespace fastrsi::simulate
