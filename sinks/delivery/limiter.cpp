#include "sinks/delivery/limiter.hpp"

#include <algorithm>

namespace fastrsi {

RateLimiter::RateLimiter(const std::vector<Rate>& rates) {
  for (const Rate& rate : rates) {
    const std::int64_t step = (rate.period.count() * 1000 + rate.count - 1) / rate.count;
    buckets_.push_back({to_text(rate), step, step * (rate.burst - 1), 0});
  }
}

void RateLimiter::restore(const LimiterRow& row) {
  for (Bucket& bucket : buckets_) {
    if (bucket.name == row.bucket) bucket.tat_us = std::max(bucket.tat_us, row.tat_us);
  }
}

// No clock that only goes forward leads further ahead than this.
std::int64_t RateLimiter::tat_at(const Bucket& bucket, std::int64_t now_us) noexcept {
  return std::min(bucket.tat_us, now_us + bucket.slack_us + bucket.step_us);
}

WallMs RateLimiter::ready_at(WallMs now) const noexcept {
  WallMs ready = now;
  for (const Bucket& bucket : buckets_) {
    const std::int64_t from_us = tat_at(bucket, now * 1000) - bucket.slack_us;
    ready = std::max(ready, (from_us + 999) / 1000);
  }
  return ready;
}

void RateLimiter::take(WallMs now, DeliveryChanges& changes) {
  for (Bucket& bucket : buckets_) {
    const std::int64_t now_us = now * 1000;
    bucket.tat_us = std::max(tat_at(bucket, now_us), now_us) + bucket.step_us;
    changes.emplace_back(LimiterRow{bucket.name, bucket.tat_us});
  }
}

}  // namespace fastrsi
