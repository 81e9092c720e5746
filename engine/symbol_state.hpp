// A symbol's state apart from its core: what a checkpoint keeps, what a restart and a changed
// configuration go on from. Every part carries what it is of (timeframe, price source, period,
// rule), so that a plan of other rules can take over what it shares with the old one.
//
//   state = version:u32 id_rule last_time last_price next_id id_seen late_mark gap_waits id_window
//           ring tracks series blocks watches quiet gap_mark
//           unsure                                          each in the order of walk()
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/gap_mark.hpp"
#include "engine/symbol_core.hpp"

namespace fastrsi {

class SymbolState {
 public:
  // What a core is now.
  explicit SymbolState(const SymbolCore& core);
  // Nothing when the bytes are no state of this version.
  static std::optional<SymbolState> decode(std::string_view bytes);
  std::string encode() const;

  // Puts the core into this state, as far as its plan shares it; the rest begins at `now`.
  void put_into(SymbolCore& core, ExchangeTime now) const;

  IdRule id_rule() const noexcept { return id_rule_; }

 private:
  struct TrackState {
    Timeframe timeframe = Timeframe::M1;
    EmptyBars empty_bars = EmptyBars::Skip;
    SymbolCore::Track track;
  };
  struct SeriesState {
    std::uint32_t track = 0;
    ApplyTo apply_to = ApplyTo::Close;
    bool forming = false;
    SymbolCore::Series series;
  };
  struct BlockState {
    std::uint32_t series = 0;
    LanePeriods periods;
    LaneBlock block;
    SymbolCore::Closed closed;
  };
  struct WatchState {
    std::uint32_t series = 0;
    std::string rule;
    std::uint64_t fingerprint = 0;  // of the rule's settings
    SymbolCore::Watch watch;
  };
  // A bar that closed without a trade of the next one, while no other trade has come.
  struct UnsureState {
    std::uint32_t track = 0;
    SymbolCore::Unsure unsure;
    std::vector<LaneBlock> blocks;  // of the track's series, in their order
    std::vector<SymbolCore::Closed> closed;
  };
  // What all blocks hold at some moment, in the order of a plan.
  struct Lanes {
    explicit Lanes(std::size_t count) : blocks(count), closed(count) {}
    std::vector<LaneBlock> blocks;
    std::vector<SymbolCore::Closed> closed;
  };
  // What only goes on where the plan is the very same.
  struct Quiet {
    PriceBand band;
    ExchangeTime until;
    PendingTrades pending;
    PendingTrades later;
    ExchangeTime next_close;
    ExchangeTime bars_until;
    ExchangeTime others_close;
    ExchangeTime others_until;
    std::uint16_t low_series = 0;
    std::uint16_t high_series = 0;
    bool flip_bands = false;
  };

  SymbolState() = default;
  template <typename Archive, typename State>
  static void walk(Archive& archive, State& state);
  bool is_sound() const noexcept;
  bool has_plan_of(const SymbolCore& core) const;
  void settle();
  void go_on(SymbolCore& core) const;
  void go_over(SymbolCore& core, ExchangeTime now) const;
  void take_gap_mark_over(SymbolCore& core) const;
  void take_unsure_over(SymbolCore& core) const;

  const TrackState* track_like(const TrackPlan& plan) const;
  const SeriesState* series_like(const SymbolPlan& plan, const SeriesPlan& series) const;
  Lanes lanes() const;
  // The block's lanes, from wherever they were; nothing unless all of them began together.
  std::optional<BlockState> block_like(const SymbolPlan& plan, const SeriesPlan& series,
                                       std::uint32_t block, const Lanes& from) const;
  // All blocks of a track of the plan; false when one of them is new.
  bool track_lanes_like(const SymbolPlan& plan, std::uint32_t track, const Lanes& from,
                        Lanes& into) const;
  const WatchState* watch_like(const SymbolPlan& plan, const WatchPlan& watch) const;

  IdRule id_rule_ = IdRule::Rising;
  ExchangeTime last_time_ = kNoExchangeTime;
  double last_price_ = 0.0;
  std::uint64_t next_id_ = 0;
  bool id_seen_ = false;
  bool late_mark_ = false;
  bool gap_waits_ = false;
  std::vector<std::uint64_t> id_window_;
  std::uint64_t id_window_at_ = 0;
  std::vector<Tick> ring_;  // oldest first
  std::vector<TrackState> tracks_;
  std::vector<SeriesState> series_;
  std::vector<BlockState> blocks_;
  std::vector<WatchState> watches_;
  Quiet quiet_;
  std::vector<SymbolCore::GapMark> gap_marks_;  // one, or none
  std::vector<UnsureState> unsure_;
};

// Two settings of the same fingerprint make the same edges of the same values.
std::uint64_t fingerprint_of(const RuleSettings& settings) noexcept;

}  // namespace fastrsi
