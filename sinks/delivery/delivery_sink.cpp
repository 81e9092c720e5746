// Taking events in, and how each comes to its end.
#include "sinks/delivery/delivery_sink.hpp"

#include <algorithm>
#include <utility>

#include "engine/base/assert.hpp"

#include "sinks/delivery/filter.hpp"

namespace fastrsi {
namespace {

// Keys forgotten in one step: none takes long.
constexpr std::size_t kForgottenAtOnce = 256;

Tally tally_of(EventState state) noexcept {
  switch (state) {
    case EventState::Done:
      return Tally::Done;
    case EventState::Dead:
      return Tally::Dead;
    case EventState::Expired:
      return Tally::Expired;
    default:
      return Tally::Dropped;
  }
}

}  // namespace

void DeliverySink::passed(std::uint64_t seq) {
  if (seq <= cursor_) return;
  cursor_ = seq;
  changes_.emplace_back(CursorRow{seq});
}

DeliveryChanges DeliverySink::take_changes() {
  tallies_.take_changed([&](std::string_view name, std::uint64_t count) {
    changes_.emplace_back(TallyRow{std::string(name), count});
  });
  return std::exchange(changes_, {});
}

void DeliverySink::offer(DeliveryEvent event, WallMs now) {
  tallies_.add(Tally::Offered);
  event.key = event_key(event, settings_.repeat);
  if (event.created == 0) event.created = now;
  if (event.expires == 0) event.expires = expiry_of(settings_, event);
  event.priority = priority_of(settings_, event);
  const bool critical = event.priority == Priority::Critical;
  const bool is_dropped = !critical && quiet_.at(now) == QuietMode::Drop;
  if (!is_wanted(settings_, event) || is_dropped) return tallies_.add(Tally::Suppressed);
  // Nobody hears of it, so it was not said.
  if (event.expires <= now) return tallies_.add(Tally::Expired);
  if (notified_.seen(event, now, changes_)) return tallies_.add(Tally::Duplicate);
  const std::uint64_t place = next_place_++;
  changes_.emplace_back(EventRow{place, event, EventState::Collecting, {}});
  groups_.add(place, std::move(event));
  ++live_;
  while (live_ > settings_.live_most) {
    const auto victim = groups_.victim();
    FASTRSI_ASSERT(victim.has_value());
    drop(*victim, now);
  }
}

void DeliverySink::drop(std::uint64_t place, WallMs now) {
  const DeliveryEvent event = groups_.remove(place);
  GroupRow& row = groups_.row(group_of(event));
  ++row.dropped;
  changes_.emplace_back(row);
  end_event(event.key, EventState::Dropped, {}, now);
}

void DeliverySink::end_event(const std::string& key, EventState state, const std::string& mid,
                             WallMs now) {
  FASTRSI_ASSERT(!is_live(state));
  FASTRSI_ASSERT(live_ > 0);
  --live_;
  tallies_.add(tally_of(state));
  changes_.emplace_back(EventMove{key, state, mid, now});
}

void DeliverySink::end_target(TargetRow& target, TargetState state) {
  FASTRSI_ASSERT(is_live(target.state));
  FASTRSI_ASSERT(live_ > 0);
  --live_;
  target.state = state;
  const Tally tally = state == TargetState::Done   ? Tally::DeliveriesDone
                      : state == TargetState::Dead ? Tally::DeliveriesDead
                                                   : Tally::DeliveriesExpired;
  tallies_.add(tally);
  changes_.emplace_back(target);
}

void DeliverySink::set_dead(TargetRow& target, std::string_view reason, WallMs now) {
  end_target(target, TargetState::Dead);
  changes_.emplace_back(DeadRow{target.mid, target.target, std::string(reason), now,
                                target.last_code, target.last_text});
}

// No target is left: its events come to their end. One that reached anybody is done.
void DeliverySink::finish(FrozenMessage& message, WallMs now) {
  const auto any = [&](TargetState state) {
    return std::any_of(message.targets.begin(), message.targets.end(),
                       [&](const TargetRow& target) { return target.state == state; });
  };
  const EventState state = any(TargetState::Done)   ? EventState::Done
                           : any(TargetState::Dead) ? EventState::Dead
                                                    : EventState::Expired;
  const std::string mid = message.row.mid;
  for (const std::string& key : message.events) end_event(key, state, mid, now);
  // Of one that was sent once more there may be other dead letters.
  const bool keep_octets = any(TargetState::Dead) || message.events.empty();
  changes_.emplace_back(MessageEnd{mid, now, keep_octets});
  frozen_.remove(mid);
}

void DeliverySink::expire_message(FrozenMessage& message, WallMs now) {
  for (TargetRow& target : message.targets) {
    if (target.state == TargetState::Wait) end_target(target, TargetState::Expired);
  }
  if (!has_live_target(message)) finish(message, now);
}

void DeliverySink::expire(WallMs now) {
  while (const auto place = groups_.expired(now)) {
    end_event(groups_.remove(*place).key, EventState::Expired, {}, now);
  }
  std::vector<std::string> over;
  frozen_.for_each([&](const FrozenMessage& message) {
    if (message.row.expires <= now) over.push_back(message.row.mid);
  });
  for (const std::string& mid : over) {
    // What is under way has its answer coming.
    if (!flight_ || flight_->mid != mid) expire_message(*frozen_.find(mid), now);
  }
  notified_.forget(now, kForgottenAtOnce, changes_);
  quota_.forget(now, changes_);
}

WallMs DeliverySink::wake_at(WallMs now) const {
  WallMs wake = std::min(groups_.next_due(now), groups_.next_expiry());
  const auto sooner = [&](WallMs time) {
    if (time > now) wake = std::min(wake, time);
  };
  frozen_.for_each([&](const FrozenMessage& message) {
    sooner(message.row.expires);
    for (const TargetRow& target : message.targets) {
      if (target.state == TargetState::Wait) sooner(target.due);
    }
  });
  if (live_ == 0) return wake;
  sooner(limiter_.ready_at(now));
  sooner(endpoints_.ready_at(now));
  sooner(quota_.more_at());
  // The clock of a zone changes by whole minutes.
  constexpr WallMs kMinute = 60'000;
  if (!quiet_.is_empty()) sooner((now / kMinute + 1) * kMinute);
  return std::max(wake, now);
}

bool DeliverySink::requeue(MessageRow message, const std::string& target, WallMs now) {
  const auto& known = settings_.targets;
  if (std::find(known.begin(), known.end(), target) == known.end()) return false;
  if (message.octets.empty() || live_ + 1 > settings_.live_most) return false;
  if (frozen_.octets() + message.octets.size() > kOctetsHeldMost) return false;
  TargetRow row{message.mid, target, TargetState::Wait, now, 0, false, 0, {}};
  FrozenMessage* held = frozen_.find(message.mid);
  if (held == nullptr) {
    const WallMs life = std::clamp<WallMs>(message.expires - message.frozen, kExpiryLeast.count(),
                                           kExpiryMost.count());
    message.expires = now + life;
    changes_.emplace_back(message);
    held = &frozen_.add({std::move(message), {}, {}, now});
  }
  const auto place = std::find_if(held->targets.begin(), held->targets.end(),
                                  [&](const TargetRow& other) { return other.target == target; });
  if (place == held->targets.end()) {
    held->targets.push_back(row);
  } else {
    if (place->state != TargetState::Dead) return false;
    *place = row;
  }
  ++live_;
  tallies_.add(Tally::Requeued);
  tallies_.add(Tally::Deliveries);
  changes_.emplace_back(DeadGone{row.mid, target});
  changes_.emplace_back(row);
  return true;
}

DeliveryStatus DeliverySink::status(WallMs now) const {
  DeliveryStatus status;
  status.tallies = tallies_;
  status.live_events = groups_.size();
  status.live = live_;
  status.queue = frozen_.size();
  status.oldest_live = groups_.oldest();
  frozen_.for_each([&](const FrozenMessage& message) {
    status.live_events += message.events.size();
    const bool older = status.oldest_live == 0 || message.created < status.oldest_live;
    if (older) status.oldest_live = message.created;
  });
  const WallMs ready = endpoints_.ready_at(now);
  status.paused_until = ready > now ? ready : 0;
  if (settings_.quota.most > 0) status.quota_left = quota_.room(Priority::Critical);
  status.last_success = last_success_;
  status.last_error = last_error_;
  for (std::size_t i = 0; i < endpoints_.all().size(); ++i) {
    const Endpoints::Endpoint& endpoint = endpoints_.all()[i];
    status.config_error = status.config_error || endpoint.breaker.refused;
    status.endpoints.push_back(
        {endpoint.name, endpoints_.breaker(i, now), endpoint.breaker.until, endpoint.pause.until});
  }
  return status;
}

}  // namespace fastrsi
