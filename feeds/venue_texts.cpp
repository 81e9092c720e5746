#include "feeds/venue_texts.hpp"

#include <algorithm>
#include <array>
#include <chrono>

#include <fmt/format.h>

#include "feeds/candles.hpp"

namespace fastrsi::venue {
namespace {

constexpr std::string_view kHexDigits = "0123456789ABCDEF";

void append_hex(std::string& text, unsigned char byte) {
  text += kHexDigits[byte >> 4];
  text += kHexDigits[byte & 15];
}

constexpr std::int64_t kNsPerMs = 1'000'000;
constexpr std::int64_t kNsPerSecond = 1'000'000'000;

std::int64_t divided_up(std::int64_t number, std::int64_t by) noexcept {
  return number / by + (number % by > 0 ? 1 : 0);
}

// How much of a body is quoted in an error.
constexpr std::size_t kBodyShown = 120;

std::string shown(std::string_view body) {
  std::string text;
  for (const char c : body.substr(0, kBodyShown)) {
    text += static_cast<unsigned char>(c) >= 0x20 && c != 0x7F ? c : ' ';
  }
  return text;
}

bool spans_its_prices(const HistoryBar& bar) noexcept {
  const auto [low, high] = std::minmax(bar.open.value, bar.close.value);
  return bar.low.value <= low && bar.high.value >= high;
}

}  // namespace

std::string quoted(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    if (static_cast<unsigned char>(c) >= 0x20) {
      result += c;
    } else {
      result += "\\u00";
      append_hex(result, static_cast<unsigned char>(c));
    }
  }
  return result + '"';
}

std::string url_encoded(std::string_view text) {
  std::string result;
  for (const char c : text) {
    const bool is_plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
                          (c >= 'a' && c <= 'z') || c == '-' || c == '.' || c == '_' || c == '~';
    if (is_plain) {
      result += c;
    } else {
      result += '%';
      append_hex(result, static_cast<unsigned char>(c));
    }
  }
  return result;
}

std::string lower_case(std::string_view text) {
  std::string result{text};
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

std::vector<ControlMessage> batched(std::span<const std::string> symbols, const VenueLimits& limits,
                                    std::uint64_t first_id, const MessageText& text) {
  std::vector<ControlMessage> messages;
  while (!symbols.empty()) {
    std::size_t count =
        std::min(symbols.size(), static_cast<std::size_t>(limits.symbols_per_message));
    const std::uint64_t id = first_id + messages.size();
    std::string whole = text(symbols.first(count), id);
    while (whole.size() > limits.message_bytes_max && count > 1) {
      // A guess from the mean length, and at least one symbol fewer each time.
      count =
          std::clamp<std::size_t>(count * limits.message_bytes_max / whole.size(), 1, count - 1);
      whole = text(symbols.first(count), id);
    }
    const auto part = symbols.first(count);
    messages.push_back({std::move(whole), id, {part.begin(), part.end()}});
    symbols = symbols.subspan(count);
  }
  return messages;
}

std::string joined(std::span<const std::string> symbols,
                   const std::function<std::string(const std::string&)>& part) {
  std::string result;
  for (const std::string& symbol : symbols) {
    if (!result.empty()) result += ',';
    result += part(symbol);
  }
  return result;
}

std::uint64_t id_of(json::Node node) noexcept {
  std::uint64_t id = 0;
  return read_unsigned(node.text(), id) ? id : 0;
}

ExchangeTime bar_end(Timeframe timeframe, ExchangeTime open) {
  if (timeframe != Timeframe::Mo1) return open + nominal_length(timeframe);
  const std::chrono::sys_time<Nanoseconds> time{open.time_since_epoch()};
  const std::chrono::year_month_day day{std::chrono::floor<std::chrono::days>(time)};
  const auto next = day.year() / day.month() / 1 + std::chrono::months{1};
  return ExchangeTime{std::chrono::sys_days{next}.time_since_epoch()};
}

int bars_of(const HistoryQuery& query, int bars_max) noexcept {
  return query.limit > 0 ? std::min(query.limit, bars_max) : bars_max;
}

ExchangeTime reach(const HistoryQuery& query, int bars_max) noexcept {
  const Nanoseconds length = bars_of(query, bars_max) * nominal_length(query.timeframe);
  return query.end - query.begin > length ? query.begin + length : query.end;
}

std::int64_t unix_ms(ExchangeTime time) noexcept {
  return to_unix_ns(time) / kNsPerMs;
}
std::int64_t unix_seconds(ExchangeTime time) noexcept {
  return to_unix_ns(time) / kNsPerSecond;
}
std::int64_t unix_ms_up(ExchangeTime time) noexcept {
  return divided_up(to_unix_ns(time), kNsPerMs);
}
std::int64_t unix_seconds_up(ExchangeTime time) noexcept {
  return divided_up(to_unix_ns(time), kNsPerSecond);
}

std::string iso_seconds(std::int64_t unix_seconds) {
  const std::chrono::sys_seconds time{std::chrono::seconds{unix_seconds}};
  const auto days = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day day{days};
  const std::chrono::hh_mm_ss clock{time - days};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(day.year()),
                     static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

void add_bar(const BarText& text, const HistoryQuery& query, ExchangeTime now, History& history) {
  HistoryBar bar;
  bar.open_time = text.open_time;
  bar.has_trades = text.trades.data() != nullptr;
  double volume = 0.0;
  const bool is_sound = text.open_time != kNoExchangeTime && read_price(text.open, bar.open) &&
                        read_price(text.high, bar.high) && read_price(text.low, bar.low) &&
                        read_price(text.close, bar.close) && read_decimal(text.volume, volume) &&
                        volume >= 0.0 && spans_its_prices(bar) &&
                        (!bar.has_trades || read_unsigned(text.trades, bar.trades));
  if (!is_sound) {
    ++history.damaged;
    return;
  }
  bar.volume = Quantity{volume};
  const bool is_wanted = bar.open_time >= query.begin && bar.open_time < query.end;
  if (is_wanted && bar_end(query.timeframe, bar.open_time) <= now) history.bars.push_back(bar);
}

void put_in_order(History& history) {
  auto& bars = history.bars;
  std::stable_sort(bars.begin(), bars.end(), [](const HistoryBar& a, const HistoryBar& b) {
    return a.open_time < b.open_time;
  });
  const auto is_same = [](const HistoryBar& a, const HistoryBar& b) {
    return a.open_time == b.open_time;
  };
  bars.erase(std::unique(bars.begin(), bars.end(), is_same), bars.end());
}

History no_history(std::string error) {
  History history;
  history.error = std::move(error);
  return history;
}

std::string not_json(std::string_view body, Reject reason) {
  return "the answer is no JSON (" + std::string{to_text(reason)} + "): " + shown(body);
}

std::string not_asked_for(std::string_view body) {
  return "the answer is not what was asked for: " + shown(body);
}

const Interval* find_interval(std::span<const Interval> intervals, Timeframe timeframe) noexcept {
  for (const Interval& interval : intervals) {
    if (interval.timeframe == timeframe) return &interval;
  }
  return nullptr;
}

}  // namespace fastrsi::venue
