// Binance: spot, USD-M and COIN-M futures.
//
// WebSocket (Binance Spot API Docs, WebSocket Streams, 2025; Derivatives, WebSocket Market Streams,
// 2026): streams are <symbol in lower case>@trade or @aggTrade, asked for by SUBSCRIBE on /stream.
// An answer carries the request's id and is the same for streams that do not exist, so only the
// list of symbols, or data, proves one. Pings are the WebSocket's, each 20 s (spot) or 3 minutes.
// A connection lives 24 hours; spot says serverShutdown about 10 minutes before it closes one.
// USD-M has had an address for each kind of stream since March 2026: trades are under /market.
//
// REST: klines hold bars without trades. The weight used in the last minute comes in a header with
// every answer; 429 asks to wait, 418 says that the address is banned, both with Retry-After.
#include <array>
#include <chrono>

#include "feeds/trades.hpp"
#include "feeds/venue_texts.hpp"
#include "feeds/venues.hpp"

namespace fastrsi {
namespace {

using namespace std::chrono_literals;
using venue::Interval;

constexpr std::array kBinanceIntervals = {
    Interval{Timeframe::S1, "1s"}, Interval{Timeframe::M1, "1m"},   Interval{Timeframe::M3, "3m"},
    Interval{Timeframe::M5, "5m"}, Interval{Timeframe::M15, "15m"}, Interval{Timeframe::M30, "30m"},
    Interval{Timeframe::H1, "1h"}, Interval{Timeframe::H2, "2h"},   Interval{Timeframe::H4, "4h"},
    Interval{Timeframe::H6, "6h"}, Interval{Timeframe::H8, "8h"},   Interval{Timeframe::H12, "12h"},
    Interval{Timeframe::D1, "1d"}, Interval{Timeframe::W1, "1w"},   Interval{Timeframe::Mo1, "1M"}};

constexpr auto kBinanceTimeframes = venue::timeframes_of(kBinanceIntervals);

// What differs between the markets.
struct Market {
  const char* name;
  const char* url;
  const char* rest_url;
  const char* rest_path;
  const char* state_key;  // of a listed symbol
  int streams_per_connection;
  int messages_a_second;
  int weight_a_minute;
  int bars_per_request;
  int list_weight;
  const char* list_query;
  Nanoseconds history_span;  // of one request; 0: any
};

const Market& market_of(BinanceMarket market) noexcept {
  static const Market kSpot = {"binance",
                               "wss://stream.binance.com:9443/stream",
                               "https://api.binance.com",
                               "/api/v3/",
                               "status",
                               1024,
                               5,
                               6000,
                               1000,
                               20,
                               "?showPermissionSets=false",
                               0s};
  static const Market kUsdM = {"binance-usdm",
                               "wss://fstream.binance.com/market/stream",
                               "https://fapi.binance.com",
                               "/fapi/v1/",
                               "status",
                               1024,
                               10,
                               2400,
                               1500,
                               1,
                               "",
                               0s};
  static const Market kCoinM = {"binance-coinm",
                                "wss://dstream.binance.com/stream",
                                "https://dapi.binance.com",
                                "/dapi/v1/",
                                "contractStatus",
                                200,
                                10,
                                2400,
                                1500,
                                1,
                                "",
                                200 * 24h};
  switch (market) {
    case BinanceMarket::Spot:
      return kSpot;
    case BinanceMarket::UsdM:
      return kUsdM;
    case BinanceMarket::CoinM:
      break;
  }
  return kCoinM;
}

VenueFacts binance_facts(const Market& market) {
  VenueFacts facts;
  facts.name = market.name;
  facts.url = market.url;
  facts.limits.streams_per_connection = market.streams_per_connection;
  facts.limits.symbols_per_message = 200;
  facts.limits.message_bytes_max = 4096;
  facts.limits.messages = {market.messages_a_second, 1s};
  facts.limits.connections = {300, 5min};
  facts.limits.connection_life = 24h;
  facts.rest.url = market.rest_url;
  facts.rest.weight = {market.weight_a_minute, 1min};
  facts.rest.used_weight_header = "X-MBX-USED-WEIGHT-1M";
  facts.rest.slow_down = {429};
  facts.rest.banned = {418, 403};
  facts.rest.bars_per_request_max = market.bars_per_request;
  facts.rest.has_empty_bars = true;
  facts.ack_proves_symbol = false;
  facts.symbol_hint = "in capitals, as in BTCUSDT";
  return facts;
}

// "btcusdt@trade" -> "BTCUSDT"
std::string stream_symbol(std::string_view stream) {
  std::string symbol{stream.substr(0, stream.find('@'))};
  for (char& c : symbol) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return symbol;
}

class BinanceVenue final : public Venue {
 public:
  BinanceVenue(BinanceMarket market, const std::string& stream)
      : Venue(binance_facts(market_of(market))),
        is_spot_(market == BinanceMarket::Spot),
        market_(market_of(market)),
        suffix_(stream == "aggTrade" ? "@aggTrade" : "@trade") {}

  std::vector<ControlMessage> subscribe(std::span<const std::string> symbols,
                                        std::uint64_t first_id) const override {
    return messages("SUBSCRIBE", symbols, first_id);
  }
  std::vector<ControlMessage> unsubscribe(std::span<const std::string> symbols,
                                          std::uint64_t first_id) const override {
    return messages("UNSUBSCRIBE", symbols, first_id);
  }

  Answer read_answer(std::string_view frame) override {
    Answer answer;
    if (tree_.read(frame) != Reject::None) return answer;
    const json::Node root = tree_.root();
    const json::Node event = root["data"] ? root["data"] : root;
    if (event["e"].text() == "serverShutdown") {
      answer.kind = AnswerKind::Reconnect;
      answer.reason = "serverShutdown";
      return answer;
    }
    answer.id = venue::id_of(root["id"]);
    const json::Node error = root["error"] ? root["error"] : root;
    if (error["code"] && error["msg"]) {
      answer.kind = AnswerKind::Refused;
      answer.reason = error["msg"].string();
    } else if (root["result"] && root["id"]) {
      answer.kind = AnswerKind::Accepted;
      // The answer to LIST_SUBSCRIPTIONS.
      answer.is_all = root["result"].is_list();
      for (json::Node stream = root["result"].first(); stream; stream = stream.next()) {
        answer.accepted.push_back(stream_symbol(stream.string()));
      }
    }
    return answer;
  }

  std::span<const Timeframe> history_timeframes() const noexcept override {
    return std::span{kBinanceTimeframes}.subspan(is_spot_ ? 0 : 1);
  }

  std::optional<RestRequest> history_request(const HistoryQuery& query) const override {
    const Interval* const interval = venue::find_interval(kBinanceIntervals, query.timeframe);
    if (interval == nullptr || (!is_spot_ && query.timeframe == Timeframe::S1)) return {};
    const int bars = venue::bars_of(query, market_.bars_per_request);
    RestRequest request;
    request.covers_until = venue::reach(query, market_.bars_per_request);
    if (market_.history_span > 0s && request.covers_until - query.begin > market_.history_span) {
      request.covers_until = query.begin + market_.history_span;
    }
    request.weight = weight_of(bars);
    request.target = market_.rest_path + std::string{"klines?symbol="} +
                     venue::url_encoded(query.symbol) + "&interval=" + std::string{interval->name} +
                     "&startTime=" + std::to_string(venue::unix_ms_up(query.begin)) +
                     "&endTime=" + std::to_string(venue::unix_ms_up(request.covers_until) - 1) +
                     "&limit=" + std::to_string(bars);
    return request;
  }

  History read_history(std::string_view body, const HistoryQuery& query,
                       ExchangeTime now) override {
    const Reject reason = tree_.read(body);
    if (reason != Reject::None) return venue::no_history(venue::not_json(body, reason));
    const json::Node root = tree_.root();
    if (root["code"] && root["msg"]) return refused(root);
    if (!root.is_list()) return venue::no_history(venue::not_asked_for(body));
    History history;
    for (json::Node row = root.first(); row; row = row.next()) {
      // [open time, open, high, low, close, volume, close time, quote volume, trades, ...]
      venue::add_bar({time_from_unix_text(row[0].text()), row[1].text(), row[2].text(),
                      row[3].text(), row[4].text(), row[5].text(), row[8].text()},
                     query, now, history);
    }
    venue::put_in_order(history);
    return history;
  }

  std::optional<RestRequest> symbols_request(const std::string&) const override {
    return RestRequest{market_.rest_path + std::string{"exchangeInfo"} + market_.list_query,
                       market_.list_weight, kNoExchangeTime};
  }

  SymbolList read_symbols(std::string_view body) override {
    SymbolList list;
    const Reject reason = tree_.read(body);
    if (reason != Reject::None) {
      list.error = venue::not_json(body, reason);
      return list;
    }
    const json::Node symbols = tree_.root()["symbols"];
    if (!symbols.is_list()) list.error = venue::not_asked_for(body);
    for (json::Node symbol = symbols.first(); symbol; symbol = symbol.next()) {
      std::string state = symbol[market_.state_key].string();
      const bool trades = state == "TRADING";
      list.symbols.push_back({symbol["symbol"].string(), trades, std::move(state)});
    }
    return list;
  }

 private:
  std::vector<ControlMessage> messages(const char* method, std::span<const std::string> symbols,
                                       std::uint64_t first_id) const {
    const auto stream = [this](const std::string& symbol) {
      return venue::quoted(venue::lower_case(symbol) + suffix_);
    };
    return venue::batched(symbols, facts().limits, first_id,
                          [&](std::span<const std::string> part, std::uint64_t id) {
                            return std::string{R"({"method":")"} + method + R"(","params":[)" +
                                   venue::joined(part, stream) + R"(],"id":)" + std::to_string(id) +
                                   "}";
                          });
  }

  // Spot: 2 for any number. Futures: by the number asked for.
  int weight_of(int bars) const noexcept {
    if (is_spot_) return 2;
    if (bars < 100) return 1;
    if (bars < 500) return 2;
    return bars <= 1000 ? 5 : 10;
  }

  static History refused(json::Node root) {
    // Codes: -1003 too many requests, -1121 invalid symbol.
    History history = venue::no_history(root["msg"].string());
    history.is_too_fast = root["code"].text() == "-1003";
    history.is_unknown_symbol = root["code"].text() == "-1121";
    return history;
  }

  // Constant after construction.
  const bool is_spot_;
  const Market& market_;
  const std::string suffix_;
  // The answer being read.
  json::Tree tree_;
};

}  // namespace

std::unique_ptr<Venue> make_binance_venue(BinanceMarket market, const std::string& stream) {
  return std::make_unique<BinanceVenue>(market, stream);
}

}  // namespace fastrsi
