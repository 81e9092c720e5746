// A state goes into a core: as it is where the plan is the very same, else part by part.
#include <algorithm>

#include "engine/symbol_state.hpp"

namespace fastrsi {

namespace {

template <typename Item, typename Is>
const Item* first_where(const std::vector<Item>& items, Is&& is) {
  const auto found = std::find_if(items.begin(), items.end(), is);
  return found == items.end() ? nullptr : &*found;
}

bool is_used(const SymbolPlan& plan, const SeriesPlan& series, std::uint32_t lane) {
  return std::any_of(plan.watches.begin() + series.watches.first,
                     plan.watches.begin() + series.watches.last, [&](const WatchPlan& watch) {
                       return watch.lane_default == lane || watch.lane_first == lane ||
                              watch.lane_second == lane;
                     });
}

}  // namespace

std::string SymbolCore::save() const {
  return SymbolState(*this).encode();
}

bool SymbolCore::restore(std::string_view bytes, ExchangeTime now) {
  const std::optional<SymbolState> state = SymbolState::decode(bytes);
  if (!state || state->id_rule() != id_rule_) return false;
  state->put_into(*this, now);
  return true;
}

void SymbolCore::watch_since(ExchangeTime now) noexcept {
  for (Track& track : tracks_) track.since = now;
}

void SymbolCore::returned() noexcept {
  for (Watch& watch : watches_) watch.returning = watch.edge.known != 0;
  disconnected();
  for (std::uint32_t i = 0; i < series_.size(); ++i) series_[i] = unevaluated(plan_.series[i]);
  refresh_bars();
  refresh_band();
}

void SymbolCore::list_again(std::uint32_t list, std::uint32_t* pending_lists) noexcept {
  for (std::uint32_t i = 0; i < watches_.size(); ++i) {
    if (plan_.watches[i].list != list || !watches_[i].entered || watches_[i].waiting) continue;
    watches_[i].waiting = true;
    ++pending_lists[list];
  }
}

void SymbolCore::count_waiting(std::uint32_t* pending_lists) const noexcept {
  for (std::uint32_t i = 0; i < watches_.size(); ++i) {
    if (watches_[i].waiting) ++pending_lists[plan_.watches[i].list];
  }
}

void SymbolState::put_into(SymbolCore& core, ExchangeTime now) const {
  core.last_time_ = last_time_;
  core.last_price_ = last_price_;
  core.next_id_ = next_id_;
  core.id_seen_ = id_seen_;
  core.late_mark_ = late_mark_;
  core.gap_waits_ = gap_waits_;
  core.id_window_ = id_window_;
  core.id_window_.reserve(id_rule_ == IdRule::Window ? kIdWindow : 0);
  core.id_window_at_ = static_cast<std::size_t>(id_window_at_);
  for (const Tick& tick : ring_) core.ring_.push(tick);
  if (has_plan_of(core)) return go_on(core);
  SymbolState settled = *this;
  settled.settle();
  settled.go_over(core, now);
}

bool SymbolState::has_plan_of(const SymbolCore& core) const {
  const SymbolState other(core);
  const auto equal = [](const auto& a, const auto& b, auto&& is) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), is);
  };
  return quiet_.flip_bands == core.flip_bands_ &&
         equal(tracks_, other.tracks_,
               [](const TrackState& a, const TrackState& b) {
                 return a.timeframe == b.timeframe && a.empty_bars == b.empty_bars;
               }) &&
         equal(series_, other.series_,
               [](const SeriesState& a, const SeriesState& b) {
                 return a.track == b.track && a.apply_to == b.apply_to && a.forming == b.forming;
               }) &&
         equal(blocks_, other.blocks_,
               [](const BlockState& a, const BlockState& b) {
                 return a.series == b.series && a.periods.n == b.periods.n;
               }) &&
         equal(watches_, other.watches_, [](const WatchState& a, const WatchState& b) {
           return a.series == b.series && a.rule == b.rule && a.fingerprint == b.fingerprint;
         });
}

void SymbolState::go_on(SymbolCore& core) const {
  for (std::uint32_t i = 0; i < tracks_.size(); ++i) core.tracks_[i] = tracks_[i].track;
  for (std::uint32_t i = 0; i < series_.size(); ++i) core.series_[i] = series_[i].series;
  for (std::uint32_t i = 0; i < watches_.size(); ++i) core.watches_[i] = watches_[i].watch;
  for (std::uint32_t i = 0; i < blocks_.size(); ++i) {
    core.blocks_[i] = blocks_[i].block;
    core.closed_[i] = blocks_[i].closed;
  }
  core.quiet_band_ = quiet_.band;
  core.quiet_until_ = quiet_.until;
  core.pending_ = quiet_.pending;
  core.later_ = quiet_.later;
  core.next_close_ = quiet_.next_close;
  core.bars_until_ = quiet_.bars_until;
  core.others_close_ = quiet_.others_close;
  core.others_until_ = quiet_.others_until;
  core.low_series_ = quiet_.low_series;
  core.high_series_ = quiet_.high_series;
  for (const UnsureState& one : unsure_) {
    core.unsure_[one.track] = one.unsure;
    std::size_t at = 0;
    core.for_each_block(one.track, [&](std::uint32_t block) {
      core.unsure_blocks_[block] = one.blocks[at];
      core.unsure_closed_[block] = one.closed[at];
      ++at;
    });
  }
  if (!gap_marks_.empty()) core.gap_mark_.reset(new SymbolCore::GapMark(gap_marks_.front()));
}

// As SymbolCore::settle().
void SymbolState::settle() {
  for (std::size_t i = 0; i < tracks_.size(); ++i) {
    PendingTrades trades = quiet_.pending;
    if (i != 0) trades.add(quiet_.later);
    tracks_[i].track.bar.take(trades, last_price_, last_time_);
  }
  quiet_.pending = {};
  quiet_.later = {};
}

void SymbolState::go_over(SymbolCore& core, ExchangeTime now) const {
  const SymbolPlan& plan = core.plan_;
  for (std::uint32_t i = 0; i < plan.tracks.size(); ++i) {
    const TrackState* like = track_like(plan.tracks[i]);
    if (like != nullptr) {
      core.tracks_[i] = like->track;
    } else {
      core.tracks_[i].since = now;
    }
  }
  const Lanes from = lanes();
  std::vector<bool> taken(plan.blocks.size(), false);
  for (const SeriesPlan& series : plan.series) {
    for (std::uint32_t block = series.blocks.first; block < series.blocks.last; ++block) {
      const std::optional<BlockState> like = block_like(plan, series, block, from);
      if (!like) continue;
      core.blocks_[block] = like->block;
      core.closed_[block] = like->closed;
      taken[block] = true;
    }
  }
  for (std::uint32_t i = 0; i < plan.watches.size(); ++i) {
    const WatchPlan& watch = plan.watches[i];
    const WatchState* like = watch_like(plan, watch);
    if (like == nullptr || !taken[watch.lane_default / kLanes] ||
        !taken[watch.lane_first / kLanes] || !taken[watch.lane_second / kLanes]) {
      continue;
    }
    core.watches_[i] = like->watch;
  }
  for (std::uint32_t i = 0; i < plan.series.size(); ++i) {
    core.series_[i] = SymbolCore::unevaluated(plan.series[i]);
  }
  take_gap_mark_over(core);
  take_unsure_over(core);
  core.refresh_bars();
  core.refresh_band();
}

// A gap is still to be mended in the tracks that go on; what is new begins with whole history.
void SymbolState::take_gap_mark_over(SymbolCore& core) const {
  if (gap_marks_.empty()) return;
  const SymbolCore::GapMark& before = gap_marks_.front();
  const SymbolPlan& plan = core.plan_;
  Lanes from(0);
  from.blocks = before.blocks;
  from.closed = before.closed;
  Lanes into(plan.blocks.size());
  SymbolCore::GapMark mark;
  mark.since = before.since;
  mark.tracks.resize(plan.tracks.size());
  mark.waits.resize(plan.tracks.size());
  for (std::uint32_t i = 0; i < plan.tracks.size(); ++i) {
    const TrackState* like = track_like(plan.tracks[i]);
    if (like == nullptr) continue;
    const auto index = static_cast<std::size_t>(like - tracks_.data());
    if (before.waits[index] == 0 || !track_lanes_like(plan, i, from, into)) continue;
    mark.tracks[i] = before.tracks[index];
    mark.waits[i] = 1;
  }
  if (std::find(mark.waits.begin(), mark.waits.end(), 1) == mark.waits.end()) return;
  mark.blocks = std::move(into.blocks);
  mark.closed = std::move(into.closed);
  core.gap_mark_.reset(new SymbolCore::GapMark(std::move(mark)));
}

void SymbolState::take_unsure_over(SymbolCore& core) const {
  const SymbolPlan& plan = core.plan_;
  for (const UnsureState& one : unsure_) {
    Lanes from(blocks_.size());
    std::size_t at = 0;
    for (std::size_t block = 0; block < blocks_.size(); ++block) {
      if (series_[blocks_[block].series].track != one.track) continue;
      from.blocks[block] = one.blocks[at];
      from.closed[block] = one.closed[at];
      ++at;
    }
    Lanes into(plan.blocks.size());
    for (std::uint32_t i = 0; i < plan.tracks.size(); ++i) {
      if (track_like(plan.tracks[i]) != &tracks_[one.track] ||
          !track_lanes_like(plan, i, from, into)) {
        continue;
      }
      core.unsure_[i] = one.unsure;
      core.for_each_block(i, [&](std::uint32_t block) {
        core.unsure_blocks_[block] = into.blocks[block];
        core.unsure_closed_[block] = into.closed[block];
      });
    }
  }
}

SymbolState::Lanes SymbolState::lanes() const {
  Lanes lanes(blocks_.size());
  for (std::size_t i = 0; i < blocks_.size(); ++i) {
    lanes.blocks[i] = blocks_[i].block;
    lanes.closed[i] = blocks_[i].closed;
  }
  return lanes;
}

bool SymbolState::track_lanes_like(const SymbolPlan& plan, std::uint32_t track, const Lanes& from,
                                   Lanes& into) const {
  const IndexRange& all = plan.tracks[track].series;
  for (std::uint32_t i = all.first; i < all.last; ++i) {
    const SeriesPlan& series = plan.series[i];
    for (std::uint32_t block = series.blocks.first; block < series.blocks.last; ++block) {
      const std::optional<BlockState> like = block_like(plan, series, block, from);
      if (!like) return false;
      into.blocks[block] = like->block;
      into.closed[block] = like->closed;
    }
  }
  return true;
}

const SymbolState::TrackState* SymbolState::track_like(const TrackPlan& plan) const {
  return first_where(tracks_, [&](const TrackState& one) {
    return one.timeframe == plan.timeframe && one.empty_bars == plan.empty_bars;
  });
}

const SymbolState::SeriesState* SymbolState::series_like(const SymbolPlan& plan,
                                                         const SeriesPlan& series) const {
  const TrackState* track = track_like(plan.tracks[series.track]);
  if (track == nullptr) return nullptr;
  const auto index = static_cast<std::uint32_t>(track - tracks_.data());
  return first_where(series_, [&](const SeriesState& one) {
    return one.track == index && one.apply_to == series.apply_to;
  });
}

std::optional<SymbolState::BlockState> SymbolState::block_like(const SymbolPlan& plan,
                                                               const SeriesPlan& series,
                                                               std::uint32_t block,
                                                               const Lanes& lanes) const {
  const SeriesState* of = series_like(plan, series);
  if (of == nullptr) return std::nullopt;
  const auto index = static_cast<std::uint32_t>(of - series_.data());
  const LanePeriods& periods = plan.blocks[block];
  std::optional<BlockState> like;
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    if (!is_used(plan, series,
                 block * static_cast<std::uint32_t>(kLanes) + static_cast<std::uint32_t>(lane))) {
      continue;
    }
    const auto has_period = [&](const BlockState& one) {
      return one.series == index && std::find(one.periods.n.begin(), one.periods.n.end(),
                                              periods.n[lane]) != one.periods.n.end();
    };
    const BlockState* of_period = first_where(blocks_, has_period);
    if (of_period == nullptr) return std::nullopt;
    const auto place = static_cast<std::size_t>(of_period - blocks_.data());
    const LaneBlock& from = lanes.blocks[place];
    const SymbolCore::Closed& closed = lanes.closed[place];
    if (!like) like = BlockState{index, periods, from, {}};
    if (from.closed != like->block.closed || from.base != like->block.base) return std::nullopt;
    const auto& old_periods = of_period->periods.n;
    const auto at = static_cast<std::size_t>(
        std::find(old_periods.begin(), old_periods.end(), periods.n[lane]) - old_periods.begin());
    like->block.up[lane] = from.up[at];
    like->block.down[lane] = from.down[at];
    like->closed.at0[lane] = closed.at0[at];
    like->closed.at1[lane] = closed.at1[at];
    like->closed.at2[lane] = closed.at2[at];
  }
  return like;
}

const SymbolState::WatchState* SymbolState::watch_like(const SymbolPlan& plan,
                                                       const WatchPlan& watch) const {
  const SeriesState* series = series_like(plan, plan.series[watch.series]);
  if (series == nullptr) return nullptr;
  const auto index = static_cast<std::uint32_t>(series - series_.data());
  const RuleSettings& settings = watch.rule->settings;
  return first_where(watches_, [&](const WatchState& one) {
    return one.series == index && one.rule == settings.name &&
           one.fingerprint == fingerprint_of(settings);
  });
}

}  // namespace fastrsi
