// The shapes, where ms is 13 digits, n has no comma, and every byte is as written (no white space):
//
//   frame  = event | `{"stream":"` plain `","data":` event `}`
//   trade  = `{"e":"` ( `trade` | `aggTrade` ) `"` any
//   depth  = `{"e":"depthUpdate","E":` ms [ `,"T":` ms ] `,"s":"` any `]}`
//   spot   = `{"u":` n `,"s":"` any `"}`
//   usdm   = `{"e":"bookTicker","u":` n `,"s":"` any times
//   coinm  = `{"u":` n `,"e":"bookTicker","s":"` any times
//   times  = `,"T":` ms `,"E":` ms `}`
//
// What stands at `any` of a book is not looked at: damage there cannot make a trade of it, nor a
// time.
#include "feeds/binance_shape.hpp"

#include <algorithm>
#include <cstddef>

#include "feeds/lanes.hpp"
#include "feeds/literal.hpp"
#include "feeds/trades.hpp"

namespace fastrsi {
namespace {

template <Literal prefix>
inline bool take(std::string_view& text) noexcept {
  if (text.size() < prefix.kSize || !goes_on<prefix>(text.data())) return false;
  text.remove_prefix(prefix.kSize);
  return true;
}

template <Literal suffix>
inline bool take_back(std::string_view& text) noexcept {
  if (text.size() < suffix.kSize) return false;
  if (!goes_on<suffix>(text.data() + text.size() - suffix.kSize)) return false;
  text.remove_suffix(suffix.kSize);
  return true;
}

// Up to the next comma.
inline bool pass_book_value(std::string_view& text) noexcept {
  const std::size_t bytes = text.find(',');
  if (bytes == std::string_view::npos) return false;
  text.remove_prefix(bytes);
  return true;
}

bool take_time(std::string_view& text, ExchangeTime& time) noexcept {
  if (text.size() < kMillisecondDigits) return false;
  time = time_from_unix_text(text.substr(0, kMillisecondDigits));
  text.remove_prefix(kMillisecondDigits);
  return time != kNoExchangeTime;
}

bool take_time_back(std::string_view& text, ExchangeTime& time) noexcept {
  if (text.size() < kMillisecondDigits) return false;
  time = time_from_unix_text(text.substr(text.size() - kMillisecondDigits));
  text.remove_suffix(kMillisecondDigits);
  return time != kNoExchangeTime;
}

// Behind `"e":"depthUpdate","E":`.
bool read_depth(std::string_view event, ExchangeTime& venue_time) noexcept {
  ExchangeTime sent;
  ExchangeTime matched = kNoExchangeTime;
  if (!take_time(event, sent)) return false;
  if (take<R"(,"T":)">(event) && !take_time(event, matched)) return false;
  if (!take<R"(,"s":")">(event) || !take_back<"]}">(event)) return false;
  venue_time = std::max(sent, matched);
  return true;
}

bool read_times_at_end(std::string_view event, ExchangeTime& venue_time) noexcept {
  ExchangeTime sent;
  ExchangeTime matched;
  if (!take_back<"}">(event) || !take_time_back(event, sent) || !take_back<R"(,"E":)">(event) ||
      !take_time_back(event, matched) || !take_back<R"(,"T":)">(event)) {
    return false;
  }
  venue_time = std::max(sent, matched);
  return true;
}

// The event in a combined frame, or the frame itself; empty when the envelope is not as usual.
std::string_view event_of(std::string_view frame) noexcept {
  std::string_view event = frame;
  if (!take<R"({"stream":")">(event)) return event;
  const char* const end = event.data() + event.size();
  const char* const name_end = lanes::end_of_plain(event.data(), end);
  event.remove_prefix(static_cast<std::size_t>(name_end - event.data()));
  return take<R"(","data":)">(event) && take_back<"}">(event) ? event : std::string_view{};
}

bool read_book(std::string_view event, ExchangeTime& venue_time) noexcept {
  if (take<R"({"e":")">(event)) {
    if (take<R"(depthUpdate","E":)">(event)) return read_depth(event, venue_time);
    return take<R"(bookTicker","u":)">(event) && pass_book_value(event) &&
           take<R"(,"s":")">(event) && read_times_at_end(event, venue_time);
  }
  if (!take<R"({"u":)">(event) || !pass_book_value(event)) return false;
  if (take<R"(,"s":")">(event)) return take_back<R"("})">(event);
  return take<R"(,"e":"bookTicker","s":")">(event) && read_times_at_end(event, venue_time);
}

}  // namespace

BinanceFrame tell_binance_frame(std::string_view frame) noexcept {
  BinanceFrame result;
  result.event = event_of(frame);
  std::string_view rest = result.event;
  if (take<R"({"e":"trade")">(rest)) {
    result.shape = BinanceShape::Trade;
  } else if (take<R"({"e":"aggTrade")">(rest)) {
    result.shape = BinanceShape::AggTrade;
  } else if (read_book(result.event, result.venue_time)) {
    result.shape = BinanceShape::Book;
  }
  return result;
}

}  // namespace fastrsi
