// Reads a flat event of plain scalars without a JSON parser: every trade that Binance sends is one.
// simdjson stays the reference and the fallback; tests hold both to the same answer on every frame
// and every damage of it.
//
//   event  = "{" field *("," field) "}"
//   field  = string ":" ( string | number | "true" | "false" )
//   string = quote *plain quote          plain: printable ASCII but quote and backslash
//   number = "0" | digit1-9 *digit
//
// No white space. This is less than JSON and nothing else: what is read here is valid, to its last
// byte.
#pragma once

#include <string_view>

#include "feeds/binance_fields.hpp"

namespace fastrsi {

// Keeps the tokens of one-letter keys in `fields`. False, with `fields` in any state, when `event`
// is anything else. Reads, and does not use, up to 16 bytes behind the event's end.
bool scan_binance_event(std::string_view event, BinanceFields& fields) noexcept;

}  // namespace fastrsi
