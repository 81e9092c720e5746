// Question: how much more do two shards do than one (G5)?
#include <algorithm>
#include <array>
#include <atomic>
#include <thread>

#include "bench/figure.hpp"
#include "bench/input.hpp"
#include "bench/partner.hpp"
#include "bench/pipeline.hpp"

namespace fastrsi::bench {
namespace {

constexpr std::size_t kShardsWarmFrames = 4096;
constexpr std::size_t kShardsTimedFrames = 16'384;
constexpr std::size_t kShardsProofFrames = 30'000;
constexpr std::size_t kProofFrameBytesMost = 256;

// Two halves of a market with about the same messages: each symbol goes where there are fewer.
std::vector<std::size_t> part_of_symbols(std::size_t symbols) {
  std::array<double, 2> load{};
  std::vector<std::size_t> parts;
  for (const double share : market_shares(symbols)) {
    parts.push_back(load[0] <= load[1] ? 0 : 1);
    load[parts.back()] += share;
  }
  return parts;
}

class TwoShards final : public Figure {
 public:
  TwoShards() : input_(make_market({})), part_of_(part_of_symbols(input_->symbols().size())) {
    PipelineSettings whole;
    whole.symbols = input_->symbols();
    std::array<PipelineSettings, 2> halves;
    for (std::size_t i = 0; i < part_of_.size(); ++i) {
      halves[part_of_[i]].symbols.push_back(whole.symbols[i]);
    }
    whole_ = std::make_unique<Pipeline>(whole);
    whole_->tell_history(*input_);
    const auto make_half = [&](std::size_t part) {
      halves_[part] = std::make_unique<Pipeline>(halves[part]);
      halves_[part]->tell_history(*input_);
    };
    partner_.side_by_side([&] { make_half(0); }, [&] { make_half(1); });
    for (auto& frames : frames_) {
      frames = std::make_unique<FrameBatch>(kShardsProofFrames,
                                            kShardsProofFrames * kProofFrameBytesMost);
    }
  }

  std::vector<Question> questions() const override {
    return {{"G5", "two shards / one shard, messages/s", Better::Higher, 1.7}};
  }

  void prove() override {
    const auto lines = deal(kShardsProofFrames);
    whole_->run(lines);
    partner_.side_by_side([&] { halves_[0]->run(frames_[0]->lines()); },
                          [&] { halves_[1]->run(frames_[1]->lines()); });
    require_same();
  }

  void round(std::vector<Reading>& readings) override {
    const auto lines = deal(kShardsWarmFrames + kShardsTimedFrames);
    double one_ns = 0.0;
    double two_ns = 0.0;
    turns_.each(
        [&](std::size_t side) { (side == 0 ? one_ns : two_ns) = side == 0 ? one(lines) : two(); });
    require_same();
    const auto timed = static_cast<double>(kShardsTimedFrames);
    readings.push_back({one_ns / two_ns, two_ns / timed, one_ns / timed});
  }

 private:
  // The next frames, and each half's own in memory of its own.
  std::span<const CaptureLine> deal(std::size_t count) {
    const auto lines = input_->next(count);
    for (const auto& frames : frames_) frames->clear();
    warm_frames_ = {};
    for (std::size_t i = 0; i < lines.size(); ++i) {
      const std::size_t part = part_of_[index_of(input_->trades()[i].symbol)];
      frames_[part]->add(lines[i].bytes, lines[i].received);
      if (i < kShardsWarmFrames) ++warm_frames_[part];
    }
    return lines;
  }

  double one(std::span<const CaptureLine> lines) {
    whole_->run(lines.first(kShardsWarmFrames));
    const std::int64_t begin = now_ns();
    whole_->run(lines.subspan(kShardsWarmFrames));
    return static_cast<double>(now_ns() - begin);
  }

  // From when both are ready until the later one is done.
  double two() {
    std::atomic<int> ready{0};
    std::array<std::int64_t, 2> begin{};
    std::array<std::int64_t, 2> end{};
    const auto work = [&](std::size_t part) {
      const auto lines = frames_[part]->lines();
      halves_[part]->run(lines.first(warm_frames_[part]));
      ready.fetch_add(1, std::memory_order_acq_rel);
      spin_until([&] { return ready.load(std::memory_order_acquire) == 2; });
      begin[part] = now_ns();
      halves_[part]->run(lines.subspan(warm_frames_[part]));
      end[part] = now_ns();
    };
    partner_.side_by_side([&] { work(0); }, [&] { work(1); });
    return static_cast<double>(std::max(end[0], end[1]) - std::min(begin[0], begin[1]));
  }

  // Together the halves say what the whole says.
  void require_same() const {
    whole_->require_sound();
    for (const auto& half : halves_) half->require_sound();
    RecordSum together = halves_[0]->records();
    together.add(halves_[1]->records());
    require(together.records > 0, "nothing was said: there is nothing to compare");
    require(together == whole_->records(), "two shards do not say what one says");
  }

  std::unique_ptr<Input> input_;
  const std::vector<std::size_t> part_of_;
  std::unique_ptr<Pipeline> whole_;
  std::array<std::unique_ptr<Pipeline>, 2> halves_;
  std::array<std::unique_ptr<FrameBatch>, 2> frames_;
  std::array<std::size_t, 2> warm_frames_{};
  Turns turns_{2};
  Partner partner_;  // the second half's thread
};

std::unique_ptr<Figure> make_g5(std::string& why_not) {
  return has_two_cores(why_not) ? std::make_unique<TwoShards>() : nullptr;
}

}  // namespace

std::vector<FigureEntry> shard_figures() {
  return {{"G5", make_g5}};
}

}  // namespace fastrsi::bench
