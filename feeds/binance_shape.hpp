// What a Binance frame is, told by the exact bytes it begins and ends with. Order book frames are
// most of what the venue sends and all we want of them is their time, so they need no JSON parser;
// trades are sent straight to the walk that is made for them.
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/base/units.hpp"

namespace fastrsi {

enum class BinanceShape : std::uint8_t {
  Book,   // known; its time is read
  Trade,  // begins like a trade of either stream; whether it is one is for the parser to say
  Other,  // anything else, however slightly different
};

// Raises `venue_time` for books only.
BinanceShape binance_shape_of(std::string_view frame, ExchangeTime& venue_time) noexcept;

}  // namespace fastrsi
