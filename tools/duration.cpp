// Reads and writes durations. Kept in whole nanoseconds from digit to digit, so nothing is rounded.
#include "tools/duration.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>

#include "engine/base/assert.hpp"
#include "engine/base/decimal.hpp"

namespace fastrsi {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t ns;
};
constexpr std::array<Unit, 7> kUnits = {{{"d", 86'400'000'000'000},
                                         {"h", 3'600'000'000'000},
                                         {"m", 60'000'000'000},
                                         {"s", 1'000'000'000},
                                         {"ms", 1'000'000},
                                         {"us", 1'000},
                                         {"ns", 1}}};
constexpr std::string_view kUnitHint = "units: d h m s ms us ns, as in \"250ms\" or \"1h30m\"";
constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();

constexpr bool is_letter(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

DurationResult wrong(std::string why, std::string hint = std::string(kUnitHint)) {
  return {std::nullopt, std::move(why), std::move(hint)};
}

// Takes the leading run of characters that `accept` likes.
template <class Accept>
std::string_view take(std::string_view& text, Accept accept) noexcept {
  std::size_t length = 0;
  while (length < text.size() && accept(text[length])) ++length;
  const std::string_view taken = text.substr(0, length);
  text.remove_prefix(length);
  return taken;
}

// Nothing when the digits do not fit.
std::optional<std::int64_t> whole_number(std::string_view digits) noexcept {
  std::int64_t value = 0;
  for (const char c : digits) {
    if (value > (kMax - (c - '0')) / 10) return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

std::size_t unit_index(std::string_view name) noexcept {
  std::size_t index = 0;
  while (index < kUnits.size() && kUnits[index].name != name) ++index;
  return index;
}

}  // namespace

DurationResult parse_duration(std::string_view text) {
  if (text.empty()) return wrong("is empty");
  if (text.front() == '-') return wrong("is negative", "durations start at \"0s\"");
  std::int64_t total = 0;
  std::size_t next_unit = 0;
  while (!text.empty()) {
    const std::string_view digits = take(text, decimal::is_digit);
    if (digits.empty()) return wrong("is not made of numbers with a unit");
    if (!text.empty() && text.front() == '.') {
      return wrong("has a fraction", "use a smaller unit: \"1h30m\" for one and a half hours");
    }
    const std::string_view name = take(text, is_letter);
    if (name.empty()) return wrong("lacks a unit");
    const std::size_t unit = unit_index(name);
    if (unit == kUnits.size()) return wrong("has an unknown unit");
    if (unit < next_unit) {
      return wrong("has its units out of order", "from large to small, each once: \"1h30m\"");
    }
    next_unit = unit + 1;
    const std::optional<std::int64_t> count = whole_number(digits);
    if (!count || *count > (kMax - total) / kUnits[unit].ns) {
      return wrong("is too long", "292 years is the most");
    }
    total += *count * kUnits[unit].ns;
  }
  return {Nanoseconds{total}, {}, {}};
}

std::string duration_text(Nanoseconds duration) {
  FASTRSI_ASSERT(duration.count() >= 0);
  std::int64_t rest = duration.count();
  if (rest == 0) return "0s";
  std::string text;
  for (const Unit& unit : kUnits) {
    const std::int64_t count = rest / unit.ns;
    rest %= unit.ns;
    if (count > 0) text += std::to_string(count) + std::string(unit.name);
  }
  return text;
}

}  // namespace fastrsi
