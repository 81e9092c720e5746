// Bars that a venue, or a file, knows from before: what a series begins with, and what mends one
// after trades were missed.
#pragma once

#include <cstdint>
#include <span>

#include "engine/base/units.hpp"
#include "engine/market/timeframe.hpp"

namespace fastrsi {

struct PastBar {
  ExchangeTime open_time;
  double open = 0.0;
  double high = 0.0;
  double low = 0.0;
  double close = 0.0;
};

// For one timeframe of one symbol: its own bars or shorter ones, each within one of its, in order
// of time; bars without a trade are left out.
struct PastBars {
  Timeframe timeframe = Timeframe::M1;
  // The series begins anew with them; else it goes back to where trades began to be missing, and
  // they are what came since. Without missing trades nothing happens then.
  bool anew = false;
  std::span<const PastBar> bars;
};

}  // namespace fastrsi
