// Bytes of a frame looked at sixteen at a time (SSE2, which every x86-64 processor has).
//
// Loads reach up to sixteen bytes behind what is asked about: frames are padded (feeds.hpp).
#pragma once

#include <emmintrin.h>

#include <bit>
#include <cstddef>
#include <cstdint>

#include "feeds/feeds.hpp"

namespace fastrsi::lanes {

inline constexpr std::size_t kBytes = sizeof(__m128i);
static_assert(kBytes <= kFramePaddingBytes);

inline __m128i load(const char* at) noexcept {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
}

// A bit a byte that is set.
inline std::uint32_t bits_of(__m128i bytes) noexcept {
  return static_cast<std::uint32_t>(_mm_movemask_epi8(bytes));
}

// The first byte from `at` on for which `stops` says so; `end` when there is none before it.
template <class Stops>
inline const char* find_first(const char* at, const char* end, Stops stops) noexcept {
  for (; at < end; at += kBytes) {
    const std::uint32_t found = bits_of(stops(load(at)));
    if (found == 0) continue;
    at += std::countr_zero(found);
    return at < end ? at : end;
  }
  return end;
}

inline __m128i are_no_digits(__m128i bytes) noexcept {
  const __m128i below = _mm_cmplt_epi8(bytes, _mm_set1_epi8('0'));
  const __m128i above = _mm_cmpgt_epi8(bytes, _mm_set1_epi8('9'));
  return _mm_or_si128(below, above);
}

// Where a string's plain text ends: at a quote, a backslash, a control character or a byte that is
// not ASCII.
inline const char* end_of_plain(const char* at, const char* end) noexcept {
  return find_first(at, end, [](__m128i bytes) noexcept {
    const __m128i quotes = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
    const __m128i backslashes = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));
    // Bytes from 128 on are negative here.
    const __m128i unprintable = _mm_cmplt_epi8(bytes, _mm_set1_epi8(' '));
    return _mm_or_si128(_mm_or_si128(quotes, backslashes), unprintable);
  });
}

inline const char* next_quote(const char* at, const char* end) noexcept {
  return find_first(
      at, end, [](__m128i bytes) noexcept { return _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')); });
}

inline const char* end_of_digits(const char* at, const char* end) noexcept {
  return find_first(at, end, are_no_digits);
}

// How many of the sixteen bytes at `at` are digits before the first that is none.
inline std::size_t digits_at(const char* at) noexcept {
  const std::uint32_t others = bits_of(are_no_digits(load(at))) | std::uint32_t{1} << kBytes;
  return static_cast<std::size_t>(std::countr_zero(others));
}

}  // namespace fastrsi::lanes
