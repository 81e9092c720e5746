// Questions: how much more do two shards do than one (G5)? How long after the first byte of a frame
// is looked at does its signal lie in the consumer's queue, and how long until a consumer that
// spins on the other core holds it, compared with the bare hop of a number between two cores (G6)?
#include <algorithm>
#include <array>
#include <atomic>
#include <limits>
#include <thread>

#include "bench/figure.hpp"
#include "bench/input.hpp"
#include "bench/partner.hpp"
#include "bench/pipeline.hpp"
#include "engine/base/units.hpp"

namespace fastrsi::bench {
namespace {

constexpr std::size_t kWarmFrames = 4096;
constexpr std::size_t kTimedFrames = 16'384;
constexpr std::size_t kProofFrames = 30'000;
constexpr std::size_t kFrameBytesMost = 256;

bool has_two_cores(std::string& why_not) {
  if (std::thread::hardware_concurrency() >= 2) return true;
  why_not = "skipped: needs two cores";
  return false;
}

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
      frames = std::make_unique<FrameBatch>(kProofFrames, kProofFrames * kFrameBytesMost);
    }
  }

  std::vector<Question> questions() const override {
    return {{"G5", "two shards / one shard, messages/s", Better::Higher, 1.7}};
  }

  void prove() override {
    const auto lines = deal(kProofFrames);
    whole_->run(lines);
    partner_.side_by_side([&] { halves_[0]->run(frames_[0]->lines()); },
                          [&] { halves_[1]->run(frames_[1]->lines()); });
    require_same();
  }

  void round(std::vector<Reading>& readings) override {
    const auto lines = deal(kWarmFrames + kTimedFrames);
    double one_ns = 0.0;
    double two_ns = 0.0;
    turns_.each(
        [&](std::size_t side) { (side == 0 ? one_ns : two_ns) = side == 0 ? one(lines) : two(); });
    require_same();
    const auto timed = static_cast<double>(kTimedFrames);
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
      if (i < kWarmFrames) ++warm_frames_[part];
    }
    return lines;
  }

  double one(std::span<const CaptureLine> lines) {
    whole_->run(lines.first(kWarmFrames));
    const std::int64_t begin = now_ns();
    whole_->run(lines.subspan(kWarmFrames));
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

// Not counted by the histogram of the program: its buckets are too wide for a ratio.
double percentile(std::vector<std::int64_t>& values, double share) {
  const auto at =
      values.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), at, values.end());
  return static_cast<double>(*at);
}

class TickToSignal final : public Figure {
 public:
  TickToSignal() : input_(make_market({})) {
    PipelineSettings settings;
    settings.symbols = input_->symbols();
    settings.latencies = &queued_;
    pipeline_ = std::make_unique<Pipeline>(settings);
    pipeline_->tell_history(*input_);
    batch_.resize(kBatch);
  }

  std::vector<Question> questions() const override {
    constexpr double kNoGoal = std::numeric_limits<double>::quiet_NaN();
    return {{"G6", "tick to signal in its queue / hop between cores, p50", Better::Lower, 2.0},
            {"G6", "tick to signal in its queue / hop between cores, p99", Better::Lower, 3.5},
            {"", "tick to signal on the other core / the same hop, p50", Better::Lower, kNoGoal},
            {"", "tick to signal on the other core / the same hop, p99", Better::Lower, kNoGoal}};
  }

  // Each signal the engine counted is timed once on its way, and popped once.
  void prove() override {
    round_of_signals();
    require(!signals_.empty(), "no tick made a signal: there is nothing to time");
    require(signals_.size() == timed_, "a signal was timed at one end only");
  }

  void round(std::vector<Reading>& readings) override {
    hops_.clear();
    measure_hops();
    round_of_signals();
    for (std::vector<std::int64_t>* times : {&queued_, &signals_}) {
      for (const double share : {0.5, 0.99}) {
        const double ours = percentile(*times, share);
        const double hop = percentile(hops_, share);
        readings.push_back({ours / hop, ours, hop});
      }
    }
  }

 private:
  static constexpr std::size_t kBatch = 256;
  static constexpr std::size_t kHops = 4000;
  static constexpr std::size_t kSignalsLeast = 400;

  // Afterwards queued_ has the times without a consumer on the other core, signals_ those with one.
  void round_of_signals() {
    signals_.clear();
    queued_.clear();
    while (signals_.size() < kSignalsLeast) measure_signals();
    timed_ = queued_.size();
    queued_.clear();
    while (queued_.size() < kSignalsLeast) measure_queued();
  }

  // One after the other: a time is written on this core and read on the other.
  void measure_hops() {
    struct alignas(kCacheLineBytes) Line {
      std::atomic<std::int64_t> value{0};
    };
    Line there;
    Line back;
    const auto echo = [&] {
      for (std::size_t i = 0; i < kHops; ++i) {
        std::int64_t sent = 0;
        spin_until([&] {
          sent = there.value.load(std::memory_order_acquire);
          return sent != back.value.load(std::memory_order_relaxed);
        });
        hops_.push_back(now_ns() - sent);
        back.value.store(sent, std::memory_order_release);
      }
    };
    const auto send = [&] {
      for (std::size_t i = 0; i < kHops; ++i) {
        const std::int64_t stamp = now_ns();
        there.value.store(stamp, std::memory_order_release);
        spin_until([&] { return back.value.load(std::memory_order_acquire) == stamp; });
      }
    };
    partner_.side_by_side(send, echo);
  }

  // Frames after the warm ones, whose times do not count.
  std::span<const CaptureLine> next_frames() {
    const auto lines = input_->next(kWarmFrames + kTimedFrames);
    const std::size_t timed = queued_.size();
    pipeline_->run(lines.first(kWarmFrames));
    queued_.resize(timed);
    return lines.subspan(kWarmFrames);
  }

  // What the queue holds is taken out frame by frame, on the same core.
  void measure_queued() {
    const auto lines = next_frames();
    const std::uint64_t before = counted_signals(Stage::Provisional) - queued_.size();
    for (const CaptureLine& line : lines) {
      pipeline_->take(line, now_ns());
      pipeline_->drain();
    }
    require(queued_.size() == counted_signals(Stage::Provisional) - before,
            "a signal was not timed");
    require(pipeline_->queue().size_approximate() == 0, "a signal stayed in the queue");
  }

  // One frame after the other; the next one waits until the consumer has what this one made.
  void measure_signals() {
    const auto lines = next_frames();
    seen_ = 0;
    const std::uint64_t before = counted_signals();
    std::atomic<bool> done{false};
    const auto feed = [&] {
      for (const CaptureLine& line : lines) {
        pipeline_->take(line, now_ns());
        spin_until([&] { return pipeline_->queue().size_approximate() == 0; });
      }
      done.store(true, std::memory_order_release);
    };
    partner_.side_by_side(feed, [&] { consume(done); });
    require(seen_ == counted_signals() - before, "a signal did not reach the consumer");
  }

  void consume(const std::atomic<bool>& done) {
    while (true) {
      const bool last_round = done.load(std::memory_order_acquire);
      const std::size_t count = pipeline_->queue().pop_bulk(batch_.data(), batch_.size());
      const std::int64_t now = now_ns();
      for (std::size_t i = 0; i < count; ++i) {
        const Record& record = batch_[i];
        if (record.type != Record::Type::Signal) continue;
        ++seen_;
        // What a bar's end says was not made by the frame.
        if (record.signal.stage == Stage::Provisional) signals_.push_back(now - record.stamp_ns);
      }
      if (count == 0 && last_round) return;
    }
  }

  std::uint64_t counted_signals() const noexcept {
    return counted_signals(Stage::Provisional) + counted_signals(Stage::Confirmed) +
           counted_signals(Stage::Retracted);
  }
  std::uint64_t counted_signals(Stage stage) const noexcept {
    std::uint64_t sum = 0;
    for (const auto& stages : pipeline_->statistics().signals) {
      sum += stages[static_cast<std::size_t>(stage)];
    }
    return sum;
  }

  std::unique_ptr<Input> input_;
  std::vector<std::int64_t> queued_;  // by the pipeline
  std::size_t timed_ = 0;
  std::unique_ptr<Pipeline> pipeline_;
  // The consumer's while a measure runs.
  std::vector<Record> batch_;
  std::uint64_t seen_ = 0;
  std::vector<std::int64_t> signals_;
  std::vector<std::int64_t> hops_;
  Partner partner_;  // the consumer's thread
};

std::unique_ptr<Figure> make_g5(std::string& why_not) {
  return has_two_cores(why_not) ? std::make_unique<TwoShards>() : nullptr;
}

std::unique_ptr<Figure> make_g6(std::string& why_not) {
  return has_two_cores(why_not) ? std::make_unique<TickToSignal>() : nullptr;
}

}  // namespace

std::vector<FigureEntry> thread_figures() {
  return {{"G5", make_g5}, {"G6", make_g6}};
}

}  // namespace fastrsi::bench
