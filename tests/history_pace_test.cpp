// The pace of requests for history: the venue's limit in every stretch of its window, and its own
// words above all. Times are passed in.
#include <rapidcheck.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "feeds/live/history_pace.hpp"
#include "tests/catch.hpp"

using namespace fastrsi;
using namespace fastrsi::live;
using namespace std::chrono_literals;

namespace {

const Clock::time_point kPaceStart{1h};
const ExchangeTime kVenueNow = exchange_time_from_ns(1'714'521'600'000'000'000);
constexpr std::int64_t kVenueNowMs = 1'714'521'600'000;

RestFacts rest_of(int count, Nanoseconds per) {
  RestFacts rest;
  rest.weight = {count, per};
  rest.used_weight_header = "X-Used-Weight-1M";
  rest.remaining_header = "X-Left";
  rest.reset_header = "X-Reset";
  rest.slow_down = {429};
  rest.banned = {418, 403};
  return rest;
}

HttpAnswer answer_of(int status, std::chrono::seconds retry_after = 0s) {
  HttpAnswer answer;
  answer.status = status;
  answer.retry_after = retry_after;
  return answer;
}

}  // namespace

TEST_CASE("history pace: no stretch of the window holds more than the limit", "[live_history]") {
  CHECK(rc::check([] {
    const int limit = *rc::gen::inRange(1, 40);
    const auto weights = *rc::gen::container<std::vector<int>>(rc::gen::inRange(1, 12));
    HistoryPace pace(rest_of(limit, 10s), {}, 1);
    std::vector<std::pair<Clock::time_point, int>> sent;
    Clock::time_point now = kPaceStart;
    for (const int weight : weights) {
      now += std::chrono::milliseconds{*rc::gen::inRange(0, 3000)};
      const Clock::time_point at = pace.earliest(weight, now);
      RC_ASSERT(at >= now);
      now = at;
      pace.take(weight, at);
      sent.emplace_back(at, weight);
      std::int64_t sum = 0;
      for (const auto& [time, taken] : sent) sum += time > at - 10s ? taken : 0;
      // One that is heavier than the limit goes alone.
      RC_ASSERT(sum <= std::max(limit, weight));
    }
  }));
}

TEST_CASE("history pace: what fits goes at once, and what does not when enough has gone by",
          "[live_history]") {
  HistoryPace pace(rest_of(10, 60s), {}, 1);
  pace.take(4, kPaceStart);
  pace.take(4, kPaceStart + 20s);
  CHECK(pace.earliest(2, kPaceStart + 21s) == kPaceStart + 21s);
  CHECK(pace.earliest(3, kPaceStart + 21s) >= kPaceStart + 60s);
  CHECK(pace.earliest(3, kPaceStart + 21s) < kPaceStart + 61s);
  CHECK(pace.earliest(7, kPaceStart + 21s) >= kPaceStart + 80s);
  CHECK(pace.earliest(3, kPaceStart + 70s) == kPaceStart + 70s);
  HistoryPace unlimited(RestFacts{}, {}, 1);
  for (int i = 0; i < 1000; ++i) unlimited.take(100, kPaceStart);
  CHECK(unlimited.earliest(100, kPaceStart) == kPaceStart);
}

TEST_CASE("history pace: weight that others used counts as ours", "[live_history]") {
  HistoryPace pace(rest_of(100, 60s), {}, 1);
  pace.take(10, kPaceStart);
  HttpAnswer answer = answer_of(200);
  answer.headers["x-used-weight-1m"] = "10";
  CHECK(pace.answered(answer, kPaceStart, kVenueNow) == HistoryVerdict::Good);
  CHECK(pace.earliest(90, kPaceStart) == kPaceStart);
  answer.headers["x-used-weight-1m"] = "95";
  pace.answered(answer, kPaceStart + 1s, kVenueNow);
  CHECK(pace.earliest(5, kPaceStart + 1s) == kPaceStart + 1s);
  CHECK(pace.earliest(6, kPaceStart + 1s) > kPaceStart + 59s);
  // Words that are no number, and numbers that are no weight.
  for (const char* text : {"", "-1", "x", "99999999999999999999999", "9999999999999999"}) {
    answer.headers["x-used-weight-1m"] = text;
    pace.answered(answer, kPaceStart + 2s, kVenueNow);
    CHECK(pace.earliest(1, kPaceStart + 2s) <= kPaceStart + 64s);
  }
}

TEST_CASE("history pace: when none are left it waits for more, by a clock that can be believed",
          "[live_history]") {
  const auto wait_of = [](std::int64_t reset_ms, const std::string& left) {
    HistoryPace pace(rest_of(600, 5s), {}, 1);
    HttpAnswer answer = answer_of(200);
    answer.headers["x-left"] = left;
    answer.headers["x-reset"] = std::to_string(reset_ms);
    pace.answered(answer, kPaceStart, kVenueNow);
    return pace.earliest(1, kPaceStart) - kPaceStart;
  };
  CHECK(wait_of(kVenueNowMs + 3000, "0") >= 3s);
  CHECK(wait_of(kVenueNowMs + 3000, "0") < 4s);
  CHECK(wait_of(kVenueNowMs + 3000, "1") == 0s);
  CHECK(wait_of(kVenueNowMs - 3000, "0") < 1s);
  CHECK(wait_of(kVenueNowMs + 3'000'000, "0") < 2s);
}

TEST_CASE("history pace: 429, 418 and trouble pause for as long as the venue says, or we do",
          "[live_history]") {
  struct Case {
    int status;
    std::chrono::seconds retry_after;
    HistoryVerdict verdict;
    Clock::duration at_least;
    Clock::duration at_most;
  };
  const std::vector<Case> cases = {
      {429, 7s, HistoryVerdict::TooFast, 7s, 7s},
      {429, 0s, HistoryVerdict::TooFast, 60s, 60s},
      {418, 300s, HistoryVerdict::Banned, 300s, 300s},
      {403, 0s, HistoryVerdict::Banned, 10min, 10min},
      {418, 999'999'999'999s, HistoryVerdict::Banned, kPauseMax, kPauseMax},
      {418, std::chrono::seconds::max(), HistoryVerdict::Banned, kPauseMax, kPauseMax},
      {500, 0s, HistoryVerdict::Failed, 0s, 500ms},
      {503, 9s, HistoryVerdict::Failed, 9s, 9s},
      {200, 0s, HistoryVerdict::Good, 0s, 0s},
      {400, 0s, HistoryVerdict::Refused, 0s, 0s},
      {302, 0s, HistoryVerdict::Refused, 0s, 0s},
      {0, 0s, HistoryVerdict::Refused, 0s, 0s}};
  for (const Case& expected : cases) {
    INFO(expected.status);
    HistoryPace pace(rest_of(100, 60s), {}, 1);
    CHECK(pace.answered(answer_of(expected.status, expected.retry_after), kPaceStart, kVenueNow) ==
          expected.verdict);
    const Clock::duration pause = pace.earliest(1, kPaceStart) - kPaceStart;
    CHECK(pause >= expected.at_least);
    CHECK(pause <= expected.at_most);
  }
}

TEST_CASE("history pace: pauses after trouble grow at random to their longest, and begin anew",
          "[live_history]") {
  HistoryPace pace(rest_of(100, 60s), {}, 7);
  HttpAnswer cut;
  cut.error = "time-out";
  Clock::time_point now = kPaceStart;
  Clock::duration longest{0};
  for (int i = 0; i < 200; ++i) {
    CHECK(pace.answered(cut, now, kVenueNow) == HistoryVerdict::Failed);
    const Clock::duration pause = std::max(pace.paused_until() - now, Clock::duration{0});
    longest = std::max(longest, pause);
    CHECK(pause <= (i < 6 ? 500ms * (1 << i) : Clock::duration{30s}));
    now += 30s;
  }
  CHECK(longest > 20s);
  pace.went_well();
  pace.failed(now);
  CHECK(pace.paused_until() <= now + 500ms);
}
