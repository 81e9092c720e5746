#include "engine/base/decimal.hpp"

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>

#include "tests/catch.hpp"

using fastrsi::parse_decimal;
using fastrsi::parse_unsigned;

namespace {

std::uint64_t bits_of(double value) {
  return std::bit_cast<std::uint64_t>(value);
}

// Decimal texts of every length, with and without point, exponent and sign.
std::string random_decimal(std::mt19937_64& random) {
  const auto below = [&random](std::uint64_t limit) { return random() % limit; };
  std::string text = below(4) == 0 ? "-" : "";
  const std::uint64_t whole_digits = 1 + below(below(8) == 0 ? 30 : 9);
  for (std::uint64_t i = 0; i < whole_digits; ++i) text += static_cast<char>('0' + below(10));
  if (below(5) != 0) {
    text += '.';
    const std::uint64_t fraction_digits = 1 + below(below(8) == 0 ? 40 : 12);
    for (std::uint64_t i = 0; i < fraction_digits; ++i) text += static_cast<char>('0' + below(10));
  }
  if (below(4) == 0) {
    text += below(2) == 0 ? 'e' : 'E';
    const std::uint64_t sign = below(3);
    if (sign != 0) text += sign == 1 ? '-' : '+';
    text += std::to_string(below(below(4) == 0 ? 400 : 25));
  }
  return text;
}

}  // namespace

TEST_CASE("decimal: equals strtod bit by bit on a million random texts", "[decimal]") {
  std::mt19937_64 random{61837};
  for (int i = 0; i < 1'000'000; ++i) {
    const std::string text = random_decimal(random);
    const double expected = std::strtod(text.c_str(), nullptr);
    const auto actual = parse_decimal(text);
    if (actual.has_value() == std::isfinite(expected) &&
        (!actual || bits_of(*actual) == bits_of(expected))) {
      continue;
    }
    INFO(text);
    REQUIRE(actual.has_value() == std::isfinite(expected));
    REQUIRE(bits_of(*actual) == bits_of(expected));
  }
}

TEST_CASE("decimal: reads prices as venues write them", "[decimal]") {
  CHECK(parse_decimal("61837.63000000") == 61837.63);
  CHECK(parse_decimal("0.00000001") == 1e-8);
  CHECK(parse_decimal("5.767e-05") == 5.767e-05);
  CHECK(parse_decimal("9.2E-7") == 9.2e-7);
  CHECK(parse_decimal("105055.0") == 105055.0);
  CHECK(parse_decimal("2.2569881997133624986364029626731768237") == 2.2569881997133624986);
  CHECK(parse_decimal("999999999999999") == 999999999999999.0);
  CHECK(parse_decimal("9007199254740993") == 9007199254740992.0);
  CHECK(parse_decimal("0") == 0.0);
  CHECK(std::signbit(*parse_decimal("-0")));
}

TEST_CASE("decimal: takes what is too small as zero and refuses what is too large", "[decimal]") {
  CHECK(parse_decimal("1e-400") == 0.0);
  CHECK(parse_decimal("4.9e-324") == 4.9e-324);
  CHECK(parse_decimal("1.7976931348623157e308") == 1.7976931348623157e308);
  CHECK_FALSE(parse_decimal("1e400").has_value());
  CHECK_FALSE(parse_decimal("-1e400").has_value());
  CHECK_FALSE(parse_decimal(std::string(400, '9')).has_value());
}

TEST_CASE("decimal: refuses what is no decimal number from its first to its last byte",
          "[decimal]") {
  for (const char* text : {"",    "-",    ".",        ".5",  "+1",   " 1",  "1 ",   "1,5",  "1.2.3",
                           "inf", "-inf", "infinity", "nan", "-nan", "NaN", "null", "true", "0x10",
                           "1e",  "1e+",  "1-",       "--1", "1f",   "٣",   "\"1\""}) {
    INFO(text);
    CHECK_FALSE(parse_decimal(text).has_value());
  }
  CHECK_FALSE(parse_decimal(std::string_view{"1\0", 2}).has_value());
}

TEST_CASE("decimal: agrees with strtod where digits stop fitting into 53 and 64 bits",
          "[decimal]") {
  for (const char* text :
       {"9007199254740991", "9007199254740992", "9007199254740993", "900719925474099.3",
        "9999999999999999999", "18446744073709551615", "18446744073709551616",
        "99999999999999999999", "00000000000000000001", "0.0000000000000000001",
        "9.999999999999999999", "12345678.12345678", "1234567890123456.789", "12345678."}) {
    INFO(text);
    const auto actual = parse_decimal(text);
    REQUIRE(actual.has_value());
    CHECK(bits_of(*actual) == bits_of(std::strtod(text, nullptr)));
  }
}

TEST_CASE("decimal: reads unsigned numbers to the last of 64 bits and no further", "[decimal]") {
  CHECK(parse_unsigned("0") == 0);
  CHECK(parse_unsigned("3735683259") == 3'735'683'259);
  CHECK(parse_unsigned("1723161255343") == 1'723'161'255'343);
  CHECK(parse_unsigned("9007199254740993") == 9'007'199'254'740'993);
  CHECK(parse_unsigned("18446744073709551615") == 18'446'744'073'709'551'615U);
  CHECK(parse_unsigned("00000000000000000000000007") == 7);
  for (const char* text : {"", "-1", "+1", " 1", "1 ", "1.0", "1e3", "0x1", "12345678x", "1234567x",
                           "18446744073709551616", "99999999999999999999", "null", "1234567:"}) {
    INFO(text);
    CHECK_FALSE(parse_unsigned(text).has_value());
  }
  std::mt19937_64 random{3'735'683'259};
  for (int i = 0; i < 100'000; ++i) {
    const std::uint64_t number = random() >> (random() % 64);
    REQUIRE(parse_unsigned(std::to_string(number)) == number);
  }
}
