// A bar, and the price a rule applies RSI to (SIGNALS.md, section 2.9).
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

#include "engine/base/units.hpp"
#include "engine/market/calendar.hpp"
#include "engine/settings.hpp"

namespace fastrsi {

// Trades that a bar has not taken over yet.
struct PendingTrades {
  double high = -std::numeric_limits<double>::infinity();
  double low = std::numeric_limits<double>::infinity();
  std::uint32_t count = 0;

  void add(double price) noexcept {
    // As branches, which are foreseen: as values each trade would wait for the one before.
    if (price > high) [[unlikely]]
      high = price;
    if (price < low) [[unlikely]]
      low = price;
    ++count;
  }
  void add(const PendingTrades& other) noexcept {
    high = std::max(high, other.high);
    low = std::min(low, other.low);
    count += other.count;
  }
};

struct Bar {
  BarSpan span{};
  double open = 0.0;
  double high = 0.0;
  double low = 0.0;
  double close = 0.0;
  ExchangeTime last_trade = kNoExchangeTime;  // newest trade applied to the close
  std::uint32_t trades = 0;
  bool gap = false;      // trades are missing (SIGNALS.md, section 2.6)
  bool partial = false;  // its first part was not seen
  bool repaired = false;

  void start(BarSpan where, double price) noexcept {
    *this = Bar{};
    span = where;
    open = high = low = close = price;
  }
  // Takes trades over that waited; the last of them had this price and time.
  void take(const PendingTrades& waiting, double last_price, ExchangeTime last_time) noexcept {
    if (waiting.count == 0) return;
    high = std::max(high, waiting.high);
    low = std::min(low, waiting.low);
    close = last_price;
    last_trade = last_time;
    trades += waiting.count;
  }
};

inline double applied_price(ApplyTo apply_to, double open, double high, double low,
                            double close) noexcept {
  switch (apply_to) {
    case ApplyTo::Close:
      return close;
    case ApplyTo::Open:
      return open;
    case ApplyTo::High:
      return high;
    case ApplyTo::Low:
      return low;
    case ApplyTo::Median:
      return (high + low) / 2.0;
    case ApplyTo::Typical:
      return (high + low + close) / 3.0;
    case ApplyTo::Weighted:
      return (high + low + 2.0 * close) / 4.0;
  }
  return close;
}

inline double applied_price(ApplyTo apply_to, const Bar& bar) noexcept {
  return applied_price(apply_to, bar.open, bar.high, bar.low, bar.close);
}

}  // namespace fastrsi
