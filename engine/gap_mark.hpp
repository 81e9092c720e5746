// A symbol's series as they were when trades began to be missing: where a mend goes back to
// (symbol_history.cpp), kept over a restart (symbol_state.cpp).
#pragma once

#include <cstdint>
#include <vector>

#include "engine/symbol_core.hpp"

namespace fastrsi {

struct SymbolCore::GapMark {
  GapMark() = default;
  explicit GapMark(const SymbolCore& core);

  ExchangeTime since = kNoExchangeTime;  // the last trade before
  std::vector<Track> tracks;             // in the order of the plan, as all lists here
  std::vector<LaneBlock> blocks;
  std::vector<Closed> closed;
  std::vector<std::uint8_t> waits;  // by track: 1: not mended yet

 private:
  void put_back(const SymbolCore& core, std::uint32_t track);
};

}  // namespace fastrsi
