#include "feeds/live/history_bars.hpp"

#include <algorithm>
#include <chrono>

namespace fastrsi::live {
namespace {

using namespace std::chrono_literals;

// What a bar still forming is filled with, besides bars of the series' own source.
constexpr Timeframe kRungs[] = {Timeframe::D1, Timeframe::H1, Timeframe::M1};

bool has_timeframe(std::span<const Timeframe> timeframes, Timeframe timeframe) {
  return std::find(timeframes.begin(), timeframes.end(), timeframe) != timeframes.end();
}

bool is_border(ExchangeTime time, Timeframe timeframe) {
  return venue_bar_at(time, timeframe).open == time;
}

// Opens of the last `bars` bars before `forming`, and `forming` itself; oldest first.
std::vector<ExchangeTime> borders_before(ExchangeTime forming, Timeframe timeframe,
                                         std::size_t bars, const Calendar& calendar) {
  std::vector<ExchangeTime> borders{forming};
  while (borders.size() <= bars && borders.back() > kEarliestHistory) {
    borders.push_back(calendar.bar_at(borders.back() - 1ns, timeframe).open);
  }
  std::reverse(borders.begin(), borders.end());
  return borders;
}

// The part of [begin, forming) that a venue which goes no further back than so many bars has.
void forget_old(std::vector<ExchangeTime>& borders, Timeframe source, std::size_t bars_back_max,
                ExchangeTime until) {
  if (bars_back_max == 0) return;
  // The newest of them may be forming, and another have begun since `until`.
  const auto bars = static_cast<std::int64_t>(std::max<std::size_t>(bars_back_max, 3) - 2);
  const ExchangeTime oldest = until - nominal_length(source) * bars;
  const auto first = std::lower_bound(borders.begin(), borders.end() - 1, oldest);
  borders.erase(borders.begin(), first);
}

// The forming bar up to `until`, longest bars first.
void plan_forming(Timeframe timeframe, ExchangeTime forming, ExchangeTime until,
                  std::span<const Timeframe> of_venue, std::vector<BarsWanted>& plan) {
  ExchangeTime from = forming;
  // Zones of half hours: minutes up to the first hour.
  const ExchangeTime hour = floor_to(forming + 1h - 1ns, 1h);
  if (timeframe > Timeframe::H1 && hour > forming && hour <= until &&
      has_timeframe(of_venue, Timeframe::M1)) {
    plan.push_back({Timeframe::M1, from, hour, false});
    from = hour;
  }
  for (const Timeframe rung : kRungs) {
    if (rung >= timeframe || !has_timeframe(of_venue, rung) || !is_border(from, rung)) continue;
    const ExchangeTime to = venue_bar_at(until, rung).open;
    if (to <= from) continue;
    plan.push_back({rung, from, to, false});
    from = to;
  }
}

}  // namespace

BarSpan venue_bar_at(ExchangeTime time, Timeframe timeframe) {
  // Remembers a day, so one a thread.
  thread_local const Calendar kUtc{CalendarSettings{}};
  return kUtc.bar_at(time, timeframe);
}

ExchangeTime floor_to(ExchangeTime time, Nanoseconds length) noexcept {
  return ExchangeTime{time.time_since_epoch() / length * length};
}

std::optional<std::vector<BarsWanted>> plan_bars(Timeframe timeframe, std::size_t bars,
                                                 ExchangeTime until,
                                                 std::span<const Timeframe> of_venue,
                                                 std::size_t bars_back_max,
                                                 const Calendar& calendar) {
  std::vector<BarsWanted> plan;
  const ExchangeTime forming = calendar.bar_at(until, timeframe).open;
  const std::vector<ExchangeTime> borders = borders_before(forming, timeframe, bars, calendar);
  for (std::size_t i = of_venue.size(); i > 0 && plan.empty(); --i) {
    const Timeframe source = of_venue[i - 1];
    if (source > timeframe) continue;
    std::vector<ExchangeTime> wanted = borders;
    forget_old(wanted, source, bars_back_max, until);
    const bool fits = std::all_of(wanted.begin(), wanted.end(), [source](ExchangeTime border) {
      return is_border(border, source);
    });
    if (!fits) continue;
    plan.push_back({source, wanted.front(), forming, source != timeframe});
  }
  if (plan.empty()) return {};
  if (plan.front().begin == forming) plan.clear();
  plan_forming(timeframe, forming, until, of_venue, plan);
  return plan;
}

std::optional<std::vector<BarsWanted>> plan_repair(Timeframe timeframe, ExchangeTime since,
                                                   ExchangeTime until,
                                                   std::span<const Timeframe> of_venue) {
  const Timeframe source = timeframe < Timeframe::M1 ? Timeframe::S1 : Timeframe::M1;
  if (!has_timeframe(of_venue, source)) return {};
  const ExchangeTime from = floor_to(since, nominal_length(source));
  return std::vector{BarsWanted{source, std::min(from, until), until, false}};
}

std::vector<CaptureBar> compose(std::span<const CaptureBar> bars, Timeframe timeframe,
                                const Calendar& calendar) {
  std::vector<CaptureBar> whole;
  BarSpan span{kNoExchangeTime, kNoExchangeTime};
  for (const CaptureBar& bar : bars) {
    if (bar.open_time >= span.end) {
      span = calendar.bar_at(bar.open_time, timeframe);
      whole.push_back(bar);
      whole.back().open_time = span.open;
      continue;
    }
    CaptureBar& to = whole.back();
    to.high.value = std::max(to.high.value, bar.high.value);
    to.low.value = std::min(to.low.value, bar.low.value);
    to.close = bar.close;
    to.trades += bar.trades;
  }
  return whole;
}

}  // namespace fastrsi::live
