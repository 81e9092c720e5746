// What the tests of the venues share: all of them, symbols, and a minute of May 2024.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "feeds/venues.hpp"
#include "tests/catch.hpp"

namespace fastrsi::testing {

inline const std::vector<std::string> kVenues = {
    "binance", "binance-usdm", "binance-coinm", "coinbase", "coinbase-advanced",
    "kraken",  "bybit-spot",   "bybit-linear",  "okx",      "bitstamp"};

inline std::unique_ptr<Venue> venue_of(const std::string& name,
                                       const std::string& stream = "trade") {
  FeedSettings feed;
  feed.venue = name;
  feed.stream = stream;
  auto venue = make_venue(feed);
  REQUIRE(venue != nullptr);
  return venue;
}

inline std::vector<std::string> symbols(std::size_t count, const std::string& prefix = "SYM") {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < count; ++i) names.push_back(prefix + std::to_string(i));
  return names;
}

inline ExchangeTime at(std::int64_t unix_seconds) {
  return exchange_time_from_ns(unix_seconds * 1'000'000'000);
}

// 2024-05-01T00:00:00Z
inline constexpr std::int64_t kMay = 1'714'521'600;

inline HistoryQuery minutes(const std::string& symbol, int count, int limit = 0) {
  return {symbol, Timeframe::M1, at(kMay), at(kMay + 60LL * count), limit};
}

}  // namespace fastrsi::testing
