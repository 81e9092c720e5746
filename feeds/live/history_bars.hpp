// A venue's bars made into those of a symbol's calendar. Pure functions; SIGNALS.md, section 2.2,
// says where bars begin.
//
// A venue cuts days at midnight UTC, a calendar where its people live. So a venue's bars serve a
// timeframe only where every border of its bars is a border of theirs too; that is tried for the
// very bars that are wanted, clock changes among them, and shorter bars are taken where longer ones
// do not fit.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "engine/base/units.hpp"
#include "engine/market/calendar.hpp"
#include "engine/market/timeframe.hpp"
#include "feeds/capture_bars.hpp"

namespace fastrsi::live {

// Bars of one of the venue's timeframes that open in [begin, end).
struct BarsWanted {
  Timeframe timeframe = Timeframe::M1;
  ExchangeTime begin;
  ExchangeTime end;
  bool compose = false;  // several are one closed bar of the series
  friend bool operator==(const BarsWanted&, const BarsWanted&) = default;
};

// Before this no exchange had an interface to ask.
inline constexpr ExchangeTime kEarliestHistory = exchange_time_from_ns(1'262'304'000'000'000'000);

// What to ask for so that `bars` closed bars of `timeframe` and the forming bar are known up to
// `until`: in order, without a hole between begin of the first and `until`. Empty when the venue's
// timeframes (ascending) cannot give them. `bars_back_max` as in RestFacts.
std::optional<std::vector<BarsWanted>> plan_bars(Timeframe timeframe, std::size_t bars,
                                                 ExchangeTime until,
                                                 std::span<const Timeframe> of_venue,
                                                 std::size_t bars_back_max,
                                                 const Calendar& calendar);

// The same from `since` on: bars of at most a minute.
std::optional<std::vector<BarsWanted>> plan_repair(Timeframe timeframe, ExchangeTime since,
                                                   ExchangeTime until,
                                                   std::span<const Timeframe> of_venue);

// Bars of `timeframe` out of shorter ones in order of time, each within one of them. A bar opens
// where the calendar says, even when its first trade was later.
std::vector<CaptureBar> compose(std::span<const CaptureBar> bars, Timeframe timeframe,
                                const Calendar& calendar);

// The venue's own bar that `time` falls in; midnight is UTC's.
BarSpan venue_bar_at(ExchangeTime time, Timeframe timeframe);

// The last full minute, or other intraday bar in UTC, before `time`.
ExchangeTime floor_to(ExchangeTime time, Nanoseconds length) noexcept;

}  // namespace fastrsi::live
