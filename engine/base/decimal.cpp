#include "engine/base/decimal.hpp"

#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <limits>
#include <system_error>

#include <fast_float/fast_float.h>

namespace fastrsi {
namespace {

// Powers of ten that a double holds exactly.
constexpr std::array<double, 23> kPowersOfTen = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                 1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                                 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
constexpr std::uint64_t kExactIntegerMax = std::uint64_t{1} << 53;
// So many digits cannot overflow 64 bits; with their point they are one character more.
constexpr std::size_t kSafeDigitsMax = 19;

constexpr bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}
constexpr std::uint64_t digit_value(char c) noexcept {
  return static_cast<std::uint64_t>(c - '0');
}

// Appends eight digits at once to `number` (Lemire, Number Parsing at a Gigabyte per Second, 2021);
// false when they are not all digits.
bool append_eight_digits(const char* at, std::uint64_t& number) noexcept {
  static_assert(std::endian::native == std::endian::little);
  std::uint64_t word = 0;
  std::memcpy(&word, at, sizeof word);
  constexpr std::uint64_t kHighNibbles = 0xF0F0'F0F0'F0F0'F0F0;
  const std::uint64_t carried = word + 0x0606'0606'0606'0606;
  if (((word & kHighNibbles) | ((carried & kHighNibbles) >> 4)) != 0x3333'3333'3333'3333) {
    return false;
  }
  word -= 0x3030'3030'3030'3030;
  word = word * 10 + (word >> 8);
  constexpr std::uint64_t kPairs = 0x0000'00FF'0000'00FF;
  const std::uint64_t value =
      ((word & kPairs) * 0x000F'4240'0000'0064 + ((word >> 16) & kPairs) * 0x0000'2710'0000'0001) >>
      32;
  number = number * 100'000'000 + value;
  return true;
}

// Appends the digits from `at` on and returns where they end. Stays exact for kSafeDigitsMax digits
// in all.
const char* append_digits(const char* at, const char* end, std::uint64_t& number) noexcept {
  while (end - at >= 8 && append_eight_digits(at, number)) at += 8;
  for (; at != end && is_digit(*at); ++at) number = number * 10 + digit_value(*at);
  return at;
}

// Prices and quantities are almost always "digits.digits" with few digits: digits and power of ten
// are then exact doubles, and one IEEE division rounds correctly (Clinger, How to Read Floating
// Point Numbers Accurately, 1990).
std::optional<double> parse_short_decimal(std::string_view text) noexcept {
  if (text.size() > kSafeDigitsMax + 1) return std::nullopt;
  const char* const end = text.data() + text.size();
  std::uint64_t digits = 0;
  const char* at = text.data();
  // Before the point there are few digits: eight at once would only be tried in vain.
  for (; at != end && is_digit(*at); ++at) digits = digits * 10 + digit_value(*at);
  std::size_t decimals = 0;
  if (at != end) {
    if (*at != '.') return std::nullopt;
    const char* const fraction = at + 1;
    if (append_digits(fraction, end, digits) != end) return std::nullopt;
    decimals = static_cast<std::size_t>(end - fraction);
  }
  // Twenty digits without a point may have overflowed.
  if (digits > kExactIntegerMax || (decimals == 0 && text.size() > kSafeDigitsMax)) {
    return std::nullopt;
  }
  return static_cast<double>(digits) / kPowersOfTen[decimals];
}

}  // namespace

std::optional<double> parse_decimal(std::string_view text) noexcept {
  if (text.empty() || (!is_digit(text.front()) && text.front() != '-')) return std::nullopt;
  if (const auto value = parse_short_decimal(text)) return value;
  double value = 0.0;
  const char* const end = text.data() + text.size();
  const auto result = fast_float::from_chars(text.data(), end, value);
  // Newer versions call an underflow out of range too; it is a zero to us, as it is to strtod.
  if (result.ec != std::errc{} && result.ec != std::errc::result_out_of_range) return std::nullopt;
  if (result.ptr != end || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::optional<std::uint64_t> parse_unsigned(std::string_view text) noexcept {
  if (text.empty()) return std::nullopt;
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  if (text.size() <= kSafeDigitsMax) {
    if (append_digits(text.data(), end, number) != end) return std::nullopt;
    return number;
  }
  for (const char c : text) {
    if (!is_digit(c)) return std::nullopt;
    constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();
    if (number > kMax / 10 || number * 10 > kMax - digit_value(c)) return std::nullopt;
    number = number * 10 + digit_value(c);
  }
  return number;
}

}  // namespace fastrsi
