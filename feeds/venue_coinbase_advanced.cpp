// Coinbase Advanced Trade.
//
// WebSocket (Coinbase Advanced Trade: WebSocket Overview, Channels, Rate Limits, 2025): one
// subscribe names one channel and its products; requests carry no ids, and each good one is
// answered with the whole list of what the connection has. The channel "heartbeats" sends one frame
// a second, which keeps connections of quiet products open. How many products a connection may
// have, the venue does not say: the number is ours.
//
// REST: public candles, newest first; a stretch without trades has none.
#include <array>
#include <chrono>

#include "feeds/trades.hpp"
#include "feeds/venue_texts.hpp"
#include "feeds/venues.hpp"

namespace fastrsi {
namespace {

using namespace std::chrono_literals;
using venue::Interval;

constexpr std::array kAdvancedIntervals = {
    Interval{Timeframe::M1, "ONE_MINUTE"},      Interval{Timeframe::M5, "FIVE_MINUTE"},
    Interval{Timeframe::M15, "FIFTEEN_MINUTE"}, Interval{Timeframe::M30, "THIRTY_MINUTE"},
    Interval{Timeframe::H1, "ONE_HOUR"},        Interval{Timeframe::H2, "TWO_HOUR"},
    Interval{Timeframe::H6, "SIX_HOUR"},        Interval{Timeframe::D1, "ONE_DAY"}};
constexpr auto kAdvancedTimeframes = venue::timeframes_of(kAdvancedIntervals);

constexpr const char* kProducts = "/api/v3/brokerage/market/products";
VenueFacts facts_of_advanced() {
  VenueFacts facts;
  facts.name = "coinbase-advanced";
  facts.url = "wss://advanced-trade-ws.coinbase.com";
  facts.greetings = {R"({"type":"subscribe","channel":"heartbeats"})"};
  facts.limits.streams_per_connection = 200;
  facts.limits.symbols_per_message = 100;
  facts.limits.messages = {8, 1s};
  facts.limits.connections = {8, 1s};
  facts.limits.first_message_within = 5s;
  facts.limits.quiet_max = 1s;
  facts.rest.url = "https://api.coinbase.com";
  facts.rest.weight = {10, 1s};
  facts.rest.slow_down = {429};
  facts.rest.banned = {403};
  facts.rest.bars_per_request_max = 350;
  facts.symbol_hint = "with a dash, as in BTC-USD";
  return facts;
}

class CoinbaseAdvancedVenue final : public Venue {
 public:
  CoinbaseAdvancedVenue() : Venue(facts_of_advanced()) {}

  std::vector<ControlMessage> subscribe(std::span<const std::string> symbols,
                                        std::uint64_t first_id) const override {
    return messages("subscribe", symbols, first_id);
  }
  std::vector<ControlMessage> unsubscribe(std::span<const std::string> symbols,
                                          std::uint64_t first_id) const override {
    return messages("unsubscribe", symbols, first_id);
  }

  Answer read_answer(std::string_view frame) override {
    Answer answer;
    if (tree_.read(frame) != Reject::None) return answer;
    const json::Node root = tree_.root();
    if (root["type"].text() == "error") {
      answer.kind = AnswerKind::Refused;
      answer.reason = root["message"].string();
    } else if (root["channel"].text() == "subscriptions") {
      answer.kind = AnswerKind::Accepted;
      answer.is_all = true;
      for (json::Node event = root["events"].first(); event; event = event.next()) {
        const json::Node products = event["subscriptions"]["market_trades"];
        for (json::Node product = products.first(); product; product = product.next()) {
          answer.accepted.push_back(product.string());
        }
      }
    }
    return answer;
  }

  std::span<const Timeframe> history_timeframes() const noexcept override {
    return kAdvancedTimeframes;
  }

  std::optional<RestRequest> history_request(const HistoryQuery& query) const override {
    const Interval* const interval = venue::find_interval(kAdvancedIntervals, query.timeframe);
    if (interval == nullptr) return {};
    const int bars_max = facts().rest.bars_per_request_max;
    RestRequest request;
    request.covers_until = venue::reach(query, bars_max);
    request.target = kProducts + ("/" + venue::url_encoded(query.symbol)) +
                     "/candles?granularity=" + std::string{interval->name} +
                     "&start=" + std::to_string(venue::unix_seconds_up(query.begin)) +
                     "&end=" + std::to_string(venue::unix_seconds_up(request.covers_until) - 1) +
                     "&limit=" + std::to_string(venue::bars_of(query, bars_max));
    return request;
  }

  History read_history(std::string_view body, const HistoryQuery& query,
                       ExchangeTime now) override {
    const Reject reason = tree_.read(body);
    if (reason != Reject::None) return venue::no_history(venue::not_json(body, reason));
    const json::Node root = tree_.root();
    if (root["error"]) return refused(root);
    if (!root["candles"].is_list()) return venue::no_history(venue::not_asked_for(body));
    History history;
    for (json::Node row = root["candles"].first(); row; row = row.next()) {
      venue::add_bar({time_from_seconds_text(row["start"].text()),
                      row["open"].text(),
                      row["high"].text(),
                      row["low"].text(),
                      row["close"].text(),
                      row["volume"].text(),
                      {}},
                     query, now, history);
    }
    venue::put_in_order(history);
    return history;
  }

  // Without a limit it is the whole list.
  std::optional<RestRequest> symbols_request(const std::string&) const override {
    return RestRequest{kProducts, 1, kNoExchangeTime};
  }

  SymbolList read_symbols(std::string_view body) override {
    SymbolList list;
    const Reject reason = tree_.read(body);
    const json::Node products = tree_.root()["products"];
    if (reason != Reject::None) list.error = venue::not_json(body, reason);
    if (reason == Reject::None && !products.is_list()) list.error = venue::not_asked_for(body);
    for (json::Node row = products.first(); row; row = row.next()) {
      std::string state = row["status"].string();
      const bool trades = state == "online" && row["trading_disabled"].text() != "true" &&
                          row["is_disabled"].text() != "true";
      list.symbols.push_back({row["product_id"].string(), trades, std::move(state)});
    }
    return list;
  }

 private:
  std::vector<ControlMessage> messages(const char* type, std::span<const std::string> symbols,
                                       std::uint64_t first_id) const {
    return venue::batched(symbols, facts().limits, first_id,
                          [&](std::span<const std::string> part, std::uint64_t) {
                            return std::string{R"({"type":")"} + type +
                                   R"(","channel":"market_trades","product_ids":[)" +
                                   venue::joined(part, venue::quoted) + "]}";
                          });
  }

  static History refused(json::Node root) {
    const json::Node words = root["message"] ? root["message"] : root["error"];
    History history = venue::no_history(words.string());
    history.is_too_fast = history.error.find("rate limit") != std::string::npos;
    history.is_unknown_symbol = root["error"].text() == "NOT_FOUND";
    return history;
  }

  // The answer being read.
  json::Tree tree_;
};

}  // namespace

std::unique_ptr<Venue> make_coinbase_advanced_venue() {
  return std::make_unique<CoinbaseAdvancedVenue>();
}

}  // namespace fastrsi
