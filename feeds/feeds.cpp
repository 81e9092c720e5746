#include "feeds/feeds.hpp"

#include <array>

namespace fastrsi {
namespace {

// Room for the trades of every ordinary frame.
constexpr std::size_t kWarmTrades = 256;

constexpr std::array<std::string_view, kFrameKindCount> kFrameKindTexts = {
    "trades",    "kline",  "book",  "ticker",       "trade_snapshot", "ack",
    "heartbeat", "status", "error", "other_trades", "rejected"};

constexpr std::array<std::string_view, kRejectCount> kRejectTexts = {"none",
                                                                     "empty",
                                                                     "too_large",
                                                                     "truncated",
                                                                     "not_json",
                                                                     "unknown_message",
                                                                     "other_market",
                                                                     "missing_field",
                                                                     "bad_price",
                                                                     "bad_quantity",
                                                                     "bad_time",
                                                                     "bad_id",
                                                                     "not_market_trade",
                                                                     "too_many_trades"};

struct ParserRow {
  std::string_view venue;
  std::unique_ptr<Parser> (*make)(TradeStream stream);
};

constexpr std::array kParserRows = {
    ParserRow{"binance", [](TradeStream stream) { return make_binance_parser(false, stream); }},
    ParserRow{"binance-usdm", [](TradeStream stream) { return make_binance_parser(true, stream); }},
    ParserRow{"binance-coinm",
              [](TradeStream stream) { return make_binance_parser(true, stream); }},
    ParserRow{"coinbase", [](TradeStream) { return make_coinbase_parser(); }},
    ParserRow{"coinbase-advanced", [](TradeStream) { return make_coinbase_parser(); }},
    ParserRow{"kraken", [](TradeStream) { return make_kraken_parser(); }},
    ParserRow{"bybit-spot", [](TradeStream) { return make_bybit_parser(); }},
    ParserRow{"bybit-linear", [](TradeStream) { return make_bybit_parser(); }},
    ParserRow{"okx", [](TradeStream) { return make_okx_parser(); }},
    ParserRow{"bitstamp", [](TradeStream) { return make_bitstamp_parser(); }},
};

}  // namespace

std::string_view to_text(FrameKind kind) noexcept {
  return kFrameKindTexts[static_cast<std::size_t>(kind)];
}

std::string_view to_text(Reject reject) noexcept {
  return kRejectTexts[static_cast<std::size_t>(reject)];
}

FrameEvents::FrameEvents() {
  ticks.reserve(kWarmTrades);
  symbols.reserve(kWarmTrades);
}

void FrameEvents::clear() noexcept {
  if (kind == FrameKind::Kline) kline = Kline{};
  kind = FrameKind::Rejected;
  reject = Reject::None;
  venue_time = kNoExchangeTime;
  rejected_trades = 0;
  ticks.clear();
  symbols.clear();
}

const std::vector<std::string>& parser_venues() {
  static const std::vector<std::string> kVenues = [] {
    std::vector<std::string> venues;
    venues.reserve(kParserRows.size());
    for (const ParserRow& row : kParserRows) venues.emplace_back(row.venue);
    return venues;
  }();
  return kVenues;
}

std::unique_ptr<Parser> make_parser(std::string_view venue, TradeStream stream) {
  for (const ParserRow& row : kParserRows) {
    if (row.venue == venue) return row.make(stream);
  }
  return nullptr;
}

}  // namespace fastrsi
