// Durations, and the nearest word to a mistyped one.
#include "tools/duration.hpp"

#include <rapidcheck.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tests/catch.hpp"
#include "tools/did_you_mean.hpp"

namespace fastrsi {

using namespace std::chrono_literals;

TEST_CASE("duration: units add up from large to small", "[duration]") {
  for (const auto& [text, value] : std::vector<std::pair<std::string, Nanoseconds>>{
           {"0s", 0s},
           {"0d", 0s},
           {"250ms", 250ms},
           {"5m", 5min},
           {"1h30m", 90min},
           {"1d2h3m4s5ms6us7ns", 26h + 3min + 4s + 5ms + 6us + 7ns},
           {"007s", 7s},
           {"106751d", 106751 * 24h},
           {"9223372036854775807ns", Nanoseconds::max()}}) {
    INFO(text);
    REQUIRE(parse_duration(text).value.has_value());
    CHECK(*parse_duration(text).value == value);
  }
}

TEST_CASE("duration: what is no duration says why", "[duration]") {
  for (const auto& [text, why] : std::vector<std::pair<std::string, std::string>>{
           {"", "is empty"},
           {"5", "lacks a unit"},
           {"5 m", "lacks a unit"},
           {"1h30", "lacks a unit"},
           {"m", "is not made of numbers with a unit"},
           {"5m ", "is not made of numbers with a unit"},
           {"+5m", "is not made of numbers with a unit"},
           {"-5m", "is negative"},
           {"1.5h", "has a fraction"},
           {"5min", "has an unknown unit"},
           {"5M", "has an unknown unit"},
           {"30m1h", "has its units out of order"},
           {"1m1m", "has its units out of order"},
           {"106752d", "is too long"},
           {"9223372036854775808ns", "is too long"},
           {"99999999999999999999999d", "is too long"},
           {"106751d86400s", "is too long"}}) {
    INFO(text);
    CHECK_FALSE(parse_duration(text).value.has_value());
    CHECK(parse_duration(text).why == why);
  }
}

TEST_CASE("duration: what is written reads back", "[duration]") {
  CHECK(duration_text(0s) == "0s");
  CHECK(duration_text(90min) == "1h30m");
  CHECK(duration_text(1500ms) == "1s500ms");
  CHECK(rc::check([](std::int64_t ns) {
    const Nanoseconds duration{ns & INT64_MAX};
    RC_ASSERT(parse_duration(duration_text(duration)).value == duration);
  }));
}

TEST_CASE("did you mean: counts edits, and a swap of neighbours as one", "[did_you_mean]") {
  CHECK(edit_distance("", "") == 0);
  CHECK(edit_distance("abc", "") == 3);
  CHECK(edit_distance("kitten", "sitting") == 3);
  CHECK(edit_distance("defualt", "default") == 1);
  CHECK(edit_distance("CLOSE", "close") == 0);
  CHECK(rc::check([](const std::string& a, const std::string& b) {
    const std::size_t longer = std::max(a.size(), b.size());
    const std::size_t shorter = std::min(a.size(), b.size());
    const std::size_t distance = edit_distance(a, b);
    RC_ASSERT(distance == edit_distance(b, a));
    RC_ASSERT(distance <= longer);
    RC_ASSERT(distance >= longer - shorter);
  }));
}

TEST_CASE("did you mean: takes the nearest word, and none that is far", "[did_you_mean]") {
  const std::vector<std::string_view> words = {"forming", "close", "1m"};
  CHECK(nearest_word("closed", words) == "close");
  CHECK(nearest_word("frming", words) == "forming");
  CHECK(nearest_word("weighted", words).empty());
  CHECK(nearest_word("2m", words).empty());
  CHECK(nearest_word(std::string(100'000, 'c'), words).empty());
  CHECK(did_you_mean("closs", words) == "did you mean \"close\"?");
  CHECK(did_you_mean("x", words).empty());
}

}  // namespace fastrsi
