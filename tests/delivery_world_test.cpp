// The invariants of DELIVERY.md, section 7.5, over randomised runs with crashes in virtual time.
#include "tests/delivery_world.hpp"

#include <cstdlib>

#include "tests/catch.hpp"

namespace fastrsi::test {
namespace {

// FASTRSI_DELIVERY_RUNS and FASTRSI_DELIVERY_SEED choose others.
std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

void check_runs(std::uint64_t runs) {
  const std::uint64_t first = from_environment("FASTRSI_DELIVERY_SEED", 1);
  WorldResult sum;
  for (std::uint64_t seed = first; seed < first + runs; ++seed) {
    const WorldResult result = run_world(seed);
    INFO("seed " << seed);
    for (const std::string& violation : result.violations) UNSCOPED_INFO(violation);
    REQUIRE(result.violations.empty());
    sum.attempts += result.attempts;
    sum.crashes += result.crashes;
    sum.offered += result.offered;
  }
  // A world in which nothing happens proves nothing.
  CHECK(sum.attempts > 5 * runs);
  CHECK(sum.crashes > runs);
  CHECK(sum.offered > 10 * runs);
}

}  // namespace

TEST_CASE("delivery: the invariants hold over random runs with crashes", "[delivery]") {
  check_runs(from_environment("FASTRSI_DELIVERY_RUNS", 300));
}

TEST_CASE("delivery: the invariants hold over 10,000 random runs with crashes",
          "[delivery][slow]") {
  check_runs(from_environment("FASTRSI_DELIVERY_RUNS", 10'000));
}

}  // namespace fastrsi::test
