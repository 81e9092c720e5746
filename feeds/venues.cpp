#include "feeds/venues.hpp"

#include <array>

namespace fastrsi {
namespace {

struct Row {
  std::string_view name;
  std::unique_ptr<Venue> (*make)(const FeedSettings& feed);
};

constexpr std::array kRows = {
    Row{"binance",
        [](const FeedSettings& feed) {
          return make_binance_venue(BinanceMarket::Spot, feed.stream);
        }},
    Row{"binance-usdm",
        [](const FeedSettings& feed) {
          return make_binance_venue(BinanceMarket::UsdM, feed.stream);
        }},
    Row{"binance-coinm",
        [](const FeedSettings& feed) {
          return make_binance_venue(BinanceMarket::CoinM, feed.stream);
        }},
    Row{"coinbase", [](const FeedSettings&) { return make_coinbase_venue(); }},
    Row{"coinbase-advanced", [](const FeedSettings&) { return make_coinbase_advanced_venue(); }},
    Row{"kraken", [](const FeedSettings&) { return make_kraken_venue(); }},
    Row{"bybit-spot", [](const FeedSettings&) { return make_bybit_venue(false); }},
    Row{"bybit-linear", [](const FeedSettings&) { return make_bybit_venue(true); }},
    Row{"okx", [](const FeedSettings&) { return make_okx_venue(); }},
    Row{"bitstamp", [](const FeedSettings&) { return make_bitstamp_venue(); }},
    Row{"generic", [](const FeedSettings& feed) { return make_generic_venue(feed.generic); }},
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
  for (const Row& row : kRows) {
    if (row.name == feed.venue) return row.make(feed);
  }
  return nullptr;
}

}  // namespace fastrsi
