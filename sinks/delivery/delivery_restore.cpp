// A sink as the rows of its last process leave it. What was under way then is in doubt: nobody
// knows whether it arrived.
#include <algorithm>
#include <map>
#include <utility>

#include "sinks/delivery/delivery_sink.hpp"

namespace fastrsi {
namespace {

const DeliverySettings& checked(const DeliverySettings& settings) {
  check(settings);
  return settings;
}

}  // namespace

DeliverySink::DeliverySink(const DeliverySettings& settings, const Composer& composer,
                           Sha256Hex sha256, DeliveryRows rows, WallMs now)
    : settings_(checked(settings)),
      composer_(composer),
      sha256_(sha256),
      quiet_(settings.quiet),
      groups_(settings.group_wait, settings.group_interval),
      notified_(settings.repeat, settings.repeat_interval),
      limiter_(settings.rates),
      quota_(settings.quota),
      endpoints_(settings.endpoints),
      jitter_(settings.seed) {
  restore(rows, now);
}

void DeliverySink::restore(DeliveryRows& rows, WallMs now) {
  cursor_ = rows.cursor;
  for (const GroupRow& row : rows.groups) groups_.restore(row, now);
  for (const LimiterRow& row : rows.limiters) limiter_.restore(row);
  for (const PauseRow& row : rows.pauses) endpoints_.restore(row, now);
  for (const BreakerRow& row : rows.breakers) endpoints_.restore(row, now);
  for (const StampRow& row : rows.stamps) quota_.restore(row, now);
  for (const NotifiedRow& row : rows.notified) notified_.restore(row);
  for (const TallyRow& row : rows.tallies) tallies_.restore(row.name, row.count);
  std::map<std::string, std::vector<TargetRow>> targets;
  for (TargetRow& row : rows.targets) targets[row.mid].push_back(std::move(row));
  for (MessageRow& row : rows.messages) {
    next_place_ = std::max(next_place_, row.place + 1);
    FrozenMessage message{std::move(row), {}, {}, 0};
    message.targets = std::move(targets[message.row.mid]);
    message.created = message.row.frozen;
    for (const TargetRow& target : message.targets) live_ += is_live(target.state) ? 1 : 0;
    frozen_.add(std::move(message));
  }
  std::sort(rows.events.begin(), rows.events.end(),
            [](const EventRow& a, const EventRow& b) { return a.place < b.place; });
  for (EventRow& row : rows.events) {
    next_place_ = std::max(next_place_, row.place + 1);
    ++live_;
    FrozenMessage* message = frozen_.find(row.mid);
    if (row.state == EventState::Frozen && message != nullptr) {
      message->created = std::min(message->created, row.event.created);
      message->events.push_back(std::move(row.event.key));
      continue;
    }
    // Its message was lost with a damaged page: it is sent as if it had never been sealed.
    groups_.add(row.place, std::move(row.event));
  }
  std::vector<std::string> mids;
  frozen_.for_each([&](const FrozenMessage& message) { mids.push_back(message.row.mid); });
  for (const std::string& mid : mids) restore_targets(*frozen_.find(mid), now);
  expire(now);
}

void DeliverySink::restore_targets(FrozenMessage& message, WallMs now) {
  constexpr WallMs kDueMost = kRetryAfterMost.count();
  for (TargetRow& target : message.targets) {
    if (!is_live(target.state)) continue;
    const auto& known = settings_.targets;
    // Its due time was made by a clock that may have been set back since.
    target.due = std::min(target.due, now + std::max(kDueMost, settings_.backoff.cap.count()));
    if (target.state == TargetState::InFlight) {
      target.in_doubt = true;
      tallies_.add(Tally::InDoubt);
      // Assumed to be sent is only what was sent: here nobody knows even that.
      target.state = TargetState::Wait;
      target.due = now;
      changes_.emplace_back(target);
    }
    if (std::find(known.begin(), known.end(), target.target) == known.end()) {
      set_dead(target, "recipient_gone", now);
    }
  }
  if (!has_live_target(message)) finish(message, now);
}

}  // namespace fastrsi
