#include "feeds/capture_time.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>

#include "engine/base/iso_time.hpp"
#include "engine/base/units.hpp"

namespace fastrsi {
namespace {

constexpr std::int64_t kSecondNs = 1'000'000'000;
constexpr std::array<std::int64_t, 4> kUnitsNs{kSecondNs, 1'000'000, 1'000, 1};
constexpr std::size_t kTextMax = 64;

constexpr bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

bool all_digits(std::string_view text) noexcept {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

std::optional<std::int64_t> if_sane(std::optional<std::int64_t> ns) noexcept {
  if (!ns || !is_sane(exchange_time_from_ns(*ns))) return std::nullopt;
  return ns;
}

std::optional<std::int64_t> parse_whole(std::string_view text) noexcept {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  for (const std::int64_t unit : kUnitsNs) {
    const std::int64_t earliest = to_unix_ns(kEarliestSaneTime) / unit;
    const std::int64_t latest = to_unix_ns(kLatestSaneTime) / unit;
    if (value >= earliest && value < latest) return value * unit;
  }
  return std::nullopt;
}

// Builds the ISO form of another date form, so that one parser judges them all.
class IsoText {
 public:
  IsoText& add(std::string_view part) noexcept {
    const std::size_t count = std::min(part.size(), kTextMax - size_);
    std::copy_n(part.data(), count, text_.data() + size_);
    size_ += count;
    return *this;
  }
  std::string_view view() const noexcept { return {text_.data(), size_}; }

 private:
  std::array<char, kTextMax> text_{};
  std::size_t size_ = 0;
};

bool ends_or_continues_with_clock(std::string_view text, std::size_t date_size) noexcept {
  return text.size() == date_size || text[date_size] == ' ' || text[date_size] == 'T';
}

// 20141201, and what follows it
std::optional<std::int64_t> parse_compact_date(std::string_view text) noexcept {
  if (text.size() < 8 || !all_digits(text.substr(0, 8)) || !ends_or_continues_with_clock(text, 8)) {
    return std::nullopt;
  }
  IsoText iso;
  iso.add(text.substr(0, 4)).add("-").add(text.substr(4, 2)).add("-").add(text.substr(6));
  return parse_iso_ns(iso.view());
}

// 01/31/17 or 01/31/2017, month first, and what follows it
std::optional<std::int64_t> parse_slash_date(std::string_view text) noexcept {
  if (text.size() < 8 || text[2] != '/' || text[5] != '/') return std::nullopt;
  const bool long_year = text.size() >= 10 && is_digit(text[8]);
  const std::size_t date_size = long_year ? 10 : 8;
  if (!ends_or_continues_with_clock(text, date_size)) return std::nullopt;
  IsoText iso;
  iso.add(long_year ? "" : "20").add(text.substr(6, date_size - 6)).add("-");
  iso.add(text.substr(0, 2)).add("-").add(text.substr(3, 2)).add(text.substr(date_size));
  return parse_iso_ns(iso.view());
}

}  // namespace

std::optional<std::int64_t> parse_receive_time(std::string_view text) noexcept {
  if (text.empty() || text.size() > kTextMax) return std::nullopt;
  if (all_digits(text)) return parse_whole(text);
  if (text.find('.') < text.find('-')) return if_sane(parse_seconds_ns(text));
  return if_sane(parse_iso_ns(text));
}

std::optional<std::int64_t> parse_csv_time(std::string_view text) noexcept {
  if (const auto time = parse_receive_time(text)) return time;
  if (text.size() > kTextMax - 4) return std::nullopt;
  if (const auto time = if_sane(parse_compact_date(text))) return time;
  return if_sane(parse_slash_date(text));
}

std::optional<std::int64_t> parse_csv_date(std::string_view text) noexcept {
  const auto time = parse_csv_time(text);
  if (!time || *time % (86'400 * kSecondNs) != 0) return std::nullopt;
  return time;
}

}  // namespace fastrsi
