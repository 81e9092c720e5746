// The clocks of the service. Both give nanoseconds; only the wall's count from 1970.
#pragma once

#include <chrono>
#include <cstdint>

#include "engine/base/units.hpp"

namespace fastrsi {

inline std::int64_t wall_ns() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<Nanoseconds>(now).count();
}

inline std::int64_t steady_ns() {
  return std::chrono::steady_clock::now().time_since_epoch().count();
}

// Unix nanoseconds in a unix millisecond.
inline constexpr std::int64_t kNsPerWallMs = 1'000'000;

}  // namespace fastrsi
