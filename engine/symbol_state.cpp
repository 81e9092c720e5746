#include "engine/symbol_state.hpp"

#include <algorithm>
#include <cmath>

#include "engine/state_archive.hpp"

namespace fastrsi {
namespace {

constexpr std::uint32_t kSymbolStateVersion = 1;

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
  walk_items(archive, state.id_window_, [&](auto& id) { archive.field(id); });
  archive.field(state.id_window_at_);
  walk_items(archive, state.ring_, [&](auto& tick) { walk_tick(archive, tick); });
  walk_items(archive, state.tracks_, [&](auto& one) {
    archive.field(one.timeframe);
    archive.field(one.empty_bars);
    walk_bar(archive, one.track.bar);
    walk_bar(archive, one.track.closed);
    archive.field(one.track.closed_until);
    walk_kline(archive, one.track.kline);
    for (auto* flag : {&one.track.forming, &one.track.kline_waits, &one.track.gap_next}) {
      archive.field(*flag);
    }
    archive.field(one.track.since);
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
    for (auto& up : one.block.up) archive.field(up);
    for (auto& down : one.block.down) archive.field(down);
    archive.field(one.block.base);
    archive.field(one.block.closed);
    for (auto* values : {&one.closed.at0, &one.closed.at1, &one.closed.at2}) {
      for (auto& value : *values) archive.field(value);
    }
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
         all(watches_, [&](const WatchState& one) { return one.series < series_.size(); });
}

SymbolState::SymbolState(const SymbolCore& core)
    : id_rule_(core.id_rule_),
      last_time_(core.last_time_),
      last_price_(core.last_price_),
      next_id_(core.next_id_),
      id_seen_(core.id_seen_),
      late_mark_(core.late_mark_),
      id_window_(core.id_window_),
      id_window_at_(core.id_window_at_),
      quiet_{core.quiet_band_, core.quiet_until_, core.pending_,      core.later_,
             core.next_close_, core.bars_until_,  core.others_close_, core.others_until_,
             core.low_series_, core.high_series_, core.flip_bands_} {
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
