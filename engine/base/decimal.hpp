// Decimal text to numbers. Doubles are correctly rounded: the same bits as strtod in the C locale,
// on every compiler. The one door to fast_float, whose versions differ about "1e400" and which
// reads "inf" and "nan" as numbers; we do not.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace fastrsi {

// The nearest double of the whole `text`, or nothing. A number begins with a digit or '-' and is
// finite; what is too small for a double is 0. No spaces, no leading '+', no hexadecimal digits.
std::optional<double> parse_decimal(std::string_view text) noexcept;

// The whole `text` as an unsigned number: digits only, at most 2^64 - 1.
std::optional<std::uint64_t> parse_unsigned(std::string_view text) noexcept;

}  // namespace fastrsi
