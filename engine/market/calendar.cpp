// The one door to Hinnant's date library (g++ 12 has no time zone database of its own).
#include "engine/market/calendar.hpp"

#include <date/date.h>
#include <date/tz.h>

#include <algorithm>
#include <stdexcept>

namespace fastrsi {
namespace {

using LocalTime = date::local_seconds;

const date::time_zone* find_zone(const std::string& name) {
  try {
    return date::locate_zone(name);
  } catch (const std::exception&) {
    throw std::runtime_error(
        "calendar zone \"" + name +
        "\" is not known here (use a canonical IANA name such as America/New_York; "
        "old names such as US/Eastern need the package tzdata-legacy)");
  }
}

ExchangeTime to_exchange(date::sys_seconds time) {
  return ExchangeTime{std::chrono::duration_cast<Nanoseconds>(time.time_since_epoch())};
}

date::sys_seconds to_sys(ExchangeTime time) {
  return date::sys_seconds{std::chrono::floor<std::chrono::seconds>(time.time_since_epoch())};
}

// The instant of a clock reading: skipped readings give the change itself, doubled ones the first.
ExchangeTime instant_of(const date::time_zone* zone, LocalTime reading) {
  const date::local_info info = zone->get_info(reading);
  if (info.result == date::local_info::nonexistent) return to_exchange(info.first.end);
  return to_exchange(date::sys_seconds{reading.time_since_epoch() - info.first.offset});
}

}  // namespace

struct Calendar::Impl {
  const date::time_zone* zone;
  std::chrono::minutes day_start;
  // The local day last looked at, from midnight to midnight.
  ExchangeTime midnight = kNoExchangeTime;
  ExchangeTime next_midnight = kNoExchangeTime;

  ExchangeTime begin_of(date::local_days day, std::chrono::minutes clock) const {
    return instant_of(zone, LocalTime{day} + clock);
  }

  // The day that `time` falls in when days begin at `clock`.
  date::local_days day_of(ExchangeTime time, std::chrono::minutes clock) const {
    date::local_days day = date::floor<date::days>(zone->to_local(to_sys(time)));
    while (time < begin_of(day, clock)) day -= date::days{1};
    while (time >= begin_of(day + date::days{1}, clock)) day += date::days{1};
    return day;
  }

  void look_at_day_of(ExchangeTime time) {
    if (time >= midnight && time < next_midnight) return;
    const date::local_days day = day_of(time, std::chrono::minutes{0});
    midnight = begin_of(day, std::chrono::minutes{0});
    next_midnight = begin_of(day + date::days{1}, std::chrono::minutes{0});
  }

  BarSpan span(date::local_days first, date::local_days last) const {
    return {begin_of(first, day_start), begin_of(last, day_start)};
  }
};

Calendar::Calendar(const CalendarSettings& settings)
    : impl_(std::make_unique<Impl>(Impl{find_zone(settings.zone), settings.day_start})) {}
Calendar::~Calendar() = default;
Calendar::Calendar(Calendar&&) noexcept = default;
Calendar& Calendar::operator=(Calendar&&) noexcept = default;

BarSpan Calendar::bar_at(ExchangeTime time, Timeframe timeframe) const {
  if (is_intraday(timeframe)) {
    impl_->look_at_day_of(time);
    const Nanoseconds length = nominal_length(timeframe);
    const ExchangeTime open = impl_->midnight + (time - impl_->midnight) / length * length;
    return {open, std::min(open + length, impl_->next_midnight)};
  }
  const date::local_days day = impl_->day_of(time, impl_->day_start);
  if (timeframe == Timeframe::D1) return impl_->span(day, day + date::days{1});
  if (timeframe == Timeframe::W1) {
    const date::local_days monday = day - (date::weekday{day} - date::Monday);
    return impl_->span(monday, monday + date::days{7});
  }
  const date::year_month_day ymd{day};
  const date::year_month month = ymd.year() / ymd.month();
  const date::local_days first{month / 1};
  const date::local_days next{(month + date::months{1}) / 1};
  return impl_->span(first, next);
}

}  // namespace fastrsi
