// Events to write messages of, and ways to look at what was written.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/utf8.hpp"
#include "sinks/delivery/message.hpp"

namespace fastrsi {

inline constexpr std::string_view kTestMid = "abcdefghijklmnopqrstuvwxyz";

// The record of SIGNALS.md, section 6, on its way to a sink.
inline DeliveryEvent make_delivery_event(std::string symbol, Kind kind = Kind::Buy,
                                         Timeframe timeframe = Timeframe::M1) {
  DeliveryEvent event;
  event.venue = "binance";
  event.rule = "tars";
  event.kind = kind;
  event.timeframe = timeframe;
  event.key = "key";
  event.seq = 7;
  event.signal_id = "tars/binance:" + symbol + "/1m/buy/2024-08-08T23:54:00Z/1";
  event.symbol = std::move(symbol);
  event.bar_open = exchange_time_from_ns(1'723'161'240'000'000'000);
  event.time = exchange_time_from_ns(1'723'161'252'345'000'000);
  event.price = Price{61837.63};
  event.rsi = {54.0, 81.25, 55.1};
  event.priority = Priority::Normal;
  event.created = 1'723'161'252'400;
  event.expires = 1'723'161'552'400;
  return event;
}

inline std::vector<DeliveryEvent> make_delivery_events(const std::vector<std::string>& symbols,
                                                       Kind kind = Kind::Buy,
                                                       Timeframe timeframe = Timeframe::M1) {
  std::vector<DeliveryEvent> events;
  events.reserve(symbols.size());
  for (const std::string& symbol : symbols) {
    events.push_back(make_delivery_event(symbol, kind, timeframe));
  }
  return events;
}

inline Envelope make_envelope(std::size_t part = 1, std::size_t parts = 1,
                              std::size_t dropped = 0) {
  return {std::string(kTestMid), 1'723'161'260'000, part, parts, dropped};
}

// By std::u16string's own idea of a length.
inline std::size_t utf16_units(std::string_view text) {
  std::u16string out;
  while (!text.empty()) {
    const Utf8Step step = first_utf8(text);
    out += static_cast<char16_t>(step.code);
    if (step.code > 0xFFFF) out += u'\xDC00';
    text.remove_prefix(step.length);
  }
  return out.size();
}

inline std::size_t count_of(std::string_view text, std::string_view what) {
  std::size_t count = 0;
  for (std::size_t at = text.find(what); at != std::string_view::npos;
       at = text.find(what, at + what.size())) {
    ++count;
  }
  return count;
}

// Every isolate ends in the line it began in, and nothing ends that did not begin.
inline bool isolates_are_balanced(std::string_view text) {
  int open = 0;
  while (!text.empty()) {
    const Utf8Step step = first_utf8(text);
    if (step.code == 0x2068) ++open;
    if (step.code == 0x2069 && --open < 0) return false;
    if (step.code == U'\n' && open != 0) return false;
    text.remove_prefix(step.length);
  }
  return open == 0;
}

}  // namespace fastrsi
