// One trade, as every part after the parser sees it.
#pragma once

#include <cstdint>
#include <type_traits>

#include "engine/base/units.hpp"

namespace fastrsi {

// How a venue's trade ids tell duplicates and gaps (SIGNALS.md, section 2.6).
enum class IdRule : std::uint8_t {
  Rising,  // ids rise by one per symbol: id <= last is a duplicate, a jump is a gap
  Window,  // ids only differ: a window of recent ids finds duplicates
};

struct Tick {
  Price price;
  Quantity quantity;
  TradeId id{};          // meaningful when has_id
  ExchangeTime time;     // the venue's time of the trade
  ReceiveTime received;  // when its frame reached us
  SymbolId symbol = kNoSymbol;
  bool has_id = false;
  bool id_is_text = false;  // `id` is a text's hash: it tells trades apart and has no order
  bool id_only =
      false;  // not a market trade: it takes its place in the id sequence and moves no price
};

static_assert(sizeof(Tick) == 48);
static_assert(std::is_trivially_copyable_v<Tick>);

}  // namespace fastrsi
