// How long a text is for whom it is sent to: every service counts in its own unit (DELIVERY.md,
// section 5, column "Size").
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace fastrsi {

enum class SizeUnit : std::uint8_t { Bytes, Utf16, CodePoints };

struct SizeLimit {
  SizeUnit unit = SizeUnit::Bytes;
  std::size_t most = 0;
};

// Of well-formed UTF-8; a byte that is none counts as one.
std::size_t length_in(SizeUnit unit, std::string_view text) noexcept;

inline bool fits(SizeLimit limit, std::string_view text) noexcept {
  return length_in(limit.unit, text) <= limit.most;
}

// The first `count` code points of `text`, all if it has no more.
std::string_view first_code_points(std::string_view text, std::size_t count) noexcept;

}  // namespace fastrsi
