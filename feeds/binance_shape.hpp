// What a Binance frame is, told by the exact bytes it begins and ends with. Order book frames are
// most of what the venue sends and all we want of them is their time, so they need no JSON parser;
// trades are sent straight to the walk that is made for them.
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/base/units.hpp"

namespace fastrsi {

enum class BinanceShape : std::uint8_t {
  Book,      // known; its time is read
  Trade,     // begins like a trade; whether it is one is for those who read it to say
  AggTrade,  // likewise
  Other,     // anything else, however slightly different
};

struct BinanceFrame {
  BinanceShape shape = BinanceShape::Other;
  std::string_view event;                     // Trade, AggTrade: from brace to brace
  ExchangeTime venue_time = kNoExchangeTime;  // Book
};

BinanceFrame tell_binance_frame(std::string_view frame) noexcept;

}  // namespace fastrsi
