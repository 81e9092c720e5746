// Binance's trades as it sends them today, byte for byte but for their values. The keys of each
// kind of event have one order, so nothing needs to be looked for:
//
//   trade    = `{"e":"trade"`    sent [ time ] symbol `,"t":` number value
//              [ `,"b":` number `,"a":` number ] [ time ] [ `,"X":"MARKET"` ] flags
//   aggTrade = `{"e":"aggTrade"` sent ( symbol id | id symbol ) value
//              `,"f":` number `,"l":` number time flags
//   sent     = `,"E":` ms
//   time     = `,"T":` ms                               one of a trade's two
//   symbol   = `,"s":"` plain `"`
//   id       = `,"a":` number
//   value    = `,"p":"` decimal `","q":"` decimal `"`
//   flags    = `,"m":` flag [ `,"M":` flag ] `}`
//   number   = digit1-9 *14digit
//   decimal  = 1*17( digit | "." )                      at most one point
//   ms       = digit1-9 12digit
//   flag     = "true" | "false"
//
// Only good trades are read here. Whatever differs is left to the general scanner
// (binance_scan.hpp) and to simdjson; tests hold all three to the same answer.
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/base/units.hpp"

namespace fastrsi {

struct UsualTrade {
  std::string_view symbol;
  double price = 0.0;  // positive
  double quantity = 0.0;
  std::uint64_t id = 0;
  ExchangeTime time;  // sane, as is
  ExchangeTime sent;
};

// `event` goes from brace to brace and begins like the kind's. False, with `trade` in any state,
// when it is no usual one. Reads, and does not use, up to 32 bytes behind the event's end.
bool read_usual_trade(std::string_view event, UsualTrade& trade) noexcept;
bool read_usual_aggregate_trade(std::string_view event, UsualTrade& trade) noexcept;

}  // namespace fastrsi
