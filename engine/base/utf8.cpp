// Decodes by the leading byte and refuses every form that a shorter one could have said.
#include "engine/base/utf8.hpp"

namespace fastrsi {
namespace {

constexpr bool is_continuation(unsigned char byte) noexcept {
  return (byte & 0xC0U) == 0x80U;
}

// Length by the leading byte; 0 for bytes that lead nothing.
constexpr std::size_t length_of(unsigned char lead) noexcept {
  if (lead < 0x80U) return 1;
  if (lead >= 0xC2U && lead <= 0xDFU) return 2;
  if (lead >= 0xE0U && lead <= 0xEFU) return 3;
  if (lead >= 0xF0U && lead <= 0xF4U) return 4;
  return 0;
}

constexpr char32_t smallest_of(std::size_t length) noexcept {
  return length == 4 ? 0x10000 : length == 3 ? 0x800 : length == 2 ? 0x80 : 0;
}

}  // namespace

Utf8Step first_utf8(std::string_view text) noexcept {
  if (text.empty()) return {};
  const auto lead = static_cast<unsigned char>(text[0]);
  const Utf8Step bad{lead, 1, false};
  const std::size_t length = length_of(lead);
  if (length == 0 || length > text.size()) return bad;
  if (length == 1) return {lead, 1, true};
  char32_t code = lead & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (!is_continuation(byte)) return bad;
    code = (code << 6U) | (byte & 0x3FU);
  }
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  if (code < smallest_of(length) || code > 0x10FFFF || surrogate) return bad;
  return {code, length, true};
}

}  // namespace fastrsi
