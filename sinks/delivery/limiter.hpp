// Token buckets as a generic cell rate algorithm (ITU-T I.371, annex A): one number a bucket, the
// theoretical arrival time of the next cell, which is durable. With T = period / n and
// tau = T (burst - 1) an attempt is allowed when now >= tat - tau, and then tat = max(tat, now) +
// T.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sinks/delivery/rows.hpp"
#include "sinks/delivery/settings.hpp"

namespace fastrsi {

// Owner: one DeliverySink, and its thread.
class RateLimiter {
 public:
  explicit RateLimiter(const std::vector<Rate>& rates);

  void restore(const LimiterRow& row);
  // The first moment at which every bucket allows an attempt; `now` when they do already. A clock
  // that was set back delays it by no more than one burst.
  WallMs ready_at(WallMs now) const noexcept;
  void take(WallMs now, DeliveryChanges& changes);

 private:
  struct Bucket {
    std::string name;
    std::int64_t step_us;   // T, rounded up
    std::int64_t slack_us;  // tau
    std::int64_t tat_us;
  };
  static std::int64_t tat_at(const Bucket& bucket, std::int64_t now_us) noexcept;

  std::vector<Bucket> buckets_;
};

}  // namespace fastrsi
