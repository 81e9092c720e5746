#include "engine/statistics.hpp"

namespace fastrsi {

void EngineStatistics::add(const EngineStatistics& other) noexcept {
  messages += other.messages;
  ticks += other.ticks;
  duplicates += other.duplicates;
  gaps += other.gaps;
  missing_trades += other.missing_trades;
  late_ticks += other.late_ticks;
  older_ticks += other.older_ticks;
  id_only_ticks += other.id_only_ticks;
  bars_closed += other.bars_closed;
  bars_carried += other.bars_carried;
  history_bars += other.history_bars;
  series_restarted += other.series_restarted;
  evaluations += other.evaluations;
  klines_compared += other.klines_compared;
  klines_different += other.klines_different;
  listed += other.listed;
  for (std::size_t kind = 0; kind < kKindCount; ++kind) {
    for (std::size_t stage = 0; stage < signals[kind].size(); ++stage) {
      signals[kind][stage] += other.signals[kind][stage];
    }
  }
}

}  // namespace fastrsi
