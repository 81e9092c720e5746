// How fast a venue is asked: pauses, limits in any window, and places for connections.
#include <algorithm>
#include <random>
#include <vector>

#include "feeds/live/pace.hpp"
#include "tests/catch.hpp"

namespace fastrsi::live {
namespace {

using namespace std::chrono_literals;

const Clock::time_point kPaceBegin = Clock::time_point{} + 1h;

TEST_CASE("live: the first pause is short, later ones grow to their limit, all are random",
          "[live]") {
  Clock::duration longest{0};
  bool differ = false;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    Backoff backoff(250ms, 30s, seed);
    Clock::duration bound = 250ms;
    Clock::duration before{-1};
    for (int i = 0; i < 80; ++i) {
      const Clock::duration pause = backoff.next();
      REQUIRE(pause >= 0s);
      REQUIRE(pause <= std::min<Clock::duration>(bound, 30s));
      differ = differ || (before >= 0s && pause != before);
      before = pause;
      longest = std::max(longest, pause);
      bound = std::min<Clock::duration>(bound * 2, 1h);
    }
    backoff.reset();
    CHECK(backoff.next() <= 250ms);
  }
  CHECK(longest > 25s);
  CHECK(differ);
}

TEST_CASE("live: never more than a limit allows, in any window", "[live]") {
  std::mt19937_64 random(7);
  for (const auto& [limit, second] :
       {std::pair(RateLimit{5, 1s}, RateLimit{}), std::pair(RateLimit{1, 200ms}, RateLimit{10, 5s}),
        std::pair(RateLimit{3, 1s}, RateLimit{480, 1h})}) {
    Pace pace(limit, second);
    std::vector<Clock::time_point> sent;
    Clock::time_point now = kPaceBegin;
    for (int i = 0; i < 2'000; ++i) {
      now += std::chrono::milliseconds(random() % 300);
      now = pace.earliest(now);
      pace.take(now);
      sent.push_back(now);
    }
    for (const RateLimit& one : {limit, second}) {
      const auto count = static_cast<std::size_t>(one.count);
      for (std::size_t i = count; one.count > 0 && i < sent.size(); ++i) {
        REQUIRE(sent[i] - sent[i - count] >= one.per);
      }
    }
  }
}

TEST_CASE("live: what is not limited goes at once", "[live]") {
  Pace pace;
  for (int i = 0; i < 100; ++i) {
    CHECK(pace.earliest(kPaceBegin) == kPaceBegin);
    pace.take(kPaceBegin);
  }
}

TEST_CASE("live: one connection a second to a host, whoever asks; other hosts do not wait",
          "[live]") {
  ConnectPace connects;
  Clock::time_point last = connects.take("a", {}, kPaceBegin);
  CHECK(last == kPaceBegin);
  for (int i = 0; i < 10; ++i) {
    const Clock::time_point at = connects.take("a", {}, kPaceBegin);
    CHECK(at - last >= 1s);
    last = at;
  }
  CHECK(connects.take("b", {}, kPaceBegin) == kPaceBegin);
}

}  // namespace
}  // namespace fastrsi::live
