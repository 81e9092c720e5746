// Bybit, version 5: spot and linear.
//
// WebSocket (Bybit: v5, Connect, 2025): topics "publicTrade.<symbol>", for spot at most 10 in a
// message, for linear 21,000 characters of them on a connection. Answers carry the request's id
// and no topics; a bad topic refuses its whole request and is named in the reason. A ping is due
// each 20 s; an address may open 500 connections in 5 minutes.
//
// REST (Bybit: v5, Get Kline, Rate Limit): candles newest first, those without trades among them;
// 600 requests in 5 s an address, then status 403 for 10 minutes. Refusals come with status 200.
#include <array>
#include <chrono>

#include "feeds/trades.hpp"
#include "feeds/venue_texts.hpp"
#include "feeds/venues.hpp"

namespace fastrsi {
namespace {

using namespace std::chrono_literals;
using venue::Interval;

constexpr std::array kBybitIntervals = {
    Interval{Timeframe::M1, "1"},    Interval{Timeframe::M3, "3"},   Interval{Timeframe::M5, "5"},
    Interval{Timeframe::M15, "15"},  Interval{Timeframe::M30, "30"}, Interval{Timeframe::H1, "60"},
    Interval{Timeframe::H2, "120"},  Interval{Timeframe::H4, "240"}, Interval{Timeframe::H6, "360"},
    Interval{Timeframe::H12, "720"}, Interval{Timeframe::D1, "D"},   Interval{Timeframe::W1, "W"},
    Interval{Timeframe::Mo1, "M"}};
constexpr auto kBybitTimeframes = venue::timeframes_of(kBybitIntervals);

constexpr std::string_view kTopic = "publicTrade.";

VenueFacts bybit_facts(bool linear) {
  VenueFacts facts;
  facts.name = linear ? "bybit-linear" : "bybit-spot";
  facts.url = std::string{"wss://stream.bybit.com/v5/public/"} + (linear ? "linear" : "spot");
  // 500 topics of the longest names are 18,000 characters.
  facts.limits.streams_per_connection = 500;
  facts.limits.symbols_per_message = linear ? 100 : 10;
  facts.limits.messages = {10, 1s};
  facts.limits.connections = {500, 5min};
  facts.limits.idle_max = 10min;
  facts.ping = {R"({"op":"ping"})", 20s};
  facts.rest.url = "https://api.bybit.com";
  facts.rest.weight = {600, 5s};
  facts.rest.remaining_header = "X-Bapi-Limit-Status";
  facts.rest.reset_header = "X-Bapi-Limit-Reset-Timestamp";
  facts.rest.slow_down = {429};
  facts.rest.banned = {403};
  facts.rest.bars_per_request_max = 1000;
  facts.rest.has_empty_bars = true;
  facts.symbol_hint = "in capitals, as in BTCUSDT";
  return facts;
}

constexpr bool is_of_symbol(char c) noexcept {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-';
}

class BybitVenue final : public Venue {
 public:
  explicit BybitVenue(bool linear)
      : Venue(bybit_facts(linear)), category_(linear ? "linear" : "spot") {}

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
    const std::string_view op = root["op"].text();
    const json::Node success = root["success"];
    if (!success || op == "ping" || op == "pong" || op == "auth") return answer;
    answer.id = venue::id_of(root["req_id"]);
    answer.is_unsubscribe = op == "unsubscribe";
    answer.reason = success.text() == "true" ? "" : root["ret_msg"].string();
    answer.kind = success.text() == "true" ? AnswerKind::Accepted : AnswerKind::Refused;
    // Options name what was taken and what not.
    const json::Node topics = root["data"];
    each_symbol(topics["successTopics"],
                [&](std::string symbol) { answer.accepted.push_back(std::move(symbol)); });
    each_symbol(topics["failTopics"], [&](std::string symbol) {
      answer.kind = AnswerKind::Refused;
      answer.refused.push_back({std::move(symbol), "not a topic"});
    });
    if (answer.kind == AnswerKind::Refused) name_refused(answer);
    return answer;
  }

  std::span<const Timeframe> history_timeframes() const noexcept override {
    return kBybitTimeframes;
  }

  std::optional<RestRequest> history_request(const HistoryQuery& query) const override {
    const Interval* const interval = venue::find_interval(kBybitIntervals, query.timeframe);
    if (interval == nullptr) return {};
    const int bars_max = facts().rest.bars_per_request_max;
    RestRequest request;
    request.covers_until = venue::reach(query, bars_max);
    request.target = "/v5/market/kline?category=" + category_ +
                     "&symbol=" + venue::url_encoded(query.symbol) +
                     "&interval=" + std::string{interval->name} +
                     "&start=" + std::to_string(venue::unix_ms_up(query.begin)) +
                     "&end=" + std::to_string(venue::unix_ms_up(request.covers_until) - 1) +
                     "&limit=" + std::to_string(venue::bars_of(query, bars_max));
    return request;
  }

  History read_history(std::string_view body, const HistoryQuery& query,
                       ExchangeTime now) override {
    const Reject reason = tree_.read(body);
    if (reason != Reject::None) return venue::no_history(venue::not_json(body, reason));
    const json::Node root = tree_.root();
    const std::string_view code = root["retCode"].text();
    if (code != "0" && root["retMsg"]) return refused(code, root["retMsg"].string());
    const json::Node rows = root["result"]["list"];
    if (!rows.is_list()) return venue::no_history(venue::not_asked_for(body));
    History history;
    for (json::Node row = rows.first(); row; row = row.next()) {
      // [open time, open, high, low, close, volume, turnover]
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

  // Spot comes in one page.
  std::optional<RestRequest> symbols_request(const std::string& page) const override {
    return RestRequest{"/v5/market/instruments-info?category=" + category_ + "&limit=1000" +
                           (page.empty() ? "" : "&cursor=" + venue::url_encoded(page)),
                       1, kNoExchangeTime};
  }

  SymbolList read_symbols(std::string_view body) override {
    SymbolList list;
    const Reject reason = tree_.read(body);
    const json::Node root = tree_.root();
    const json::Node rows = root["result"]["list"];
    if (reason != Reject::None) {
      list.error = venue::not_json(body, reason);
    } else if (root["retMsg"] && root["retCode"].text() != "0") {
      list.error = root["retMsg"].string();
    } else if (!rows.is_list()) {
      list.error = venue::not_asked_for(body);
    }
    if (!list.error.empty()) return list;
    for (json::Node row = rows.first(); row; row = row.next()) {
      std::string state = row["status"].string();
      const bool trades = state == "Trading";
      list.symbols.push_back({row["symbol"].string(), trades, std::move(state)});
    }
    list.next = decoded(root["result"]["nextPageCursor"].string());
    return list;
  }

 private:
  std::vector<ControlMessage> messages(const char* op, std::span<const std::string> symbols,
                                       std::uint64_t first_id) const {
    const auto topic = [](const std::string& symbol) {
      return venue::quoted(std::string{kTopic} + symbol);
    };
    return venue::batched(symbols, facts().limits, first_id,
                          [&](std::span<const std::string> part, std::uint64_t id) {
                            return R"({"req_id":")" + std::to_string(id) + R"(","op":")" + op +
                                   R"(","args":[)" + venue::joined(part, topic) + "]}";
                          });
  }

  template <class Take>
  static void each_symbol(json::Node topics, Take take) {
    for (json::Node topic = topics.first(); topic; topic = topic.next()) {
      const std::string name = topic.string();
      if (name.starts_with(kTopic)) take(name.substr(kTopic.size()));
    }
  }

  // Topics that the reason names: "Invalid symbol :[publicTrade.FOOUSDT]".
  static void name_refused(Answer& answer) {
    const std::string_view reason = answer.reason;
    for (std::size_t at = reason.find(kTopic); at != std::string_view::npos;
         at = reason.find(kTopic, at + 1)) {
      const std::size_t begin = at + kTopic.size();
      std::size_t end = begin;
      while (end < reason.size() && is_of_symbol(reason[end])) ++end;
      if (end > begin) {
        answer.refused.push_back({std::string{reason.substr(begin, end - begin)}, answer.reason});
      }
    }
  }

  static History refused(std::string_view code, std::string message) {
    // Codes: 10006 too many visits, 10001 a parameter is wrong.
    History history = venue::no_history(std::move(message));
    history.is_too_fast = code == "10006" || code == "10018";
    const std::string lower = venue::lower_case(history.error);
    history.is_unknown_symbol = code == "10001" && lower.find("symbol") != std::string::npos;
    return history;
  }

  // Cursors come encoded for a URL; symbols_request() encodes again.
  static std::string decoded(std::string_view text) {
    const auto digit = [](char c) {
      if (c >= '0' && c <= '9') return c - '0';
      if (c >= 'A' && c <= 'F') return c - 'A' + 10;
      return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
    };
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
      const bool is_coded = text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) >= 0 &&
                            digit(text[i + 2]) >= 0;
      if (!is_coded) {
        result += text[i];
      } else {
        result += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
        i += 2;
      }
    }
    return result;
  }

  // Constant after construction.
  const std::string category_;
  // The answer being read.
  json::Tree tree_;
};

}  // namespace

std::unique_ptr<Venue> make_bybit_venue(bool linear) {
  return std::make_unique<BybitVenue>(linear);
}

}  // namespace fastrsi
