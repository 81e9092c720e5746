#include "feeds/binance_scan.hpp"

#include <emmintrin.h>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace fastrsi {
namespace {

constexpr std::ptrdiff_t kLaneBytes = sizeof(__m128i);
static_assert(kLaneBytes <= static_cast<std::ptrdiff_t>(kFramePaddingBytes));

// The first byte from `at` on for which `stops` says so, sixteen at a time; `end` when there is
// none before it.
template <class Stops>
inline const char* find_first(const char* at, const char* end, Stops stops) noexcept {
  for (; at < end; at += kLaneBytes) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const auto mask = static_cast<std::uint32_t>(_mm_movemask_epi8(stops(bytes)));
    if (mask == 0) continue;
    at += std::countr_zero(mask);
    return at < end ? at : end;
  }
  return end;
}

inline const char* end_of_plain(const char* at, const char* end) noexcept {
  return find_first(at, end, [](__m128i bytes) noexcept {
    const __m128i quotes = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
    const __m128i backslashes = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));
    // Bytes from 128 on are negative here.
    const __m128i unprintable = _mm_cmplt_epi8(bytes, _mm_set1_epi8(' '));
    return _mm_or_si128(_mm_or_si128(quotes, backslashes), unprintable);
  });
}

inline const char* end_of_digits(const char* at, const char* end) noexcept {
  return find_first(at, end, [](__m128i bytes) noexcept {
    const __m128i below = _mm_cmplt_epi8(bytes, _mm_set1_epi8('0'));
    const __m128i above = _mm_cmpgt_epi8(bytes, _mm_set1_epi8('9'));
    return _mm_or_si128(below, above);
  });
}

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
  const char* const close = end_of_plain(at + 1, end);
  return end - close > 2 && close[0] == '"' && close[1] == ':' ? close + 2 : nullptr;
}

inline std::string_view view_of(const char* begin, const char* end) noexcept {
  return {begin, static_cast<std::size_t>(end - begin)};
}

}  // namespace

const char* end_of_plain_text(const char* at, const char* end) noexcept {
  return end_of_plain(at, end);
}

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
      at = end_of_plain(value + 1, end);
      if (at == end || *at != '"') return false;
      if (is_known) fields.keep_string(letter, view_of(value + 1, at));
      ++at;
      continue;
    }
    if (*value >= '0' && *value <= '9') {
      at = end_of_digits(value, end);
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
