// Candles and symbols as Coinbase Exchange, Kraken, Bybit v5, OKX v5 and Bitstamp tell them (their
// REST documentation of 2025); the newest candle is the forming one. Bars without trades are left
// out where the venue leaves them out.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <optional>

#include "engine/base/decimal.hpp"
#include "engine/base/iso_time.hpp"
#include "tools/simulate/rest.hpp"

namespace fastrsi::simulate {
namespace {

using Json = nlohmann::json;

RestAnswer good(const Json& body) {
  return {200, body_of(body), {}};
}

// Unix seconds or ISO 8601, as Coinbase takes both.
std::int64_t time_ms(const std::string& text, std::int64_t fallback) {
  if (const auto seconds = parse_seconds_ns(text)) return *seconds / kNsPerMs;
  const auto iso = parse_iso_ns(text);
  return iso ? *iso / kNsPerMs : fallback;
}

RestAnswer coinbase(const RestTarget& target, const TradeHistory& history, std::int64_t now_ms) {
  if (target.path == "/products") {
    Json list = Json::array();
    for (const std::string& name : history.symbols()) {
      list.push_back({{"id", name}, {"status", "online"}, {"trading_disabled", false}});
    }
    return good(list);
  }
  constexpr std::string_view kBegin = "/products/";
  constexpr std::string_view kEnd = "/candles";
  if (!target.path.starts_with(kBegin) || !target.path.ends_with(kEnd)) {
    return {404, R"({"message":"NotFound"})", {}};
  }
  const std::string symbol =
      target.path.substr(kBegin.size(), target.path.size() - kBegin.size() - kEnd.size());
  if (!history.knows(symbol)) return {404, R"({"message":"NotFound"})", {}};
  HistoryRange range;
  range.length_ms = std::max<std::int64_t>(target.number("granularity", 60), 60) * 1'000;
  range.limit = 300;
  range.newest = target.text("start").empty();
  range.begin_ms = time_ms(target.text("start"), 0);
  range.end_ms = std::min(time_ms(target.text("end"), now_ms), now_ms);
  Json rows = Json::array();
  for (const HistoryBar& bar : history.bars(symbol, range)) {
    if (bar.trades == 0) continue;
    rows.insert(rows.begin(),
                Json{bar.open_ms / 1'000, bar.low, bar.high, bar.open, bar.close, bar.volume});
  }
  return good(rows);
}

RestAnswer kraken(const RestTarget& target, const TradeHistory& history, std::int64_t now_ms) {
  if (target.path == "/0/public/AssetPairs") {
    Json pairs = Json::object();
    for (const std::string& name : history.symbols()) {
      pairs[name] = {{"wsname", name}, {"altname", name}, {"status", "online"}};
    }
    return good({{"error", Json::array()}, {"result", pairs}});
  }
  if (target.path != "/0/public/OHLC") return {404, R"({"error":["EGeneral:Unknown method"]})", {}};
  const std::string symbol = target.text("pair");
  if (!history.knows(symbol)) return good({{"error", {"EQuery:Unknown asset pair"}}});
  HistoryRange range;
  range.length_ms = std::max<std::int64_t>(target.number("interval", 1), 1) * kMinuteMs;
  range.limit = 720;
  range.newest = true;
  range.begin_ms = target.number("since", 0) * 1'000;
  range.end_ms = now_ms;
  Json rows = Json::array();
  for (const HistoryBar& bar : history.bars(symbol, range)) {
    rows.push_back({bar.open_ms / 1'000, price_text(bar.open), price_text(bar.high),
                    price_text(bar.low), price_text(bar.close), price_text(bar.close),
                    price_text(bar.volume), bar.trades});
  }
  const std::int64_t last = open_of(now_ms, range.length_ms) - range.length_ms;
  return good({{"error", Json::array()}, {"result", {{symbol, rows}, {"last", last / 1'000}}}});
}

// "1", "5", "60", "D", "W" (Bybit), or "1m", "1H", "1D", "1Dutc" (OKX).
std::optional<std::int64_t> length_of(const std::string& interval) {
  const std::size_t digits = std::min(interval.find_first_not_of("0123456789"), interval.size());
  const std::string unit = interval.substr(digits);
  std::uint64_t count = 1;
  if (digits > 0 && !read_unsigned(interval.substr(0, digits), count)) return std::nullopt;
  if (count == 0 || count > 10'000) return std::nullopt;
  std::int64_t length = 0;
  if (unit.empty() || unit == "m") length = kMinuteMs;
  if (unit == "s") length = 1'000;
  if (unit == "H" || unit == "Hutc") length = 60 * kMinuteMs;
  if (unit == "D" || unit == "Dutc") length = 24 * 60 * kMinuteMs;
  if (unit == "W" || unit == "Wutc") length = 7 * 24 * 60 * kMinuteMs;
  if (length == 0) return std::nullopt;
  return length * static_cast<std::int64_t>(count);
}

RestAnswer bybit(const RestTarget& target, const TradeHistory& history, std::int64_t now_ms) {
  Json answer{{"retCode", 0}, {"retMsg", "OK"}, {"time", now_ms}};
  if (target.path == "/v5/market/instruments-info") {
    Json list = Json::array();
    for (const std::string& name : history.symbols()) {
      list.push_back({{"symbol", name}, {"status", "Trading"}});
    }
    answer["result"] = {{"list", list}, {"nextPageCursor", ""}};
    return good(answer);
  }
  if (target.path != "/v5/market/kline") return {404, "{}", {}};
  const auto length = length_of(target.text("interval"));
  if (!history.knows(target.text("symbol")) || !length) {
    return good(
        {{"retCode", 10001}, {"retMsg", "Not supported symbols"}, {"result", Json::object()}});
  }
  HistoryRange range;
  range.length_ms = *length;
  range.limit =
      static_cast<std::size_t>(std::clamp<std::int64_t>(target.number("limit", 200), 1, 1'000));
  range.newest = true;
  range.begin_ms = target.number("start", 0);
  range.end_ms = std::min(target.number("end", now_ms), now_ms);
  Json rows = Json::array();
  for (const HistoryBar& bar : history.bars(target.text("symbol"), range)) {
    rows.insert(rows.begin(), Json{std::to_string(bar.open_ms), price_text(bar.open),
                                   price_text(bar.high), price_text(bar.low), price_text(bar.close),
                                   price_text(bar.volume), price_text(bar.volume * bar.close)});
  }
  answer["result"] = {{"symbol", target.text("symbol")}, {"list", rows}};
  return good(answer);
}

RestAnswer okx(const RestTarget& target, const TradeHistory& history, std::int64_t now_ms) {
  Json answer{{"code", "0"}, {"msg", ""}, {"data", Json::array()}};
  if (target.path == "/api/v5/public/instruments") {
    for (const std::string& name : history.symbols()) {
      answer["data"].push_back({{"instId", name}, {"state", "live"}});
    }
    return good(answer);
  }
  if (!target.path.starts_with("/api/v5/market/") || !target.path.ends_with("candles")) {
    return {404, R"({"code":"404","msg":"Not Found"})", {}};
  }
  const auto length = length_of(target.text("bar").empty() ? "1m" : target.text("bar"));
  if (!history.knows(target.text("instId")) || !length) {
    return good(
        {{"code", "51001"}, {"msg", "Instrument ID doesn't exist."}, {"data", Json::array()}});
  }
  HistoryRange range;
  range.length_ms = *length;
  range.limit =
      static_cast<std::size_t>(std::clamp<std::int64_t>(target.number("limit", 100), 1, 300));
  range.newest = true;
  range.begin_ms = target.number("before", -1) + 1;
  range.end_ms = std::min(target.number("after", now_ms + 1) - 1, now_ms);
  const std::int64_t forming = open_of(now_ms, range.length_ms);
  for (const HistoryBar& bar : history.bars(target.text("instId"), range)) {
    const std::string volume = price_text(bar.volume);
    answer["data"].insert(answer["data"].begin(),
                          Json{std::to_string(bar.open_ms), price_text(bar.open),
                               price_text(bar.high), price_text(bar.low), price_text(bar.close),
                               volume, volume, volume, bar.open_ms < forming ? "1" : "0"});
  }
  return good(answer);
}

RestAnswer bitstamp(const RestTarget& target, const TradeHistory& history, std::int64_t now_ms) {
  if (target.path.starts_with("/api/v2/trading-pairs-info")) {
    Json list = Json::array();
    for (const std::string& name : history.symbols()) {
      list.push_back({{"url_symbol", name}, {"trading", "Enabled"}});
    }
    return good(list);
  }
  constexpr std::string_view kBegin = "/api/v2/ohlc/";
  if (!target.path.starts_with(kBegin)) return {404, "{}", {}};
  std::string symbol = target.path.substr(kBegin.size());
  if (symbol.ends_with('/')) symbol.pop_back();
  if (!history.knows(symbol)) return {404, R"({"code":"404.002","errors":[]})", {}};
  HistoryRange range;
  range.length_ms = std::max<std::int64_t>(target.number("step", 60), 60) * 1'000;
  range.limit =
      static_cast<std::size_t>(std::clamp<std::int64_t>(target.number("limit", 1'000), 1, 1'000));
  range.newest = target.text("start").empty();
  range.begin_ms = target.number("start", 0) * 1'000;
  range.end_ms = std::min(target.number("end", now_ms / 1'000) * 1'000, now_ms);
  Json rows = Json::array();
  for (const HistoryBar& bar : history.bars(symbol, range)) {
    rows.push_back({{"timestamp", std::to_string(bar.open_ms / 1'000)},
                    {"open", price_text(bar.open)},
                    {"high", price_text(bar.high)},
                    {"low", price_text(bar.low)},
                    {"close", price_text(bar.close)},
                    {"volume", price_text(bar.volume)}});
  }
  return good({{"data", {{"pair", symbol}, {"ohlc", rows}}}});
}

}  // namespace

RestAnswer other_rest(std::string_view venue, const RestTarget& target, const TradeHistory& history,
                      std::int64_t now_ms) {
  if (venue == "coinbase") return coinbase(target, history, now_ms);
  if (venue == "kraken") return kraken(target, history, now_ms);
  if (venue.starts_with("bybit")) return bybit(target, history, now_ms);
  if (venue == "okx") return okx(target, history, now_ms);
  if (venue == "bitstamp") return bitstamp(target, history, now_ms);
  return {404, R"({"message":"this venue's history is not simulated"})", {}};
}

}  // namespace fastrsi::simulate
