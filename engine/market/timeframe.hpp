// The timeframes of SIGNALS.md, section 1, in ascending order.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "engine/base/units.hpp"

namespace fastrsi {

enum class Timeframe : std::uint8_t {
  S1,
  S5,
  S15,
  S30,
  M1,
  M2,
  M3,
  M4,
  M5,
  M6,
  M10,
  M12,
  M15,
  M20,
  M30,
  H1,
  H2,
  H3,
  H4,
  H6,
  H8,
  H12,
  D1,
  W1,
  Mo1,
};
inline constexpr std::size_t kTimeframeCount = 25;

// Its name as configurations and records write it ("1m", "1h", "1mo").
std::string_view to_text(Timeframe timeframe) noexcept;
std::optional<Timeframe> timeframe_from_text(std::string_view text) noexcept;

// Nominal length: exact up to 12h; 24 h, 7 d and 30 d for 1d, 1w and 1mo, whose bars the calendar
// cuts.
Nanoseconds nominal_length(Timeframe timeframe) noexcept;

constexpr bool is_intraday(Timeframe timeframe) noexcept {
  return timeframe < Timeframe::D1;
}

}  // namespace fastrsi
