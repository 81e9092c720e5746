// The times that captures and CSV files carry, to unix nanoseconds.
//
//   receive = seconds | milliseconds | microseconds | nanoseconds | seconds "." 1*9digit | ISO 8601
//   csv     = receive | YYYYMMDD [" " clock] | MM "/" DD "/" YY [YY] [" " clock]
//
// A whole number's unit follows from its size: read in the right unit it lies in [1980, 2200), and
// those spans do not overlap. What lies in none of them is damage.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

namespace fastrsi {

static_assert(std::endian::native == std::endian::little,
              "read_digits_8 reads the first digit lowest");

// Eight decimal digits at once; false when one of the bytes is no digit.
inline bool read_digits_8(const char* text, std::uint64_t& value) noexcept {
  std::uint64_t digits = 0;
  std::memcpy(&digits, text, sizeof digits);
  // High nibble 3 in every byte, and still so after adding 6: '0' to '9' and nothing else.
  if (((digits & 0xF0F0F0F0F0F0F0F0U) |
       (((digits + 0x0606060606060606U) & 0xF0F0F0F0F0F0F0F0U) >> 4U)) != 0x3333333333333333U) {
    return false;
  }
  digits -= 0x3030303030303030U;
  digits = digits * 10 + (digits >> 8U);  // pairs of digits in every other byte
  value = ((digits & 0x000000FF000000FFU) * 0x000F424000000064U +
           ((digits >> 16U) & 0x000000FF000000FFU) * 0x0000271000000001U) >>
          32U;
  return true;
}

std::optional<std::int64_t> parse_receive_time(std::string_view text) noexcept;
std::optional<std::int64_t> parse_csv_time(std::string_view text) noexcept;

// Midnight UTC of a csv date without a clock.
std::optional<std::int64_t> parse_csv_date(std::string_view text) noexcept;

}  // namespace fastrsi
