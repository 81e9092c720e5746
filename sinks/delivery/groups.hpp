// Events that are being collected into digests: a group for each kind, timeframe and stage. A group
// stays open until a message can really go, and is sealed then ("late seal"): while tokens are
// missing it grows, and a slow channel gets few full messages instead of many old ones.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "sinks/delivery/rows.hpp"
#include "sinks/delivery/settings.hpp"

namespace fastrsi {

// Owner: one DeliverySink, and its thread.
class Groups {
 public:
  struct Due {
    GroupKey key;
    Priority priority = Priority::Low;  // the highest in it that may go
    std::uint64_t place = 0;            // of its oldest that may go
  };

  Groups(Milliseconds wait, Milliseconds interval) : wait_(wait), interval_(interval) {}

  void restore(const GroupRow& row, WallMs now);
  void add(std::uint64_t place, DeliveryEvent event);
  DeliveryEvent remove(std::uint64_t place);

  // Groups of which a message may be made now, of events of at least this priority.
  std::vector<Due> due(WallMs now, Priority least) const;
  // Its events that may go now, the highest priority first, then in their order. Of the digest
  // under way alone, until the group is due again and has something of a higher priority. An event
  // whose elder of the same symbol and timeframe waits in another group waits with it: people must
  // not hear them in reverse.
  std::vector<std::uint64_t> selectable(const GroupKey& key, Priority least, WallMs now) const;
  // The first moment after `now` at which a group falls due; INT64_MAX: none does by itself.
  WallMs next_due(WallMs now) const noexcept;

  // The one that goes when there is no room: of the lowest priority the oldest.
  std::optional<std::uint64_t> victim() const noexcept;
  std::optional<std::uint64_t> expired(WallMs now) const noexcept;
  WallMs next_expiry() const noexcept;  // INT64_MAX: none

  const DeliveryEvent& event(std::uint64_t place) const { return events_.at(place); }
  bool has(std::uint64_t place) const { return events_.contains(place); }
  std::size_t size() const noexcept { return events_.size(); }
  WallMs oldest() const noexcept;  // created; 0: there is none
  GroupRow& row(const GroupKey& key) { return groups_[key].row; }

 private:
  struct Group {
    GroupRow row;
    std::set<std::uint64_t> open;
    std::set<std::pair<WallMs, std::uint64_t>> created;
  };
  WallMs due_at(const Group& group) const noexcept;
  bool is_digest_open(const Group& group) const noexcept;
  bool is_behind(std::uint64_t place, const GroupKey& key) const;

  const Milliseconds wait_;
  const Milliseconds interval_;
  std::map<std::uint64_t, DeliveryEvent> events_;
  std::map<GroupKey, Group> groups_;
  std::map<std::string, std::set<std::uint64_t>> series_;  // by symbol and timeframe
  std::set<std::pair<Priority, std::uint64_t>> by_priority_;
  std::set<std::pair<WallMs, std::uint64_t>> by_expiry_;
};

GroupKey group_of(const DeliveryEvent& event) noexcept;
// What stays in order: a symbol's events on one timeframe.
std::string order_key(const DeliveryEvent& event);

}  // namespace fastrsi
