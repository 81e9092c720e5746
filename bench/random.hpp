// Numbers that are the same everywhere, which the standard's distributions are not (splitmix64).
#pragma once

#include <cmath>
#include <cstdint>

namespace fastrsi::bench {

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() noexcept {
    state_ += 0x9E37'79B9'7F4A'7C15U;
    std::uint64_t mixed = state_;
    mixed = (mixed ^ (mixed >> 30)) * 0xBF58'476D'1CE4'E5B9U;
    mixed = (mixed ^ (mixed >> 27)) * 0x94D0'49BB'1331'11EBU;
    return mixed ^ (mixed >> 31);
  }

  // In [0, 1).
  double uniform() noexcept { return static_cast<double>(next() >> 11) * 0x1.0p-53; }

  // Mean 0 and variance 1, close enough to the normal distribution.
  double normal() noexcept {
    const double sum = uniform() + uniform() + uniform() + uniform();
    return (sum - 2.0) * std::sqrt(3.0);
  }

 private:
  std::uint64_t state_;
};

}  // namespace fastrsi::bench
