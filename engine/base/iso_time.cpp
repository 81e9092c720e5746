#include "engine/base/iso_time.hpp"

#include <chrono>
#include <cstddef>
#include <limits>

namespace fastrsi {
namespace {

constexpr std::int64_t kNsPerSecond = 1'000'000'000;
constexpr std::size_t kFractionDigitsMax = 9;
// The seconds whose every nanosecond fits.
constexpr std::int64_t kSecondsMax = std::numeric_limits<std::int64_t>::max() / kNsPerSecond - 1;

constexpr bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

// A view that is eaten from the front.
class Cursor {
 public:
  explicit Cursor(std::string_view text) noexcept : rest_(text) {}

  bool at_end() const noexcept { return rest_.empty(); }

  bool take(char c) noexcept {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  bool take(std::string_view word) noexcept {
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }

  // Exactly `count` digits.
  bool take_digits(std::size_t count, int& value) noexcept {
    if (rest_.size() < count) return false;
    value = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (!is_digit(rest_[i])) return false;
      value = value * 10 + (rest_[i] - '0');
    }
    rest_.remove_prefix(count);
    return true;
  }

  // A fraction of 1 to 9 digits after its point, as nanoseconds.
  bool take_fraction(std::int64_t& ns) noexcept {
    std::size_t count = 0;
    ns = 0;
    for (; count < rest_.size() && is_digit(rest_[count]); ++count) {
      if (count == kFractionDigitsMax) return false;
      ns = ns * 10 + (rest_[count] - '0');
    }
    rest_.remove_prefix(count);
    for (std::size_t i = count; i < kFractionDigitsMax; ++i) ns *= 10;
    return count != 0;
  }

 private:
  std::string_view rest_;
};

bool take_date(Cursor& text, std::int64_t& seconds) noexcept {
  int year = 0;
  int month = 0;
  int day = 0;
  if (!text.take_digits(4, year) || !text.take('-') || !text.take_digits(2, month) ||
      !text.take('-') || !text.take_digits(2, day)) {
    return false;
  }
  const std::chrono::year_month_day date{std::chrono::year{year},
                                         std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  if (!date.ok()) return false;
  seconds = std::chrono::sys_seconds{std::chrono::sys_days{date}}.time_since_epoch().count();
  return true;
}

bool take_clock(Cursor& text, std::int64_t& seconds, std::int64_t& ns) noexcept {
  int hour = 0;
  int minute = 0;
  int second = 0;
  if (!text.take_digits(2, hour) || !text.take(':') || !text.take_digits(2, minute)) return false;
  if (text.take(':')) {
    if (!text.take_digits(2, second)) return false;
    if (text.take('.') && !text.take_fraction(ns)) return false;
  }
  if (hour > 23 || minute > 59 || second > 59) return false;
  seconds += hour * 3600 + minute * 60 + second;
  return true;
}

bool take_zone(Cursor& text, std::int64_t& seconds) noexcept {
  if (text.at_end()) return true;
  if (text.take('Z')) return text.at_end();
  text.take(' ');
  const bool east = text.take('+');
  if (!east && !text.take('-')) return false;
  int hour = 0;
  int minute = 0;
  if (!text.take_digits(2, hour)) return false;
  text.take(':');
  if (!text.take_digits(2, minute) || hour > 23 || minute > 59) return false;
  const int offset = hour * 3600 + minute * 60;
  seconds += east ? -offset : offset;
  if (text.at_end()) return true;
  if (!text.take(std::string_view{" UTC"})) return false;
  return text.at_end() || text.take(std::string_view{" m="});
}

std::optional<std::int64_t> to_ns(std::int64_t seconds, std::int64_t ns) noexcept {
  if (seconds < -kSecondsMax || seconds > kSecondsMax) return std::nullopt;
  return seconds * kNsPerSecond + ns;
}

}  // namespace

std::optional<std::int64_t> parse_iso_ns(std::string_view text) noexcept {
  Cursor cursor{text};
  std::int64_t seconds = 0;
  std::int64_t ns = 0;
  if (!take_date(cursor, seconds)) return std::nullopt;
  if (cursor.at_end()) return to_ns(seconds, 0);
  if (!cursor.take('T') && !cursor.take(' ')) return std::nullopt;
  if (!take_clock(cursor, seconds, ns) || !take_zone(cursor, seconds)) return std::nullopt;
  return to_ns(seconds, ns);
}

std::optional<std::int64_t> parse_seconds_ns(std::string_view text) noexcept {
  std::int64_t seconds = 0;
  std::size_t count = 0;
  for (; count < text.size() && is_digit(text[count]); ++count) {
    seconds = seconds * 10 + (text[count] - '0');
    if (seconds > kSecondsMax) return std::nullopt;
  }
  if (count == 0) return std::nullopt;
  Cursor rest{text.substr(count)};
  std::int64_t ns = 0;
  if (rest.take('.') && !rest.take_fraction(ns)) return std::nullopt;
  if (!rest.at_end()) return std::nullopt;
  return to_ns(seconds, ns);
}

}  // namespace fastrsi
