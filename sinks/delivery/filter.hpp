// Which events a sink was asked for: the eight switches for what fires, eight more for first-load
// lists, stages, symbols and timeframes by globs, priority. And when an event is worth nothing any
// more.
#pragma once

#include <string_view>

#include "sinks/delivery/settings.hpp"

namespace fastrsi {

// `*` any bytes, `?` one byte; all else is itself, letter case included. No backtracking blow-up:
// at most name x glob steps.
bool matches_glob(std::string_view name, std::string_view glob) noexcept;

// The event's own, unless one of the rules fits.
Priority priority_of(const DeliverySettings& settings, const DeliveryEvent& event);

// Symbols are matched as the venue writes them ("BTCUSDT") and with the venue
// ("binance:BTCUSDT").
bool is_wanted(const DeliverySettings& settings, const DeliveryEvent& event);

// The bar's end by its timeframe's nominal length, and one bar more, clamped to 5 minutes ... 24
// hours; or what the settings say in place of the bar. Overflow gives the end of time.
WallMs expiry_of(const DeliverySettings& settings, const DeliveryEvent& event) noexcept;

}  // namespace fastrsi
