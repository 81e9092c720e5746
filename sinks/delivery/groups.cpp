#include "sinks/delivery/groups.hpp"

#include <algorithm>
#include <iterator>

#include "engine/base/assert.hpp"

namespace fastrsi {

GroupKey group_of(const DeliveryEvent& event) noexcept {
  return {event.kind, event.timeframe, event.stage};
}

std::string order_key(const DeliveryEvent& event) {
  std::string key(to_text(event.timeframe));
  return key.append("|").append(event.venue).append(":").append(event.symbol);
}

void Groups::restore(const GroupRow& row, WallMs now) {
  Group& group = groups_[row.group];
  group.row = row;
  group.row.last_sent = std::min(row.last_sent, now);
}

void Groups::add(std::uint64_t place, DeliveryEvent event) {
  Group& group = groups_[group_of(event)];
  group.row.group = group_of(event);
  group.open.insert(place);
  group.created.emplace(event.created, place);
  series_[order_key(event)].insert(place);
  by_priority_.emplace(event.priority, place);
  by_expiry_.emplace(event.expires, place);
  const bool is_new = events_.emplace(place, std::move(event)).second;
  FASTRSI_ASSERT(is_new);
}

DeliveryEvent Groups::remove(std::uint64_t place) {
  const auto found = events_.find(place);
  FASTRSI_ASSERT(found != events_.end());
  DeliveryEvent event = std::move(found->second);
  events_.erase(found);
  Group& group = groups_[group_of(event)];
  group.open.erase(place);
  group.created.erase({event.created, place});
  const auto series = series_.find(order_key(event));
  series->second.erase(place);
  if (series->second.empty()) series_.erase(series);
  by_priority_.erase({event.priority, place});
  by_expiry_.erase({event.expires, place});
  return event;
}

// A digest under way holds the group's oldest: it ends when they are gone.
bool Groups::is_digest_open(const Group& group) const noexcept {
  return group.row.part > 0 && !group.open.empty() && *group.open.begin() <= group.row.last_place;
}

WallMs Groups::due_at(const Group& group) const noexcept {
  const WallMs waited = group.created.begin()->first + wait_.count();
  if (group.row.last_sent == 0) return waited;
  return std::max(waited, group.row.last_sent + interval_.count());
}

std::vector<Groups::Due> Groups::due(WallMs now, Priority least) const {
  std::vector<Due> found;
  for (const auto& [key, group] : groups_) {
    if (group.open.empty() || (due_at(group) > now && !is_digest_open(group))) continue;
    const std::vector<std::uint64_t> places = selectable(key, least, now);
    if (places.empty()) continue;
    const std::uint64_t oldest = *std::min_element(places.begin(), places.end());
    found.push_back({key, events_.at(places.front()).priority, oldest});
  }
  return found;
}

bool Groups::is_behind(std::uint64_t place, const GroupKey& key) const {
  const DeliveryEvent& event = events_.at(place);
  for (const std::uint64_t elder : series_.at(order_key(event))) {
    if (elder >= place) return false;
    const DeliveryEvent& other = events_.at(elder);
    // In its own group the elder is taken with it, or before it.
    if (other.priority >= event.priority && group_of(other) != key) return true;
  }
  return false;
}

std::vector<std::uint64_t> Groups::selectable(const GroupKey& key, Priority least,
                                              WallMs now) const {
  const Group& group = groups_.at(key);
  std::vector<std::uint64_t> places;
  for (const std::uint64_t place : group.open) {
    if (events_.at(place).priority >= least && !is_behind(place, key)) places.push_back(place);
  }
  std::stable_sort(places.begin(), places.end(), [&](std::uint64_t a, std::uint64_t b) {
    return events_.at(a).priority > events_.at(b).priority;
  });
  if (!is_digest_open(group) || places.empty()) return places;
  std::vector<std::uint64_t> digest;
  std::copy_if(places.begin(), places.end(), std::back_inserter(digest),
               [&](std::uint64_t place) { return place <= group.row.last_place; });
  if (due_at(group) > now) return digest;
  const bool has_highest =
      !digest.empty() && events_.at(digest.front()).priority >= events_.at(places.front()).priority;
  return has_highest ? digest : places;
}

WallMs Groups::next_due(WallMs now) const noexcept {
  WallMs first = INT64_MAX;
  for (const auto& [key, group] : groups_) {
    if (group.open.empty()) continue;
    const WallMs due = due_at(group);
    if (due > now) first = std::min(first, due);
  }
  return first;
}

std::optional<std::uint64_t> Groups::victim() const noexcept {
  if (by_priority_.empty()) return std::nullopt;
  return by_priority_.begin()->second;
}

std::optional<std::uint64_t> Groups::expired(WallMs now) const noexcept {
  if (by_expiry_.empty() || by_expiry_.begin()->first > now) return std::nullopt;
  return by_expiry_.begin()->second;
}

WallMs Groups::next_expiry() const noexcept {
  return by_expiry_.empty() ? INT64_MAX : by_expiry_.begin()->first;
}

WallMs Groups::oldest() const noexcept {
  WallMs oldest = 0;
  for (const auto& [key, group] : groups_) {
    if (group.created.empty()) continue;
    const WallMs created = group.created.begin()->first;
    oldest = oldest == 0 ? created : std::min(oldest, created);
  }
  return oldest;
}

}  // namespace fastrsi
