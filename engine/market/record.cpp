// Records as text: the names of kinds and stages, ids, ISO times, JSON. Written by hand and not
// through a JSON library, because keys have a fixed order and one line a record must stay cheap
// when a replay makes millions of them.
#include "engine/market/record.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <iterator>
#include <tuple>
#include <utility>

#include "engine/base/assert.hpp"
#include "engine/base/utf8.hpp"

namespace fastrsi {
namespace {

using Buffer = fmt::memory_buffer;

struct KindRow {
  std::string_view text;
  std::string_view title;
};

constexpr std::array<KindRow, kKindCount> kKinds{{
    {"buy", "Buy signal"},
    {"sell", "Sell signal"},
    {"overbought", "Overbought"},
    {"oversold", "Oversold"},
    {"rising", "RSI rising trend"},
    {"falling", "RSI falling trend"},
    {"phase_up", "Positive phase change (cross above middle line)"},
    {"phase_down", "Negative phase change (cross below middle line)"},
}};
constexpr std::array<std::string_view, 3> kStages{"provisional", "confirmed", "retracted"};
constexpr std::array<std::string_view, 5> kQualities{"complete", "gap", "late", "repaired",
                                                     "partial"};
constexpr std::array<std::string_view, 2> kReasons{"first_load", "scan"};

template <typename Table, typename Enum>
constexpr const auto& row_of(const Table& table, Enum value) noexcept {
  const auto index = static_cast<std::size_t>(value);
  FASTRSI_ASSERT(index < table.size());
  return table[index];
}

void append(Buffer& out, std::string_view text) {
  out.append(text.data(), text.data() + text.size());
}

// Date and clock time in UTC to the second, without the zone's letter.
void append_seconds(Buffer& out, ExchangeTime time) {
  const auto since_epoch = std::chrono::floor<std::chrono::seconds>(time.time_since_epoch());
  const auto day = std::chrono::floor<std::chrono::days>(since_epoch);
  const std::chrono::year_month_day date{std::chrono::sys_days{day}};
  const std::chrono::hh_mm_ss clock{since_epoch - day};
  fmt::format_to(std::back_inserter(out), "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}",
                 static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                 static_cast<unsigned>(date.day()), clock.hours().count(), clock.minutes().count(),
                 clock.seconds().count());
}

void append_iso_seconds(Buffer& out, ExchangeTime time) {
  append_seconds(out, time);
  out.push_back('Z');
}

void append_iso_ns(Buffer& out, ExchangeTime time) {
  // The whole second before the earliest time is beyond 64 bits of nanoseconds: never made.
  Nanoseconds fraction = time.time_since_epoch() % std::chrono::seconds{1};
  if (fraction < Nanoseconds::zero()) fraction += std::chrono::seconds{1};
  append_seconds(out, time);
  fmt::format_to(std::back_inserter(out), ".{:09}Z", fraction.count());
}

// JSON has no word for numbers that are not finite; otherwise the shortest text that reads back to
// the same double.
void append_number(Buffer& out, double value) {
  if (!std::isfinite(value)) {
    append(out, "null");
    return;
  }
  fmt::format_to(std::back_inserter(out), "{}", value);
}

void append_escaped(Buffer& out, char32_t code) {
  switch (code) {
    case U'"':
      return append(out, "\\\"");
    case U'\\':
      return append(out, "\\\\");
    case U'\b':
      return append(out, "\\b");
    case U'\f':
      return append(out, "\\f");
    case U'\n':
      return append(out, "\\n");
    case U'\r':
      return append(out, "\\r");
    case U'\t':
      return append(out, "\\t");
    default:
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<std::uint32_t>(code));
  }
}

// The inside of a JSON string (RFC 8259). A byte that is no UTF-8 becomes U+FFFD, so that a record
// always is JSON.
void append_text(Buffer& out, std::string_view text) {
  while (!text.empty()) {
    const Utf8Step step = first_utf8(text);
    if (!step.valid) {
      append(out, "\xEF\xBF\xBD");
    } else if (step.code < 0x20 || step.code == U'"' || step.code == U'\\') {
      append_escaped(out, step.code);
    } else {
      append(out, text.substr(0, step.length));
    }
    text.remove_prefix(step.length);
  }
}

void append_field(Buffer& out, std::string_view key, std::string_view value) {
  append(out, ",\"");
  append(out, key);
  append(out, "\":\"");
  append_text(out, value);
  out.push_back('"');
}

void append_time_field(Buffer& out, ExchangeTime time) {
  append(out, ",\"time\":\"");
  append_iso_ns(out, time);
  out.push_back('"');
}

void append_rsi(Buffer& out, const RuleLabel& rule, const RsiValues& rsi) {
  std::array<std::pair<int, double>, 3> values{{{rule.default_period, rsi.by_default},
                                                {rule.first_period, rsi.by_first},
                                                {rule.second_period, rsi.by_second}}};
  std::sort(values.begin(), values.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  append(out, ",\"rsi\":{");
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i > 0 && values[i].first == values[i - 1].first) continue;
    fmt::format_to(std::back_inserter(out), "{}\"{}\":", i > 0 ? "," : "", values[i].first);
    append_number(out, values[i].second);
  }
  out.push_back('}');
}

void append_id(Buffer& out, const Signal& signal) {
  fmt::format_to(std::back_inserter(out), "{}/{}/{}/{}/", signal.rule->name,
                 signal.symbol->full_name, to_text(signal.timeframe), to_text(signal.kind));
  append_iso_seconds(out, signal.bar_open);
  fmt::format_to(std::back_inserter(out), "/{}", signal.firing);
}

}  // namespace

std::string_view to_text(Kind kind) noexcept {
  return row_of(kKinds, kind).text;
}
std::string_view to_title(Kind kind) noexcept {
  return row_of(kKinds, kind).title;
}
std::string_view to_text(Stage stage) noexcept {
  return row_of(kStages, stage);
}
std::string_view to_text(Quality quality) noexcept {
  return row_of(kQualities, quality);
}
std::string_view to_text(ListReason reason) noexcept {
  return row_of(kReasons, reason);
}

std::optional<Kind> kind_from_text(std::string_view text) noexcept {
  for (std::size_t i = 0; i < kKinds.size(); ++i) {
    if (kKinds[i].text == text) return static_cast<Kind>(i);
  }
  return std::nullopt;
}

std::string signal_id(const Signal& signal) {
  Buffer out;
  append_id(out, signal);
  return fmt::to_string(out);
}

std::string to_iso_ns(ExchangeTime time) {
  Buffer out;
  append_iso_ns(out, time);
  return fmt::to_string(out);
}

std::string to_iso_seconds(ExchangeTime time) {
  Buffer out;
  append_iso_seconds(out, time);
  return fmt::to_string(out);
}

std::string to_json(const Signal& signal) {
  Buffer out;
  append(out, R"({"type":"signal")");
  append_field(out, "id", signal_id(signal));
  append_field(out, "stage", to_text(signal.stage));
  append_field(out, "rule", signal.rule->name);
  append_field(out, "kind", to_text(signal.kind));
  append_field(out, "venue", signal.symbol->venue);
  append_field(out, "symbol", signal.symbol->name);
  append_field(out, "timeframe", to_text(signal.timeframe));
  append(out, ",\"bar_open\":\"");
  append_iso_seconds(out, signal.bar_open);
  out.push_back('"');
  append_time_field(out, signal.time);
  append(out, ",\"price\":");
  append_number(out, signal.price.value);
  append_rsi(out, *signal.rule, signal.rsi);
  append_field(out, "quality", to_text(signal.quality));
  if (signal.repeat) append(out, R"(,"repeat":true)");
  if (signal.offline) append(out, R"(,"offline":true)");
  out.push_back('}');
  return fmt::to_string(out);
}

std::string to_json(const Snapshot& snapshot) {
  Buffer out;
  append(out, R"({"type":"snapshot")");
  append_field(out, "reason", to_text(snapshot.reason));
  append_field(out, "rule", snapshot.rule->name);
  append_field(out, "kind", to_text(snapshot.kind));
  append_field(out, "timeframe", to_text(snapshot.timeframe));
  append_time_field(out, snapshot.time);
  append(out, ",\"symbols\":[");
  for (std::size_t i = 0; i < snapshot.symbols.size(); ++i) {
    append(out, i > 0 ? ",\"" : "\"");
    append_text(out, snapshot.symbols[i]->full_name);
    out.push_back('"');
  }
  append(out, "]}");
  return fmt::to_string(out);
}

bool canonical_less(const Signal& a, const Signal& b) noexcept {
  const auto key = [](const Signal& s) {
    return std::tie(s.time, s.rule->name, s.symbol->venue, s.symbol->name, s.timeframe, s.kind,
                    s.stage, s.firing);
  };
  return key(a) < key(b);
}

}  // namespace fastrsi
