#include "engine/base/iso_time.hpp"

#include <cstdio>
#include <ctime>
#include <random>
#include <string>

#include "tests/catch.hpp"

using fastrsi::parse_iso_ns;
using fastrsi::parse_seconds_ns;

TEST_CASE("iso_time: reads every precision from seconds to nanoseconds", "[iso_time]") {
  const std::int64_t second = 1'618'677'810;
  CHECK(parse_iso_ns("2021-04-17T16:43:30Z") == second * 1'000'000'000);
  CHECK(parse_iso_ns("2021-04-17T16:43:30.2Z") == second * 1'000'000'000 + 200'000'000);
  CHECK(parse_iso_ns("2021-04-17T16:43:30.244075Z") == second * 1'000'000'000 + 244'075'000);
  CHECK(parse_iso_ns("2021-04-17T16:43:30.244075001Z") == second * 1'000'000'000 + 244'075'001);
  CHECK(parse_iso_ns("2021-04-17T16:43:30.000000001Z") == second * 1'000'000'000 + 1);
}

TEST_CASE("iso_time: reads what Go prints, zones, and texts without one as UTC", "[iso_time]") {
  const std::int64_t expected = 1'786'309'548'854'840'045;
  CHECK(parse_iso_ns("2026-08-09 21:05:48.854840045 +0000 UTC m=+5.518") == expected);
  CHECK(parse_iso_ns("2026-08-09 21:05:48.854840045 +0000 UTC") == expected);
  CHECK(parse_iso_ns("2026-08-09T21:05:48.854840045+00:00") == expected);
  CHECK(parse_iso_ns("2026-08-10T00:35:48.854840045+03:30") == expected);
  CHECK(parse_iso_ns("2026-08-09T16:05:48.854840045-0500") == expected);
  CHECK(parse_iso_ns("2026-08-09 21:05:48.854840045") == expected);
  CHECK(parse_iso_ns("2020-12-15 09:30") == 1'608'024'600'000'000'000);
  CHECK(parse_iso_ns("1970-01-02") == 86'400'000'000'000);
  CHECK(parse_iso_ns("1969-12-31T23:59:59.5Z") == -500'000'000);
}

TEST_CASE("iso_time: refuses what is no time, no real date, or too far away", "[iso_time]") {
  for (const char* text : {"",
                           "Z",
                           "2021",
                           "2021-04",
                           "2021-4-17",
                           "2021-04-17T",
                           "2021-04-17T16",
                           "2021-04-17T16:43:",
                           "2021-04-17T16:43:3Z",
                           "2021-04-17T16:43:30.Z",
                           "2021-04-17T16:43:30.1234567890Z",
                           "2021-02-29T00:00:00Z",
                           "2021-13-01",
                           "2021-00-10",
                           "2021-01-32",
                           "2021-04-17T24:00:00Z",
                           "2021-04-17T16:60:00Z",
                           "2021-04-17T16:43:60Z",
                           "2021-04-17T16:43:30ZZ",
                           "2021-04-17x16:43:30Z",
                           "2021-04-17T16:43:30 UTC",
                           "2021-04-17T16:43:30+0",
                           "2021-04-17T16:43:30+99:00",
                           "2021-04-17T16:43:30 +0000 CET",
                           "0001-01-01T00:00:00Z",
                           "2263-01-01T00:00:00Z",
                           "+2021-04-17",
                           "-2021-04-17",
                           "٢٠٢١-04-17"}) {
    INFO(text);
    CHECK_FALSE(parse_iso_ns(text).has_value());
  }
}

TEST_CASE("iso_time: agrees with timegm on random instants", "[iso_time]") {
  std::mt19937_64 random{20240808};
  std::uniform_int_distribution<std::int64_t> any_second{-9'000'000'000, 9'000'000'000};
  for (int i = 0; i < 100'000; ++i) {
    const std::int64_t second = any_second(random);
    std::time_t instant = second;
    std::tm parts{};
    REQUIRE(gmtime_r(&instant, &parts) != nullptr);
    char text[64];
    REQUIRE(std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts) != 0);
    REQUIRE(parse_iso_ns(text) == second * 1'000'000'000);
  }
}

TEST_CASE("iso_time: reads seconds with a fraction exactly", "[iso_time]") {
  CHECK(parse_seconds_ns("1617666461.465618") == 1'617'666'461'465'618'000);
  CHECK(parse_seconds_ns("1617666461") == 1'617'666'461'000'000'000);
  CHECK(parse_seconds_ns("1617666461.000000001") == 1'617'666'461'000'000'001);
  CHECK(parse_seconds_ns("0.5") == 500'000'000);
  for (const char* text : {"", ".", ".5", "1.", "-1", "+1", "1e9", "1.0000000000", "1 ", " 1",
                           "inf", "9223372036854775807", "99999999999999999999999"}) {
    INFO(text);
    CHECK_FALSE(parse_seconds_ns(text).has_value());
  }
}
