// Decimal text to numbers. Doubles are correctly rounded: the same bits as strtod in the C locale,
// on every compiler. The one door to fast_float, whose versions differ about "1e400" and which
// reads "inf" and "nan" as numbers; we do not.
//
// What venues send in the millions (prices of up to 17 characters and 8 decimals, ids and times of
// 9 to 15 digits) is read inline, the rest in decimal.cpp.
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
inline constexpr std::array<double, 9> kPowersOfTen = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8};
inline constexpr std::uint64_t kExactIntegerMax = std::uint64_t{1} << 53;

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

// The word with its first point taken out, the bytes in front of that moved up by one, and `before`
// in the first place. `decimals` becomes the number of bytes behind the point.
constexpr std::uint64_t without_point(std::uint64_t word, std::uint64_t point, char before,
                                      std::size_t& decimals) noexcept {
  const int at = std::countr_zero(point) & ~7;  // the point's first bit
  decimals = static_cast<std::size_t>(56 - at) / 8;
  const std::uint64_t behind = (~std::uint64_t{0} << at) << 8;
  const std::uint64_t moved = (word << 8) | static_cast<unsigned char>(before);
  return (word & behind) | (moved & ~behind);
}

// Not 0 when a byte of the word is a point; the lowest bit set is in the first one.
constexpr std::uint64_t points_of(std::uint64_t word) noexcept {
  constexpr std::uint64_t kOnes = 0x0101'0101'0101'0101;
  const std::uint64_t other = word ^ (kOnes * static_cast<std::uint64_t>('.'));
  return (other - kOnes) & ~other & (kOnes << 7);
}

// Digits and power of ten are exact doubles, so one IEEE division rounds correctly (Clinger, How to
// Read Floating Point Numbers Accurately, 1990). False where they may not be.
inline bool divide(std::uint64_t digits, std::size_t decimals, double& value) noexcept {
  if (digits > kExactIntegerMax) return false;
  // Signed, because processors convert that in one instruction.
  value = static_cast<double>(static_cast<std::int64_t>(digits)) / kPowersOfTen[decimals];
  return true;
}

// Nine to seventeen characters with a point among the last nine, as nearly all prices and
// quantities are: the last eight digits and those before them are two words.
inline bool read_usual_decimal(std::string_view text, double& value) noexcept {
  const char* const last = text.data() + text.size() - 8;
  const std::size_t head_digits = text.size() - 9;
  std::uint64_t tail = load_eight(last);
  std::size_t decimals = 8;
  if (const std::uint64_t point = points_of(tail); point != 0) {
    tail = without_point(tail, point, last[-1], decimals);
  } else if (last[-1] != '.') {
    return false;
  }
  std::uint64_t digits = 0;
  if (head_digits > 0) {
    const std::size_t bits = 8 * head_digits;
    const std::uint64_t zeros = bits < 64 ? kEightZeros >> bits : 0;
    const std::uint64_t head = (load_eight(text.data()) << (64 - bits)) | zeros;
    if (!are_digits(head)) return false;
    digits = eight_digits_value(head) * 100'000'000;
  }
  if (!are_digits(tail)) return false;
  return divide(digits + eight_digits_value(tail), decimals, value);
}

// One to eight characters as a word with zeros in front.
inline std::uint64_t word_of(std::string_view text) noexcept {
  const std::size_t size = text.size();
  const std::size_t free_bits = 8 * (8 - size);
  const std::uint64_t zeros = kEightZeros & ((std::uint64_t{1} << free_bits) - 1);
  if (size >= 4) {
    std::uint32_t front = 0;
    std::uint32_t back = 0;
    std::memcpy(&front, text.data(), sizeof front);
    std::memcpy(&back, text.data() + size - sizeof back, sizeof back);
    return zeros | std::uint64_t{back} << 32 | std::uint64_t{front} << free_bits;
  }
  // The first, the middle and the last of up to three, some of them the same.
  const auto at = [text, free_bits](std::size_t i) {
    return std::uint64_t{static_cast<unsigned char>(text[i])} << (free_bits + 8 * i);
  };
  return zeros | at(0) | at(size / 2) | at(size - 1);
}

inline bool read_small_decimal(std::string_view text, double& value) noexcept {
  std::uint64_t word = word_of(text);
  std::size_t decimals = 0;
  if (const std::uint64_t point = points_of(word); point != 0) {
    word = without_point(word, point, '0', decimals);
  }
  return are_digits(word) && divide(eight_digits_value(word), decimals, value);
}

// `text` is not empty. False where this way does not lead to the nearest double.
inline bool read_short_decimal(std::string_view text, double& value) noexcept {
  if (text.size() <= 8) return read_small_decimal(text, value);
  return text.size() <= 17 && read_usual_decimal(text, value);
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
