// Recipients in a rolling period (Gmail: 500 in 24 hours, counted as recipients, not as mails).
// Stamps are gathered a minute each, as of its last one: so the count is never too small.
#pragma once

#include <cstdint>
#include <map>

#include "sinks/delivery/rows.hpp"
#include "sinks/delivery/settings.hpp"

namespace fastrsi {

// Owner: one DeliverySink, and its thread.
class RecipientQuota {
 public:
  explicit RecipientQuota(const Quota& quota) : quota_(quota) {}

  // A stamp of a time to come was made before the clock was set back: it counts as of now.
  void restore(const StampRow& row, WallMs now);
  // How many recipients a message of this priority may have now.
  std::int64_t room(Priority priority) const noexcept;
  // The first moment after `now` at which there may be more room; 0: none comes by itself.
  WallMs more_at() const noexcept;
  // Returns the slot that give_back() needs.
  std::int64_t take(std::int64_t count, WallMs now, DeliveryChanges& changes);
  // Nobody was sent to after all.
  void give_back(std::int64_t slot, std::int64_t count, DeliveryChanges& changes);
  void forget(WallMs now, DeliveryChanges& changes);

 private:
  struct Stamp {
    WallMs at = 0;
    std::int64_t count = 0;
  };
  const Quota quota_;
  std::map<std::int64_t, Stamp> stamps_;
  std::int64_t used_ = 0;
};

}  // namespace fastrsi
