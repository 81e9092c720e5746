// What an engine counts. One writer: the shard's thread.
#pragma once

#include <array>
#include <cstdint>

#include "engine/market/record.hpp"

namespace fastrsi {

struct EngineStatistics {
  std::uint64_t messages = 0;
  std::uint64_t ticks = 0;  // trades handed in, duplicates and late ones too
  std::uint64_t duplicates = 0;
  std::uint64_t gaps = 0;            // jumps in rising ids
  std::uint64_t missing_trades = 0;  // ids that the jumps passed over
  std::uint64_t late_ticks = 0;      // late in at least one timeframe
  std::uint64_t older_ticks = 0;     // in time, but older than the newest of their bar
  std::uint64_t id_only_ticks = 0;   // not market trades
  std::uint64_t bars_closed = 0;
  std::uint64_t bars_carried = 0;
  std::uint64_t history_bars = 0;      // taken in from the venue's history, or a file's
  std::uint64_t series_restarted = 0;  // more than kCarriedBarsMax empty bars in a row
  std::uint64_t evaluations = 0;       // of a series on a forming bar; flip bands save the others
  std::uint64_t klines_compared = 0;
  std::uint64_t klines_different = 0;
  std::uint64_t listed = 0;
  std::array<std::array<std::uint64_t, 3>, kKindCount> signals{};  // by kind and stage

  void add(const EngineStatistics& other) noexcept;
};

}  // namespace fastrsi
