#include "engine/symbol_state.hpp"

#include <algorithm>
#include <cmath>

#include "engine/state_archive.hpp"

namespace fastrsi {
namespace {

constexpr std::uint32_t kSymbolStateVersion = 3;

template <typename Archive, typename Item, typename Walk>
void walk_items(Archive& archive, Item& items, Walk&& walk_one) {
  archive.length(items);
  for (auto& item : items) walk_one(item);
}

template <typename Archive, typename BarLike>
void walk_bar(Archive& archive, BarLike& bar) {
  archive.field(bar.span.open);
  archive.field(bar.span.end);
  for (auto* price : {&bar.open, &bar.high, &bar.low, &bar.close}) archive.field(*price);
  archive.field(bar.last_trade);
  archive.field(bar.trades);
  for (auto* flag : {&bar.gap, &bar.partial, &bar.repaired}) archive.field(*flag);
}

template <typename Archive, typename KlineLike>
void walk_kline(Archive& archive, KlineLike& kline) {
  archive.field(kline.timeframe);
  archive.field(kline.open_time);
  for (auto* price : {&kline.open, &kline.high, &kline.low, &kline.close}) {
    archive.field(price->value);
  }
  archive.field(kline.closed);
}

template <typename Archive, typename TradesLike>
void walk_pending(Archive& archive, TradesLike& trades) {
  archive.field(trades.high);
  archive.field(trades.low);
  archive.field(trades.count);
}

template <typename Archive, typename TickLike>
void walk_tick(Archive& archive, TickLike& tick) {
  archive.field(tick.price.value);
  archive.field(tick.quantity.value);
  archive.field(tick.id);
  archive.field(tick.time);
  archive.field(tick.received);
  archive.field(tick.has_id);
  archive.field(tick.id_only);
}

template <typename Archive, typename TrackLike>
void walk_track(Archive& archive, TrackLike& track) {
  walk_bar(archive, track.bar);
  walk_bar(archive, track.closed);
  archive.field(track.closed_until);
  walk_kline(archive, track.kline);
  for (auto* flag : {&track.forming, &track.kline_waits, &track.gap_next}) archive.field(*flag);
  archive.field(track.since);
}

template <typename Archive, typename BlockLike>
void walk_block(Archive& archive, BlockLike& block) {
  for (auto& up : block.up) archive.field(up);
  for (auto& down : block.down) archive.field(down);
  archive.field(block.base);
  archive.field(block.closed);
}

template <typename Archive, typename ClosedLike>
void walk_closed(Archive& archive, ClosedLike& closed) {
  for (auto* values : {&closed.at0, &closed.at1, &closed.at2}) {
    for (auto& value : *values) archive.field(value);
  }
}

template <typename Archive, typename EdgeLike>
void walk_edge(Archive& archive, EdgeLike& edge) {
  for (auto* set : {&edge.known, &edge.active, &edge.truth, &edge.fired_kinds}) {
    archive.field(*set);
  }
  for (auto& count : edge.fired) archive.field(count);
  for (auto& time : edge.last_firing) archive.field(time);
  for (auto& bits : edge.repeated) archive.field(bits);
}

class Fnv {
 public:
  template <typename T>
  Fnv& add(const T& value) noexcept {
    const auto* bytes = reinterpret_cast<const unsigned char*>(&value);
    for (std::size_t i = 0; i < sizeof value; ++i) hash_ = (hash_ ^ bytes[i]) * 0x100'0000'01B3U;
    return *this;
  }
  std::uint64_t value() const noexcept { return hash_; }

 private:
  std::uint64_t hash_ = 0xCBF2'9CE4'8422'2325U;
};

}  // namespace

std::uint64_t fingerprint_of(const RuleSettings& s) noexcept {
  Fnv hash;
  hash.add(s.evaluate).add(s.apply_to).add(s.profile).add(s.warmup_bars).add(s.empty_bars);
  hash.add(s.period_default).add(s.period_first).add(s.period_second);
  hash.add(s.level_middle).add(s.level_overbought).add(s.level_oversold);
  hash.add(s.cross_lookback).add(s.cross_filter).add(s.trend_rule).add(s.once_per);
  hash.add(s.hysteresis).add(s.cooldown.count()).add(s.repeat_every.count());
  hash.add(s.auto_enabled).add(s.auto_mode).add(s.auto_kinds);
  return hash.value();
}

template <typename Archive, typename State>
void SymbolState::walk(Archive& archive, State& state) {
  archive.field(state.id_rule_);
  archive.field(state.last_time_);
  archive.field(state.last_price_);
  archive.field(state.next_id_);
  archive.field(state.id_seen_);
  archive.field(state.late_mark_);
  archive.field(state.gap_waits_);
  walk_items(archive, state.id_window_, [&](auto& id) { archive.field(id); });
  archive.field(state.id_window_at_);
  walk_items(archive, state.ring_, [&](auto& tick) { walk_tick(archive, tick); });
  walk_items(archive, state.tracks_, [&](auto& one) {
    archive.field(one.timeframe);
    archive.field(one.empty_bars);
    walk_track(archive, one.track);
  });
  walk_items(archive, state.series_, [&](auto& one) {
    archive.field(one.track);
    archive.field(one.apply_to);
    archive.field(one.forming);
    archive.field(one.series.band.low);
    archive.field(one.series.band.high);
    archive.field(one.series.due);
  });
  walk_items(archive, state.blocks_, [&](auto& one) {
    archive.field(one.series);
    for (auto& n : one.periods.n) archive.field(n);
    walk_block(archive, one.block);
    walk_closed(archive, one.closed);
  });
  walk_items(archive, state.watches_, [&](auto& one) {
    archive.field(one.series);
    archive.field(one.rule);
    archive.field(one.fingerprint);
    walk_edge(archive, one.watch.edge);
    for (auto* flag : {&one.watch.entered, &one.watch.waiting, &one.watch.returning}) {
      archive.field(*flag);
    }
  });
  auto& quiet = state.quiet_;
  archive.field(quiet.band.low);
  archive.field(quiet.band.high);
  walk_pending(archive, quiet.pending);
  walk_pending(archive, quiet.later);
  for (auto* time : {&quiet.until, &quiet.next_close, &quiet.bars_until, &quiet.others_close,
                     &quiet.others_until}) {
    archive.field(*time);
  }
  archive.field(quiet.low_series);
  archive.field(quiet.high_series);
  archive.field(quiet.flip_bands);
  walk_items(archive, state.gap_marks_, [&](auto& mark) {
    archive.field(mark.since);
    walk_items(archive, mark.tracks, [&](auto& track) { walk_track(archive, track); });
    walk_items(archive, mark.blocks, [&](auto& block) { walk_block(archive, block); });
    walk_items(archive, mark.closed, [&](auto& closed) { walk_closed(archive, closed); });
    walk_items(archive, mark.waits, [&](auto& waits) { archive.field(waits); });
  });
  walk_items(archive, state.unsure_, [&](auto& one) {
    archive.field(one.track);
    walk_bar(archive, one.unsure.bar);
    walk_bar(archive, one.unsure.closed);
    archive.field(one.unsure.closed_until);
    archive.field(one.unsure.last_trade);
    walk_items(archive, one.blocks, [&](auto& block) { walk_block(archive, block); });
    walk_items(archive, one.closed, [&](auto& closed) { walk_closed(archive, closed); });
  });
}

std::string SymbolState::encode() const {
  StateWriter writer;
  writer.field(kSymbolStateVersion);
  walk(writer, *this);
  return writer.take();
}

std::optional<SymbolState> SymbolState::decode(std::string_view bytes) {
  StateReader reader(bytes);
  std::uint32_t version = 0;
  reader.field(version);
  if (version != kSymbolStateVersion) return std::nullopt;
  SymbolState state;
  walk(reader, state);
  if (!reader.is_whole() || !state.is_sound()) return std::nullopt;
  return state;
}

// Every index is within its list and every enum has a name, so that nothing later has to ask.
bool SymbolState::is_sound() const noexcept {
  const auto all = [](const auto& items, auto&& is) {
    return std::all_of(items.begin(), items.end(), is);
  };
  return id_rule_ <= IdRule::Window && id_window_.size() <= kIdWindow &&
         id_window_at_ < kIdWindow &&
         all(tracks_,
             [](const TrackState& one) {
               return one.timeframe <= Timeframe::Mo1 && one.empty_bars <= EmptyBars::Carry &&
                      one.track.kline.timeframe <= Timeframe::Mo1;
             }) &&
         all(series_,
             [&](const SeriesState& one) {
               return one.track < tracks_.size() && one.apply_to <= ApplyTo::Weighted;
             }) &&
         all(blocks_,
             [&](const BlockState& one) {
               return one.series < series_.size() && all(one.periods.n, [](double n) {
                        return n >= kPeriodMin && n <= kPeriodMax;
                      });
             }) &&
         all(watches_, [&](const WatchState& one) { return one.series < series_.size(); }) &&
         gap_marks_.size() <= 1 &&
         all(gap_marks_,
             [&](const SymbolCore::GapMark& mark) {
               return mark.tracks.size() == tracks_.size() && mark.waits.size() == tracks_.size() &&
                      mark.blocks.size() == blocks_.size() && mark.closed.size() == blocks_.size();
             }) &&
         all(unsure_, [&](const UnsureState& one) {
           const auto blocks = static_cast<std::size_t>(std::count_if(
               blocks_.begin(), blocks_.end(),
               [&](const BlockState& block) { return series_[block.series].track == one.track; }));
           return one.track < tracks_.size() && one.blocks.size() == blocks &&
                  one.closed.size() == blocks;
         });
}

SymbolState::SymbolState(const SymbolCore& core)
    : id_rule_(core.id_rule_),
      last_time_(core.last_time_),
      last_price_(core.last_price_),
      next_id_(core.next_id_),
      id_seen_(core.id_seen_),
      late_mark_(core.late_mark_),
      gap_waits_(core.gap_waits_),
      id_window_(core.id_window_),
      id_window_at_(core.id_window_at_),
      quiet_{core.quiet_band_, core.quiet_until_, core.pending_,      core.later_,
             core.next_close_, core.bars_until_,  core.others_close_, core.others_until_,
             core.low_series_, core.high_series_, core.flip_bands_} {
  if (core.gap_mark_ != nullptr) gap_marks_.push_back(*core.gap_mark_);
  for (std::uint32_t i = 0; i < core.tracks_.size(); ++i) {
    if (core.unsure_[i].last_trade == kNoExchangeTime ||
        core.unsure_[i].last_trade != core.last_time_) {
      continue;
    }
    unsure_.push_back({i, core.unsure_[i], {}, {}});
    core.for_each_block(i, [&](std::uint32_t block) {
      unsure_.back().blocks.push_back(core.unsure_blocks_[block]);
      unsure_.back().closed.push_back(core.unsure_closed_[block]);
    });
  }
  for (std::size_t age = core.ring_.size(); age-- > 0;) ring_.push_back(core.ring_.back(age));
  const SymbolPlan& plan = core.plan_;
  for (std::uint32_t i = 0; i < plan.tracks.size(); ++i) {
    tracks_.push_back({plan.tracks[i].timeframe, plan.tracks[i].empty_bars, core.tracks_[i]});
  }
  for (std::uint32_t i = 0; i < plan.series.size(); ++i) {
    const SeriesPlan& series = plan.series[i];
    series_.push_back({series.track, series.apply_to, series.forming, core.series_[i]});
    for (std::uint32_t block = series.blocks.first; block < series.blocks.last; ++block) {
      blocks_.push_back({i, plan.blocks[block], core.blocks_[block], core.closed_[block]});
    }
    for (std::uint32_t watch = series.watches.first; watch < series.watches.last; ++watch) {
      const RuleSettings& settings = plan.watches[watch].rule->settings;
      watches_.push_back({i, settings.name, fingerprint_of(settings), core.watches_[watch]});
    }
  }
}

}  // namespace fastrsi
