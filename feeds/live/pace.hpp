// How fast a venue may be asked: a connection at a time, with a pause that grows, and control
// messages no faster than it allows. Times are passed in.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <random>
#include <string>

#include "feeds/venues.hpp"

namespace fastrsi::live {

using Clock = std::chrono::steady_clock;

// Pauses before the next attempt: at once the first time, then at random below a bound that doubles
// each time ("full jitter"), so that many clients do not come back together.
// Owner: a link. Thread: its own.
class Backoff {
 public:
  Backoff(Clock::duration first_max, Clock::duration longest, std::uint64_t seed)
      : first_max_(first_max), longest_(longest), random_(seed) {}

  Clock::duration next();
  // The last connection was a good one.
  void reset() noexcept { failures_ = 0; }
  int failures() const noexcept { return failures_; }

 private:
  const Clock::duration first_max_;
  const Clock::duration longest_;
  std::mt19937_64 random_;
  int failures_ = 0;
};

// At most `count` in any stretch of `per`, for one or two limits at once.
// Owner: whoever is limited. Thread: its own.
class Pace {
 public:
  Pace() = default;
  explicit Pace(RateLimit limit, RateLimit second = {}) : limits_{limit, second} {}

  // The earliest time from `now` on at which the next one may go.
  Clock::time_point earliest(Clock::time_point now) const;
  void take(Clock::time_point at);

 private:
  RateLimit limits_[2] = {};
  std::deque<Clock::time_point> taken_;  // the newest last; as many as the limits look back at
};

// New connections of all shards to one host: never more than one a second, and no more than the
// venue allows. Owner: the service. Thread: any.
class ConnectPace {
 public:
  // Takes the next place for `host` from `earliest` on, and returns its time.
  Clock::time_point take(const std::string& host, RateLimit limit, Clock::time_point earliest);

 private:
  std::mutex mutex_;
  std::map<std::string, Pace> hosts_;
};

}  // namespace fastrsi::live
