// RSI against published vectors, each with its own definition and tolerance (the INDEX.tsv beside
// them).
#include <rapidcheck.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "engine/rsi.hpp"
#include "engine/rule.hpp"
#include "tests/catch.hpp"
#include "tests/corpus.hpp"

namespace fastrsi {
namespace {

struct Vector {
  std::string file;
  int period = 0;
  double tolerance = 0.0;
  bool same_definition = true;  // SMA-seeded Wilder, as ours
};

std::vector<Vector> read_index(const std::filesystem::path& folder) {
  std::ifstream index(folder / "INDEX.tsv");
  std::vector<Vector> vectors;
  std::string line;
  std::getline(index, line);
  while (std::getline(index, line)) {
    std::istringstream row(line);
    std::vector<std::string> cells;
    for (std::string cell; std::getline(row, cell, '\t');) cells.push_back(cell);
    REQUIRE(cells.size() >= 8);
    vectors.push_back({cells[0], std::stoi(cells[1]), std::stod(cells[4]), cells[7] != "no"});
  }
  return vectors;
}

// Largest distance between our values and the expected ones; also checks where values begin and
// flat ones.
double worst_difference(const std::filesystem::path& file, int period) {
  std::ifstream csv(file);
  std::string line;
  std::getline(csv, line);
  REQUIRE(line.find("close,expected_rsi") != std::string::npos);
  LanePeriods periods;
  periods.n[1] = period;
  LaneBlock block;
  double worst = 0.0;
  std::size_t compared = 0;
  while (std::getline(csv, line)) {
    const std::size_t comma = line.find(',');
    const double close = std::strtod(line.c_str(), nullptr);
    const std::string expected = line.substr(comma + 1);
    const LaneValues forming = peek(block, periods, close);
    const bool has_value = block.closed >= static_cast<std::uint64_t>(period);
    const double value = commit(block, periods, close)[1];
    if (has_value && !std::isnan(value)) CHECK(forming[1] == value);
    if (expected.empty() || expected == "\r") continue;
    REQUIRE(has_value);
    ++compared;
    const double wanted = std::strtod(expected.c_str(), nullptr);
    if (std::isnan(wanted)) {
      CHECK(std::isnan(value));  // flat: the profile decides
    } else {
      worst = std::max(worst, std::abs(value - wanted));
    }
  }
  REQUIRE(compared > 0);
  return worst;
}

void check_rsi_vectors(const std::filesystem::path& folder) {
  const std::vector<Vector> vectors = read_index(folder);
  REQUIRE(!vectors.empty());
  for (const Vector& vector : vectors) {
    INFO(vector.file);
    const double worst = worst_difference(folder / vector.file, vector.period);
    if (vector.same_definition) {
      CHECK(worst <= vector.tolerance);
    } else {
      // Rounds its averages to two places: we differ, and by no more than that explains.
      CHECK(worst > vector.tolerance);
      CHECK(worst < 0.1);
    }
  }
}

TEST_CASE("rsi: agrees with published vectors", "[rsi]") {
  check_rsi_vectors(testing::data_folder() / "rsi");
}

TEST_CASE("rsi: agrees with the corpus' vectors", "[rsi][corpus]") {
  const auto corpus = testing::corpus_folder();
  if (corpus) check_rsi_vectors(*corpus / "rsi");
}

TEST_CASE("rsi: gives no value before period + 1 closes", "[rsi]") {
  LanePeriods periods;
  periods.n = {2.0, 3.0, 14.0};
  LaneBlock block;
  const std::vector<double> closes = {1, 2, 1, 2};
  std::vector<LaneValues> values;
  values.reserve(closes.size());
  for (const double close : closes) values.push_back(commit(block, periods, close));
  CHECK(std::isnan(values[1][0]));
  CHECK(values[2][0] == 50.0);
  CHECK(std::isnan(values[2][1]));
  CHECK(values[3][1] == Approx(100.0 - 100.0 / (1.0 + 2.0)));
  CHECK(std::isnan(values[3][2]));
}

TEST_CASE("rsi: a flat series is worth what the profile says", "[rsi]") {
  RuleSettings settings;
  settings.profile = Profile::Mt5;
  CHECK(Rule(settings).flat_value == 50.0);
  settings.profile = Profile::TradingView;
  CHECK(Rule(settings).flat_value == 100.0);
  settings.profile = Profile::TaLib;
  CHECK(Rule(settings).flat_value == 0.0);
}

TEST_CASE("rsi: averages that underflow become zero, not denormal", "[rsi]") {
  LanePeriods periods;
  periods.n = {2.0, 2.0, 2.0};
  LaneBlock block;
  for (const double close : {100.0, 101.0, 100.5}) commit(block, periods, close);
  std::size_t changes_until_flat = 0;
  while (!std::isnan(commit(block, periods, 100.5)[0])) {
    REQUIRE(++changes_until_flat < 2'000);
    REQUIRE((block.up[0] == 0.0 || block.up[0] >= std::numeric_limits<double>::min()));
  }
  CHECK(changes_until_flat > 1'000);
  CHECK(block.up[0] == 0.0);
  CHECK(block.down[0] == 0.0);
}

TEST_CASE("rsi: prices of 0.00000001 are real", "[rsi]") {
  LanePeriods periods;
  periods.n = {2.0, 2.0, 2.0};
  LaneBlock block;
  double value = 0.0;
  for (const double close : {1e-8, 2e-8, 1e-8, 2e-8}) value = commit(block, periods, close)[0];
  CHECK(value == Approx(75.0));
}

TEST_CASE("rsi: never leaves 0 to 100 and never falls as the forming price rises", "[rsi]") {
  CHECK(rc::check([] {
    const auto closes = *rc::gen::container<std::vector<int>>(20, rc::gen::inRange(1, 200));
    LanePeriods periods;
    periods.n = {2.0, 5.0, 14.0};
    LaneBlock block;
    for (const int close : closes) commit(block, periods, close * 0.01);
    LaneValues last{0.0, 0.0, 0.0};
    for (int price = 1; price <= 250; ++price) {
      const LaneValues values = peek(block, periods, price * 0.01);
      for (std::size_t lane = 0; lane < kLanes; ++lane) {
        if (std::isnan(values[lane])) continue;
        RC_ASSERT(values[lane] >= last[lane]);
        RC_ASSERT(values[lane] <= 100.0);
        last[lane] = values[lane];
      }
    }
  }));
}

TEST_CASE("rsi: warm-up counts are exact for every period", "[rsi]") {
  CHECK(warmup_bars(kWarmupAuto, 14) == 144);
  CHECK(warmup_bars(kWarmupAuto, 2) == 22);
  CHECK(warmup_bars(kWarmupAuto, 100) == 1'022);
  CHECK(warmup_bars(40, 14) == 40);
}

}  // namespace
}  // namespace fastrsi
