#include "sinks/delivery/quota.hpp"

#include <algorithm>
#include <limits>

namespace fastrsi {
namespace {

constexpr std::int64_t kSlotMs = 60'000;

}  // namespace

void RecipientQuota::restore(const StampRow& row, WallMs now) {
  if (quota_.most == 0 || row.count <= 0) return;
  Stamp& stamp = stamps_[row.slot];
  stamp.at = std::min(row.at, now);
  stamp.count += row.count;
  used_ += row.count;
}

std::int64_t RecipientQuota::room(Priority priority) const noexcept {
  if (quota_.most == 0) return std::numeric_limits<std::int64_t>::max();
  const std::int64_t reserve =
      priority >= Priority::High ? 0 : (quota_.most * quota_.reserve_percent + 99) / 100;
  return std::max<std::int64_t>(0, quota_.most - reserve - used_);
}

WallMs RecipientQuota::more_at() const noexcept {
  WallMs first = 0;
  for (const auto& [slot, stamp] : stamps_) {
    const WallMs free = stamp.at + quota_.period.count();
    if (first == 0 || free < first) first = free;
  }
  return first;
}

std::int64_t RecipientQuota::take(std::int64_t count, WallMs now, DeliveryChanges& changes) {
  if (quota_.most == 0) return 0;
  const std::int64_t slot = now / kSlotMs;
  Stamp& stamp = stamps_[slot];
  stamp.at = std::max(stamp.at, now);
  stamp.count += count;
  used_ += count;
  changes.emplace_back(StampRow{slot, stamp.at, stamp.count});
  return slot;
}

void RecipientQuota::give_back(std::int64_t slot, std::int64_t count, DeliveryChanges& changes) {
  const auto found = stamps_.find(slot);
  if (quota_.most == 0 || found == stamps_.end()) return;
  const std::int64_t back = std::min(count, found->second.count);
  found->second.count -= back;
  used_ -= back;
  changes.emplace_back(StampRow{slot, found->second.at, found->second.count});
  if (found->second.count == 0) stamps_.erase(found);
}

void RecipientQuota::forget(WallMs now, DeliveryChanges& changes) {
  for (auto place = stamps_.begin(); place != stamps_.end();) {
    if (place->second.at + quota_.period.count() > now) {
      ++place;
      continue;
    }
    used_ -= place->second.count;
    changes.emplace_back(StampRow{place->first, place->second.at, 0});
    place = stamps_.erase(place);
  }
}

}  // namespace fastrsi
