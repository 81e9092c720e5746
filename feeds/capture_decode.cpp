#include "feeds/capture_decode.hpp"

#include <array>
#include <cstdint>
#include <string_view>

namespace fastrsi {
namespace {

constexpr std::string_view kBase64Alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t kNotBase64 = 0xFF;

constexpr std::array<std::uint8_t, 256> make_base64_values() {
  std::array<std::uint8_t, 256> values{};
  values.fill(kNotBase64);
  for (std::size_t i = 0; i < kBase64Alphabet.size(); ++i) {
    values[static_cast<unsigned char>(kBase64Alphabet[i])] = static_cast<std::uint8_t>(i);
  }
  return values;
}
constexpr std::array<std::uint8_t, 256> kBase64Values = make_base64_values();

int hex_value(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// `count` hexadecimal digits at `text`, which has that many bytes.
std::optional<std::uint32_t> read_hex(const char* text, std::size_t count) noexcept {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const int digit = hex_value(text[i]);
    if (digit < 0) return std::nullopt;
    value = value << 4U | static_cast<std::uint32_t>(digit);
  }
  return value;
}

// What one escape letter stands for, by index in the pair of texts; 0 bytes are written as \x00.
std::optional<char> simple_escape(char letter, std::string_view letters,
                                  std::string_view meanings) noexcept {
  const std::size_t index = letters.find(letter);
  if (index == std::string_view::npos) return std::nullopt;
  return meanings[index];
}

std::size_t write_utf8(char* into, std::uint32_t code) noexcept {
  const auto continuation = [code](unsigned shift) {
    return static_cast<char>(0x80U | (code >> shift & 0x3FU));
  };
  if (code < 0x80) {
    into[0] = static_cast<char>(code);
    return 1;
  }
  if (code < 0x800) {
    into[0] = static_cast<char>(0xC0U | code >> 6U);
    into[1] = continuation(0);
    return 2;
  }
  if (code < 0x10000) {
    into[0] = static_cast<char>(0xE0U | code >> 12U);
    into[1] = continuation(6);
    into[2] = continuation(0);
    return 3;
  }
  into[0] = static_cast<char>(0xF0U | code >> 18U);
  into[1] = continuation(12);
  into[2] = continuation(6);
  into[3] = continuation(0);
  return 4;
}

constexpr bool is_high_surrogate(std::uint32_t code) noexcept {
  return code >= 0xD800 && code < 0xDC00;
}
constexpr bool is_low_surrogate(std::uint32_t code) noexcept {
  return code >= 0xDC00 && code < 0xE000;
}

// The code point whose four hex digits begin at `at` (and for a pair the second half behind them,
// its \u and four more); `at` moves past it.
std::optional<std::uint32_t> read_json_code(const char* text, std::size_t size,
                                            std::size_t& at) noexcept {
  if (size - at < 4) return std::nullopt;
  const auto first = read_hex(text + at, 4);
  if (!first || is_low_surrogate(*first)) return std::nullopt;
  at += 4;
  if (!is_high_surrogate(*first)) return first;
  if (size - at < 6 || text[at] != '\\' || text[at + 1] != 'u') return std::nullopt;
  const auto second = read_hex(text + at + 2, 4);
  if (!second || !is_low_surrogate(*second)) return std::nullopt;
  at += 6;
  return 0x10000U + ((*first - 0xD800U) << 10U) + (*second - 0xDC00U);
}

}  // namespace

std::optional<std::size_t> decode_base64(char* text, std::size_t size) noexcept {
  if (size % 4 != 0) return std::nullopt;
  std::size_t padding = 0;
  while (padding < 2 && padding < size && text[size - 1 - padding] == '=') ++padding;
  const std::size_t digits = size - padding;
  std::size_t out = 0;
  std::uint32_t bits = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    const std::uint8_t value = kBase64Values[static_cast<unsigned char>(text[i])];
    if (value == kNotBase64) return std::nullopt;
    bits = bits << 6U | value;
    if (i % 4 != 0) text[out++] = static_cast<char>(bits >> (6U - 2U * (i % 4)) & 0xFFU);
  }
  return out;
}

std::optional<std::size_t> decode_python_bytes(char* text, std::size_t size) noexcept {
  if (size < 3 || text[0] != 'b' || (text[1] != '\'' && text[1] != '"')) return std::nullopt;
  const char quote = text[1];
  if (text[size - 1] != quote) return std::nullopt;
  std::size_t out = 0;
  for (std::size_t i = 2; i < size - 1; ++i) {
    if (text[i] == quote) return std::nullopt;
    if (text[i] != '\\') {
      text[out++] = text[i];
      continue;
    }
    if (++i >= size - 1) return std::nullopt;
    if (text[i] == 'x') {
      if (size - 1 - i < 3) return std::nullopt;
      const auto value = read_hex(text + i + 1, 2);
      if (!value) return std::nullopt;
      text[out++] = static_cast<char>(*value);
      i += 2;
    } else if (const auto value = simple_escape(text[i], "\\'\"nrtabfv", "\\'\"\n\r\t\a\b\f\v")) {
      text[out++] = *value;
    } else {
      return std::nullopt;
    }
  }
  return out;
}

std::optional<std::size_t> decode_json_string(char* text, std::size_t size) noexcept {
  std::size_t out = 0;
  for (std::size_t i = 0; i < size;) {
    if (text[i] != '\\') {
      text[out++] = text[i++];
      continue;
    }
    if (++i >= size) return std::nullopt;
    const char letter = text[i++];
    if (letter == 'u') {
      const auto code = read_json_code(text, size, i);
      if (!code) return std::nullopt;
      out += write_utf8(text + out, *code);
    } else if (const auto value = simple_escape(letter, "\\\"/nrtbf", "\\\"/\n\r\t\b\f")) {
      text[out++] = *value;
    } else {
      return std::nullopt;
    }
  }
  return out;
}

}  // namespace fastrsi
