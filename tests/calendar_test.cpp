// Bars by local midnight, over clock changes and zones that skip midnight (SIGNALS.md,
// section 2.2).
#include <rapidcheck.h>

#include "engine/market/calendar.hpp"
#include "engine/market/record.hpp"
#include "tests/catch.hpp"

namespace fastrsi {
namespace {

using namespace std::chrono_literals;

ExchangeTime utc(int year, unsigned month, unsigned day, int hour = 0, int minute = 0,
                 int second = 0) {
  const std::chrono::sys_days date{std::chrono::year{year} / static_cast<int>(month) /
                                   static_cast<int>(day)};
  const auto time =
      date + std::chrono::hours{hour} + std::chrono::minutes{minute} + std::chrono::seconds{second};
  return exchange_time_from_ns(
      std::chrono::duration_cast<Nanoseconds>(time.time_since_epoch()).count());
}

std::string span_text(const Calendar& calendar, ExchangeTime time, Timeframe timeframe) {
  const BarSpan span = calendar.bar_at(time, timeframe);
  return to_iso_seconds(span.open) + " " + to_iso_seconds(span.end);
}

TEST_CASE("calendar: UTC bars start at multiples from midnight", "[calendar]") {
  const Calendar calendar(CalendarSettings{});
  CHECK(span_text(calendar, utc(2024, 8, 8, 23, 54, 13), Timeframe::M1) ==
        "2024-08-08T23:54:00Z 2024-08-08T23:55:00Z");
  CHECK(span_text(calendar, utc(2024, 8, 8, 23, 54, 13), Timeframe::H8) ==
        "2024-08-08T16:00:00Z 2024-08-09T00:00:00Z");
  CHECK(span_text(calendar, utc(2024, 8, 8), Timeframe::D1) ==
        "2024-08-08T00:00:00Z 2024-08-09T00:00:00Z");
  CHECK(span_text(calendar, utc(2024, 8, 8), Timeframe::W1) ==
        "2024-08-05T00:00:00Z 2024-08-12T00:00:00Z");
  CHECK(span_text(calendar, utc(2024, 12, 31), Timeframe::Mo1) ==
        "2024-12-01T00:00:00Z 2025-01-01T00:00:00Z");
}

TEST_CASE("calendar: a day of 23 hours keeps every bar but its last whole", "[calendar]") {
  const Calendar calendar({"America/New_York", 0min});
  // 2024-03-10: clocks go from 02:00 to 03:00; the local day is 05:00Z to 04:00Z.
  CHECK(span_text(calendar, utc(2024, 3, 10, 12), Timeframe::D1) ==
        "2024-03-10T05:00:00Z 2024-03-11T04:00:00Z");
  CHECK(span_text(calendar, utc(2024, 3, 10, 12), Timeframe::H4) ==
        "2024-03-10T09:00:00Z 2024-03-10T13:00:00Z");
  CHECK(span_text(calendar, utc(2024, 3, 11, 3, 30), Timeframe::H4) ==
        "2024-03-11T01:00:00Z 2024-03-11T04:00:00Z");
  CHECK(span_text(calendar, utc(2024, 3, 11, 3, 30), Timeframe::M30) ==
        "2024-03-11T03:30:00Z 2024-03-11T04:00:00Z");
}

TEST_CASE("calendar: a day of 25 hours ends with a bar of its own", "[calendar]") {
  const Calendar calendar({"America/New_York", 0min});
  // 2024-11-03: clocks go from 02:00 back to 01:00; the local day is 04:00Z to 05:00Z.
  CHECK(span_text(calendar, utc(2024, 11, 3, 12), Timeframe::D1) ==
        "2024-11-03T04:00:00Z 2024-11-04T05:00:00Z");
  CHECK(span_text(calendar, utc(2024, 11, 4, 4, 10), Timeframe::H4) ==
        "2024-11-04T04:00:00Z 2024-11-04T05:00:00Z");
  CHECK(span_text(calendar, utc(2024, 11, 4, 4, 10), Timeframe::H12) ==
        "2024-11-04T04:00:00Z 2024-11-04T05:00:00Z");
}

TEST_CASE("calendar: where a clock change skips midnight the day begins at the change",
          "[calendar]") {
  const Calendar calendar({"America/Sao_Paulo", 0min});
  // 2018-11-04: 00:00 does not exist, the day begins at 01:00 local, 03:00Z, and has 23 hours.
  CHECK(span_text(calendar, utc(2018, 11, 4, 12), Timeframe::D1) ==
        "2018-11-04T03:00:00Z 2018-11-05T02:00:00Z");
  CHECK(span_text(calendar, utc(2018, 11, 4, 3, 20), Timeframe::H1) ==
        "2018-11-04T03:00:00Z 2018-11-04T04:00:00Z");
}

TEST_CASE("calendar: Tehran's days changed clocks at midnight until 2022", "[calendar]") {
  const Calendar calendar({"Asia/Tehran", 0min});
  CHECK(span_text(calendar, utc(2021, 9, 21, 12), Timeframe::D1) ==
        "2021-09-20T19:30:00Z 2021-09-21T20:30:00Z");
  CHECK(span_text(calendar, utc(2023, 9, 21, 12), Timeframe::D1) ==
        "2023-09-20T20:30:00Z 2023-09-21T20:30:00Z");
}

TEST_CASE("calendar: day_start is a local clock time and moves days, weeks and months only",
          "[calendar]") {
  const Calendar calendar({"America/New_York", 17h});
  CHECK(span_text(calendar, utc(2024, 1, 10, 12), Timeframe::D1) ==
        "2024-01-09T22:00:00Z 2024-01-10T22:00:00Z");
  CHECK(span_text(calendar, utc(2024, 3, 10, 12), Timeframe::D1) ==
        "2024-03-09T22:00:00Z 2024-03-10T21:00:00Z");
  CHECK(span_text(calendar, utc(2024, 1, 8, 21), Timeframe::W1) ==
        "2024-01-01T22:00:00Z 2024-01-08T22:00:00Z");
  CHECK(span_text(calendar, utc(2024, 2, 1, 21), Timeframe::Mo1) ==
        "2024-01-01T22:00:00Z 2024-02-01T22:00:00Z");
  CHECK(span_text(calendar, utc(2024, 1, 10, 12, 1), Timeframe::H1) ==
        "2024-01-10T12:00:00Z 2024-01-10T13:00:00Z");
}

TEST_CASE("calendar: an unknown zone is named, with the mend", "[calendar]") {
  CHECK_THROWS_WITH(Calendar({"Mars/Olympus", 0min}),
                    ContainsSubstring("Mars/Olympus") && ContainsSubstring("IANA"));
}

TEST_CASE("calendar: bars hold their time and follow one another without hole or overlap",
          "[calendar]") {
  const std::vector<std::string> zones = {
      "UTC",          "America/New_York",  "Asia/Tehran",
      "Asia/Kolkata", "America/Sao_Paulo", "Australia/Lord_Howe",
      "Africa/Cairo"};
  CHECK(rc::check([&] {
    const auto zone = *rc::gen::elementOf(zones);
    const auto timeframe =
        static_cast<Timeframe>(*rc::gen::inRange<int>(0, static_cast<int>(kTimeframeCount)));
    const auto start = *rc::gen::inRange<int>(0, 1440);
    const auto seconds = *rc::gen::inRange<std::int64_t>(1'500'000'000, 1'750'000'000);
    const Calendar calendar({zone, std::chrono::minutes{start}});
    const ExchangeTime time = exchange_time_from_ns(seconds * 1'000'000'000 + 123);
    const BarSpan span = calendar.bar_at(time, timeframe);
    RC_ASSERT(span.open <= time);
    RC_ASSERT(time < span.end);
    RC_ASSERT(calendar.bar_at(span.open, timeframe) == span);
    RC_ASSERT(calendar.bar_at(span.end - Nanoseconds{1}, timeframe) == span);
    RC_ASSERT(calendar.bar_at(span.end, timeframe).open == span.end);
    // A fresh calendar agrees with one that remembers a day.
    RC_ASSERT(Calendar({zone, std::chrono::minutes{start}}).bar_at(span.end, timeframe).open ==
              span.end);
  }));
}

}  // namespace
}  // namespace fastrsi
