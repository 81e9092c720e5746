// The past of a symbol, made up backwards from a price: series are warm when the first frame comes,
// though the longest of them has bars of a day.
#pragma once

#include <span>
#include <string_view>

#include "bench/input.hpp"

namespace fastrsi::bench {

struct Past {
  std::string_view symbol;
  double price;  // of the trade that comes after
};

// How far a price spreads in a minute: 0.08 %, an ordinary day of a large coin. It grows with the
// square root of the time.
double spread_over(double ns) noexcept;

// Trades of all symbols in order of time, up to a minute before `now`: thin where only long bars
// need them.
void tell_past(ExchangeTime now, std::span<const Past> symbols, Timeframe longest,
               const TakeLine& take);

}  // namespace fastrsi::bench
