#include "sinks/delivery/quiet_hours.hpp"

namespace fastrsi {
namespace {

bool holds(const QuietHours& hours, const LocalReading& reading) noexcept {
  const auto begins_on = [&](int weekday) {
    return (hours.days & (1U << static_cast<unsigned>(weekday))) != 0;
  };
  const bool today = begins_on(reading.weekday);
  if (hours.from < hours.to) {
    return today && reading.minute >= hours.from && reading.minute < hours.to;
  }
  const bool yesterday = begins_on((reading.weekday + 6) % 7);
  return (today && reading.minute >= hours.from) || (yesterday && reading.minute < hours.to);
}

}  // namespace

QuietTable::QuietTable(const std::vector<QuietHours>& hours) {
  for (const QuietHours& entry : hours) entries_.push_back({entry, LocalClock(entry.zone)});
}

QuietMode QuietTable::at(WallMs now) const {
  bool hold = false;
  bool silent = false;
  for (const Entry& entry : entries_) {
    if (!holds(entry.hours, entry.clock.at(now))) continue;
    if (entry.hours.mode == QuietMode::Drop) return QuietMode::Drop;
    hold = hold || entry.hours.mode == QuietMode::Hold;
    silent = silent || entry.hours.mode == QuietMode::Silent;
  }
  if (hold) return QuietMode::Hold;
  return silent ? QuietMode::Silent : QuietMode::None;
}

}  // namespace fastrsi
