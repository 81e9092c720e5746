// Cuts time into bars by an IANA zone (SIGNALS.md, section 2.2).
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "engine/base/units.hpp"
#include "engine/market/timeframe.hpp"

namespace fastrsi {

struct CalendarSettings {
  std::string zone = "UTC";  // calendar.zone: a canonical IANA name
  std::chrono::minutes day_start{
      0};  // calendar.day_start: local clock time at which 1d, 1w and 1mo begin
  friend bool operator==(const CalendarSettings&, const CalendarSettings&) = default;
};

// A bar's span, [open, end).
struct BarSpan {
  ExchangeTime open;
  ExchangeTime end;
  friend bool operator==(const BarSpan&, const BarSpan&) = default;
};

// Owner: one shard (it remembers the local day it last looked at, so it is not shared between
// threads).
class Calendar {
 public:
  // Throws std::runtime_error naming the zone and the mend when the zone is not known here.
  explicit Calendar(const CalendarSettings& settings);
  ~Calendar();
  Calendar(Calendar&&) noexcept;
  Calendar& operator=(Calendar&&) noexcept;

  // The bar of `timeframe` that `time` falls in. Intraday bars count elapsed time from local
  // midnight, and the day's last one ends with the day; so a day of 23 or 25 hours keeps every bar
  // but its last whole.
  BarSpan bar_at(ExchangeTime time, Timeframe timeframe) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace fastrsi
