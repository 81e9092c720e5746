#include "engine/symbol_core.hpp"

#include <algorithm>
#include <utility>

namespace fastrsi {

SymbolCore::SymbolCore(Symbol symbol, const SymbolPlan& plan, IdRule id_rule,
                       const EngineSettings& settings)
    : ring_(settings.ring_ticks),
      flip_bands_(settings.flip_bands),
      id_rule_(id_rule),
      plan_(plan),
      series_(plan.series.size()),
      tracks_(plan.tracks.size()),
      blocks_(plan.blocks.size()),
      closed_(plan.blocks.size()),
      watches_(plan.watches.size()),
      symbol_(std::move(symbol)),
      unsure_(plan.tracks.size()),
      unsure_blocks_(plan.blocks.size()),
      unsure_closed_(plan.blocks.size()) {
  for (std::uint32_t i = 0; i < series_.size(); ++i) series_[i] = unevaluated(plan.series[i]);
  if (id_rule == IdRule::Window) id_window_.reserve(kIdWindow);
}

void SymbolCore::prefetch_for(double price) const noexcept {
  const auto lines = [](const auto& item) {
    const char* const begin = reinterpret_cast<const char*>(&item);
    __builtin_prefetch(begin);
    __builtin_prefetch(begin + kCacheLineBytes);
  };
  const std::uint32_t left = price > quiet_band_.high ? high_series_ : low_series_;
  if (left >= series_.size()) return;
  const SeriesPlan& plan = plan_.series[left];
  const char* const bands = reinterpret_cast<const char*>(series_.begin());
  for (std::size_t at = 0; at < sizeof(Series) * series_.size(); at += kCacheLineBytes) {
    __builtin_prefetch(bands + at);
  }
  __builtin_prefetch(&blocks_[plan.blocks.first]);
  lines(tracks_[plan.track].bar);
  lines(closed_[plan.blocks.first]);
  lines(watches_[plan.watches.first]);
}

void SymbolCore::apply_loud(const Tick& tick, const Moment& moment) noexcept {
  prefetch_for(tick.price.value);
  if (!follows(tick) || tick.time >= others_until_) return apply_fully(tick, moment);
  if (tick.time >= bars_until_) return apply_to_first(tick, moment);
  take_quietly(tick);
  evaluate_left(tick, moment);
}

// The trade opens a bar of the first track, may close one before, and lies within all others.
void SymbolCore::apply_to_first(const Tick& tick, const Moment& moment) noexcept {
  const Track& first = tracks_[0];
  const ExchangeTime begin = first.forming ? first.bar.span.open : first.closed_until;
  if (tick.time < begin) return apply_fully(tick, moment);
  settle_first();
  place(tracks_[0], plan_.tracks[0], tick, false, moment);
  take_quietly(tick);
  later_.add(pending_);
  pending_ = {};
  refresh_first_bar();
  evaluate_left(tick, moment);
}

void SymbolCore::apply_fully(const Tick& tick, const Moment& moment) noexcept {
  settle();
  if (is_duplicate(tick)) {
    ++moment.statistics.duplicates;
    return;
  }
  const std::uint64_t missing = missing_before(tick);
  if (missing > 0) {
    ++moment.statistics.gaps;
    moment.statistics.missing_trades += missing;
    mark_gap();
  }
  remember_id(tick);
  ring_.push(tick);
  if (tick.id_only) {
    ++moment.statistics.id_only_ticks;
    if (missing > 0) wait_for_gap_end();
    return;
  }
  const bool gap = std::exchange(gap_waits_, false) || missing > 0;
  bool late = false;
  bool applied = false;
  for (std::uint32_t i = 0; i < tracks_.size(); ++i) {
    const Placement placement = place(tracks_[i], plan_.tracks[i], tick, gap, moment);
    tracks_[i].touched = placement == Placement::Applied;
    applied = applied || placement == Placement::Applied;
    late = late || placement == Placement::Late;
  }
  if (applied && tick.time >= last_time_) {
    last_time_ = tick.time;
    last_price_ = tick.price.value;
  }
  for (std::uint32_t i = 0; i < series_.size(); ++i) {
    if (plan_.series[i].forming && tracks_[plan_.series[i].track].touched) {
      evaluate_forming(i, tick, moment);
    }
  }
  moment.statistics.late_ticks += late ? 1U : 0U;
  end_input(late);
  refresh_bars();
  refresh_band();
}

void SymbolCore::close_until(ExchangeTime reached, const Moment& moment) noexcept {
  if (reached < next_close_) return;
  if (reached < others_until_) return close_first_until(reached, moment);
  settle();
  for (std::uint32_t i = 0; i < tracks_.size(); ++i) {
    Track& track = tracks_[i];
    if (!track.forming || track.bar.span.end > reached) continue;
    keep_unsure(i);
    close_bar(track, plan_.tracks[i], moment);
    if (plan_.tracks[i].empty_bars == EmptyBars::Carry) {
      carry_until(track, plan_.tracks[i], reached, false, moment);
    }
  }
  end_input(false);
  refresh_bars();
  refresh_band();
}

// As close_until(), when no bar of another track ends.
void SymbolCore::close_first_until(ExchangeTime reached, const Moment& moment) noexcept {
  settle_first();
  keep_unsure(0);
  close_bar(tracks_[0], plan_.tracks[0], moment);
  if (plan_.tracks[0].empty_bars == EmptyBars::Carry) {
    carry_until(tracks_[0], plan_.tracks[0], reached, false, moment);
  }
  end_input(false);
  refresh_first_bar();
  refresh_band();
}

void SymbolCore::disconnected() noexcept {
  if (id_seen_ && id_rule_ == IdRule::Rising) return;
  mark_gap();
  for (Track& track : tracks_) track.gap_next = true;
}

// An empty bar that is carried exists only once its end is reached.
void SymbolCore::mark_gap() noexcept {
  ++gaps_;
  keep_gap_mark();
  for (Track& track : tracks_) track.bar.gap = track.bar.gap || track.bar.trades > 0;
}

// The trade that shows that others are missing moves nothing: the bars behind them are opened by
// the next one that does, which must not go the short way.
void SymbolCore::wait_for_gap_end() noexcept {
  gap_waits_ = true;
  refresh_bars();
  refresh_band();
}

void SymbolCore::enter_list(std::uint32_t list, ListReason reason, ExchangeTime time,
                            const Moment& moment) noexcept {
  for (std::uint32_t i = 0; i < watches_.size(); ++i) {
    const WatchPlan& plan = plan_.watches[i];
    Watch& watch = watches_[i];
    if (plan.list != list || (reason == ListReason::FirstLoad && !watch.waiting)) continue;
    const RuleSettings& settings = plan.rule->settings;
    const KindSet wanted =
        reason == ListReason::FirstLoad ? settings.first_load_kinds : settings.auto_kinds;
    if (reason == ListReason::FirstLoad) watch.waiting = false;
    const unsigned listed = wanted & watch.edge.known & truth_now(i, moment);
    for (std::size_t kind = 0; kind < kKindCount; ++kind) {
      if ((listed >> kind & 1U) == 0) continue;
      Record record;
      record.type = Record::Type::Listed;
      record.reason = reason;
      record.stamp_ns = moment.stamp_ns;
      record.signal.rule = &plan.rule->label;
      record.signal.symbol = &symbol_;
      record.signal.timeframe = plan_.tracks[plan_.series[plan.series].track].timeframe;
      record.signal.kind = static_cast<Kind>(kind);
      record.signal.time = time;
      record.signal.received = moment.received;
      ++moment.statistics.listed;
      moment.out.record(record);
    }
  }
}

void SymbolCore::end_input(bool late) noexcept {
  if (said_) late_mark_ = false;
  if (late) late_mark_ = true;
  said_ = false;
}

bool SymbolCore::is_warm() const noexcept {
  return std::all_of(plan_.watches.begin(), plan_.watches.end(), [this](const WatchPlan& watch) {
    return watch.rule->known_at(blocks_[watch.lane_default / kLanes].closed) == kAllKinds;
  });
}

const Bar* SymbolCore::forming_bar(std::uint32_t track) const noexcept {
  return tracks_[track].forming ? &tracks_[track].bar : nullptr;
}

const Bar* SymbolCore::closed_bar(std::uint32_t track) const noexcept {
  const Track& of = tracks_[track];
  return of.closed_until == kNoExchangeTime ? nullptr : &of.closed;
}

}  // namespace fastrsi
