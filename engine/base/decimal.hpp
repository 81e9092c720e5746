// Decimal text to numbers. Doubles are correctly rounded: the same bits as strtod in the C locale,
// on every compiler. The one door to fast_float, whose versions differ about "1e400" and which
// reads "inf" and "nan" as numbers; we do not.
//
// What venues send in the millions (prices of up to 15 digits, ids and times of 9 to 15) is read
// inline, the rest in decimal.cpp.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

namespace fastrsi {
namespace decimal {

// Powers of ten that a double holds exactly.
inline constexpr std::array<double, 23> kPowersOfTen = {
    1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
    1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
inline constexpr std::uint64_t kExactIntegerMax = std::uint64_t{1} << 53;
// So many digits cannot overflow 64 bits; with their point they are one character more.
inline constexpr std::size_t kSafeDigitsMax = 19;

inline constexpr std::uint64_t kEightZeros = 0x3030'3030'3030'3030;

constexpr bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}
constexpr std::uint64_t digit_value(char c) noexcept {
  return static_cast<std::uint64_t>(c - '0');
}

static_assert(std::endian::native == std::endian::little);
inline std::uint64_t load_eight(const char* at) noexcept {
  std::uint64_t word = 0;
  std::memcpy(&word, at, sizeof word);
  return word;
}

constexpr bool are_digits(std::uint64_t word) noexcept {
  constexpr std::uint64_t kHighNibbles = 0xF0F0'F0F0'F0F0'F0F0;
  const std::uint64_t carried = word + 0x0606'0606'0606'0606;
  return ((word & kHighNibbles) | ((carried & kHighNibbles) >> 4)) == 0x3333'3333'3333'3333;
}

// The number that eight digits in a word make (Lemire, Number Parsing at a Gigabyte per Second,
// 2021).
constexpr std::uint64_t eight_digits_value(std::uint64_t word) noexcept {
  constexpr std::uint64_t kPairs = 0x0000'00FF'0000'00FF;
  word -= kEightZeros;
  word = word * 10 + (word >> 8);
  return ((word & kPairs) * 0x000F'4240'0000'0064 +
          ((word >> 16) & kPairs) * 0x0000'2710'0000'0001) >>
         32;
}

// Prices and quantities are almost always "digits.digits" with few digits: digits and power of ten
// are then exact doubles, and one IEEE division rounds correctly (Clinger, How to Read Floating
// Point Numbers Accurately, 1990). False where that cannot be said.
inline bool read_short_decimal(std::string_view text, double& value) noexcept {
  if (text.size() > kSafeDigitsMax + 1) return false;
  const char* at = text.data();
  const char* const end = at + text.size();
  std::uint64_t digits = 0;
  for (; at != end && is_digit(*at); ++at) digits = digits * 10 + digit_value(*at);
  std::size_t decimals = 0;
  if (at != end) {
    if (*at++ != '.') return false;
    decimals = static_cast<std::size_t>(end - at);
    if (decimals >= 8) {
      const std::uint64_t word = load_eight(at);
      if (!are_digits(word)) return false;
      digits = digits * 100'000'000 + eight_digits_value(word);
      at += 8;
    }
    for (; at != end; ++at) {
      if (!is_digit(*at)) return false;
      digits = digits * 10 + digit_value(*at);
    }
  }
  // Twenty digits without a point may have overflowed.
  if (digits > kExactIntegerMax || (decimals == 0 && text.size() > kSafeDigitsMax)) return false;
  // Signed, because processors convert that in one instruction.
  value = static_cast<double>(static_cast<std::int64_t>(digits)) / kPowersOfTen[decimals];
  return true;
}

// Texts of any length and form.
bool read_long_decimal(std::string_view text, double& value) noexcept;
bool read_long_unsigned(std::string_view text, std::uint64_t& number) noexcept;

}  // namespace decimal

// The nearest double of the whole `text`; false when it is none. A number begins with a digit or
// '-' and is finite; what is too small for a double is 0. No spaces, no leading '+', no hexadecimal
// digits.
inline bool read_decimal(std::string_view text, double& value) noexcept {
  return (!text.empty() && decimal::is_digit(text.front()) &&
          decimal::read_short_decimal(text, value)) ||
         decimal::read_long_decimal(text, value);
}

// The whole `text` as an unsigned number: digits only, at most 2^64 - 1. False when it is none.
inline bool read_unsigned(std::string_view text, std::uint64_t& number) noexcept {
  using namespace decimal;
  if (text.size() < 9 || text.size() > 15) return read_long_unsigned(text, number);
  // The last eight digits, and those before them with zeros in front.
  const std::size_t head_bits = 8 * (text.size() - 8);
  const std::uint64_t head =
      (load_eight(text.data()) << (64 - head_bits)) | (kEightZeros >> head_bits);
  const std::uint64_t tail = load_eight(text.data() + text.size() - 8);
  if (!are_digits(head) || !are_digits(tail)) return false;
  number = eight_digits_value(head) * 100'000'000 + eight_digits_value(tail);
  return true;
}

// The same as values, for where a few nanoseconds do not count: compilers pass an optional through
// memory.
inline std::optional<double> parse_decimal(std::string_view text) noexcept {
  double value = 0.0;
  return read_decimal(text, value) ? std::optional{value} : std::nullopt;
}

inline std::optional<std::uint64_t> parse_unsigned(std::string_view text) noexcept {
  std::uint64_t number = 0;
  return read_unsigned(text, number) ? std::optional{number} : std::nullopt;
}

}  // namespace fastrsi
