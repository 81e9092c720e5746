// How long to wait after a failure, with jitter so that many do not come back together
// (DELIVERY.md, section 7.4). The generator's seed is given in: the same run gives the same waits.
#pragma once

#include <cstdint>

#include "sinks/delivery/settings.hpp"

namespace fastrsi {

// SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
class Jitter {
 public:
  explicit Jitter(std::uint64_t seed) : state_(seed) {}
  // 0 ... below - 1; `below` is at least 1. The bias of the remainder is below 2^-30 here.
  std::int64_t under(std::int64_t below) noexcept {
    state_ += 0x9E3779B97F4A7C15ULL;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
    z ^= z >> 31U;
    return static_cast<std::int64_t>(z % static_cast<std::uint64_t>(below));
  }

 private:
  std::uint64_t state_;
};

// base x 2^n, at most `cap`.
constexpr Milliseconds doubled(Milliseconds base, std::uint32_t n, Milliseconds cap) noexcept {
  // Past 2^40 milliseconds every cap is reached.
  for (std::uint32_t i = 0; i < n && base < cap && i < 40; ++i) base *= 2;
  return base < cap ? base : cap;
}

// base / 2 + rand[0, min(cap, base x 2^n)), n failures before this one.
inline Milliseconds backoff(const Backoff& settings, std::uint32_t n, Jitter& jitter) noexcept {
  const Milliseconds span = doubled(settings.base, n, settings.cap);
  return settings.base / 2 + Milliseconds{jitter.under(span.count())};
}

}  // namespace fastrsi
