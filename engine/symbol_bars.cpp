// A symbol's trades become bars (SIGNALS.md, section 2).
#include <algorithm>

#include "engine/symbol_core.hpp"

namespace fastrsi {

void SymbolCore::settle() noexcept {
  if (pending_.count == 0 && later_.count == 0) return;
  for (std::uint32_t i = 0; i < tracks_.size(); ++i) tracks_[i].bar = settled_bar(i);
  pending_ = {};
  later_ = {};
}

void SymbolCore::settle_first() noexcept {
  tracks_[0].bar = settled_bar(0);
  later_.add(pending_);
  pending_ = {};
}

Bar SymbolCore::settled_bar(std::uint32_t track) const noexcept {
  Bar bar = tracks_[track].bar;
  PendingTrades trades = pending_;
  if (track != 0) trades.add(later_);
  bar.take(trades, last_price_, last_time_);
  return bar;
}

SymbolCore::Placement SymbolCore::place(Track& track, const TrackPlan& plan, const Tick& tick,
                                        bool gap, const Moment& moment) noexcept {
  if (track.forming ? tick.time < track.bar.span.open : tick.time < track.closed_until) {
    return Placement::Late;
  }
  if (track.forming && track.bar.trades == 0) track.bar.gap = track.bar.gap || gap;
  if (track.forming && tick.time >= track.bar.span.end) {
    close_bar(track, plan, moment);
    if (plan.empty_bars == EmptyBars::Carry) carry_until(track, plan, tick.time, gap, moment);
  }
  if (!track.forming) {
    open_bar(track, moment.calendar.bar_at(tick.time, plan.timeframe), tick.price.value, gap,
             moment);
  }
  add_trade(track, tick, moment.statistics);
  return Placement::Applied;
}

void SymbolCore::add_trade(Track& track, const Tick& tick, EngineStatistics& statistics) noexcept {
  Bar& bar = track.bar;
  const double price = tick.price.value;
  if (bar.trades == 0) bar.open = bar.high = bar.low = price;
  ++bar.trades;
  bar.high = std::max(bar.high, price);
  bar.low = std::min(bar.low, price);
  if (tick.time < bar.last_trade) {
    ++statistics.older_ticks;
    return;
  }
  bar.close = price;
  bar.last_trade = tick.time;
}

void SymbolCore::open_bar(Track& track, BarSpan span, double price, bool gap,
                          const Moment& moment) noexcept {
  track.bar.start(span, price);
  track.bar.gap = gap || track.gap_next;
  track.bar.partial = span.open < std::max(moment.first_venue_time, track.since);
  track.gap_next = false;
  track.forming = true;
}

void SymbolCore::close_bar(Track& track, const TrackPlan& plan, const Moment& moment) noexcept {
  const Bar& bar = track.bar;
  ++moment.statistics.bars_closed;
  moment.statistics.bars_carried += bar.trades == 0 ? 1U : 0U;
  for (std::uint32_t i = plan.series.first; i < plan.series.last; ++i) {
    const SeriesPlan& series = plan_.series[i];
    commit_series(i, bar);
    for (std::uint32_t watch = series.watches.first; watch < series.watches.last; ++watch) {
      evaluate_closed(watch, bar, moment);
    }
    series_[i] = unevaluated(series);
  }
  if (track.kline_waits && track.kline.open_time == bar.span.open) {
    compare_with(bar, track.kline, moment.statistics);
  }
  track.kline_waits = false;
  track.closed = bar;
  track.closed_until = bar.span.end;
  track.forming = false;
}

void SymbolCore::commit_series(std::uint32_t index, const Bar& bar) noexcept {
  const SeriesPlan& series = plan_.series[index];
  const double price = applied_price(series.apply_to, bar);
  for (std::uint32_t block = series.blocks.first; block < series.blocks.last; ++block) {
    Closed& closed = closed_[block];
    closed.at2 = closed.at1;
    closed.at1 = closed.at0;
    closed.at0 = commit(blocks_[block], plan_.blocks[block], price);
  }
}

void SymbolCore::commit_bar(Track& track, const TrackPlan& plan) noexcept {
  for (std::uint32_t i = plan.series.first; i < plan.series.last; ++i) commit_series(i, track.bar);
  track.kline_waits = false;
  track.closed = track.bar;
  track.closed_until = track.bar.span.end;
  track.forming = false;
}

// Opens the bar after the newest closed one, empty, and closes empty bars until the forming one
// holds `time`.
void SymbolCore::carry_until(Track& track, const TrackPlan& plan, ExchangeTime time, bool gap,
                             const Moment& moment) noexcept {
  for (std::uint64_t carried = 0;; ++carried) {
    if (carried > kCarriedBarsMax) return restart(track, plan, moment.statistics);
    const double price = track.closed.close;
    open_bar(track, moment.calendar.bar_at(track.closed_until, plan.timeframe), price, gap, moment);
    if (time < track.bar.span.end) return;
    close_bar(track, plan, moment);
  }
}

void SymbolCore::restart(Track& track, const TrackPlan& plan,
                         EngineStatistics& statistics) noexcept {
  ++statistics.series_restarted;
  track.forming = false;
  for (std::uint32_t i = plan.series.first; i < plan.series.last; ++i) {
    const SeriesPlan& series = plan_.series[i];
    series_[i] = unevaluated(series);
    for (std::uint32_t block = series.blocks.first; block < series.blocks.last; ++block) {
      blocks_[block] = LaneBlock{};
      closed_[block] = Closed{};
    }
    for (std::uint32_t watch = series.watches.first; watch < series.watches.last; ++watch) {
      watches_[watch].edge = EdgeState{};
    }
  }
}

void SymbolCore::compare(const Kline& kline, EngineStatistics& statistics) noexcept {
  if (!kline.closed) return;
  settle();
  for (std::uint32_t i = 0; i < tracks_.size(); ++i) {
    Track& track = tracks_[i];
    if (plan_.tracks[i].timeframe != kline.timeframe) continue;
    if (track.forming && track.bar.span.open == kline.open_time) {
      track.kline = kline;
      track.kline.symbol = {};
      track.kline_waits = true;
    } else if (track.closed.trades > 0 && track.closed.span.open == kline.open_time) {
      compare_with(track.closed, kline, statistics);
    }
  }
}

void SymbolCore::compare_with(const Bar& bar, const Kline& kline,
                              EngineStatistics& statistics) noexcept {
  if (bar.partial || bar.gap || bar.trades == 0) return;
  ++statistics.klines_compared;
  const bool equal = bar.open == kline.open.value && bar.high == kline.high.value &&
                     bar.low == kline.low.value && bar.close == kline.close.value;
  statistics.klines_different += equal ? 0U : 1U;
}

void SymbolCore::refresh_bars() noexcept {
  bool all_hold_trades = flip_bands_ && id_rule_ == IdRule::Rising && !gap_waits_;
  others_close_ = kNeverExchangeTime;
  for (std::uint32_t i = 1; i < tracks_.size(); ++i) {
    const Track& track = tracks_[i];
    all_hold_trades = all_hold_trades && track.forming && track.bar.trades > 0;
    if (track.forming) others_close_ = std::min(others_close_, track.bar.span.end);
  }
  others_until_ = all_hold_trades ? others_close_ : kNoExchangeTime;
  refresh_first_bar();
}

void SymbolCore::refresh_first_bar() noexcept {
  next_close_ = others_close_;
  bars_until_ = others_until_;
  if (tracks_.size() == 0) return;  // no rule looks at the symbol
  const Track& first = tracks_[0];
  const bool holds_trades = first.forming && first.bar.trades > 0;
  if (first.forming) next_close_ = std::min(next_close_, first.bar.span.end);
  bars_until_ = holds_trades ? std::min(others_until_, first.bar.span.end) : kNoExchangeTime;
}

void SymbolCore::refresh_band() noexcept {
  begin_band();
  for (std::uint32_t i = 0; i < series_.size(); ++i) narrow_band(i);
}

}  // namespace fastrsi
