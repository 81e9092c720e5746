// History that a live run took in, as a line of its capture, so that a replay sees the same bars at
// the same place between the same frames. This is the one place that writes and reads them.
//
//   bars = {"fastrsi":{"event":"bars","symbol":TEXT,"timeframe":TEXT,"repair":BOOL,
//           "bars":[bar,...]}}
//   bar  = [open_ns,open,high,low,close,trades]
//
// Prices are written with as few digits as read back to the same double.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/units.hpp"
#include "engine/market/timeframe.hpp"

namespace fastrsi {

// A closed bar of the venue's.
struct CaptureBar {
  ExchangeTime open_time;
  Price open, high, low, close;
  std::uint64_t trades = 0;  // 0 where the venue does not say
  friend bool operator==(const CaptureBar&, const CaptureBar&) = default;
};

// Reused from line to line.
struct CaptureBars {
  std::string symbol;
  Timeframe timeframe = Timeframe::M1;
  bool repair = false;  // they replace bars that had a hole
  std::vector<CaptureBar> bars;
};

// The object of one line. Prices are finite.
std::string write_bars(const CaptureBars& bars);

// From a line's bytes. False when they are not of the form: `out` then holds no bars.
bool read_bars(std::string_view object, CaptureBars& out);

}  // namespace fastrsi
