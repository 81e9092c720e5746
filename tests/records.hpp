// Records to test with: the one of SIGNALS.md, section 6, from which each test changes what it is
// about.
#pragma once

#include "engine/market/record.hpp"

namespace fastrsi {

inline constexpr ExchangeTime kBarOpen = exchange_time_from_ns(1'723'161'240'000'000'000);
inline constexpr ExchangeTime kTickTime = exchange_time_from_ns(1'723'161'252'345'000'000);

inline Signal make_signal(const RuleLabel& rule, const Symbol& symbol) {
  Signal signal;
  signal.rule = &rule;
  signal.symbol = &symbol;
  signal.bar_open = kBarOpen;
  signal.time = kTickTime;
  signal.price = Price{61837.63};
  signal.rsi = {54.0, 81.25, 55.1};
  return signal;
}

}  // namespace fastrsi
