#include "tests/delivery_rows.hpp"

#include <stdexcept>

namespace fastrsi::test {
namespace {

template <typename Map, typename Row>
void copy_values(const Map& from, std::vector<Row>& to) {
  for (const auto& [key, row] : from) to.push_back(row);
}

}  // namespace

void MemoryRows::apply(const DeliveryChanges& changes) {
  for (const DeliveryChange& change : changes) {
    std::visit([&](const auto& row) { put(row); }, change);
  }
}

void MemoryRows::put(const EventRow& row) {
  if (!events_.emplace(row.event.key, row).second) {
    throw std::logic_error("an event stands there twice: " + row.event.key);
  }
}

void MemoryRows::put(const EventMove& row) {
  EventRow& event = events_.at(row.key);
  if (!is_live(event.state)) throw std::logic_error("an event ended twice: " + row.key);
  event.state = row.state;
  event.mid = row.mid;
}

void MemoryRows::put(const MessageRow& row) {
  messages_[row.mid] = row;
  ended_.erase(row.mid);
}

void MemoryRows::put(const MessageEnd& row) {
  if (!ended_.insert(row.mid).second) throw std::logic_error("a message ended twice: " + row.mid);
  if (!row.keep_octets) messages_.at(row.mid).octets.clear();
}

void MemoryRows::put(const StampRow& row) {
  if (row.count == 0) {
    stamps_.erase(row.slot);
  } else {
    stamps_[row.slot] = row;
  }
}

void MemoryRows::put(const NotifiedRow& row) {
  if (row.until == 0) {
    notified_.erase(row.key);
  } else {
    notified_[row.key] = row;
  }
}

DeliveryRows MemoryRows::load() const {
  DeliveryRows rows;
  for (const auto& [key, row] : events_) {
    if (is_live(row.state)) rows.events.push_back(row);
  }
  for (const auto& [mid, row] : messages_) {
    if (!ended_.contains(mid)) rows.messages.push_back(row);
  }
  for (const auto& [key, row] : targets_) {
    if (!ended_.contains(row.mid)) rows.targets.push_back(row);
  }
  copy_values(groups_, rows.groups);
  copy_values(limiters_, rows.limiters);
  copy_values(pauses_, rows.pauses);
  copy_values(stamps_, rows.stamps);
  copy_values(breakers_, rows.breakers);
  copy_values(notified_, rows.notified);
  copy_values(tallies_, rows.tallies);
  rows.cursor = cursor_;
  rows.known = true;
  return rows;
}

std::uint64_t MemoryRows::tally(const std::string& name) const {
  const auto found = tallies_.find(name);
  return found == tallies_.end() ? 0 : found->second.count;
}

std::size_t MemoryRows::live() const {
  std::size_t live = 0;
  for (const auto& [key, row] : events_) live += is_live(row.state) ? 1 : 0;
  for (const auto& [key, row] : targets_) live += is_live(row.state) ? 1 : 0;
  return live;
}

}  // namespace fastrsi::test
