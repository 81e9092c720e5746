#include "tools/simulate/rest.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>

#include "engine/base/decimal.hpp"

namespace fastrsi::simulate {
namespace {

constexpr int kWeightAMinute = 6'000;
constexpr int kIgnoredMax = 20;
constexpr int kBanSeconds = 120;
constexpr int kKlinesMax = 1'000;

constexpr std::array<std::pair<std::string_view, std::int64_t>, 14> kIntervals = {{
    {"1s", 1'000},
    {"1m", 60'000},
    {"3m", 180'000},
    {"5m", 300'000},
    {"15m", 900'000},
    {"30m", 1'800'000},
    {"1h", 3'600'000},
    {"2h", 7'200'000},
    {"4h", 14'400'000},
    {"6h", 21'600'000},
    {"8h", 28'800'000},
    {"12h", 43'200'000},
    {"1d", 86'400'000},
    {"1w", 604'800'000},
}};

const char* reason_of(int status) noexcept {
  switch (status) {
    case 200:
      return "OK";
    case 400:
      return "Bad Request";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 418:
      return "I'm a teapot";
    case 429:
      return "Too Many Requests";
    case 503:
      return "Service Unavailable";
    default:
      return status >= 500 ? "Server Error" : "Refused";
  }
}

RestAnswer binance_error(int status, int code, const std::string& what) {
  return {status, body_of({{"code", code}, {"msg", what}}), {}};
}

int hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escaped = text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 &&
                         hex_digit(text[i + 2]) >= 0;
    if (!escaped) {
      out += text[i] == '+' ? ' ' : text[i];
      continue;
    }
    out += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
    i += 2;
  }
  return out;
}

}  // namespace

std::string http_text(const RestAnswer& answer, bool keep_alive) {
  std::string text = fmt::format(
      "HTTP/1.1 {} {}\r\nContent-Type: application/json;charset=UTF-8\r\nContent-Length: {}\r\n"
      "Connection: {}\r\n",
      answer.status, reason_of(answer.status), answer.body.size(),
      keep_alive ? "keep-alive" : "close");
  for (const auto& [name, value] : answer.fields) {
    fmt::format_to(std::back_inserter(text), "{}: {}\r\n", name, value);
  }
  return text + "\r\n" + answer.body;
}

std::string RestTarget::text(std::string_view name) const {
  const auto found = query.find(name);
  return found == query.end() ? std::string() : found->second;
}

std::int64_t RestTarget::number(std::string_view name, std::int64_t fallback) const {
  const auto value = parse_unsigned(text(name));
  constexpr std::uint64_t kMax = 1'000'000'000'000'000;
  return value && *value <= kMax ? static_cast<std::int64_t>(*value) : fallback;
}

RestTarget parse_target(std::string_view target) {
  RestTarget parsed;
  const std::size_t mark = std::min(target.find('?'), target.size());
  parsed.path = percent_decoded(target.substr(0, mark));
  std::string_view rest = target.substr(std::min(mark + 1, target.size()));
  while (!rest.empty()) {
    const std::string_view pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(pair.size() + 1, rest.size()));
    const std::size_t equals = std::min(pair.find('='), pair.size());
    parsed.query[percent_decoded(pair.substr(0, equals))] =
        percent_decoded(pair.substr(std::min(equals + 1, pair.size())));
  }
  return parsed;
}

std::string body_of(const nlohmann::json& json) {
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string price_text(double price) {
  for (const int decimals : {8, 12, 20}) {
    std::string text = fmt::format("{:.{}f}", price, decimals);
    if (parse_decimal(text) == price) return text;
  }
  return fmt::format("{}", price);
}

WeightLimit::Verdict WeightLimit::take(int weight, Clock::time_point now) {
  if (now - minute_ >= std::chrono::minutes(1)) {
    minute_ = now;
    used_ = 0;
    ignored_ = 0;
  }
  const auto seconds_to = [now](Clock::time_point when) {
    return static_cast<int>(std::chrono::ceil<std::chrono::seconds>(when - now).count());
  };
  if (now < banned_until_) return {418, used_, seconds_to(banned_until_)};
  used_ += weight;
  if (used_ <= max_) return {200, used_, 0};
  if (++ignored_ > kIgnoredMax) {
    banned_until_ = now + std::chrono::seconds(kBanSeconds);
    return {418, used_, kBanSeconds};
  }
  return {429, used_, seconds_to(minute_ + std::chrono::minutes(1))};
}

Rest::Rest(std::string venue, const TradeHistory& history)
    : venue_(std::move(venue)), history_(history), weight_(kWeightAMinute) {}

RestAnswer Rest::get(std::string_view target, std::int64_t exchange_now_ms,
                     WeightLimit::Clock::time_point now) {
  const RestTarget parsed = parse_target(target);
  if (!venue_.starts_with("binance")) {
    return other_rest(venue_, parsed, history_, exchange_now_ms);
  }
  const bool is_list = parsed.path.ends_with("/exchangeInfo");
  const WeightLimit::Verdict verdict = weight_.take(is_list ? 20 : 2, now);
  RestAnswer answer =
      verdict.status == 200
          ? binance(parsed, exchange_now_ms)
          : binance_error(verdict.status, -1003, "Too much request weight used; please wait.");
  answer.fields.emplace_back("X-MBX-USED-WEIGHT-1M", std::to_string(verdict.used));
  if (verdict.retry_after_s > 0) {
    answer.fields.emplace_back("Retry-After", std::to_string(verdict.retry_after_s));
  }
  return answer;
}

RestAnswer Rest::binance(const RestTarget& target, std::int64_t now_ms) {
  constexpr std::array<std::string_view, 3> kBases = {"/api/v3/", "/fapi/v1/", "/dapi/v1/"};
  for (const std::string_view base : kBases) {
    if (!target.path.starts_with(base)) continue;
    const std::string_view what = std::string_view(target.path).substr(base.size());
    if (what == "ping") return {200, "{}", {}};
    if (what == "time") return {200, fmt::format(R"({{"serverTime":{}}})", now_ms), {}};
    if (what == "exchangeInfo") return {200, binance_symbols(now_ms), {}};
    if (what == "klines") return binance_klines(target, now_ms);
  }
  return {404, "{}", {}};
}

RestAnswer Rest::binance_klines(const RestTarget& target, std::int64_t now_ms) const {
  const std::string symbol = target.text("symbol");
  if (!history_.knows(symbol)) return binance_error(400, -1121, "Invalid symbol.");
  const std::string interval = target.text("interval");
  const auto* const known = std::find_if(kIntervals.begin(), kIntervals.end(),
                                         [&](const auto& one) { return one.first == interval; });
  if (known == kIntervals.end()) return binance_error(400, -1120, "Invalid interval.");
  HistoryRange range;
  range.length_ms = known->second;
  range.limit = static_cast<std::size_t>(
      std::clamp<std::int64_t>(target.number("limit", 500), 1, kKlinesMax));
  range.begin_ms = target.number("startTime", 0);
  range.newest = target.text("startTime").empty();
  range.end_ms = std::min(target.number("endTime", now_ms), now_ms);
  std::string body = "[";
  for (const HistoryBar& bar : history_.bars(symbol, range)) {
    fmt::format_to(std::back_inserter(body),
                   R"({}[{},"{}","{}","{}","{}","{}",{},"{}",{},"0.00000000","0.00000000","0"])",
                   body.size() > 1 ? "," : "", bar.open_ms, price_text(bar.open),
                   price_text(bar.high), price_text(bar.low), price_text(bar.close),
                   price_text(bar.volume), bar.open_ms + range.length_ms - 1,
                   price_text(bar.volume * bar.close), bar.trades);
  }
  return {200, body + "]", {}};
}

std::string Rest::binance_symbols(std::int64_t now_ms) const {
  nlohmann::json list = nlohmann::json::array();
  for (const std::string& name : history_.symbols()) {
    list.push_back({{"symbol", name},
                    {"status", "TRADING"},
                    {"contractStatus", "TRADING"},
                    {"contractType", "PERPETUAL"}});
  }
  return body_of({{"timezone", "UTC"},
                  {"serverTime", now_ms},
                  {"rateLimits",
                   {{{"rateLimitType", "REQUEST_WEIGHT"},
                     {"interval", "MINUTE"},
                     {"intervalNum", 1},
                     {"limit", kWeightAMinute}}}},
                  {"exchangeFilters", nlohmann::json::array()},
                  {"symbols", list}});
}

}  // namespace fastrsi::simulate
