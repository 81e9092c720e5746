#include "engine/base/decimal.hpp"

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <system_error>

#include <fast_float/fast_float.h>

namespace fastrsi {
namespace {

constexpr bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

// Powers of ten that a double holds exactly as far as short texts need them.
constexpr std::size_t kShortDigitsMax = 15;
constexpr std::array<double, kShortDigitsMax + 1> kPowersOfTen = {
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};

// Prices and quantities are almost always "digits.digits" of at most 15 digits: digits and power of
// ten are then exact doubles, and one IEEE division rounds correctly (Clinger, How to Read Floating
// Point Numbers Accurately, 1990).
std::optional<double> short_decimal(std::string_view text) noexcept {
  if (text.size() > kShortDigitsMax + 1) return std::nullopt;
  std::uint64_t digits = 0;
  std::size_t point = text.size();
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_digit(text[i])) {
      digits = digits * 10 + static_cast<std::uint64_t>(text[i] - '0');
    } else if (text[i] == '.' && point == text.size()) {
      point = i;
    } else {
      return std::nullopt;
    }
  }
  if (point == text.size()) {
    if (text.size() > kShortDigitsMax) return std::nullopt;
    return static_cast<double>(digits);
  }
  return static_cast<double>(digits) / kPowersOfTen[text.size() - point - 1];
}

}  // namespace

std::optional<double> parse_decimal(std::string_view text) noexcept {
  if (text.empty() || (!is_digit(text.front()) && text.front() != '-')) return std::nullopt;
  if (const auto value = short_decimal(text)) return value;
  double value = 0.0;
  const char* const end = text.data() + text.size();
  const auto result = fast_float::from_chars(text.data(), end, value);
  // Newer versions call an underflow out of range too; it is a zero to us, as it is to strtod.
  if (result.ec != std::errc{} && result.ec != std::errc::result_out_of_range) return std::nullopt;
  if (result.ptr != end || !std::isfinite(value)) return std::nullopt;
  return value;
}

}  // namespace fastrsi
