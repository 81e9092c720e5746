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

// For one timeframe of one symbol. Bars without a trade are left out; all are in order of time, and
// over.
struct PastBars {
  Timeframe timeframe = Timeframe::M1;
  // The series begins anew with `closed`; else it goes on from where trades began to be missing,
  // and does nothing when none are.
  bool anew = false;
  std::span<const PastBar> closed;  // bars of the timeframe
  // Shorter bars, each within one of the timeframe's: what came behind `closed`, or behind the
  // place where trades began to be missing. The last of them may belong to the forming bar.
  std::span<const PastBar> parts;
};

}  // namespace fastrsi
