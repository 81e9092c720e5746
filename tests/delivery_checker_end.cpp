// What is looked at when a delivery has come to its end: nothing lost, nothing twice, sums right.
#include <algorithm>

#include "tests/delivery_checker.hpp"

namespace fastrsi::test {
namespace {

// An event's last moment as DELIVERY.md, section 7.1, has it: a bar after its bar, 5 minutes at
// least and 24 hours at most.
WallMs expiry(const DeliveryEvent& event) {
  const WallMs bar = nominal_length(event.timeframe).count() / 1'000'000;
  return to_unix_ns(event.bar_open) / 1'000'000 + bar +
         std::clamp<WallMs>(bar, 300'000, 86'400'000);
}

}  // namespace

void DeliveryChecker::ended(const MemoryRows& rows) {
  committed(rows);
  if (rows.live() > 0) say("I4: " + std::to_string(rows.live()) + " never came to an end");
  check_offers(rows);
  check_sums(rows);
  check_order(rows);
  check_done(rows);
}

// Each wanted event has a row, and no other has.
void DeliveryChecker::check_offers(const MemoryRows& rows) {
  std::set<std::uint64_t> found;
  for (const auto& [key, row] : rows.events()) found.insert(row.event.seq);
  std::set<std::string> said;
  std::map<std::string, WallMs> said_at;
  for (const auto& [event, at] : offers_) {
    bool wanted = contains(settings_.kinds, event.kind) && event.stage == Stage::Provisional &&
                  event.priority >= settings_.least && at < expiry(event);
    if (event.priority != Priority::Critical && is_quiet(at, QuietMode::Drop)) wanted = false;
    const std::string series = std::to_string(static_cast<int>(event.kind)) + event.symbol + "/" +
                               std::to_string(static_cast<int>(event.timeframe));
    if (wanted && settings_.repeat == Repeat::OncePerBar) {
      wanted = said.insert(series + std::to_string(to_unix_ns(event.bar_open))).second;
    } else if (wanted && settings_.repeat == Repeat::Once) {
      wanted = said.insert(series).second;
    } else if (wanted && settings_.repeat == Repeat::Interval) {
      const auto last = said_at.find(series);
      wanted = last == said_at.end() || at >= last->second + settings_.repeat_interval.count();
      if (wanted) said_at[series] = at;
    }
    if (wanted != found.contains(event.seq)) {
      say(std::string(wanted ? "I9: lost, " : "I4: taken though not wanted, ") +
          std::to_string(event.seq));
    }
  }
}

void DeliveryChecker::check_sums(const MemoryRows& rows) {
  std::map<EventState, std::uint64_t> ends;
  for (const auto& [key, row] : rows.events()) ++ends[row.state];
  if (rows.tally("offered") != offers_.size()) say("I16: offered");
  if (rows.tally("done") != ends[EventState::Done]) say("I16: done");
  if (rows.tally("dead") != ends[EventState::Dead]) say("I16: dead");
  if (rows.tally("dropped") != ends[EventState::Dropped]) say("I16: dropped");
  if (rows.tally("expired") < ends[EventState::Expired]) say("I16: expired");
  const std::uint64_t sum = rows.tally("suppressed") + rows.tally("duplicate") +
                            rows.tally("dropped") + rows.tally("expired") + rows.tally("dead") +
                            rows.tally("done");
  if (rows.tally("offered") != sum) say("I4: the sum is " + std::to_string(sum));
  const std::uint64_t deliveries = rows.tally("deliveries_done") + rows.tally("deliveries_dead") +
                                   rows.tally("deliveries_expired");
  if (rows.tally("deliveries") != deliveries) say("I16: deliveries");
  if (rows.tally("attempts") < tries_) say("I16: attempts");
  std::uint64_t dropped = 0;
  for (const auto& [mid, octets] : octets_) dropped += read_message(octets).dropped;
  if (dropped > rows.tally("dropped")) say("more said to be dropped than were");
}

// A symbol's signals on a timeframe are first heard of in their order, unless a later one is of a
// higher priority.
void DeliveryChecker::check_order(const MemoryRows& rows) {
  std::map<std::string, std::map<std::uint64_t, const EventRow*>> series;
  for (const auto& [key, row] : rows.events()) {
    const std::string name = row.event.symbol + "/" + std::string(to_text(row.event.timeframe));
    series[name][row.event.seq] = &row;
  }
  for (const auto& [name, events] : series) {
    for (auto younger = events.begin(); younger != events.end(); ++younger) {
      for (auto elder = events.begin(); elder != younger; ++elder) {
        const auto first = first_attempt_.find(elder->second->event.key);
        const auto second = first_attempt_.find(younger->second->event.key);
        const bool both = first != first_attempt_.end() && second != first_attempt_.end();
        const bool equal = elder->second->event.priority >= younger->second->event.priority;
        if (both && equal && first->second > second->second) say("I13: out of order, " + name);
      }
    }
  }
}

// What is called done has arrived, and what arrived for sure is called done.
void DeliveryChecker::check_done(const MemoryRows& rows) {
  for (const auto& [key, row] : rows.targets()) {
    const auto found = reached_.find(key);
    const bool stored = found != reached_.end() && found->second.stored > 0;
    const bool known_done = found != reached_.end() && found->second.done;
    if (row.state == TargetState::Done && !stored && !settings_.assume_sent) {
      say("I4: called done, but nobody got it: " + row.mid);
    }
    if (known_done && row.state != TargetState::Done) say("I6: done, and forgotten: " + row.mid);
    const bool is_dead = row.state == TargetState::Dead;
    if (is_dead != rows.dead().contains(key)) say("I4: dead letters: " + row.mid);
  }
  for (const auto& [key, row] : rows.events()) {
    if (row.state != EventState::Done) continue;
    const std::string& mid = row.mid;
    const bool any = std::any_of(
        settings_.targets.begin(), settings_.targets.end(), [&](const std::string& target) {
          const auto delivery = rows.targets().find({mid, target});
          return delivery != rows.targets().end() && delivery->second.state == TargetState::Done;
        });
    if (!any) say("I4: an event is done without a delivery: " + key);
    if (!octets_.contains(row.mid) || message_of_[key] != row.mid) {
      say("I4: an event is done in a message without it: " + key);
    }
  }
}

}  // namespace fastrsi::test
