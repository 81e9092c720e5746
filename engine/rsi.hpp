// Wilder's relative strength index, incremental, three periods side by side (New Concepts in
// Technical Trading Systems, 1978; the exact operations are SIGNALS.md, section 3).
//
// U and D are the averages of rises and falls. Between two closes they are kept multiplied by n -
// 1, so that the value at a forming price p is one addition and one division away: U' = (U (n-1) +
// max(p - base, 0)) / n. While the first n changes are still coming in, the same fields hold their
// sums, and the same expression gives the mean: (sum + up) / n.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "engine/base/units.hpp"

namespace fastrsi {

inline constexpr std::size_t kLanes = 3;

// The periods of one block's lanes, shared by every series of a plan. Unused lanes have period 2.
struct LanePeriods {
  std::array<double, kLanes> n{2.0, 2.0, 2.0};
};

// Hot state of one (symbol, timeframe, price) for three periods: one cache line.
struct alignas(kCacheLineBytes) LaneBlock {
  std::array<double, kLanes> up{};    // U (n-1), or the sum of rises while seeding
  std::array<double, kLanes> down{};  // D (n-1), or the sum of falls while seeding
  double base = 0.0;                  // applied price of the last closed bar
  std::uint64_t closed = 0;           // bars closed so far
};
static_assert(sizeof(LaneBlock) == kCacheLineBytes);

using LaneValues = std::array<double, kLanes>;

// Stands for "both averages are 0": each rule's profile says what that is worth.
inline constexpr double kFlat = std::numeric_limits<double>::quiet_NaN();

// An average below the smallest normal double becomes 0 (n = 2 gets there after about 1,075
// unchanged bars).
inline double normal_or_zero(double average) noexcept {
  return average < std::numeric_limits<double>::min() ? 0.0 : average;
}

// Without falls the quotient is infinite and the index 100; without either it is no number: kFlat.
inline double rsi_of(double up, double down) noexcept {
  return 100.0 - 100.0 / (1.0 + up / down);
}

// Values if a bar closed at `price` now; changes nothing. Meaningful for lanes with closed >= n.
inline LaneValues peek(const LaneBlock& block, const LanePeriods& periods, double price) noexcept {
  const double change = price - block.base;
  const double up = change > 0.0 ? change : 0.0;
  const double down = change < 0.0 ? -change : 0.0;
  LaneValues values;
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    values[lane] = rsi_of(normal_or_zero((block.up[lane] + up) / periods.n[lane]),
                          normal_or_zero((block.down[lane] + down) / periods.n[lane]));
  }
  return values;
}

// Closes a bar at `price`. Returns the values at that close; kFlat as well for lanes without enough
// changes so far.
inline LaneValues commit(LaneBlock& block, const LanePeriods& periods, double price) noexcept {
  LaneValues values{kFlat, kFlat, kFlat};
  if (block.closed == 0) {
    block.base = price;
    block.closed = 1;
    return values;
  }
  const double change = price - block.base;
  const double up = change > 0.0 ? change : 0.0;
  const double down = change < 0.0 ? -change : 0.0;
  const auto changes = static_cast<double>(block.closed);
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    const double n = periods.n[lane];
    if (changes < n) {
      block.up[lane] += up;
      block.down[lane] += down;
      continue;
    }
    const double average_up = normal_or_zero((block.up[lane] + up) / n);
    const double average_down = normal_or_zero((block.down[lane] + down) / n);
    values[lane] = rsi_of(average_up, average_down);
    block.up[lane] = average_up * (n - 1.0);
    block.down[lane] = average_down * (n - 1.0);
  }
  block.base = price;
  ++block.closed;
  return values;
}

}  // namespace fastrsi
