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

constexpr std::size_t kMillisecondDigits = 13;

template <std::size_t N>
inline bool take(std::string_view& text, Literal<N> prefix) noexcept {
  if (text.size() < N - 1 || !prefix.is_at(text.data())) return false;
  text.remove_prefix(N - 1);
  return true;
}

template <std::size_t N>
inline bool take_back(std::string_view& text, Literal<N> suffix) noexcept {
  if (text.size() < N - 1) return false;
  const std::size_t rest = text.size() - (N - 1);
  if (!suffix.is_at(text.data() + rest)) return false;
  text.remove_suffix(N - 1);
  return true;
}

// Up to the next comma.
inline bool take_value(std::string_view& text) noexcept {
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
  if (take(event, Literal{R"(,"T":)"}) && !take_time(event, matched)) return false;
  if (!take(event, Literal{R"(,"s":")"}) || !take_back(event, Literal{"]}"})) return false;
  venue_time = std::max(sent, matched);
  return true;
}

bool read_times_at_end(std::string_view event, ExchangeTime& venue_time) noexcept {
  ExchangeTime sent;
  ExchangeTime matched;
  if (!take_back(event, Literal{"}"}) || !take_time_back(event, sent) ||
      !take_back(event, Literal{R"(,"E":)"}) || !take_time_back(event, matched) ||
      !take_back(event, Literal{R"(,"T":)"})) {
    return false;
  }
  venue_time = std::max(sent, matched);
  return true;
}

// The event in a combined frame, or the frame itself; empty when the envelope is not as usual.
std::string_view event_of(std::string_view frame) noexcept {
  std::string_view event = frame;
  if (!take(event, Literal{R"({"stream":")"})) return event;
  const char* const end = event.data() + event.size();
  const char* const name_end = lanes::end_of_plain(event.data(), end);
  event.remove_prefix(static_cast<std::size_t>(name_end - event.data()));
  return take(event, Literal{R"(","data":)"}) && take_back(event, Literal{"}"})
             ? event
             : std::string_view{};
}

bool read_book(std::string_view event, ExchangeTime& venue_time) noexcept {
  if (take(event, Literal{R"({"e":")"})) {
    if (take(event, Literal{R"(depthUpdate","E":)"})) return read_depth(event, venue_time);
    return take(event, Literal{R"(bookTicker","u":)"}) && take_value(event) &&
           take(event, Literal{R"(,"s":")"}) && read_times_at_end(event, venue_time);
  }
  if (!take(event, Literal{R"({"u":)"}) || !take_value(event)) return false;
  if (take(event, Literal{R"(,"s":")"})) return take_back(event, Literal{R"("})"});
  return take(event, Literal{R"(,"e":"bookTicker","s":")"}) && read_times_at_end(event, venue_time);
}

}  // namespace

BinanceFrame tell_binance_frame(std::string_view frame) noexcept {
  BinanceFrame result;
  result.event = event_of(frame);
  std::string_view rest = result.event;
  if (take(rest, Literal{R"({"e":"trade")"})) {
    result.shape = BinanceShape::Trade;
  } else if (take(rest, Literal{R"({"e":"aggTrade")"})) {
    result.shape = BinanceShape::AggTrade;
  } else if (read_book(result.event, result.venue_time)) {
    result.shape = BinanceShape::Book;
  }
  return result;
}

}  // namespace fastrsi
