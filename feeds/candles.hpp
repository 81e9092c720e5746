// A candle's texts, checked and made a Kline: for venues whose stream of candles says when one has
// closed.
#pragma once

#include <string_view>

#include "engine/base/decimal.hpp"
#include "engine/market/kline.hpp"
#include "feeds/feeds.hpp"
#include "feeds/trades.hpp"

namespace fastrsi {

// A candle as a frame writes it, without quotes.
struct CandleText {
  std::string_view open_time;  // unix milliseconds
  std::string_view open;
  std::string_view high;
  std::string_view low;
  std::string_view close;
  std::string_view closed;  // as the venue says it
};

inline bool read_price(std::string_view text, Price& price) noexcept {
  return read_decimal(text, price.value) && price.value > 0.0;
}

// Symbol, timeframe and whether it has closed are the caller's to set.
inline Reject read_candle(const CandleText& text, Kline& kline) noexcept {
  kline.open_time = time_from_unix_text(text.open_time);
  if (kline.open_time == kNoExchangeTime) return Reject::BadTime;
  const bool is_good = read_price(text.open, kline.open) && read_price(text.high, kline.high) &&
                       read_price(text.low, kline.low) && read_price(text.close, kline.close);
  return is_good ? Reject::None : Reject::BadPrice;
}

}  // namespace fastrsi
