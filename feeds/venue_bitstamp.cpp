// Bitstamp.
//
// WebSocket (Bitstamp: WebSocket API v2, 2025): one channel a message, "live_trades_<pair>",
// without request ids; the answer names the channel. A bad channel is refused without its name, so
// an error is about the oldest request without an answer. bts:request_reconnect asks for a new
// connection before maintenance. A connection lives 90 days. Heartbeats are the client's to ask
// for. How many channels a connection may have, the venue does not say: the number is ours.
//
// REST (Bitstamp: OHLC data): 400 requests a second and 10,000 in 10 minutes an address.
#include <array>
#include <chrono>

#include "feeds/trades.hpp"
#include "feeds/venue_texts.hpp"
#include "feeds/venues.hpp"

namespace fastrsi {
namespace {

using namespace std::chrono_literals;
using venue::Interval;

// Seconds.
constexpr std::array kBitstampIntervals = {
    Interval{Timeframe::M1, "60"},    Interval{Timeframe::M3, "180"},
    Interval{Timeframe::M5, "300"},   Interval{Timeframe::M15, "900"},
    Interval{Timeframe::M30, "1800"}, Interval{Timeframe::H1, "3600"},
    Interval{Timeframe::H2, "7200"},  Interval{Timeframe::H4, "14400"},
    Interval{Timeframe::H6, "21600"}, Interval{Timeframe::H12, "43200"},
    Interval{Timeframe::D1, "86400"}};
constexpr auto kBitstampTimeframes = venue::timeframes_of(kBitstampIntervals);

constexpr std::string_view kChannel = "live_trades_";

VenueFacts facts_of_bitstamp() {
  VenueFacts facts;
  facts.name = "bitstamp";
  facts.url = "wss://ws.bitstamp.net";
  facts.limits.streams_per_connection = 100;
  facts.limits.messages = {20, 1s};
  facts.limits.connections = {10, 1min};
  facts.limits.connection_life = 90 * 24h;
  facts.ping = {R"({"event":"bts:heartbeat"})", 10s};
  facts.rest.url = "https://www.bitstamp.net";
  facts.rest.weight = {10'000, 10min};
  facts.rest.slow_down = {429};
  facts.rest.banned = {403};
  facts.rest.bars_per_request_max = 1000;
  facts.rest.has_empty_bars = true;
  facts.symbol_hint = "in small letters and without a slash, as in btcusd";
  return facts;
}

class BitstampVenue final : public Venue {
 public:
  BitstampVenue() : Venue(facts_of_bitstamp()) {}

  std::vector<ControlMessage> subscribe(std::span<const std::string> symbols,
                                        std::uint64_t first_id) const override {
    return messages("bts:subscribe", symbols, first_id);
  }
  std::vector<ControlMessage> unsubscribe(std::span<const std::string> symbols,
                                          std::uint64_t first_id) const override {
    return messages("bts:unsubscribe", symbols, first_id);
  }

  Answer read_answer(std::string_view frame) override {
    Answer answer;
    if (tree_.read(frame) != Reject::None) return answer;
    const json::Node root = tree_.root();
    const std::string_view event = root["event"].text();
    const std::string channel = root["channel"].string();
    const bool is_trades = channel.starts_with(kChannel);
    const std::string symbol = is_trades ? channel.substr(kChannel.size()) : std::string{};
    answer.is_unsubscribe = event == "bts:unsubscription_succeeded";
    if (answer.is_unsubscribe || event == "bts:subscription_succeeded") {
      answer.kind = AnswerKind::Accepted;
      if (is_trades) answer.accepted.push_back(symbol);
    } else if (event == "bts:error") {
      answer.kind = AnswerKind::Refused;
      answer.reason = root["data"]["message"].string();
      if (is_trades) answer.refused.push_back({symbol, answer.reason});
    } else if (event == "bts:request_reconnect") {
      answer.kind = AnswerKind::Reconnect;
      answer.reason = "bts:request_reconnect";
    }
    return answer;
  }

  std::span<const Timeframe> history_timeframes() const noexcept override {
    return kBitstampTimeframes;
  }

  std::optional<RestRequest> history_request(const HistoryQuery& query) const override {
    const Interval* const interval = venue::find_interval(kBitstampIntervals, query.timeframe);
    if (interval == nullptr) return {};
    const int bars_max = facts().rest.bars_per_request_max;
    RestRequest request;
    request.covers_until = venue::reach(query, bars_max);
    request.target = "/api/v2/ohlc/" + venue::url_encoded(query.symbol) +
                     "/?step=" + std::string{interval->name} +
                     "&limit=" + std::to_string(venue::bars_of(query, bars_max)) +
                     "&start=" + std::to_string(venue::unix_seconds_up(query.begin)) +
                     "&end=" + std::to_string(venue::unix_seconds_up(request.covers_until) - 1);
    return request;
  }

  History read_history(std::string_view body, const HistoryQuery& query,
                       ExchangeTime now) override {
    const Reject reason = tree_.read(body);
    if (reason != Reject::None) return venue::no_history(venue::not_json(body, reason));
    const json::Node root = tree_.root();
    const json::Node rows = root["data"]["ohlc"];
    if (!rows.is_list()) return refused(root, body);
    History history;
    for (json::Node row = rows.first(); row; row = row.next()) {
      venue::add_bar({time_from_seconds_text(row["timestamp"].text()),
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

  std::optional<RestRequest> symbols_request(const std::string&) const override {
    return RestRequest{"/api/v2/trading-pairs-info/", 1, kNoExchangeTime};
  }

  SymbolList read_symbols(std::string_view body) override {
    SymbolList list;
    const Reject reason = tree_.read(body);
    if (reason != Reject::None) list.error = venue::not_json(body, reason);
    const json::Node root = tree_.root();
    if (reason == Reject::None && !root.is_list()) list.error = venue::not_asked_for(body);
    for (json::Node row = list.error.empty() ? root.first() : json::Node{}; row; row = row.next()) {
      std::string state = row["trading"].string();
      const bool trades = state == "Enabled";
      list.symbols.push_back({row["url_symbol"].string(), trades, std::move(state)});
    }
    return list;
  }

 private:
  std::vector<ControlMessage> messages(const char* event, std::span<const std::string> symbols,
                                       std::uint64_t first_id) const {
    return venue::batched(
        symbols, facts().limits, first_id, [&](std::span<const std::string> part, std::uint64_t) {
          return std::string{R"({"event":")"} + event + R"(","data":{"channel":)" +
                 venue::quoted(std::string{kChannel} + part.front()) + "}}";
        });
  }

  static History refused(json::Node root, std::string_view body) {
    const std::string reason = root["reason"].string();
    History history = venue::no_history(reason.empty() ? venue::not_asked_for(body) : reason);
    history.is_too_fast = history.error.find("limit") != std::string::npos && !reason.empty();
    history.is_unknown_symbol = root["code"].text() == "404";
    return history;
  }

  // The answer being read.
  json::Tree tree_;
};

}  // namespace

std::unique_ptr<Venue> make_bitstamp_venue() {
  return std::make_unique<BitstampVenue>();
}

}  // namespace fastrsi
