// The parts of a delivery one by one: what settings say, limits, breakers, quiet hours, filters.
#include <cstdlib>
#include <set>

#include "sinks/delivery/backoff.hpp"
#include "sinks/delivery/endpoints.hpp"
#include "sinks/delivery/filter.hpp"
#include "sinks/delivery/limiter.hpp"
#include "sinks/delivery/message_id.hpp"
#include "sinks/delivery/quiet_hours.hpp"
#include "sinks/delivery/quota.hpp"
#include "sinks/delivery/repeat.hpp"
#include "tests/catch.hpp"
#include "tests/delivery_fakes.hpp"

namespace fastrsi::test {
namespace {

constexpr WallMs kDay = 86'400'000;
constexpr WallMs kPartsHour = 3'600'000;
constexpr WallMs kPartsMinute = 60'000;
// 2024-08-08T00:00:00Z, a Thursday.
constexpr WallMs kThursday = 1'723'075'200'000;

// Every attempt of a virtual day by somebody who tries all the time.
std::vector<WallMs> a_day_of(const std::vector<Rate>& rates) {
  RateLimiter limiter(rates);
  std::vector<WallMs> taken;
  DeliveryChanges changes;
  for (WallMs now = kThursday; now < kThursday + kDay;) {
    const WallMs ready = limiter.ready_at(now);
    if (ready > now) {
      now = ready;
      continue;
    }
    limiter.take(now, changes);
    taken.push_back(now);
    // A restart every hundred attempts: all that is left is the rows.
    if (taken.size() % 100 == 0) {
      limiter = RateLimiter(rates);
      for (const DeliveryChange& change : changes) limiter.restore(std::get<LimiterRow>(change));
    }
    now += static_cast<WallMs>(taken.size() * 7919 % 5) * 100;
  }
  return taken;
}

// The most attempts in any closed window of `length`.
std::size_t most_in(const std::vector<WallMs>& taken, WallMs length) {
  std::size_t most = 0;
  for (std::size_t first = 0, i = 0; i < taken.size(); ++i) {
    while (taken[i] - taken[first] > length) ++first;
    most = std::max(most, i - first + 1);
  }
  return most;
}

}  // namespace

TEST_CASE("delivery: texts of settings are read, and what is none of them is refused",
          "[delivery]") {
  CHECK(parse_rate("10/1m") == Rate{10, std::chrono::minutes{1}, 1});
  CHECK(parse_rate("1/1s+3") == Rate{1, std::chrono::seconds{1}, 3});
  for (const char* text : {"", "10", "/1m", "0/1m", "10/", "10/0s", "10/1m+", "10/1m+0", "-1/1m",
                           "10/1y", "1 /1m", "99999999999999999999/1m", "10/1m+3+3"}) {
    INFO(text);
    CHECK_FALSE(parse_rate(text));
  }
  CHECK(parse_quota("480/24h")->most == 480);
  CHECK_FALSE(parse_quota("480/24h+2"));
  CHECK(parse_duration_ms("250ms") == Milliseconds{250});
  CHECK(parse_duration_ms("1d") == Milliseconds{kDay});
  CHECK_FALSE(parse_duration_ms("s"));
  CHECK(parse_days("mon-sun") == 0x7FU);
  CHECK(parse_days("sat-mon") == 0b1100001U);
  CHECK(parse_days("mon,wed") == 0b101U);
  CHECK_FALSE(parse_days("mon,"));
  CHECK_FALSE(parse_days("monday"));
  CHECK(parse_clock("23:05") == 23 * 60 + 5);
  CHECK(parse_clock("24:00") == 24 * 60);
  for (const char* text : {"24:01", "7:00", "12:60", "ab:cd", "12-30", ""}) {
    INFO(text);
    CHECK_FALSE(parse_clock(text));
  }
}

TEST_CASE("delivery: no window of a virtual day has more attempts than its rates allow",
          "[delivery]") {
  const std::vector<Rate> rates{{1, std::chrono::seconds{1}, 3}, {20, std::chrono::minutes{1}, 20}};
  const std::vector<WallMs> taken = a_day_of(rates);
  for (const Rate& rate : rates) {
    for (const WallMs window : {WallMs{0}, WallMs{1000}, WallMs{7000}, kPartsMinute, kPartsHour}) {
      const auto most =
          static_cast<std::size_t>(rate.burst + window * rate.count / rate.period.count());
      CHECK(most_in(taken, window) <= most);
    }
  }
  // And it is not far below: one third a second, for a day.
  CHECK(taken.size() > 28'700);
}

TEST_CASE("delivery: a clock set back delays a bucket by no more than one burst", "[delivery]") {
  RateLimiter limiter({{1, std::chrono::seconds{1}, 3}});
  DeliveryChanges changes;
  for (int i = 0; i < 3; ++i) limiter.take(kThursday, changes);
  CHECK(limiter.ready_at(kThursday) == kThursday + 1000);
  CHECK(limiter.ready_at(kThursday - kDay) == kThursday - kDay + 1000);
}

TEST_CASE("delivery: a rolling quota counts recipients, keeps its reserve and forgets in time",
          "[delivery]") {
  Quota settings;
  settings.most = 10;
  RecipientQuota quota(settings);
  DeliveryChanges changes;
  CHECK(quota.room(Priority::Normal) == 9);
  CHECK(quota.room(Priority::High) == 10);
  const std::int64_t slot = quota.take(6, kThursday, changes);
  quota.take(3, kThursday + kPartsHour, changes);
  CHECK(quota.room(Priority::Normal) == 0);
  CHECK(quota.room(Priority::High) == 1);
  quota.give_back(slot, 2, changes);
  CHECK(quota.room(Priority::Normal) == 2);
  RecipientQuota restarted(settings);
  std::map<std::int64_t, StampRow> rows;
  for (const auto& change : changes)
    rows[std::get<StampRow>(change).slot] = std::get<StampRow>(change);
  for (const auto& [key, row] : rows) restarted.restore(row, kThursday + kPartsHour);
  CHECK(restarted.room(Priority::Normal) == 2);
  restarted.forget(kThursday + kDay - 1, changes);
  CHECK(restarted.room(Priority::Normal) == 2);
  restarted.forget(kThursday + kDay, changes);
  CHECK(restarted.room(Priority::Normal) == 6);
  restarted.forget(kThursday + kDay + kPartsHour, changes);
  CHECK(restarted.room(Priority::Normal) == 9);
}

TEST_CASE("delivery: waits grow with each failure, keep their cap, and differ", "[delivery]") {
  Backoff settings;
  Jitter jitter(1);
  std::set<std::int64_t> seen;
  for (std::uint32_t n = 0; n < 60; ++n) {
    const auto wait = backoff(settings, n, jitter);
    const auto span = n < 8 ? Milliseconds{5000LL << n} : Milliseconds{15 * kPartsMinute};
    CHECK(wait >= Milliseconds{2500});
    CHECK(wait < Milliseconds{2500} + std::min(span, Milliseconds{15 * kPartsMinute}));
    seen.insert(wait.count());
  }
  CHECK(seen.size() > 50);
}

TEST_CASE("delivery: a breaker opens after five failures, longer each time, and closes",
          "[delivery]") {
  Endpoints endpoints({"primary"});
  DeliveryChanges changes;
  WallMs now = kThursday;
  const std::vector<bool> none(1);
  for (int i = 0; i < 4; ++i) endpoints.failed(0, now, changes);
  CHECK(endpoints.available(now, none));
  endpoints.failed(0, now, changes);
  for (const WallMs period : {15, 30, 60, 120, 240, 480, 900, 900}) {
    CHECK_FALSE(endpoints.available(now + period * 1000 - 1, none));
    now += period * 1000;
    CHECK(endpoints.breaker(0, now) == Endpoints::Breaker::HalfOpen);
    REQUIRE(endpoints.available(now, none));
    endpoints.book(0, now, changes);
    // A crash now is no second try.
    Endpoints restarted({"primary"});
    restarted.restore(std::get<BreakerRow>(changes.back()), now);
    CHECK_FALSE(restarted.available(now + 1, none));
    endpoints.failed(0, now, changes);
  }
  endpoints.answered(0, changes);
  CHECK(endpoints.breaker(0, now) == Endpoints::Breaker::Closed);
  endpoints.refused(0, now, changes);
  CHECK_FALSE(endpoints.available(now + 15 * kPartsMinute - 1, none));
  CHECK(endpoints.available(now + 15 * kPartsMinute, none));
}

TEST_CASE("delivery: pauses follow what the server says, within bounds, and double without it",
          "[delivery]") {
  Endpoints endpoints({"bot"});
  DeliveryChanges changes;
  const auto pause = [&](Outcome why, std::optional<Milliseconds> wanted) {
    return endpoints.pause(0, why, wanted, kThursday, changes);
  };
  CHECK(pause(Outcome::RateLimited, Milliseconds{7000}) == Milliseconds{7000});
  CHECK(pause(Outcome::RateLimited, Milliseconds{100 * kDay}) == Milliseconds{kPartsHour});
  endpoints.taken(0, changes);
  CHECK(pause(Outcome::RateLimited, std::nullopt) == Milliseconds{5000});
  CHECK(pause(Outcome::RateLimited, std::nullopt) == Milliseconds{10'000});
  endpoints.taken(0, changes);
  CHECK(pause(Outcome::Quota, std::nullopt) == Milliseconds{kPartsHour});
  CHECK(pause(Outcome::Quota, std::nullopt) == Milliseconds{2 * kPartsHour});
  CHECK(pause(Outcome::Quota, Milliseconds{-5}) == Milliseconds{4 * kPartsHour});
  CHECK(pause(Outcome::Quota, std::nullopt) == Milliseconds{6 * kPartsHour});
  CHECK(pause(Outcome::Quota, Milliseconds{100 * kDay}) == Milliseconds{kDay});
}

TEST_CASE("delivery: quiet hours go over midnight by the zone's own clock", "[delivery]") {
  // Tehran is 3:30 ahead: 19:30Z is 23:00 there, 03:30Z is 07:00.
  const QuietTable nights({{0x7F, 23 * 60, 7 * 60, "Asia/Tehran", QuietMode::Hold}});
  const WallMs evening = kThursday + 19 * kPartsHour + 30 * kPartsMinute;
  CHECK(nights.at(evening - 1) == QuietMode::None);
  CHECK(nights.at(evening) == QuietMode::Hold);
  CHECK(nights.at(evening + 8 * kPartsHour - 1) == QuietMode::Hold);
  CHECK(nights.at(evening + 8 * kPartsHour) == QuietMode::None);
  // Only the night that begins on Thursday.
  const QuietTable thursday({{1U << 3U, 22 * 60, 6 * 60, "UTC", QuietMode::Drop}});
  CHECK(thursday.at(kThursday + 5 * kPartsHour) == QuietMode::None);
  CHECK(thursday.at(kThursday + 23 * kPartsHour) == QuietMode::Drop);
  CHECK(thursday.at(kThursday + kDay + 5 * kPartsHour) == QuietMode::Drop);
  CHECK(thursday.at(kThursday + kDay + 23 * kPartsHour) == QuietMode::None);
  CHECK_THROWS_WITH(QuietTable({{0x7F, 0, 60, "Moon/Base", QuietMode::Hold}}),
                    ContainsSubstring("Moon/Base"));
}

TEST_CASE("delivery: quiet hours keep to the clock on the day it is changed", "[delivery]") {
  // New York, 2024-03-10: 07:00Z is 03:00 EDT, an hour before is 01:00 EST.
  const QuietTable table({{0x7F, 60, 3 * 60, "America/New_York", QuietMode::Hold}});
  const WallMs change = 1'710'054'000'000;
  CHECK(table.at(change - 1) == QuietMode::Hold);
  CHECK(table.at(change) == QuietMode::None);
  CHECK(table.at(change - kPartsHour) == QuietMode::Hold);
  CHECK(table.at(change - kPartsHour - 1) == QuietMode::None);
  // 2024-11-03: from 05:00Z on it is 01:xx twice, until 02:00 EST is 07:00Z.
  const QuietTable twice({{0x7F, 60, 2 * 60, "America/New_York", QuietMode::Hold}});
  const WallMs autumn = 1'730'610'000'000;
  for (const int minutes : {0, 59, 60, 119})
    CHECK(twice.at(autumn + minutes * kPartsMinute) == QuietMode::Hold);
  CHECK(twice.at(autumn + 120 * kPartsMinute) == QuietMode::None);
}

TEST_CASE("delivery: globs match as far as they say", "[delivery]") {
  CHECK(matches_glob("BTCUSDT", "*"));
  CHECK(matches_glob("BTCUSDT", "BTC*"));
  CHECK(matches_glob("BTCUSDT", "*USDT"));
  CHECK(matches_glob("BTCUSDT", "B?C*D?"));
  CHECK(matches_glob("", "*"));
  CHECK_FALSE(matches_glob("BTCUSDT", "btc*"));
  CHECK_FALSE(matches_glob("BTCUSD", "*USDT"));
  CHECK_FALSE(matches_glob("", "?"));
  CHECK(matches_glob("a*b", "a*b"));
  // Many stars cost no more than their product.
  CHECK_FALSE(matches_glob(std::string(20'000, 'a'), "*a*a*a*a*a*a*a*a*b"));
}

TEST_CASE("delivery: filters know kinds, stages, symbols, timeframes, priority and first load",
          "[delivery]") {
  DeliverySettings settings;
  DeliveryEvent event = event_of_test(1, "BTCUSDT", Kind::Buy, Timeframe::M5, kThursday);
  CHECK(is_wanted(settings, event));
  settings.kinds = set_of(Kind::Sell);
  CHECK_FALSE(is_wanted(settings, event));
  event.first_load = true;
  CHECK(is_wanted(settings, event));
  settings.first_load_kinds = 0;
  CHECK_FALSE(is_wanted(settings, event));
  event.first_load = false;
  settings = {};
  settings.timeframes = {"1*"};
  CHECK_FALSE(is_wanted(settings, event));
  settings.timeframes = {"*m"};
  CHECK(is_wanted(settings, event));
  settings.exclude = {"binance:BTC*"};
  CHECK_FALSE(is_wanted(settings, event));
  settings.exclude = {"kraken:*"};
  CHECK(is_wanted(settings, event));
  settings.least = Priority::High;
  CHECK_FALSE(is_wanted(settings, event));
  settings.least = Priority::Normal;
  event.stage = Stage::Confirmed;
  CHECK_FALSE(is_wanted(settings, event));
  settings.stages = {Stage::Provisional, Stage::Confirmed};
  settings.repeat = Repeat::OncePerBarClose;
  CHECK(is_wanted(settings, event));
  event.stage = Stage::Provisional;
  CHECK_FALSE(is_wanted(settings, event));
}

TEST_CASE("delivery: an event lives one bar behind its bar, 5 minutes at least, a day at most",
          "[delivery]") {
  DeliverySettings settings;
  const auto life = [&](Timeframe timeframe) {
    const DeliveryEvent event = event_of_test(1, "A", Kind::Buy, timeframe, kThursday);
    const WallMs bar = nominal_length(timeframe).count() / 1'000'000;
    return expiry_of(settings, event) - (to_unix_ns(event.bar_open) / 1'000'000 + bar);
  };
  CHECK(life(Timeframe::S1) == 5 * kPartsMinute);
  CHECK(life(Timeframe::M15) == 15 * kPartsMinute);
  CHECK(life(Timeframe::W1) == kDay);
  settings.expires = std::chrono::seconds{30};
  CHECK(life(Timeframe::H1) == 30'000);
}

TEST_CASE("delivery: a message's id depends on each key and their order, and on nothing else",
          "[delivery]") {
  const auto id = [](std::vector<std::string_view> keys) {
    return message_id(sha256_hex, "mail", keys);
  };
  CHECK(id({"a", "b"}) == id({"a", "b"}));
  CHECK(id({"a", "b"}).size() == 26);
  std::set<std::string> ids{
      id({"a", "b"}), id({"b", "a"}),
      id({"ab"}),     id({"a", "b", ""}),
      id({"1:a"}),    message_id(sha256_hex, "main", std::vector<std::string_view>{"a", "b"})};
  CHECK(ids.size() == 6);
  // As Python has it: b32encode(sha256(b"4:mail1:a").digest())[:26].lower().
  CHECK(id({"a"}) == "phzof6fdqgsmjmq54lpg3gwemf");
}

}  // namespace fastrsi::test
