#include "sinks/text/numbers.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>

namespace fastrsi {
namespace {

constexpr std::size_t kPriceCharactersMax = 40;
constexpr std::string_view kNoValue = "-";

// Code points of digits: all below U+0800 or in three bytes.
void append_code(std::string& out, char32_t code) {
  const auto bits = static_cast<unsigned>(code);
  if (code < 0x80) {
    out += static_cast<char>(bits);
  } else if (code < 0x800) {
    out += static_cast<char>(0xC0U | (bits >> 6U));
    out += static_cast<char>(0x80U | (bits & 0x3FU));
  } else {
    out += static_cast<char>(0xE0U | (bits >> 12U));
    out += static_cast<char>(0x80U | ((bits >> 6U) & 0x3FU));
    out += static_cast<char>(0x80U | (bits & 0x3FU));
  }
}

bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

std::string translated(std::string_view text, const NumberSigns& signs, bool with_signs) {
  std::string out;
  for (const char c : text) {
    if (is_digit(c)) {
      append_code(out, signs.zero + static_cast<char32_t>(c - '0'));
    } else if (with_signs && c == '.') {
      out += signs.decimal;
    } else if (with_signs && c == ',') {
      out += signs.group;
    } else if (with_signs && c == '%') {
      out += signs.percent;
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace

std::string price_text(double value) {
  if (!std::isfinite(value)) return std::string(kNoValue);
  std::array<char, kPriceCharactersMax> room{};
  const auto [end, error] =
      std::to_chars(room.data(), room.data() + room.size(), value, std::chars_format::fixed);
  if (error != std::errc{}) return fmt::format("{}", value);
  return {room.data(), end};
}

std::string rsi_text(double value) {
  return std::isfinite(value) ? fmt::format("{:.2f}", value) : std::string(kNoValue);
}

std::string native_number(std::string_view number, Language language) {
  return translated(number, lexicon_of(language).native, true);
}

std::string native_digits(std::string_view text, Language language) {
  return translated(text, lexicon_of(language).native, false);
}

}  // namespace fastrsi
