// Which attempt is made next (DELIVERY.md, section 7.3): the highest priority, sealed messages
// before open groups, then by age; and only when quiet hours, an endpoint, the rates and the quota
// allow it.
#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "engine/base/assert.hpp"

#include "sinks/delivery/delivery_sink.hpp"

namespace fastrsi {
namespace {

// Stands in for an id that is not known before it is known what the message holds.
constexpr std::string_view kAnyMid = "aaaaaaaaaaaaaaaaaaaaaaaaaa";

}  // namespace

std::vector<DeliverySink::Candidate> DeliverySink::candidates(WallMs now, Priority least) const {
  std::vector<Candidate> found;
  frozen_.for_each([&](const FrozenMessage& message) {
    const bool due =
        std::any_of(message.targets.begin(), message.targets.end(), [&](const TargetRow& target) {
          return target.state == TargetState::Wait && target.due <= now;
        });
    if (!due || message.row.priority < least) return;
    found.push_back({message.row.priority, false, message.row.place, message.row.mid, {}});
  });
  for (const Groups::Due& due : groups_.due(now, least)) {
    found.push_back({due.priority, true, due.place, {}, due.key});
  }
  std::sort(found.begin(), found.end(), [](const Candidate& a, const Candidate& b) {
    return std::tuple(-static_cast<int>(a.priority), a.open, a.place) <
           std::tuple(-static_cast<int>(b.priority), b.open, b.place);
  });
  return found;
}

std::optional<DeliveryAttempt> DeliverySink::next(WallMs now) {
  FASTRSI_ASSERT(!flight_);
  expire(now);
  if (live_ == 0) return std::nullopt;
  const auto endpoint = endpoints_.available(now, std::vector<bool>(settings_.endpoints.size()));
  if (!endpoint || limiter_.ready_at(now) > now) return std::nullopt;
  const QuietMode quiet = quiet_.at(now);
  const bool is_held = quiet == QuietMode::Hold || quiet == QuietMode::Drop;
  const Priority least = is_held ? Priority::Critical : Priority::Low;
  for (const Candidate& candidate : candidates(now, least)) {
    if (quota_.room(candidate.priority) < 1) continue;
    FrozenMessage* message =
        candidate.open ? seal(candidate.group, least, quiet, now) : frozen_.find(candidate.mid);
    if (message != nullptr && begin(*message, *endpoint, now)) return attempt();
  }
  return std::nullopt;
}

// Room for `wanted` more targets: what is still being collected goes for it, what is about to be
// sealed only when there is nothing else, and never all of that.
bool DeliverySink::make_room(std::size_t wanted, std::vector<std::uint64_t>& kept, WallMs now) {
  const std::size_t excess =
      live_ + wanted > settings_.live_most ? live_ + wanted - settings_.live_most : 0;
  if (excess >= groups_.size()) return false;
  std::set<std::uint64_t> spared(kept.begin(), kept.end());
  std::vector<std::pair<std::uint64_t, DeliveryEvent>> aside;
  for (std::size_t i = 0; i < excess;) {
    const auto victim = groups_.victim();
    if (!victim) {
      // The lowest of the kept: they were set aside first.
      const std::uint64_t place = aside.front().first;
      groups_.add(place, std::move(aside.front().second));
      aside.erase(aside.begin());
      drop(place, now);
      std::erase(kept, place);
      ++i;
    } else if (spared.contains(*victim)) {
      aside.emplace_back(*victim, groups_.remove(*victim));
    } else {
      drop(*victim, now);
      ++i;
    }
  }
  for (auto& [place, event] : aside) groups_.add(place, std::move(event));
  return !kept.empty();
}

std::vector<DeliveryEvent> DeliverySink::events_at(const std::vector<std::uint64_t>& places) const {
  std::vector<DeliveryEvent> events;
  events.reserve(places.size());
  for (const std::uint64_t place : places) events.push_back(groups_.event(place));
  return events;
}

// The events of the digest's next part, in their order; numbers of the part go into the envelope
// and the group's row.
std::vector<std::uint64_t> DeliverySink::part_of_digest(GroupRow& row,
                                                        std::vector<std::uint64_t> places,
                                                        bool whole_group,
                                                        Envelope& envelope) const {
  const std::vector<DeliveryEvent> events = events_at(places);
  const auto fit_from = [&](std::size_t from) {
    const std::size_t most = std::min(settings_.symbols_most, events.size() - from);
    const std::span<const DeliveryEvent> rest(events.data() + from, most);
    return std::clamp<std::size_t>(composer_.fit(rest, envelope), 1, most);
  };
  const std::uint64_t last = *std::max_element(places.begin(), places.end());
  const bool goes_on = whole_group && row.part > 0 && last <= row.last_place;
  if (goes_on) {
    envelope.part = row.part + 1;
    envelope.parts = std::max(row.parts, envelope.part);
  }
  std::size_t taken = fit_from(0);
  if (!goes_on && taken < events.size()) {
    // How many parts it takes decides whether a part's number takes room.
    envelope.parts = 2;
    std::size_t parts = 0;
    for (std::size_t from = 0; from < events.size(); ++parts) from += fit_from(from);
    envelope.parts = std::max<std::size_t>(parts, 2);
    taken = fit_from(0);
  }
  const bool is_last = taken == events.size();
  if (is_last && goes_on) envelope.parts = envelope.part;
  if (whole_group) {
    row.part = is_last ? 0 : envelope.part;
    row.parts = is_last ? 0 : envelope.parts;
    row.last_place = is_last ? 0 : last;
  }
  places.resize(taken);
  std::sort(places.begin(), places.end());
  return places;
}

// What of the group may be sealed now, and whether that is all of it that waits: a quota's reserve,
// or quiet hours, let only some of them go.
std::vector<std::uint64_t> DeliverySink::sealable(const GroupKey& key, Priority least, WallMs now,
                                                  bool& whole_group) const {
  std::vector<std::uint64_t> places = groups_.selectable(key, least, now);
  const Priority highest = groups_.event(places.front()).priority;
  const bool is_reserve = quota_.room(Priority::Low) < 1;
  if (is_reserve) {
    std::erase_if(places, [&](auto place) { return groups_.event(place).priority < highest; });
  }
  whole_group = !is_reserve && least == Priority::Low;
  return places;
}

// Makes a message of a group's events, its octets fixed for all attempts. Null when there is no
// room for it.
FrozenMessage* DeliverySink::seal(const GroupKey& key, Priority least, QuietMode quiet,
                                  WallMs now) {
  if (frozen_.octets() >= kOctetsHeldMost) return nullptr;
  bool whole_group = true;
  std::vector<std::uint64_t> all = sealable(key, least, now, whole_group);
  if (!make_room(settings_.targets.size(), all, now)) return nullptr;
  GroupRow& row = groups_.row(key);
  Envelope envelope;
  envelope.mid = kAnyMid;
  envelope.frozen = now;
  envelope.dropped = row.dropped;
  envelope.silent =
      quiet == QuietMode::Silent && groups_.event(all.front()).priority < Priority::Critical;
  const std::vector<std::uint64_t> places = part_of_digest(row, all, whole_group, envelope);
  FrozenMessage& message = frozen_.add(message_of(places, envelope));
  changes_.emplace_back(message.row);
  for (const std::uint64_t place : places) {
    const DeliveryEvent event = groups_.remove(place);
    changes_.emplace_back(EventMove{event.key, EventState::Frozen, message.row.mid, now});
  }
  for (const TargetRow& target : message.targets) changes_.emplace_back(target);
  row.last_sent = now;
  row.dropped = 0;
  changes_.emplace_back(row);
  live_ += message.targets.size();
  tallies_.add(Tally::Messages);
  tallies_.add(Tally::Deliveries, message.targets.size());
  return &message;
}

FrozenMessage DeliverySink::message_of(const std::vector<std::uint64_t>& places,
                                       Envelope& envelope) {
  const std::vector<DeliveryEvent> events = events_at(places);
  std::vector<std::string_view> keys;
  FrozenMessage message;
  MessageRow& row = message.row;
  row.expires = INT64_MAX;
  row.priority = Priority::Low;
  message.created = INT64_MAX;
  for (const DeliveryEvent& event : events) {
    keys.push_back(event.key);
    message.events.push_back(event.key);
    row.expires = std::min(row.expires, event.expires);
    row.priority = std::max(row.priority, event.priority);
    message.created = std::min(message.created, event.created);
  }
  envelope.mid = message_id(sha256_, settings_.sink, keys);
  // The same events again, while they are on their way: their keys were forgotten for want of room.
  while (frozen_.find(envelope.mid) != nullptr) {
    keys.emplace_back("again");
    envelope.mid = message_id(sha256_, settings_.sink, keys);
  }
  row.mid = envelope.mid;
  row.place = places.front();
  row.group = group_of(events.front());
  row.frozen = envelope.frozen;
  row.part = envelope.part;
  row.parts = envelope.parts;
  row.silent = envelope.silent;
  row.octets = composer_.compose(events, envelope);
  for (const std::string& target : settings_.targets) {
    message.targets.push_back(
        {row.mid, target, TargetState::Wait, envelope.frozen, 0, false, 0, {}});
  }
  return message;
}

bool DeliverySink::begin(FrozenMessage& message, std::size_t endpoint, WallMs now) {
  FASTRSI_ASSERT(message.row.expires > now);
  const std::size_t shipment = settings_.targets_most.empty()
                                   ? 1
                                   : std::max<std::size_t>(settings_.targets_most[endpoint], 1);
  const auto room = static_cast<std::size_t>(quota_.room(message.row.priority));
  Flight flight;
  for (std::size_t i = 0; i < message.targets.size(); ++i) {
    const TargetRow& target = message.targets[i];
    if (flight.targets.size() == std::min(shipment, room)) break;
    if (target.state == TargetState::Wait && target.due <= now) flight.targets.push_back(i);
  }
  if (flight.targets.empty()) return false;
  for (const std::size_t i : flight.targets) {
    TargetRow& target = message.targets[i];
    target.state = TargetState::InFlight;
    ++target.attempts;
    changes_.emplace_back(target);
  }
  flight.mid = message.row.mid;
  flight.endpoint = endpoint;
  flight.tried.assign(settings_.endpoints.size(), false);
  flight.tried[endpoint] = true;
  if (!settings_.dry_run) {
    limiter_.take(now, changes_);
    flight.quota_slot =
        quota_.take(static_cast<std::int64_t>(flight.targets.size()), now, changes_);
  }
  endpoints_.book(endpoint, now, changes_);
  tallies_.add(Tally::Attempts);
  flight_ = std::move(flight);
  return true;
}

DeliveryAttempt DeliverySink::attempt() {
  const FrozenMessage& message = *frozen_.find(flight_->mid);
  DeliveryAttempt attempt;
  attempt.endpoint = flight_->endpoint;
  attempt.mid = message.row.mid;
  attempt.octets = message.row.octets;
  for (const std::size_t i : flight_->targets) attempt.targets.push_back(message.targets[i].target);
  return attempt;
}

}  // namespace fastrsi
