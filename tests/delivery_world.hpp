// One randomised run of a delivery sink in virtual time: a journal that grows, a far side that
// answers as it likes, and crashes at any point, with the rows on the disk as all that is left.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace fastrsi::test {

struct WorldResult {
  std::vector<std::string> violations;
  std::size_t attempts = 0;
  std::size_t crashes = 0;
  std::size_t offered = 0;
};

// The same seed gives the same run.
WorldResult run_world(std::uint64_t seed);

}  // namespace fastrsi::test
