// What has to be computed for a symbol, worked out once for every set of rules that can meet on
// one: equal (timeframe, empty_bars) share bars, equal price sources on them share series, equal
// periods share lanes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/rsi.hpp"
#include "engine/rule.hpp"

namespace fastrsi {

// A range of indices, [first, last).
struct IndexRange {
  std::uint32_t first = 0;
  std::uint32_t last = 0;
};

// Bars of one timeframe.
struct TrackPlan {
  Timeframe timeframe = Timeframe::M1;
  EmptyBars empty_bars = EmptyBars::Skip;
  IndexRange series;
};

// RSI of one price source on a track, for every period that a rule asks for.
struct SeriesPlan {
  ApplyTo apply_to = ApplyTo::Close;
  std::uint32_t track = 0;
  IndexRange blocks;             // lane blocks, among all of the symbol's
  IndexRange watches;            // the rules that look at it
  std::uint64_t first_gate = 0;  // no watch of it can know anything with fewer bars closed
  bool forming = false;          // some watch evaluates the forming bar
};

// One rule on one series. Lanes are counted over all of the symbol's blocks.
struct WatchPlan {
  const Rule* rule = nullptr;
  std::uint32_t rule_index = 0;
  std::uint32_t list = 0;  // index of its (rule, timeframe) among the engine's lists
  std::uint32_t series = 0;
  std::uint32_t lane_default = 0;
  std::uint32_t lane_first = 0;
  std::uint32_t lane_second = 0;
};

struct SymbolPlan {
  std::vector<TrackPlan> tracks;
  std::vector<SeriesPlan> series;
  std::vector<WatchPlan> watches;
  std::vector<LanePeriods> blocks;  // periods of each block's lanes
};

// `rules` that match a symbol, by index, and where each rule's lists begin (one list a timeframe,
// in its order).
SymbolPlan make_plan(const std::vector<Rule>& rules, const std::vector<std::uint32_t>& matching,
                     const std::vector<std::uint32_t>& first_list);

}  // namespace fastrsi
