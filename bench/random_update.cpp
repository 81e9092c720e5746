// Question: what does it cost that a million series do not fit into the caches (G12)? Updates fall
// on series at random; a batch's lines are asked for while the batch before is worked off.
#include <benchmark/benchmark.h>
#include <sys/mman.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <span>

#include "bench/figure.hpp"
#include "bench/pipeline.hpp"
#include "bench/plain_rsi.hpp"
#include "bench/random.hpp"
#include "engine/rsi.hpp"

namespace fastrsi::bench {
namespace {

constexpr std::size_t kFew = 1'000;
constexpr std::size_t kMany = 1'000'000;
constexpr std::size_t kUpdates = 65'536;
constexpr std::size_t kUpdateBatch = 16;
constexpr std::size_t kProofUpdates = 4'000'000;
// Every so many series is followed by plain objects in the proof.
constexpr std::size_t kProofEvery = 1000;
constexpr int kSeedCloses = 16;
constexpr LanePeriods kPeriods{{2.0, 12.0, 14.0}};

struct Update {
  std::uint32_t series;
  double price;
};

double some_price(Random& random) noexcept {
  return 100.0 + random.uniform();
}

struct Free {
  void operator()(LaneBlock* blocks) const noexcept { std::free(blocks); }
};
using Blocks = std::unique_ptr<LaneBlock[], Free>;

// In pages of 2 MB where the system grants them: among small ones finding the page of a random
// series takes as long as its line.
Blocks make_blocks(std::size_t count) {
  constexpr std::size_t kPageBytes = std::size_t{2} << 20U;
  const std::size_t pages = (count * sizeof(LaneBlock) + kPageBytes - 1) / kPageBytes;
  void* const memory = std::aligned_alloc(kPageBytes, pages * kPageBytes);
  if (memory == nullptr) throw std::bad_alloc();
  // A refusal costs time only.
  static_cast<void>(::madvise(memory, pages * kPageBytes, MADV_HUGEPAGE));
  auto* const blocks = static_cast<LaneBlock*>(memory);
  std::uninitialized_default_construct_n(blocks, count);
  return Blocks(blocks);
}

// Many series, each one line of memory.
class SeriesTable {
 public:
  explicit SeriesTable(std::size_t count) : blocks_(make_blocks(count)), size_(count) {
    Random random(count);
    for (LaneBlock& block : std::span(blocks_.get(), count)) {
      for (int i = 0; i < kSeedCloses; ++i) commit(block, kPeriods, some_price(random));
    }
  }

  std::size_t size() const noexcept { return size_; }

  // Looks at the value of each series' forming bar and closes it. The sum depends on every value.
  double run(std::span<const Update> updates) noexcept {
    double sum = 0.0;
    prefetch(updates.first(std::min(kUpdateBatch, updates.size())));
    while (!updates.empty()) {
      const auto batch = updates.first(std::min(kUpdateBatch, updates.size()));
      updates = updates.subspan(batch.size());
      prefetch(updates.first(std::min(kUpdateBatch, updates.size())));
      for (const Update& update : batch) sum += one(update);
    }
    return sum;
  }

  double one(const Update& update) noexcept {
    LaneBlock& block = blocks_[update.series];
    const LaneValues values = peek(block, kPeriods, update.price);
    const LaneValues closed = commit(block, kPeriods, update.price);
    return values[0] + values[1] + values[2] + closed[0] + closed[1] + closed[2];
  }

 private:
  void prefetch(std::span<const Update> updates) const noexcept {
    for (const Update& update : updates) __builtin_prefetch(&blocks_[update.series], 1);
  }

  Blocks blocks_;
  std::size_t size_;
};

class RandomUpdate final : public Figure {
 public:
  std::vector<Question> questions() const override {
    return {{"G12", "random update, 1 M series / 1 k series, time", Better::Lower, 1.4},
            {"G12", "bytes of hot state a series of three periods", Better::Lower, 64.0, 0}};
  }

  void prove() override {
    prove_table(few_);
    prove_table(many_);
  }

  void round(std::vector<Reading>& readings) override {
    std::array<double, 2> ns{};
    turns_.each([&](std::size_t side) {
      SeriesTable& table = side == 0 ? few_ : many_;
      fill(table.size());
      const std::int64_t begin = now_ns();
      double sum = table.run(updates_);
      ns[side] = static_cast<double>(now_ns() - begin) / static_cast<double>(kUpdates);
      benchmark::DoNotOptimize(sum);
    });
    readings.push_back({ns[1] / ns[0], ns[1], ns[0]});
    readings.push_back({static_cast<double>(sizeof(LaneBlock))});
  }

 private:
  void fill(std::size_t series) {
    updates_.resize(kUpdates);
    for (Update& update : updates_) {
      update = {static_cast<std::uint32_t>(random_.next() % series), some_price(random_)};
    }
  }

  // In batches with prefetch the values are those of one update after the other, and those of some
  // series are those of plain objects.
  void prove_table(SeriesTable& table) {
    SeriesTable slow(table.size());
    std::vector<std::array<PlainRsi, 3>> plain;
    Random seeds(table.size());
    for (std::size_t i = 0; i < table.size(); ++i) {
      std::array<PlainRsi, 3> rsi = {PlainRsi(2), PlainRsi(12), PlainRsi(14)};
      for (int close = 0; close < kSeedCloses; ++close) {
        const double price = some_price(seeds);
        for (PlainRsi& one : rsi) one.close(price);
      }
      if (i % kProofEvery == 0) plain.push_back(rsi);
    }
    for (std::size_t done = 0; done < kProofUpdates; done += kUpdates) {
      fill(table.size());
      double sum = 0.0;
      for (const Update& update : updates_) {
        const double value = slow.one(update);
        sum += value;
        if (update.series % kProofEvery != 0) continue;
        require(value == value_of(plain[update.series / kProofEvery], update.price),
                "a series differs from plain objects");
      }
      require(table.run(updates_) == sum, "batches with prefetch give other values");
    }
  }

  static double value_of(std::array<PlainRsi, 3>& rsi, double price) noexcept {
    double sum = 0.0;
    for (const PlainRsi& one : rsi) sum += one.peek(price);
    for (PlainRsi& one : rsi) {
      one.close(price);
      sum += one.value();
    }
    return sum;
  }

  SeriesTable few_{kFew};
  SeriesTable many_{kMany};
  std::vector<Update> updates_;
  Random random_{12};
  Turns turns_{2};
};

std::unique_ptr<Figure> make_g12(std::string& /*why_not*/) {
  return std::make_unique<RandomUpdate>();
}

}  // namespace

std::vector<FigureEntry> random_update_figures() {
  return {{"G12", make_g12}};
}

}  // namespace fastrsi::bench
