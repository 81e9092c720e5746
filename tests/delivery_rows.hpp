// A sink's rows in memory: what a database would hold after each commit.
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "sinks/delivery/rows.hpp"

namespace fastrsi::test {

class MemoryRows {
 public:
  using TargetKey = std::pair<std::string, std::string>;  // mid, target

  void apply(const DeliveryChanges& changes);
  // As a restart reads them.
  DeliveryRows load() const;

  const std::map<std::string, EventRow>& events() const noexcept { return events_; }
  const std::map<std::string, MessageRow>& messages() const noexcept { return messages_; }
  const std::map<TargetKey, TargetRow>& targets() const noexcept { return targets_; }
  const std::map<TargetKey, DeadRow>& dead() const noexcept { return dead_; }
  const std::map<std::string, NotifiedRow>& notified() const noexcept { return notified_; }
  std::uint64_t tally(const std::string& name) const;
  std::uint64_t cursor() const noexcept { return cursor_; }
  // Events and targets that have not come to their end.
  std::size_t live() const;
  std::size_t attempts() const noexcept { return attempts_; }

 private:
  void put(const EventRow& row);
  void put(const EventMove& row);
  void put(const MessageRow& row);
  void put(const MessageEnd& row);
  void put(const TargetRow& row) { targets_[{row.mid, row.target}] = row; }
  void put(const GroupRow& row) { groups_[row.group] = row; }
  void put(const LimiterRow& row) { limiters_[row.bucket] = row; }
  void put(const PauseRow& row) { pauses_[row.endpoint] = row; }
  void put(const StampRow& row);
  void put(const BreakerRow& row) { breakers_[row.endpoint] = row; }
  void put(const NotifiedRow& row);
  void put(const TallyRow& row) { tallies_[row.name] = row; }
  void put(const DeadRow& row) { dead_[{row.mid, row.target}] = row; }
  void put(const DeadGone& row) { dead_.erase({row.mid, row.target}); }
  void put(const AttemptRow&) { ++attempts_; }
  void put(const CursorRow& row) { cursor_ = row.seq; }

  std::map<std::string, EventRow> events_;  // by key; those that have ended too
  std::map<std::string, MessageRow> messages_;
  std::set<std::string> ended_;  // messages
  std::map<TargetKey, TargetRow> targets_;
  std::map<TargetKey, DeadRow> dead_;
  std::map<GroupKey, GroupRow> groups_;
  std::map<std::string, LimiterRow> limiters_;
  std::map<std::string, PauseRow> pauses_;
  std::map<std::int64_t, StampRow> stamps_;
  std::map<std::string, BreakerRow> breakers_;
  std::map<std::string, NotifiedRow> notified_;
  std::map<std::string, TallyRow> tallies_;
  std::uint64_t cursor_ = 0;
  std::size_t attempts_ = 0;
};

}  // namespace fastrsi::test
