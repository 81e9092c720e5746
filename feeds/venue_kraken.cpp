// Kraken, version 2.
//
// WebSocket (Kraken: Spot WebSocket API v2, 2025): one subscribe names symbols ("BTC/USD") and is
// answered once for each of them, with the request's id and the symbol. A heartbeat comes each
// second in which nothing else does. About 150 connections in 10 minutes are allowed an address.
// How many symbols a connection may have, the venue does not say: the number is ours.
//
// REST (Kraken: OHLC Data): the newest 720 bars and no others, those without trades among them; the
// last is still forming. REST still says XBT and XDG where version 2 says BTC and DOGE. Its weeks
// begin on Thursday, as unix time does, so weeks are left out. Errors come with status 200.
#include <array>
#include <chrono>

#include "feeds/trades.hpp"
#include "feeds/venue_texts.hpp"
#include "feeds/venues.hpp"

namespace fastrsi {
namespace {

using namespace std::chrono_literals;
using venue::Interval;

// Minutes.
constexpr std::array kKrakenIntervals = {
    Interval{Timeframe::M1, "1"},   Interval{Timeframe::M5, "5"},  Interval{Timeframe::M15, "15"},
    Interval{Timeframe::M30, "30"}, Interval{Timeframe::H1, "60"}, Interval{Timeframe::H4, "240"},
    Interval{Timeframe::D1, "1440"}};
constexpr auto kKrakenTimeframes = venue::timeframes_of(kKrakenIntervals);

constexpr int kBarsMax = 720;

VenueFacts facts_of_kraken() {
  VenueFacts facts;
  facts.name = "kraken";
  facts.url = "wss://ws.kraken.com/v2";
  facts.limits.streams_per_connection = 200;
  facts.limits.symbols_per_message = 50;
  facts.limits.messages = {10, 1s};
  facts.limits.connections = {150, 10min};
  facts.limits.idle_max = 60s;
  facts.limits.quiet_max = 1s;
  facts.ping = {R"({"method":"ping"})", 30s};
  facts.rest.url = "https://api.kraken.com";
  facts.rest.weight = {1, 1s};
  facts.rest.slow_down = {429};
  facts.rest.banned = {403};
  facts.rest.bars_per_request_max = kBarsMax;
  facts.rest.bars_back_max = kBarsMax;
  facts.rest.has_empty_bars = true;
  facts.symbol_hint = "with a slash and as version 2 names it, as in BTC/USD";
  return facts;
}

struct Renamed {
  std::string_view rest;
  std::string_view name;
};
constexpr std::array kRenamed = {Renamed{"XBT", "BTC"}, Renamed{"XDG", "DOGE"}};

std::string_view asset_name(std::string_view rest_asset) noexcept {
  for (const Renamed& row : kRenamed) {
    if (row.rest == rest_asset) return row.name;
  }
  return rest_asset;
}

std::string_view rest_of(std::string_view asset) noexcept {
  for (const Renamed& row : kRenamed) {
    if (row.name == asset) return row.rest;
  }
  return asset;
}

// "BTC/USD" -> "XBTUSD"
std::string rest_pair(std::string_view symbol) {
  const std::size_t slash = symbol.find('/');
  if (slash == std::string_view::npos) return std::string{symbol};
  return std::string{rest_of(symbol.substr(0, slash))} +
         std::string{rest_of(symbol.substr(slash + 1))};
}

// "XBT/USD" -> "BTC/USD"
std::string pair_symbol(std::string_view rest_name) {
  const std::size_t slash = rest_name.find('/');
  if (slash == std::string_view::npos) return std::string{rest_name};
  return std::string{asset_name(rest_name.substr(0, slash))} + "/" +
         std::string{asset_name(rest_name.substr(slash + 1))};
}

class KrakenVenue final : public Venue {
 public:
  KrakenVenue() : Venue(facts_of_kraken()) {}

  std::vector<ControlMessage> subscribe(std::span<const std::string> symbols,
                                        std::uint64_t first_id) const override {
    return messages("subscribe", R"(,"snapshot":false)", symbols, first_id);
  }
  std::vector<ControlMessage> unsubscribe(std::span<const std::string> symbols,
                                          std::uint64_t first_id) const override {
    return messages("unsubscribe", "", symbols, first_id);
  }

  Answer read_answer(std::string_view frame) override {
    Answer answer;
    if (tree_.read(frame) != Reject::None) return answer;
    const json::Node root = tree_.root();
    if (root["channel"].text() == "status") return read_status(root["data"][0]);
    const std::string_view method = root["method"].text();
    answer.is_unsubscribe = method == "unsubscribe";
    if (method != "subscribe" && !answer.is_unsubscribe && !root["error"]) return answer;
    answer.id = venue::id_of(root["req_id"]);
    const json::Node symbol = root["symbol"] ? root["symbol"] : root["result"]["symbol"];
    if (root["success"].text() == "true") {
      answer.kind = AnswerKind::Accepted;
      if (symbol) answer.accepted.push_back(symbol.string());
    } else {
      answer.kind = AnswerKind::Refused;
      answer.reason = root["error"].string();
      if (symbol) answer.refused.push_back({symbol.string(), answer.reason});
    }
    return answer;
  }

  std::span<const Timeframe> history_timeframes() const noexcept override {
    return kKrakenTimeframes;
  }

  std::optional<RestRequest> history_request(const HistoryQuery& query) const override {
    const Interval* const interval = venue::find_interval(kKrakenIntervals, query.timeframe);
    if (interval == nullptr) return {};
    // It answers up to now, whatever is asked for.
    return RestRequest{"/0/public/OHLC?pair=" + venue::url_encoded(rest_pair(query.symbol)) +
                           "&interval=" + std::string{interval->name} +
                           "&since=" + std::to_string(venue::unix_seconds_up(query.begin) - 1),
                       1, query.end};
  }

  History read_history(std::string_view body, const HistoryQuery& query,
                       ExchangeTime now) override {
    const Reject reason = tree_.read(body);
    if (reason != Reject::None) return venue::no_history(venue::not_json(body, reason));
    if (const std::string error = error_of(tree_.root()); !error.empty()) return refused(error);
    // {"XXBTZUSD":[rows],"last":...}: the pair's name is the venue's own.
    json::Node rows = tree_.root()["result"].first();
    while (rows && !rows.is_list()) rows = rows.next();
    if (!rows) return venue::no_history(venue::not_asked_for(body));
    History history;
    for (json::Node row = rows.first(); row; row = row.next()) {
      // [time, open, high, low, close, vwap, volume, count]
      venue::add_bar({time_from_seconds_text(row[0].text()), row[1].text(), row[2].text(),
                      row[3].text(), row[4].text(), row[6].text(), row[7].text()},
                     query, now, history);
    }
    venue::put_in_order(history);
    return history;
  }

  std::optional<RestRequest> symbols_request(const std::string&) const override {
    return RestRequest{"/0/public/AssetPairs", 1, kNoExchangeTime};
  }

  SymbolList read_symbols(std::string_view body) override {
    SymbolList list;
    const Reject reason = tree_.read(body);
    list.error = reason == Reject::None ? error_of(tree_.root()) : venue::not_json(body, reason);
    if (!list.error.empty()) return list;
    const json::Node result = tree_.root()["result"];
    if (!result.is_object()) list.error = venue::not_asked_for(body);
    for (json::Node pair = result.first(); pair; pair = pair.next()) {
      if (!pair["wsname"]) continue;  // of the dark pool, which no stream shows
      std::string state = pair["status"].string();
      const bool trades = state == "online";
      list.symbols.push_back({pair_symbol(pair["wsname"].string()), trades, std::move(state)});
    }
    return list;
  }

 private:
  std::vector<ControlMessage> messages(const char* method, const char* more,
                                       std::span<const std::string> symbols,
                                       std::uint64_t first_id) const {
    return venue::batched(symbols, facts().limits, first_id,
                          [&](std::span<const std::string> part, std::uint64_t id) {
                            return std::string{R"({"method":")"} + method +
                                   R"(","params":{"channel":"trade","symbol":[)" +
                                   venue::joined(part, venue::quoted) + "]" + more +
                                   R"(},"req_id":)" + std::to_string(id) + "}";
                          });
  }

  static Answer read_status(json::Node status) {
    Answer answer;
    const std::string system = status["system"].string();
    if (system.empty() || system == "online") return answer;
    answer.kind = AnswerKind::Maintenance;
    answer.reason = system;
    return answer;
  }

  static std::string error_of(json::Node root) { return root["error"][0].string(); }

  static History refused(const std::string& error) {
    History history = venue::no_history(error);
    history.is_too_fast = error.find("Too many requests") != std::string::npos ||
                          error.find("Rate limit") != std::string::npos;
    history.is_unknown_symbol = error.find("Unknown asset pair") != std::string::npos;
    return history;
  }

  // The answer being read.
  json::Tree tree_;
};

}  // namespace

std::unique_ptr<Venue> make_kraken_venue() {
  return std::make_unique<KrakenVenue>();
}

}  // namespace fastrsi
