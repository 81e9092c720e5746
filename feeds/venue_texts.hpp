// What the venues' files share: texts written and batched, answers and histories read.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "feeds/json_tree.hpp"
#include "feeds/venues.hpp"

namespace fastrsi::venue {

// "BTC" -> "\"BTC\"", with quotes, backslashes and control characters escaped.
std::string quoted(std::string_view text);

// For a query: everything but letters, digits, '-', '.', '_' and '~' as %XX (RFC 3986, 2.3).
std::string url_encoded(std::string_view text);

// Letters A to Z only: venues have symbols in other alphabets, which stay as they are.
std::string lower_case(std::string_view text);

// One message of the symbols' texts: text(symbols, id).
using MessageText =
    std::function<std::string(std::span<const std::string> symbols, std::uint64_t id)>;

// Cuts `symbols` into messages of at most symbols_per_message symbols and, as long as one symbol
// alone fits, message_bytes_max bytes.
std::vector<ControlMessage> batched(std::span<const std::string> symbols, const VenueLimits& limits,
                                    std::uint64_t first_id, const MessageText& text);

// part(a) + "," + part(b) ...
std::string joined(std::span<const std::string> symbols,
                   const std::function<std::string(const std::string&)>& part);

// The id that a venue sends back as a number or as a text of digits; 0 when it is none.
std::uint64_t id_of(json::Node node) noexcept;

// When the bar that opened then ends: months as the calendar has them, in UTC.
ExchangeTime bar_end(Timeframe timeframe, ExchangeTime open);

// Up to where one request reaches: the query's end, or as many bars from its begin as it may ask
// for.
ExchangeTime reach(const HistoryQuery& query, int bars_max) noexcept;

// How many bars a request may answer with.
int bars_of(const HistoryQuery& query, int bars_max) noexcept;

std::int64_t unix_ms(ExchangeTime time) noexcept;
std::int64_t unix_seconds(ExchangeTime time) noexcept;
// Rounded up, for ends and begins that lie between.
std::int64_t unix_ms_up(ExchangeTime time) noexcept;
std::int64_t unix_seconds_up(ExchangeTime time) noexcept;

// "2024-05-01T00:00:00Z"
std::string iso_seconds(std::int64_t unix_seconds);

// The texts of a bar; trades may be without data().
struct BarText {
  ExchangeTime open_time = kNoExchangeTime;
  std::string_view open;
  std::string_view high;
  std::string_view low;
  std::string_view close;
  std::string_view volume;
  std::string_view trades;
};

// Adds a row's bar when it is sound, lies within the query and had ended by `now`; counts it when
// it is damaged.
void add_bar(const BarText& text, const HistoryQuery& query, ExchangeTime now, History& history);

// Oldest first, each open time once.
void put_in_order(History& history);

// A history that says why there is none.
History no_history(std::string error);

// The words for a body that is no JSON, or not the JSON that was asked for.
std::string not_json(std::string_view body, Reject reason);
std::string not_asked_for(std::string_view body);

// What a venue calls its timeframes. Rows ascend.
struct Interval {
  Timeframe timeframe;
  std::string_view name;
};
template <std::size_t N>
constexpr std::array<Timeframe, N> timeframes_of(const std::array<Interval, N>& intervals) {
  std::array<Timeframe, N> timeframes{};
  for (std::size_t i = 0; i < N; ++i) timeframes[i] = intervals[i].timeframe;
  return timeframes;
}

// nullptr when the venue has no such bars.
const Interval* find_interval(std::span<const Interval> intervals, Timeframe timeframe) noexcept;

}  // namespace fastrsi::venue
