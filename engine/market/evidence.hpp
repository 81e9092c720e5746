// What stood around a firing: the trades up to it and the values it was decided by. It travels with
// the signal, so that `fastrsi why` can tell the whole way long after.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "engine/base/units.hpp"
#include "engine/market/record.hpp"

namespace fastrsi {

struct Evidence {
  struct Trade {
    Price price;
    Quantity quantity;
    TradeId id{};
    ExchangeTime time;
  };
  static constexpr std::size_t kTradesMax = 4;

  std::array<Trade, kTradesMax> trades{};  // newest first: the first is the one that caused it
  std::uint32_t trade_count = 0;           // 0: no trade caused it, a bar's end did
  // RSI of the same bar at the price before; NaN where it has none, or the price source is not
  // close.
  RsiValues before{std::numeric_limits<double>::quiet_NaN(),
                   std::numeric_limits<double>::quiet_NaN(),
                   std::numeric_limits<double>::quiet_NaN()};
  double default_1 = 0.0;    // r(D)[1]
  double default_2 = 0.0;    // r(D)[2]
  double first_back = 0.0;   // r(F)[L]
  double second_back = 0.0;  // r(S)[L]

  Evidence() noexcept = default;
};
static_assert(std::is_trivially_copyable_v<Evidence>);

}  // namespace fastrsi
