// Units as types: two clocks that will not subtract, prices and ids that will not swap.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>

namespace fastrsi {

using Nanoseconds = std::chrono::duration<std::int64_t, std::nano>;

// The venue's clock: it alone decides which bar a trade belongs to (SIGNALS.md, section 2).
struct ExchangeClock {
  using duration = Nanoseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<ExchangeClock>;
  static constexpr bool is_steady = false;
};
using ExchangeTime = ExchangeClock::time_point;

// Our own clock when a frame was received: a label and a latency measure.
struct ReceiveClock {
  using duration = Nanoseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<ReceiveClock>;
  static constexpr bool is_steady = false;
};
using ReceiveTime = ReceiveClock::time_point;

// Before every real time; stands for "no time was carried".
inline constexpr ExchangeTime kNoExchangeTime = ExchangeTime::min();
inline constexpr ReceiveTime kNoReceiveTime = ReceiveTime::min();
// After every real time; stands for "never due".
inline constexpr ExchangeTime kNeverExchangeTime = ExchangeTime::max();

constexpr ExchangeTime exchange_time_from_ns(std::int64_t unix_ns) noexcept {
  return ExchangeTime{Nanoseconds{unix_ns}};
}
constexpr std::int64_t to_unix_ns(ExchangeTime time) noexcept {
  return time.time_since_epoch().count();
}
constexpr ReceiveTime receive_time_from_ns(std::int64_t unix_ns) noexcept {
  return ReceiveTime{Nanoseconds{unix_ns}};
}
constexpr std::int64_t to_unix_ns(ReceiveTime time) noexcept {
  return time.time_since_epoch().count();
}

// Exchange times outside [1980, 2200) are taken for damage and rejected.
inline constexpr ExchangeTime kEarliestSaneTime = exchange_time_from_ns(315'532'800'000'000'000);
inline constexpr ExchangeTime kLatestSaneTime = exchange_time_from_ns(7'258'118'400'000'000'000);
constexpr bool is_sane(ExchangeTime time) noexcept {
  return time >= kEarliestSaneTime && time < kLatestSaneTime;
}

// Price of one unit in the symbol's quote currency.
struct Price {
  double value = 0.0;
  friend constexpr auto operator<=>(Price, Price) = default;
};

// Traded amount in the venue's own unit (base currency, or contracts).
struct Quantity {
  double value = 0.0;
  friend constexpr auto operator<=>(Quantity, Quantity) = default;
};

// A venue's trade number; ids of venues that use text are hashed into it.
enum class TradeId : std::uint64_t {};

// Index of a symbol within its shard.
enum class SymbolId : std::uint32_t {};
inline constexpr SymbolId kNoSymbol{0xFFFF'FFFF};

constexpr std::size_t index_of(SymbolId id) noexcept {
  return static_cast<std::size_t>(id);
}

inline constexpr std::size_t kCacheLineBytes = 64;

}  // namespace fastrsi
