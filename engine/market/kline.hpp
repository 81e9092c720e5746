// A candle as a venue sends it.
#pragma once

#include <string_view>

#include "engine/base/units.hpp"
#include "engine/market/timeframe.hpp"

namespace fastrsi {

struct Kline {
  std::string_view symbol;  // points into the frame
  Timeframe timeframe = Timeframe::M1;
  ExchangeTime open_time;
  Price open, high, low, close;
  bool closed = false;
};

}  // namespace fastrsi
