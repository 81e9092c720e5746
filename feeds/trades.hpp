// What the parsers of all venues share: the texts of one trade, checked and turned into a tick, and
// the order of the trades of one frame. The way of a good trade is inline; what happens to a bad
// one is in trades.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/base/decimal.hpp"
#include "engine/base/units.hpp"
#include "feeds/feeds.hpp"

namespace fastrsi {

// A trade as a frame writes it, without quotes. A text without data() is a field the frame does not
// have.
struct TradeText {
  std::string_view symbol;
  std::string_view price;
  std::string_view quantity;
  std::string_view id;
  ExchangeTime time = kNoExchangeTime;  // kNoExchangeTime: missing, or no sane time
  bool has_time = false;                // the frame has the field
  bool id_is_text = false;              // `id` is a text's hash (TradeIdText)
  bool market = true;                   // false: an insurance fund's, a liquidation engine's
};

// The greatest time counts. `time` is sane, or kNoExchangeTime, which is before all others.
inline void raise(ExchangeTime& venue_time, ExchangeTime time) noexcept {
  if (time > venue_time) venue_time = time;
}

// Counts a trade that is refused; the reason of a frame's first one stands for all.
void reject_trade(Reject reason, FrameEvents& out) noexcept;

// What a trade needs to have a place in the sequence at all: symbol, time and, where there is one,
// a readable id.
[[gnu::always_inline]] inline Reject read_place(const TradeText& text, Tick& tick) noexcept {
  if (text.symbol.empty() || !text.has_time) return Reject::MissingField;
  if (text.time == kNoExchangeTime) return Reject::BadTime;
  tick.time = text.time;
  if (text.id.data() == nullptr) return Reject::None;
  std::uint64_t id = 0;
  if (!read_unsigned(text.id, id)) return Reject::BadId;
  tick.id = TradeId{id};
  tick.has_id = true;
  tick.id_is_text = text.id_is_text;
  return Reject::None;
}

// What a trade needs to move a price.
[[gnu::always_inline]] inline Reject read_value(const TradeText& text, Tick& tick) noexcept {
  if (!text.market) return Reject::NotMarketTrade;
  if (text.price.data() == nullptr || text.quantity.data() == nullptr) return Reject::MissingField;
  double price = 0.0;
  if (!read_decimal(text.price, price) || !(price > 0.0)) return Reject::BadPrice;
  double quantity = 0.0;
  if (!read_decimal(text.quantity, quantity) || !(quantity >= 0.0)) return Reject::BadQuantity;
  tick.price = Price{price};
  tick.quantity = Quantity{quantity};
  return Reject::None;
}

// Appends the trade to the frame's ticks, or counts why not. A refused trade whose id, symbol and
// time can be read becomes an id_only tick, so that the sequence of ids shows no false gap. Raises
// the frame's venue time.
[[gnu::always_inline]] inline void add_trade(const TradeText& text, ReceiveTime received,
                                             FrameEvents& out) noexcept {
  if (out.ticks.size() == kTradesPerFrameMax) return reject_trade(Reject::TooManyTrades, out);
  // Filled in its place: copying what was just written in pieces stalls the processor.
  Tick& tick = out.ticks.emplace_back();
  tick.received = received;
  if (const Reject reason = read_place(text, tick); reason != Reject::None) {
    out.ticks.pop_back();
    return reject_trade(reason, out);
  }
  raise(out.venue_time, tick.time);
  if (const Reject reason = read_value(text, tick); reason != Reject::None) {
    reject_trade(reason, out);
    if (!tick.has_id) return out.ticks.pop_back();
    tick.id_only = true;
  }
  out.symbols.emplace_back(text.symbol);
}

// The frame's kind once all its trades are in: Trades when there is any tick, else Rejected.
inline void judge_trades(FrameEvents& out) noexcept {
  out.kind = out.ticks.empty() ? FrameKind::Rejected : FrameKind::Trades;
}

// Where a frame's trades stood; what is added behind it can be dropped when it turns out to be no
// live trades.
struct TradeMark {
  std::size_t ticks = 0;
  std::uint32_t rejected_trades = 0;
  Reject reject = Reject::None;
};
TradeMark mark_trades(const FrameEvents& out) noexcept;
void drop_trades(const TradeMark& mark, FrameEvents& out) noexcept;

// Of every time in milliseconds from 2001 to 2286.
inline constexpr std::size_t kMillisecondDigits = 13;

// A count to a time: milliseconds or, where a venue has been asked for them, microseconds; for
// times of 1980 to 2200 the two do not overlap. kNoExchangeTime when it is not sane.
inline ExchangeTime time_from_unix(std::uint64_t number) noexcept {
  constexpr std::uint64_t kMillisecondsMax = 9'000'000'000'000;
  constexpr std::uint64_t kMicrosecondsMax = 1000 * kMillisecondsMax;
  if (number > kMicrosecondsMax) return kNoExchangeTime;
  const bool is_milliseconds = number <= kMillisecondsMax;
  const auto count = static_cast<std::int64_t>(number);
  const ExchangeTime time = exchange_time_from_ns(count * (is_milliseconds ? 1'000'000 : 1000));
  return is_sane(time) ? time : kNoExchangeTime;
}

// The same from digits; kNoExchangeTime when they are none.
inline ExchangeTime time_from_unix_text(std::string_view digits) noexcept {
  std::uint64_t number = 0;
  return read_unsigned(digits, number) ? time_from_unix(number) : kNoExchangeTime;
}

// "2021-04-17T16:43:30.244075Z" likewise.
ExchangeTime time_from_iso_text(std::string_view text) noexcept;

// "1617666461.465618" likewise.
ExchangeTime time_from_seconds_text(std::string_view text) noexcept;

// Sorts a frame's trades by (time, id), keeping the frame's order where both are equal; by time
// alone where an id is a text (SIGNALS.md, section 2.3). Owner: a parser; it keeps the memory from
// frame to frame.
class TradeSorter {
 public:
  void sort(FrameEvents& out) noexcept;

 private:
  template <typename IsBefore>
  void sort_by(IsBefore is_before, FrameEvents& out) noexcept;

  std::vector<std::uint32_t> order_;
  std::vector<Tick> ticks_;
  std::vector<std::string_view> symbols_;
};

}  // namespace fastrsi
