// Bars from before go into a symbol's series: at its beginning, and where trades were missed.
//
// A mend goes back to what the series was when the first trade was found missing, and closes the
// bars since then once more, out of the venue's shorter bars. What is evaluated: the bar that was
// forming, and every bar after it, which nobody has looked at; never a bar that was evaluated when
// it closed.
#include <algorithm>
#include <memory>
#include <new>

#include "engine/gap_mark.hpp"

namespace fastrsi {
namespace {

void put_into(Bar& bar, const PastBar& part) noexcept {
  if (bar.trades == 0) bar.open = bar.high = bar.low = part.open;
  bar.high = std::max(bar.high, part.high);
  bar.low = std::min(bar.low, part.low);
  bar.close = part.close;
  ++bar.trades;
}

// The same bar as it was seen by ourselves, from some trade on.
void join(Bar& bar, const Bar& seen) noexcept {
  bar.high = std::max(bar.high, seen.high);
  bar.low = std::min(bar.low, seen.low);
  bar.close = seen.close;
  bar.last_trade = seen.last_trade;
  bar.trades = std::max(bar.trades, seen.trades);
}

}  // namespace

SymbolCore::GapMark::GapMark(const SymbolCore& core)
    : since(core.last_time_),
      tracks(core.tracks_.begin(), core.tracks_.end()),
      blocks(core.blocks_.begin(), core.blocks_.end()),
      closed(core.closed_.begin(), core.closed_.end()),
      waits(core.tracks_.size(), 1) {
  for (std::uint32_t i = 0; i < tracks.size(); ++i) {
    if (core.unsure_[i].last_trade == core.last_time_) put_back(core, i);
  }
}

void SymbolCore::GapMark::put_back(const SymbolCore& core, std::uint32_t index) {
  const Unsure& unsure = core.unsure_[index];
  Track& track = tracks[index];
  track.bar = unsure.bar;
  track.forming = true;
  track.closed = unsure.closed;
  track.closed_until = unsure.closed_until;
  core.for_each_block(index, [&](std::uint32_t b) {
    blocks[b] = core.unsure_blocks_[b];
    closed[b] = core.unsure_closed_[b];
  });
}

void SymbolCore::GapMarkDelete::operator()(GapMark* mark) const noexcept {
  delete mark;
}

// Before a bar closes without a trade of the next one. Of bars without trades there is nothing to
// be unsure of.
void SymbolCore::keep_unsure(std::uint32_t index) noexcept {
  const Track& track = tracks_[index];
  if (track.bar.trades == 0) return;
  unsure_[index] = {track.bar, track.closed, track.closed_until, last_time_};
  for_each_block(index, [&](std::uint32_t b) {
    unsure_blocks_[b] = blocks_[b];
    unsure_closed_[b] = closed_[b];
  });
}

// A gap is no matter of every trade: here memory is taken. Without any the gap stays.
void SymbolCore::keep_gap_mark() noexcept {
  if (gap_mark_ == nullptr && last_time_ != kNoExchangeTime) {
    try {
      gap_mark_.reset(new GapMark(*this));
    } catch (const std::bad_alloc&) {
      return;
    }
  }
}

ExchangeTime SymbolCore::missing_since() const noexcept {
  return gap_mark_ == nullptr ? kNoExchangeTime : gap_mark_->since;
}

void SymbolCore::take_history(const PastBars& history, const Moment& moment) noexcept {
  settle();
  for (std::uint32_t i = 0; i < tracks_.size(); ++i) {
    if (plan_.tracks[i].timeframe == history.timeframe) take_history(i, history, moment);
  }
  if (gap_mark_ != nullptr &&
      std::find(gap_mark_->waits.begin(), gap_mark_->waits.end(), 1) == gap_mark_->waits.end()) {
    gap_mark_.reset();
  }
  end_input(false);
  refresh_bars();
  refresh_band();
}

void SymbolCore::take_history(std::uint32_t index, const PastBars& history,
                              const Moment& moment) noexcept {
  Track& track = tracks_[index];
  const TrackPlan& plan = plan_.tracks[index];
  const bool was_forming = track.forming;
  const Bar seen = track.bar;
  const IndexRange watches{plan_.series[plan.series.first].watches.first,
                           plan_.series[plan.series.last - 1].watches.last};
  const std::uint32_t watch_count = watches.last - watches.first;
  // What has fired in the bar that is forming says nothing of the bars that history closes.
  const std::unique_ptr<BarFirings[]> firings(new (std::nothrow) BarFirings[watch_count]);
  if (firings == nullptr) return;  // without memory the gap stays
  const Bar closed = track.closed;
  // Bars that end later have not been evaluated.
  ExchangeTime known_until = track.closed_until;
  if (history.anew) {
    begin_anew(track, plan);
  } else if (gap_mark_ != nullptr && gap_mark_->waits[index] != 0) {
    go_back(index);
  } else {
    return;
  }
  if (gap_mark_ != nullptr) gap_mark_->waits[index] = 0;
  for (std::uint32_t i = 0; i < watch_count; ++i) {
    firings[i] = watches_[watches.first + i].edge.take_firings();
  }
  for (const PastBar& bar : history.bars) put_history(track, plan, bar, known_until, moment);
  if (known_until == kNoExchangeTime && track.closed_until != kNoExchangeTime) {
    look_at_closed(track, plan, moment);
    known_until = track.closed_until;
  }
  // A bar that closed while the history was on its way.
  if (closed.trades > 0 &&
      closed.span.open >= (track.forming ? track.bar.span.end : track.closed_until)) {
    go_on_with(track, plan, closed, known_until, moment);
    commit_bar(track, plan);
  }
  if (was_forming) go_on_with(track, plan, seen, known_until, moment);
  // It had closed when its time was over, and was evaluated then.
  if (track.forming && track.bar.span.end <= known_until) commit_bar(track, plan);
  // The same firing has the same id: none comes twice.
  for (std::uint32_t i = 0; i < watch_count; ++i) {
    EdgeState& edge = watches_[watches.first + i].edge;
    if (was_forming && track.forming && track.bar.span == seen.span) edge.put_firings(firings[i]);
  }
  // Where empty bars count, there is always one that is forming.
  if (plan.empty_bars == EmptyBars::Carry && !track.forming &&
      track.closed_until != kNoExchangeTime) {
    const BarSpan next = moment.calendar.bar_at(track.closed_until, plan.timeframe);
    open_bar(track, next, track.closed.close, false, moment);
  }
  for (std::uint32_t i = plan.series.first; i < plan.series.last; ++i) {
    series_[i] = unevaluated(plan_.series[i]);
  }
}

void SymbolCore::begin_anew(Track& track, const TrackPlan& plan) noexcept {
  track.forming = false;
  track.gap_next = false;
  track.closed_until = kNoExchangeTime;
  for (std::uint32_t i = plan.series.first; i < plan.series.last; ++i) {
    for (std::uint32_t b = plan_.series[i].blocks.first; b < plan_.series[i].blocks.last; ++b) {
      blocks_[b] = LaneBlock{};
      closed_[b] = Closed{};
    }
  }
}

void SymbolCore::go_back(std::uint32_t index) noexcept {
  Track& track = tracks_[index];
  const Track& before = gap_mark_->tracks[index];
  track.bar = before.bar;
  track.bar.gap = false;
  track.bar.repaired = true;
  track.forming = before.forming;
  track.closed = before.closed;
  track.closed_until = before.closed_until;
  track.gap_next = false;
  for_each_block(index, [&](std::uint32_t b) {
    blocks_[b] = gap_mark_->blocks[b];
    closed_[b] = gap_mark_->closed[b];
  });
}

// What is true at the newest bar of a new series, so that lists can name it at once.
void SymbolCore::look_at_closed(const Track& track, const TrackPlan& plan,
                                const Moment& moment) noexcept {
  for (std::uint32_t i = plan.series.first; i < plan.series.last; ++i) {
    const auto& watches = plan_.series[i].watches;
    for (std::uint32_t watch = watches.first; watch < watches.last; ++watch) {
      evaluate_closed(watch, track.closed, moment);
    }
  }
}

// One bar of history into the bar it belongs to.
void SymbolCore::put_history(Track& track, const TrackPlan& plan, const PastBar& part,
                             ExchangeTime known_until, const Moment& moment) noexcept {
  // Older than what the series has already.
  if (part.open_time < (track.forming ? track.bar.span.open : track.closed_until)) return;
  if (track.forming && part.open_time >= track.bar.span.end) {
    close_history(track, plan, known_until, moment);
  }
  if (!track.forming) {
    const BarSpan span = moment.calendar.bar_at(part.open_time, plan.timeframe);
    if (plan.empty_bars == EmptyBars::Carry && track.closed_until != kNoExchangeTime) {
      carry_history(track, plan, span.open, known_until, moment);
    }
    track.bar.start(span, part.open);
    track.bar.repaired = gap_mark_ != nullptr;
    track.forming = true;
  }
  put_into(track.bar, part);
  ++moment.statistics.history_bars;
}

void SymbolCore::close_history(Track& track, const TrackPlan& plan, ExchangeTime known_until,
                               const Moment& moment) noexcept {
  if (known_until != kNoExchangeTime && track.bar.span.end > known_until) {
    return close_bar(track, plan, moment);
  }
  commit_bar(track, plan);
}

// As carry_until(): a bar without trades repeats the last close.
void SymbolCore::carry_history(Track& track, const TrackPlan& plan, ExchangeTime until,
                               ExchangeTime known_until, const Moment& moment) noexcept {
  for (std::uint64_t carried = 0; track.closed_until < until && carried < kCarriedBarsMax;
       ++carried) {
    track.bar.start(moment.calendar.bar_at(track.closed_until, plan.timeframe), track.closed.close);
    close_history(track, plan, known_until, moment);
  }
}

// What has been seen since goes on top.
void SymbolCore::go_on_with(Track& track, const TrackPlan& plan, const Bar& seen,
                            ExchangeTime known_until, const Moment& moment) noexcept {
  if (track.forming && track.bar.span == seen.span) {
    track.bar.partial = false;
    if (seen.trades > 0) join(track.bar, seen);
    return;
  }
  if (track.forming && seen.span.open < track.bar.span.end) return;  // it has been closed above
  if (track.forming) close_history(track, plan, known_until, moment);
  if (seen.span.open < track.closed_until) return;
  if (plan.empty_bars == EmptyBars::Carry && track.closed_until != kNoExchangeTime) {
    carry_history(track, plan, seen.span.open, known_until, moment);
  }
  track.bar = seen;
  track.forming = true;
}

}  // namespace fastrsi
