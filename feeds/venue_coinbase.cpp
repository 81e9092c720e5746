// Coinbase Exchange.
//
// WebSocket (Coinbase Exchange: WebSocket Overview, Rate Limits, 2025): one subscribe names
// products and channels; requests carry no ids. Each good one is answered with the whole list of
// what the connection has; a bad product refuses its whole request, with its name in the reason. A
// connection that has not subscribed within 5 s is closed. How many products one may have, the
// venue does not say: the number is ours.
//
// REST: candles are rows of [time, low, high, open, close, volume], newest first; a stretch without
// trades has none. The request must have a User-Agent.
#include <array>
#include <chrono>

#include "feeds/trades.hpp"
#include "feeds/venue_texts.hpp"
#include "feeds/venues.hpp"

namespace fastrsi {
namespace {

using namespace std::chrono_literals;
using venue::Interval;

constexpr std::array kCoinbaseIntervals = {
    Interval{Timeframe::M1, "60"},    Interval{Timeframe::M5, "300"},
    Interval{Timeframe::M15, "900"},  Interval{Timeframe::H1, "3600"},
    Interval{Timeframe::H6, "21600"}, Interval{Timeframe::D1, "86400"}};
constexpr auto kCoinbaseTimeframes = venue::timeframes_of(kCoinbaseIntervals);

VenueFacts facts_of_exchange() {
  VenueFacts facts;
  facts.name = "coinbase";
  facts.url = "wss://ws-feed.exchange.coinbase.com";
  facts.limits.streams_per_connection = 200;
  facts.limits.symbols_per_message = 100;
  facts.limits.messages = {100, 1s};
  facts.limits.connections = {8, 1s};
  facts.limits.first_message_within = 5s;
  facts.rest.url = "https://api.exchange.coinbase.com";
  facts.rest.weight = {10, 1s};
  facts.rest.slow_down = {429};
  facts.rest.banned = {403};
  facts.rest.bars_per_request_max = 300;
  facts.symbol_hint = "with a dash, as in BTC-USD";
  return facts;
}

class CoinbaseVenue final : public Venue {
 public:
  CoinbaseVenue() : Venue(facts_of_exchange()) {}

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
      answer.reason = root["reason"] ? root["reason"].string() : root["message"].string();
      // "FOO-USD is not a valid product"
      const std::size_t end = answer.reason.find(" is not a valid product");
      if (end != std::string::npos && answer.reason.find(' ') == end) {
        answer.refused.push_back({answer.reason.substr(0, end), answer.reason});
      }
    } else if (root["type"].text() == "subscriptions") {
      answer.kind = AnswerKind::Accepted;
      answer.is_all = true;
      for (json::Node channel = root["channels"].first(); channel; channel = channel.next()) {
        if (channel["name"].text() != "matches") continue;
        const json::Node products = channel["product_ids"];
        for (json::Node product = products.first(); product; product = product.next()) {
          answer.accepted.push_back(product.string());
        }
      }
    }
    return answer;
  }

  std::span<const Timeframe> history_timeframes() const noexcept override {
    return kCoinbaseTimeframes;
  }

  std::optional<RestRequest> history_request(const HistoryQuery& query) const override {
    const Interval* const interval = venue::find_interval(kCoinbaseIntervals, query.timeframe);
    if (interval == nullptr) return {};
    RestRequest request;
    request.covers_until = venue::reach(query, facts().rest.bars_per_request_max);
    request.target = "/products/" + venue::url_encoded(query.symbol) +
                     "/candles?granularity=" + std::string{interval->name} +
                     "&start=" + venue::iso_seconds(venue::unix_seconds_up(query.begin)) +
                     "&end=" + venue::iso_seconds(venue::unix_seconds_up(request.covers_until) - 1);
    return request;
  }

  History read_history(std::string_view body, const HistoryQuery& query,
                       ExchangeTime now) override {
    const Reject reason = tree_.read(body);
    if (reason != Reject::None) return venue::no_history(venue::not_json(body, reason));
    const json::Node root = tree_.root();
    if (root["message"]) return refused(root["message"].string());
    if (!root.is_list()) return venue::no_history(venue::not_asked_for(body));
    History history;
    for (json::Node row = root.first(); row; row = row.next()) {
      venue::add_bar({time_from_seconds_text(row[0].text()),
                      row[3].text(),
                      row[2].text(),
                      row[1].text(),
                      row[4].text(),
                      row[5].text(),
                      {}},
                     query, now, history);
    }
    venue::put_in_order(history);
    return history;
  }

  std::optional<RestRequest> symbols_request(const std::string&) const override {
    return RestRequest{"/products", 1, kNoExchangeTime};
  }

  SymbolList read_symbols(std::string_view body) override {
    SymbolList list;
    const Reject reason = tree_.read(body);
    const json::Node root = tree_.root();
    if (reason != Reject::None) list.error = venue::not_json(body, reason);
    if (reason == Reject::None && !root.is_list()) list.error = venue::not_asked_for(body);
    for (json::Node row = list.error.empty() ? root.first() : json::Node{}; row; row = row.next()) {
      std::string state = row["status"].string();
      const bool trades = state == "online" && row["trading_disabled"].text() != "true";
      list.symbols.push_back({row["id"].string(), trades, std::move(state)});
    }
    return list;
  }

 private:
  std::vector<ControlMessage> messages(const char* type, std::span<const std::string> symbols,
                                       std::uint64_t first_id) const {
    return venue::batched(
        symbols, facts().limits, first_id, [&](std::span<const std::string> part, std::uint64_t) {
          return std::string{R"({"type":")"} + type + R"(","product_ids":[)" +
                 venue::joined(part, venue::quoted) + R"(],"channels":["matches"]})";
        });
  }

  static History refused(std::string message) {
    History history = venue::no_history(std::move(message));
    history.is_too_fast = history.error.find("rate limit") != std::string::npos;
    history.is_unknown_symbol = history.error == "NotFound";
    return history;
  }

  // The answer being read.
  json::Tree tree_;
};

}  // namespace

std::unique_ptr<Venue> make_coinbase_venue() {
  return std::make_unique<CoinbaseVenue>();
}

}  // namespace fastrsi
