// A symbol and the calendar its bars are cut by. Names are opaque bytes: matched exactly, never
// folded.
#pragma once

#include <string>

namespace fastrsi {

// Immutable once made; records point at it, so it lives as long as the engine that made it.
struct Symbol {
  std::string venue;      // "binance"
  std::string name;       // the venue's own name, UTF-8 ("BTCUSDT", "XBT/USD")
  std::string full_name;  // "binance:BTCUSDT"
};

}  // namespace fastrsi
