#include "feeds/venues.hpp"

#include <array>

namespace fastrsi {
namespace {

struct VenueRow {
  std::string_view name;
  std::unique_ptr<Venue> (*make)(const FeedSettings& feed);
};

constexpr std::array kVenueRows = {
    VenueRow{"binance",
             [](const FeedSettings& feed) {
               return make_binance_venue(BinanceMarket::Spot, feed.stream);
             }},
    VenueRow{"binance-usdm",
             [](const FeedSettings& feed) {
               return make_binance_venue(BinanceMarket::UsdM, feed.stream);
             }},
    VenueRow{"binance-coinm",
             [](const FeedSettings& feed) {
               return make_binance_venue(BinanceMarket::CoinM, feed.stream);
             }},
    VenueRow{"coinbase", [](const FeedSettings&) { return make_coinbase_venue(); }},
    VenueRow{"coinbase-advanced",
             [](const FeedSettings&) { return make_coinbase_advanced_venue(); }},
    VenueRow{"kraken", [](const FeedSettings&) { return make_kraken_venue(); }},
    VenueRow{"bybit-spot", [](const FeedSettings&) { return make_bybit_venue(false); }},
    VenueRow{"bybit-linear", [](const FeedSettings&) { return make_bybit_venue(true); }},
    VenueRow{"okx", [](const FeedSettings&) { return make_okx_venue(); }},
    VenueRow{"bitstamp", [](const FeedSettings&) { return make_bitstamp_venue(); }},
    VenueRow{"generic", [](const FeedSettings& feed) { return make_generic_venue(feed.generic); }},
};

}  // namespace

History Venue::read_history(std::string_view, const HistoryQuery&, ExchangeTime) {
  return {};
}

std::optional<RestRequest> Venue::symbols_request(const std::string&) const {
  return std::nullopt;
}

SymbolList Venue::read_symbols(std::string_view) {
  return {};
}

std::unique_ptr<Venue> make_venue(const FeedSettings& feed) {
  for (const VenueRow& row : kVenueRows) {
    if (row.name == feed.venue) return row.make(feed);
  }
  return nullptr;
}

}  // namespace fastrsi
