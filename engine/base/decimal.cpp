#include "engine/base/decimal.hpp"

#include <cmath>
#include <limits>
#include <system_error>

#include <fast_float/fast_float.h>

namespace fastrsi::decimal {

bool read_long_decimal(std::string_view text, double& value) noexcept {
  if (text.empty() || (!is_digit(text.front()) && text.front() != '-')) return false;
  value = 0.0;
  const char* const end = text.data() + text.size();
  const auto result = fast_float::from_chars(text.data(), end, value);
  // Newer versions call an underflow out of range too; it is a zero to us, as it is to strtod.
  if (result.ec != std::errc{} && result.ec != std::errc::result_out_of_range) return false;
  return result.ptr == end && std::isfinite(value);
}

bool read_long_unsigned(std::string_view text, std::uint64_t& number) noexcept {
  number = 0;
  for (const char c : text) {
    if (!is_digit(c)) return false;
    constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();
    if (number > kMax / 10 || number * 10 > kMax - digit_value(c)) return false;
    number = number * 10 + digit_value(c);
  }
  return !text.empty();
}

}  // namespace fastrsi::decimal
