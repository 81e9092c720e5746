// The small parts everything stands on.
#include <rapidcheck.h>

#include <algorithm>
#include <map>

#include "engine/base/bounded_queue.hpp"
#include "engine/base/histogram.hpp"
#include "engine/base/ring.hpp"
#include "engine/market/symbol_table.hpp"
#include "tests/catch.hpp"

namespace fastrsi {
namespace {

TEST_CASE("ring: keeps the newest items, newest first", "[base]") {
  Ring<int> ring(4);
  CHECK(ring.size() == 0);
  for (int i = 1; i <= 6; ++i) ring.push(i);
  REQUIRE(ring.size() == 4);
  CHECK(ring.back(0) == 6);
  CHECK(ring.back(3) == 3);
}

TEST_CASE("bounded queue: keeps order, says when it is full, and holds what it promises",
          "[base]") {
  constexpr int kCapacity = 100;
  BoundedQueue<int> queue(kCapacity);
  int pushed = 0;
  while (pushed < 10'000 && queue.try_push(pushed)) ++pushed;
  CHECK(pushed >= kCapacity);
  CHECK(pushed < 1'000);
  std::vector<int> items(10'000);
  std::size_t popped = 0;
  while (const std::size_t count = queue.pop_bulk(items.data() + popped, 7)) popped += count;
  REQUIRE(popped == static_cast<std::size_t>(pushed));
  for (int i = 0; i < pushed; ++i) REQUIRE(items[static_cast<std::size_t>(i)] == i);
  CHECK(queue.try_push(1));
}

TEST_CASE("histogram: percentiles lie within an eighth above the value they stand for", "[base]") {
  CHECK(rc::check([](const std::vector<std::uint32_t>& values) {
    RC_PRE(!values.empty());
    Histogram histogram;
    for (const std::uint32_t value : values) histogram.add(value);
    std::vector<std::uint32_t> sorted = values;
    std::sort(sorted.begin(), sorted.end());
    for (const double share : {0.0, 0.5, 0.99, 1.0}) {
      const std::uint64_t exact =
          sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))];
      const std::uint64_t told = histogram.percentile_ns(share);
      RC_ASSERT(told >= exact);
      RC_ASSERT(told <= exact + exact / 8 + 1);
    }
    RC_ASSERT(histogram.max_ns() == sorted.back());
  }));
}

// A name followed by bytes that are not its own, as in a frame.
SymbolId find_in_frame(const SymbolTable& table, const std::string& name) {
  const std::string frame = name + "\",\"p\":\"1.0000000000\"";
  return table.find(std::string_view(frame).substr(0, name.size()));
}

TEST_CASE("symbol table: finds what was added by exact bytes, and nothing else", "[market]") {
  CHECK(rc::check([](const std::vector<std::string>& names) {
    SymbolTable table(names.size());
    std::map<std::string, SymbolId> expected;
    for (const std::string& name : names) {
      if (expected.contains(name)) continue;
      const auto id = static_cast<SymbolId>(expected.size());
      RC_ASSERT(table.add(name, id));
      expected[name] = id;
    }
    for (const auto& [name, id] : expected) RC_ASSERT(find_in_frame(table, name) == id);
    for (const std::string& name : names) {
      const std::string longer = name + "X";
      if (!expected.contains(longer)) RC_ASSERT(find_in_frame(table, longer) == kNoSymbol);
    }
  }));
}

TEST_CASE("symbol table: tells long names, Persian twins and zero bytes apart", "[market]") {
  SymbolTable table(8);
  const std::vector<std::string> names = {"1000000MOGUSDT_PERPETUAL",
                                          "1000000MOGUSDT_PERPETUAM",
                                          "فملی",
                                          "فملي",
                                          std::string("A\0", 2),
                                          "A",
                                          std::string(16, 'x'),
                                          std::string(17, 'x')};
  for (std::size_t i = 0; i < names.size(); ++i)
    REQUIRE(table.add(names[i], static_cast<SymbolId>(i)));
  for (std::size_t i = 0; i < names.size(); ++i)
    CHECK(find_in_frame(table, names[i]) == static_cast<SymbolId>(i));
  CHECK_FALSE(table.add("one too many", SymbolId{9}));
}

}  // namespace
}  // namespace fastrsi
