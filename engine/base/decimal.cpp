#include "engine/base/decimal.hpp"

#include <cmath>
#include <limits>
#include <system_error>

#include <fast_float/fast_float.h>

namespace fastrsi::decimal {

std::optional<double> parse_long_decimal(std::string_view text) noexcept {
  if (text.empty() || (!is_digit(text.front()) && text.front() != '-')) return std::nullopt;
  double value = 0.0;
  const char* const end = text.data() + text.size();
  const auto result = fast_float::from_chars(text.data(), end, value);
  // Newer versions call an underflow out of range too; it is a zero to us, as it is to strtod.
  if (result.ec != std::errc{} && result.ec != std::errc::result_out_of_range) return std::nullopt;
  if (result.ptr != end || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::optional<std::uint64_t> parse_long_unsigned(std::string_view text) noexcept {
  if (text.empty()) return std::nullopt;
  std::uint64_t number = 0;
  for (const char c : text) {
    if (!is_digit(c)) return std::nullopt;
    constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();
    if (number > kMax / 10 || number * 10 > kMax - digit_value(c)) return std::nullopt;
    number = number * 10 + digit_value(c);
  }
  return number;
}

}  // namespace fastrsi::decimal
