// OKX, version 5.
//
// WebSocket (OKX: API guide v5, WebSocket, 2025): channels of one subscribe are together at most
// 64 KB and are answered one by one, with the request's id and the channel; a bad one is named in
// the error. A connection may send 480 requests an hour, an address open 3 connections a second. A
// connection that was silent for 30 s is closed: "ping" is answered with "pong", neither of them
// JSON. Before an upgrade comes notice 64008, about 60 s ahead.
//
// REST: candles newest first, those without trades among them, with bars of 6 hours and more cut at
// midnight of Hong Kong unless "utc" is asked for. Instruments are listed by type; the page of the
// list is the type.
#include <array>
#include <chrono>

#include "feeds/trades.hpp"
#include "feeds/venue_texts.hpp"
#include "feeds/venues.hpp"

namespace fastrsi {
namespace {

using namespace std::chrono_literals;
using venue::Interval;

constexpr std::array kOkxIntervals = {
    Interval{Timeframe::S1, "1s"},      Interval{Timeframe::M1, "1m"},
    Interval{Timeframe::M3, "3m"},      Interval{Timeframe::M5, "5m"},
    Interval{Timeframe::M15, "15m"},    Interval{Timeframe::M30, "30m"},
    Interval{Timeframe::H1, "1H"},      Interval{Timeframe::H2, "2H"},
    Interval{Timeframe::H4, "4H"},      Interval{Timeframe::H6, "6Hutc"},
    Interval{Timeframe::H12, "12Hutc"}, Interval{Timeframe::D1, "1Dutc"},
    Interval{Timeframe::W1, "1Wutc"},   Interval{Timeframe::Mo1, "1Mutc"}};
constexpr auto kOkxTimeframes = venue::timeframes_of(kOkxIntervals);

// Pages of the list of instruments. Options need a family and are not checked.
constexpr std::array<std::string_view, 3> kInstrumentTypes = {"SPOT", "SWAP", "FUTURES"};

VenueFacts facts_of_okx() {
  VenueFacts facts;
  facts.name = "okx";
  facts.url = "wss://ws.okx.com:8443/ws/v5/public";
  facts.limits.streams_per_connection = 300;
  facts.limits.symbols_per_message = 100;
  facts.limits.message_bytes_max = 32 * 1024;
  facts.limits.messages = {3, 1s};
  facts.limits.messages_long = {480, 1h};
  facts.limits.connections = {3, 1s};
  facts.limits.first_message_within = 30s;
  facts.limits.idle_max = 30s;
  facts.ping = {"ping", 20s};
  facts.rest.url = "https://www.okx.com";
  facts.rest.weight = {20, 2s};
  facts.rest.slow_down = {429};
  facts.rest.banned = {403};
  facts.rest.bars_per_request_max = 100;
  facts.rest.has_empty_bars = true;
  facts.symbol_hint = "an instrument's id, as in BTC-USDT or BTC-USDT-SWAP";
  return facts;
}

class OkxVenue final : public Venue {
 public:
  OkxVenue() : Venue(facts_of_okx()) {}

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
    const std::string_view event = root["event"].text();
    answer.id = venue::id_of(root["id"]);
    answer.is_unsubscribe = event == "unsubscribe";
    if (event == "subscribe" || answer.is_unsubscribe) {
      answer.kind = AnswerKind::Accepted;
      answer.accepted.push_back(root["arg"]["instId"].string());
    } else if (event == "error") {
      answer.kind = AnswerKind::Refused;
      answer.reason = root["msg"].string();
      const std::string symbol = named_in(answer.reason);
      if (!symbol.empty()) answer.refused.push_back({symbol, answer.reason});
    } else if (event == "notice") {
      answer.kind = root["code"].text() == "64008" ? AnswerKind::Reconnect : AnswerKind::None;
      answer.reason = root["msg"].string();
    } else if (event == "channel-conn-count-error") {
      answer.kind = AnswerKind::Refused;
      answer.reason = "too many connections have the channel " + root["channel"].string();
    }
    return answer;
  }

  std::span<const Timeframe> history_timeframes() const noexcept override { return kOkxTimeframes; }

  // Candles between `before` and `after`, neither of them included: they go back in time.
  std::optional<RestRequest> history_request(const HistoryQuery& query) const override {
    const Interval* const interval = venue::find_interval(kOkxIntervals, query.timeframe);
    if (interval == nullptr) return {};
    const int bars_max = facts().rest.bars_per_request_max;
    RestRequest request;
    request.covers_until = venue::reach(query, bars_max);
    request.target = "/api/v5/market/history-candles?instId=" + venue::url_encoded(query.symbol) +
                     "&bar=" + std::string{interval->name} +
                     "&before=" + std::to_string(venue::unix_ms_up(query.begin) - 1) +
                     "&after=" + std::to_string(venue::unix_ms_up(request.covers_until)) +
                     "&limit=" + std::to_string(venue::bars_of(query, bars_max));
    return request;
  }

  History read_history(std::string_view body, const HistoryQuery& query,
                       ExchangeTime now) override {
    const Reject reason = tree_.read(body);
    if (reason != Reject::None) return venue::no_history(venue::not_json(body, reason));
    const json::Node root = tree_.root();
    const std::string_view code = root["code"].text();
    if (code != "0" && root["msg"]) return refused(code, root["msg"].string());
    if (!root["data"].is_list()) return venue::no_history(venue::not_asked_for(body));
    History history;
    for (json::Node row = root["data"].first(); row; row = row.next()) {
      // [open time, open, high, low, close, volume, in currency, in quote, confirm]
      if (row[8].text() == "0") continue;
      venue::add_bar({time_from_unix_text(row[0].text()),
                      row[1].text(),
                      row[2].text(),
                      row[3].text(),
                      row[4].text(),
                      row[5].text(),
                      {}},
                     query, now, history);
    }
    venue::put_in_order(history);
    return history;
  }

  std::optional<RestRequest> symbols_request(const std::string& page) const override {
    const std::string type = page.empty() ? std::string{kInstrumentTypes.front()} : page;
    return RestRequest{"/api/v5/public/instruments?instType=" + venue::url_encoded(type), 1,
                       kNoExchangeTime};
  }

  SymbolList read_symbols(std::string_view body) override {
    SymbolList list;
    const Reject reason = tree_.read(body);
    const json::Node root = tree_.root();
    if (reason != Reject::None) {
      list.error = venue::not_json(body, reason);
    } else if (root["msg"] && root["code"].text() != "0") {
      list.error = root["msg"].string();
    } else if (!root["data"].is_list()) {
      list.error = venue::not_asked_for(body);
    }
    if (!list.error.empty()) return list;
    std::string_view type;
    for (json::Node row = root["data"].first(); row; row = row.next()) {
      type = row["instType"].text();
      std::string state = row["state"].string();
      const bool trades = state == "live";
      list.symbols.push_back({row["instId"].string(), trades, std::move(state)});
    }
    for (std::size_t i = 0; i + 1 < kInstrumentTypes.size(); ++i) {
      if (kInstrumentTypes[i] == type) list.next = kInstrumentTypes[i + 1];
    }
    return list;
  }

 private:
  std::vector<ControlMessage> messages(const char* op, std::span<const std::string> symbols,
                                       std::uint64_t first_id) const {
    const auto channel = [](const std::string& symbol) {
      return R"({"channel":"trades","instId":)" + venue::quoted(symbol) + "}";
    };
    return venue::batched(symbols, facts().limits, first_id,
                          [&](std::span<const std::string> part, std::uint64_t id) {
                            return R"({"id":")" + std::to_string(id) + R"(","op":")" + op +
                                   R"(","args":[)" + venue::joined(part, channel) + "]}";
                          });
  }

  // "Wrong URL or channel:trades,instId:FOO-USDT doesn't exist. Please ..."
  static std::string named_in(std::string_view reason) {
    constexpr std::string_view kName = "instId:";
    const std::size_t at = reason.find(kName);
    if (at == std::string_view::npos) return {};
    const std::string_view rest = reason.substr(at + kName.size());
    return std::string{rest.substr(0, rest.find_first_of(" ,.;"))};
  }

  static History refused(std::string_view code, std::string message) {
    // Codes: 50011 too many requests, 51001 no such instrument.
    History history = venue::no_history(std::move(message));
    history.is_too_fast = code == "50011" || code == "50061";
    history.is_unknown_symbol = code == "51001";
    return history;
  }

  // The answer being read.
  json::Tree tree_;
};

}  // namespace

std::unique_ptr<Venue> make_okx_venue() {
  return std::make_unique<OkxVenue>();
}

}  // namespace fastrsi
