// What is looked at while a delivery runs.
#include "tests/delivery_checker.hpp"

#include <algorithm>

namespace fastrsi::test {
namespace {

constexpr WallMs kSecond = 1000;
constexpr WallMs kCheckedMinute = 60 * kSecond;
constexpr WallMs kCheckedHour = 60 * kCheckedMinute;

std::string series_of(const DeliveryEvent& event) {
  return event.symbol + "/" + std::string(to_text(event.timeframe));
}

}  // namespace

DeliveryChecker::DeliveryChecker(const DeliverySettings& settings, std::size_t capacity)
    : settings_(settings), capacity_(capacity) {}

void DeliveryChecker::say(const std::string& what) {
  if (violations_.size() < 20) violations_.push_back(what);
}

bool DeliveryChecker::is_quiet(WallMs now, QuietMode mode) const {
  const auto minute = static_cast<int>(now / kCheckedMinute % (24 * 60));
  return std::any_of(settings_.quiet.begin(), settings_.quiet.end(), [&](const QuietHours& hours) {
    const bool inside = hours.from < hours.to ? minute >= hours.from && minute < hours.to
                                              : minute >= hours.from || minute < hours.to;
    return hours.mode == mode && inside;
  });
}

void DeliveryChecker::took(const DeliveryEvent& event, WallMs at) {
  offers_.emplace_back(event, at);
}

void DeliveryChecker::begun(const Flight& flight, const MemoryRows& rows) {
  const ReadMessage message = read_message(flight.octets);
  const auto [known, is_new] = octets_.try_emplace(flight.mid, flight.octets);
  if (is_new) check_pace(message, rows);
  for (const ReadEvent& event : message.events) {
    first_attempt_.try_emplace(event.key, first_attempt_.size());
  }
}

void DeliveryChecker::attempted(const Flight& flight, WallMs now, const MemoryRows& rows) {
  const ReadMessage message = read_message(flight.octets);
  Priority priority = Priority::Low;
  for (const ReadEvent& event : message.events) priority = std::max(priority, event.priority);
  check_message(flight, message, now, rows);
  check_endpoint(flight, now);
  if (flight.first) {
    starts_.push_back(now);
    check_rates(now);
    check_quota(flight, priority, now);
    check_inversion(priority, now, rows);
    check_quiet(priority, now);
  }
  ++tries_;
}

void DeliveryChecker::check_message(const Flight& flight, const ReadMessage& message, WallMs now,
                                    const MemoryRows& rows) {
  if (octets_.at(flight.mid) != flight.octets) say("I5: other octets for " + flight.mid);
  if (message.mid != flight.mid) say("I17: an id that is not the message's");
  if (message.events.empty() || message.events.size() > capacity_) say("I10: size of a message");
  std::set<std::string> keys;
  for (const ReadEvent& event : message.events) {
    if (now >= event.expires) say("I3: attempt after expiry of " + event.key);
    if (!keys.insert(event.key).second) say("I18: twice in a message: " + event.key);
    if (message_of_.try_emplace(event.key, flight.mid).first->second != flight.mid) {
      say("I4: in two messages: " + event.key);
    }
  }
  for (const std::string& target : flight.targets) {
    if (reached_[{flight.mid, target}].done) say("I6: attempt after done, " + flight.mid);
    const auto row = rows.targets().find({flight.mid, target});
    const bool is_durable = row != rows.targets().end() &&
                            row->second.state == TargetState::InFlight &&
                            rows.messages().at(flight.mid).octets == flight.octets;
    if (!is_durable) say("I9: an attempt that is not durable, " + flight.mid);
  }
}

void DeliveryChecker::check_pace(const ReadMessage& message, const MemoryRows& rows) {
  const GroupKey group = rows.messages().at(message.mid).group;
  Priority priority = Priority::Low;
  WallMs oldest = INT64_MAX;
  for (const ReadEvent& event : message.events) {
    priority = std::max(priority, event.priority);
    oldest = std::min(oldest, event.created);
  }
  for (const auto& [key, row] : rows.events()) {
    const GroupKey own{row.event.kind, row.event.timeframe, row.event.stage};
    if (row.state == EventState::Collecting && own == group) {
      oldest = std::min(oldest, row.event.created);
    }
  }
  const auto last = last_frozen_.find(group);
  if (message.part == 1 && priority < Priority::High) {
    const WallMs wait = settings_.group_wait.count();
    // The one that had waited may have been given up for room.
    if (message.dropped == 0 && message.frozen < oldest + wait)
      say("group_wait: a digest too soon");
    const WallMs interval = settings_.group_interval.count();
    if (last != last_frozen_.end() && message.frozen < last->second + interval) {
      say("group_interval: a digest too soon after the last");
    }
  }
  if (message.part > message.parts) say("a part beyond the parts");
  if (message.silent && !is_quiet(message.frozen, QuietMode::Silent)) say("silent without reason");
  last_frozen_[group] = message.frozen;
}

void DeliveryChecker::check_rates(WallMs now) {
  for (const Rate& rate : settings_.rates) {
    const double step = static_cast<double>(rate.period.count()) / static_cast<double>(rate.count);
    for (std::size_t i = 0; i < starts_.size(); ++i) {
      const auto count = static_cast<double>(starts_.size() - i);
      const auto window = static_cast<double>(now - starts_[i]);
      // Wall clock milliseconds: half of one may be lost to rounding.
      if (count > static_cast<double>(rate.burst) + (window + 0.5) / step) {
        return say("I1: too many attempts in a window, at " + std::to_string(now));
      }
    }
  }
}

void DeliveryChecker::check_quota(const Flight& flight, Priority priority, WallMs now) {
  const Quota& quota = settings_.quota;
  sent_.push_back({now, flight.mid, static_cast<std::int64_t>(flight.targets.size())});
  if (quota.most == 0) return;
  std::int64_t used = 0;
  for (const Sent& sent : sent_) {
    if (sent.at > now - quota.period.count()) used += sent.count;
  }
  const std::int64_t reserve =
      priority >= Priority::High ? 0 : (quota.most * quota.reserve_percent + 99) / 100;
  if (used > quota.most - reserve) say("I2: " + std::to_string(used) + " recipients");
}

void DeliveryChecker::check_endpoint(const Flight& flight, WallMs now) {
  Health& health = health_[flight.endpoint];
  if (now < health.paused_until) say("I7: attempt inside a pause");
  if (now < health.open_until) say("I14: attempt while the breaker is open");
  // One attempt a period, whatever becomes of it and of us.
  if (health.open_until == 0) return;
  const WallMs period = 15 * kSecond << std::min(health.openings, 10);
  health.open_until =
      now + (health.refused ? 15 * kCheckedMinute : std::min(period, 15 * kCheckedMinute));
}

void DeliveryChecker::check_inversion(Priority priority, WallMs now, const MemoryRows& rows) {
  for (const auto& [key, row] : rows.targets()) {
    if (row.state != TargetState::Wait || row.due > now) continue;
    if (rows.messages().at(row.mid).priority > priority) say("I11: a sealed message was passed");
  }
  // Without room for its targets no group can be sealed.
  if (rows.live() + settings_.targets.size() > settings_.live_most) return;
  std::map<GroupKey, WallMs> oldest;
  std::vector<const EventRow*> open;
  for (const auto& [key, row] : rows.events()) {
    if (row.state != EventState::Collecting) continue;
    open.push_back(&row);
    WallMs& created =
        oldest.try_emplace({row.event.kind, row.event.timeframe, row.event.stage}, INT64_MAX)
            .first->second;
    created = std::min(created, row.event.created);
  }
  for (const EventRow* row : open) {
    const GroupKey group{row->event.kind, row->event.timeframe, row->event.stage};
    const auto last = last_frozen_.find(group);
    const bool waited = oldest[group] + settings_.group_wait.count() <= now;
    const bool paced =
        last == last_frozen_.end() || last->second + settings_.group_interval.count() <= now;
    const bool behind = std::any_of(open.begin(), open.end(), [&](const EventRow* other) {
      return other->place < row->place && other->event.priority >= row->event.priority &&
             series_of(other->event) == series_of(row->event);
    });
    if (row->event.priority > priority && waited && paced && !behind) {
      say("I11: a group was passed by a lower message ");
    }
  }
}

void DeliveryChecker::check_quiet(Priority priority, WallMs now) {
  if (priority == Priority::Critical) return;
  if (is_quiet(now, QuietMode::Hold) || is_quiet(now, QuietMode::Drop)) {
    say("quiet hours: an attempt at " + std::to_string(now));
  }
}

void DeliveryChecker::stored(const Flight& flight, std::size_t target) {
  Reached& reached = reached_[{flight.mid, flight.targets[target]}];
  if (++reached.stored > 1 && !reached.in_doubt) say("I6: twice without doubt, " + flight.mid);
}

void DeliveryChecker::crashed(const Flight& flight) {
  for (const std::string& target : flight.targets) reached_[{flight.mid, target}].in_doubt = true;
}

void DeliveryChecker::answered(const Flight& flight, const SendAnswer& answer, WallMs now,
                               const MemoryRows& rows) {
  note_health(flight, answer, now);
  for (const TargetAnswer& one : answer.targets) {
    Reached& reached = reached_[{flight.mid, flight.targets[one.target]}];
    if (one.outcome == Outcome::Done) reached.done = true;
    if (one.outcome == Outcome::InDoubt) reached.in_doubt = true;
    // An endpoint that sent to nobody takes nothing of the quota.
    const bool sent = one.outcome == Outcome::Done || one.outcome == Outcome::InDoubt;
    const TargetState state = rows.targets().at({flight.mid, flight.targets[one.target]}).state;
    if (sent || state == TargetState::InFlight) continue;
    const auto last = std::find_if(sent_.rbegin(), sent_.rend(),
                                   [&](const Sent& entry) { return entry.mid == flight.mid; });
    if (last != sent_.rend()) --last->count;
  }
}

void DeliveryChecker::note_health(const Flight& flight, const SendAnswer& answer, WallMs now) {
  Health& health = health_[flight.endpoint];
  const auto any = [&](Outcome outcome) {
    return std::any_of(answer.targets.begin(), answer.targets.end(),
                       [&](const TargetAnswer& one) { return one.outcome == outcome; });
  };
  const WallMs wanted = answer.retry_after ? answer.retry_after->count() : 0;
  if (any(Outcome::Quota)) {
    health.paused_until = std::max(
        health.paused_until, now + std::max(kCheckedHour, std::min(wanted, 24 * kCheckedHour)));
  } else if (any(Outcome::RateLimited)) {
    const WallMs length = answer.retry_after ? std::min(wanted, kCheckedHour) : 5 * kSecond;
    health.paused_until = std::max(health.paused_until, now + length);
  }
  if (any(Outcome::AuthFailure)) {
    health.open_until = now + 15 * kCheckedMinute;
    health.refused = true;
  } else if (any(Outcome::EndpointFailure)) {
    ++health.failures;
    if (health.open_until == 0 && health.failures < 5) return;
    const WallMs period = 15 * kSecond << std::min(health.openings, 10);
    health.open_until = now + std::min(period, 15 * kCheckedMinute);
    health.refused = false;
    ++health.openings;
  } else if (!std::all_of(answer.targets.begin(), answer.targets.end(),
                          [](const auto& one) { return one.outcome == Outcome::InDoubt; })) {
    health.failures = 0;
    health.openings = 0;
    health.open_until = 0;
    health.refused = false;
  }
}

void DeliveryChecker::committed(const MemoryRows& rows) {
  if (rows.live() > settings_.live_most) say("I8: " + std::to_string(rows.live()) + " live");
}

}  // namespace fastrsi::test
