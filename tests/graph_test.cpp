// The flow graph says what plain calls say, in the caller's thread, without allocating.
#include <atomic>
#include <cstdlib>
#include <new>
#include <random>

#include "engine/publisher.hpp"
#include "tests/catch.hpp"
#include "tests/sanitized.hpp"
#include "tests/session.hpp"

namespace {

// Counts while it is switched on. Sanitizers bring an allocator of their own, so there it only
// forwards.
std::atomic<bool> counting{false};
std::atomic<std::uint64_t> allocations{0};

}  // namespace

#if !FASTRSI_SANITIZED
void* operator new(std::size_t size) {
  if (counting.load(std::memory_order_relaxed)) allocations.fetch_add(1, std::memory_order_relaxed);
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
#endif

namespace fastrsi {
namespace {

using testing::KeptRecords;

std::vector<Tick> random_ticks(SymbolId symbol, int count) {
  std::mt19937_64 random(11);
  std::vector<Tick> ticks;
  double price = 100.0;
  std::int64_t ms = 1'704'067'200'000;
  for (int i = 0; i < count; ++i) {
    price += std::uniform_int_distribution<int>(-3, 3)(random) * 0.01;
    ms += std::uniform_int_distribution<int>(0, 900)(random);
    Tick tick;
    tick.price = Price{price};
    tick.id = static_cast<TradeId>(i + 1);
    tick.has_id = true;
    tick.time = exchange_time_from_ns(ms * 1'000'000);
    tick.symbol = symbol;
    ticks.push_back(tick);
  }
  return ticks;
}

std::vector<RuleSettings> short_rules() {
  RuleSettings rule;
  rule.timeframes = {Timeframe::S5, Timeframe::S30, Timeframe::M1};
  rule.warmup_bars = 20;
  return {rule};
}

struct Setup {
  Setup()
      : engine(EngineSettings{}, short_rules()),
        connection(engine.add_connection("v", IdRule::Rising, {})) {
    symbol = engine.add_symbol(connection, "S");
  }
  void run(Executor& executor, const std::vector<Tick>& ticks) const {
    for (const Tick& tick : ticks) executor.run({connection, {}, tick.time, {&tick, 1}, 0});
  }
  Engine engine;
  ConnectionId connection;
  SymbolId symbol;
};

TEST_CASE("graph: gives the records of plain calls, in their order", "[graph]") {
  Setup plain;
  Setup graph;
  KeptRecords by_plain;
  KeptRecords by_graph;
  const std::vector<Tick> ticks = random_ticks(plain.symbol, 20'000);
  plain.run(*make_plain_executor(plain.engine, by_plain), ticks);
  graph.run(*make_executor(graph.engine, by_graph), ticks);
  REQUIRE(by_plain.records.size() > 100);
  REQUIRE(by_plain.records.size() == by_graph.records.size());
  for (std::size_t i = 0; i < by_plain.records.size(); ++i) {
    REQUIRE(by_plain.records[i].type == by_graph.records[i].type);
    if (by_plain.records[i].type != Record::Type::Signal) continue;
    REQUIRE(to_json(by_plain.records[i].signal) == to_json(by_graph.records[i].signal));
  }
}

TEST_CASE("graph: a tick allocates nothing, whether it fires or not", "[graph]") {
  Setup setup;
  RecordQueue queue(1 << 16);
  Publisher publisher({&queue}, WhenFull::Count);
  const std::unique_ptr<Executor> executor = make_executor(setup.engine, publisher);
  const std::vector<Tick> ticks = random_ticks(setup.symbol, 40'000);
  const auto middle = ticks.begin() + 10'000;
  setup.run(*executor, {ticks.begin(), middle});
  const std::vector<Tick> rest(middle, ticks.end());
  const EngineStatistics before = setup.engine.statistics();
  allocations = 0;
  counting = true;
  setup.run(*executor, rest);
  counting = false;
  CHECK(allocations == 0);
  CHECK(publisher.dropped() == 0);
  CHECK(setup.engine.statistics().signals != before.signals);
}

TEST_CASE("publisher: counts what a full queue cannot take", "[graph]") {
  RecordQueue queue(32);
  Publisher publisher({&queue}, WhenFull::Count);
  for (int i = 0; i < 10'000; ++i) publisher.record(Record{});
  std::vector<Record> popped(10'000);
  std::size_t count = 0;
  while (const std::size_t some = queue.pop_bulk(popped.data(), popped.size())) count += some;
  CHECK(count >= 32);
  CHECK(count + publisher.dropped() == 10'000);
}

}  // namespace
}  // namespace fastrsi
