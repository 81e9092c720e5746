#include "feeds/binance_scan.hpp"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "feeds/lanes.hpp"

namespace fastrsi {
namespace {

// `"x":` as it lies in memory, whatever x is.
inline bool is_letter_key(const char* at) noexcept {
  static_assert(std::endian::native == std::endian::little);
  std::uint32_t head = 0;
  std::memcpy(&head, at, sizeof head);
  return (head & 0xFFFF'00FF) == 0x3A22'0022 && is_letter(at[1]);
}

// Behind the colon of a key that is a word; nullptr when there is no plain key at `at`.
[[gnu::noinline]] const char* skip_word_key(const char* at, const char* end) noexcept {
  if (*at != '"') return nullptr;
  const char* const close = lanes::end_of_plain(at + 1, end);
  return end - close > 2 && close[0] == '"' && close[1] == ':' ? close + 2 : nullptr;
}

inline std::string_view view_of(const char* begin, const char* end) noexcept {
  return {begin, static_cast<std::size_t>(end - begin)};
}

}  // namespace

// The event's last byte is a brace, and a value or a key that runs into it is refused; so `at`
// cannot pass `end` between the tests, and short reads from before it stay within the padding.
bool scan_binance_event(std::string_view event, BinanceFields& fields) noexcept {
  if (event.size() < 2 || event.front() != '{' || event.back() != '}') return false;
  const char* at = event.data();
  const char* const end = at + event.size();
  do {
    ++at;  // the brace or the comma
    const bool is_known = is_letter_key(at);
    const char letter = at[1];
    at = is_known ? at + 4 : skip_word_key(at, end);
    if (at == nullptr) return false;
    const char* const value = at;
    if (*value == '"') {
      at = lanes::end_of_plain(value + 1, end);
      if (at == end || *at != '"') return false;
      if (is_known) fields.keep_string(letter, view_of(value + 1, at));
      ++at;
      continue;
    }
    if (*value >= '0' && *value <= '9') {
      at = lanes::end_of_digits(value, end);
      if (*value == '0' && at != value + 1) return false;
    } else if (std::memcmp(value, "true", 4) == 0) {
      at = value + 4;
    } else if (std::memcmp(value, "false", 5) == 0) {
      at = value + 5;
    } else {
      return false;
    }
    if (is_known) fields.keep_bare(letter, view_of(value, at));
  } while (*at == ',');
  return *at == '}' && at + 1 == end;
}

}  // namespace fastrsi
