#include "feeds/live/pace.hpp"

#include <algorithm>

namespace fastrsi::live {
namespace {

// A venue that counts by its own clock may see two of ours closer together than we do.
constexpr Nanoseconds kRequestMargin = std::chrono::milliseconds{20};
constexpr RateLimit kOneASecond{1, std::chrono::seconds{1}};

}  // namespace

Clock::duration Backoff::next() {
  // The bound stops doubling long before it overflows.
  const Clock::duration bound = std::min<Clock::duration>(
      longest_, first_max_ * (std::int64_t{1} << std::min(failures_, 20)));
  ++failures_;
  return Clock::duration{std::uniform_int_distribution<Clock::rep>(0, bound.count())(random_)};
}

Clock::time_point Pace::earliest(Clock::time_point now) const {
  Clock::time_point at = now;
  for (const RateLimit& limit : limits_) {
    const auto count = static_cast<std::size_t>(limit.count);
    if (limit.count <= 0 || taken_.size() < count) continue;
    at = std::max(at, taken_[taken_.size() - count] + limit.per + kRequestMargin);
  }
  return at;
}

void Pace::take(Clock::time_point at) {
  taken_.push_back(at);
  const int most = std::max(limits_[0].count, limits_[1].count);
  while (taken_.size() > static_cast<std::size_t>(std::max(most, 1))) taken_.pop_front();
}

Clock::time_point ConnectPace::take(const std::string& host, RateLimit limit,
                                    Clock::time_point earliest) {
  const std::lock_guard lock(mutex_);
  Pace& pace = hosts_.try_emplace(host, Pace(kOneASecond, limit)).first->second;
  const Clock::time_point at = pace.earliest(earliest);
  pace.take(at);
  return at;
}

}  // namespace fastrsi::live
