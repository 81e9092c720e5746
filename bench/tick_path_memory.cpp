// Question: how often does the tick path take memory from the heap, once every symbol is known?
// Over eight timeframes, with bars closing, signals firing and lists sealed.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <memory>

#include "bench/allocations.hpp"
#include "bench/figure.hpp"
#include "bench/input.hpp"
#include "bench/pipeline.hpp"

namespace fastrsi::bench {
namespace {

// More than a minute of the market, so that bars close.
constexpr std::size_t kCountedFrames = 32'768;

struct alignas(64) CacheLine {
  char bytes[64];
};

class TickPathMemory final : public Figure {
 public:
  TickPathMemory() : input_(make_market({})) {
    PipelineSettings settings;
    settings.symbols = input_->symbols();
    settings.timeframes = eight_timeframes();
    pipeline_ = std::make_unique<Pipeline>(settings);
    pipeline_->tell_history(*input_);
    pipeline_->run(input_->next(kCountedFrames));
  }

  std::vector<Question> questions() const override {
    return {{"", "allocations on the tick path, 8 timeframes", Better::Lower, 0.0, 0}};
  }

  // The counter counts what it should.
  void prove() override {
    require(counts([] { return std::make_unique<int>(1); }), "operator new is not counted");
    require(counts([] { return std::make_unique<CacheLine>(); }),
            "aligned operator new is not counted");
    require(counts([] {
              return std::unique_ptr<void, decltype(&std::free)>(std::malloc(1), std::free);
            }),
            "malloc is not counted");
  }

  void round(std::vector<Reading>& readings) override {
    const auto lines = input_->next(kCountedFrames);
    const EngineStatistics before = pipeline_->statistics();
    const std::uint64_t taken = allocations();
    pipeline_->run(lines);
    readings.push_back({static_cast<double>(allocations() - taken)});
    pipeline_->require_sound();
    require(pipeline_->statistics().bars_closed > before.bars_closed, "no bar closed");
    require(pipeline_->statistics().evaluations > before.evaluations, "nothing was evaluated");
  }

 private:
  template <typename Take>
  static bool counts(Take&& take) {
    const std::uint64_t before = allocations();
    auto taken = take();
    benchmark::DoNotOptimize(taken);
    return allocations() > before;
  }

  std::unique_ptr<Input> input_;
  std::unique_ptr<Pipeline> pipeline_;
};

std::unique_ptr<Figure> make_allocations(std::string& why_not) {
  if (allocations_are_counted()) return std::make_unique<TickPathMemory>();
  why_not = "skipped: a sanitizer has its own heap";
  return nullptr;
}

}  // namespace

std::vector<FigureEntry> memory_figures() {
  return {{"allocations", make_allocations}};
}

}  // namespace fastrsi::bench
