// Questions: how long after the first byte of a frame is looked at does its signal lie in the
// consumer's queue, and how long until a consumer that spins on the other core holds it? How long
// does the queue alone take? All compared with the bare hop of a number between two cores (G6).
#include <algorithm>
#include <atomic>
#include <limits>

#include "bench/figure.hpp"
#include "bench/input.hpp"
#include "bench/partner.hpp"
#include "bench/pipeline.hpp"
#include "bench/yardstick.hpp"
#include "engine/base/units.hpp"

namespace fastrsi::bench {
namespace {

using Times = std::vector<std::int64_t>;

constexpr std::size_t kLatencyWarmFrames = 4096;
constexpr std::size_t kLatencyTimedFrames = 16'384;
constexpr std::size_t kHops = 4000;
constexpr std::size_t kSignalsLeast = 400;
constexpr std::size_t kLatencyBatch = 256;
constexpr std::size_t kLatencyRecords = 1024;

// Not counted by the histogram of the program: its buckets are too wide for a ratio.
double percentile(Times& times, double share) {
  const auto at =
      times.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(times.size() - 1));
  std::nth_element(times.begin(), at, times.end());
  return static_cast<double>(*at);
}

struct alignas(kCacheLineBytes) StampLine {
  std::atomic<std::int64_t> value{0};
};

class TickToSignal final : public Figure {
 public:
  TickToSignal() : input_(make_market({})), batch_(kLatencyBatch) {
    PipelineSettings settings;
    settings.symbols = input_->symbols();
    settings.latencies = &queued_;
    pipeline_ = std::make_unique<Pipeline>(settings);
    pipeline_->tell_history(*input_);
  }

  std::vector<Question> questions() const override {
    constexpr double kNoGoal = std::numeric_limits<double>::quiet_NaN();
    return {
        {"G6", "tick to signal in its queue / hop between cores, p50", Better::Lower, 2.0},
        {"G6", "tick to signal in its queue / hop between cores, p99", Better::Lower, 3.5},
        {"", "tick to signal on the other core / the same, p50", Better::Lower, kNoGoal},
        {"", "tick to signal on the other core / the same, p99", Better::Lower, kNoGoal},
        {"", "a record through the queue alone / the same, p50", Better::Lower, kNoGoal},
        {"", "a record through the queue alone / the same, p99", Better::Lower, kNoGoal},
        {"", "such a frame parsed with simdjson alone / the same, p50", Better::Lower, kNoGoal},
        {"", "such a frame parsed with simdjson alone / the same, p99", Better::Lower, kNoGoal}};
  }

  // Each signal the engine counts is timed once on its way, and popped once.
  void prove() override { measure_all(); }

  void round(std::vector<Reading>& readings) override {
    measure_all();
    for (Times* times : {&queued_, &popped_, &records_, &parsed_}) {
      for (const double share : {0.5, 0.99}) {
        const double ours = percentile(*times, share);
        const double hop = percentile(hops_, share);
        readings.push_back({ours / hop, ours, hop});
      }
    }
  }

 private:
  void measure_all() {
    hops_.clear();
    records_.clear();
    popped_.clear();
    measure_hops();
    measure_records();
    queued_.clear();
    while (popped_.size() < kSignalsLeast) measure_popped();
    require(popped_.size() == queued_.size(), "a signal was timed at one end only");
    queued_.clear();
    parsed_.clear();
    while (queued_.size() < kSignalsLeast) measure_queued();
  }

  // One after the other: a time is written on this core and read on the other.
  void measure_hops() {
    StampLine there;
    StampLine back;
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

  // The same with a whole record, through the queue that consumers have.
  void measure_records() {
    RecordQueue queue(kLatencyRecords);
    StampLine back;
    const auto echo = [&] {
      for (std::size_t i = 0; i < kHops; ++i) {
        spin_until([&] { return queue.pop_bulk(batch_.data(), batch_.size()) == 1; });
        records_.push_back(now_ns() - batch_.front().stamp_ns);
        back.value.store(batch_.front().stamp_ns, std::memory_order_release);
      }
    };
    const auto send = [&] {
      Record record;
      for (std::size_t i = 0; i < kHops; ++i) {
        record.stamp_ns = now_ns();
        queue.try_push(record);
        spin_until([&] { return back.value.load(std::memory_order_acquire) == record.stamp_ns; });
      }
    };
    partner_.side_by_side(send, echo);
  }

  // Frames after the warm ones, whose times do not count.
  std::span<const CaptureLine> next_frames() {
    const auto lines = input_->next(kLatencyWarmFrames + kLatencyTimedFrames);
    const std::size_t timed = queued_.size();
    pipeline_->run(lines.first(kLatencyWarmFrames));
    queued_.resize(timed);
    return lines.subspan(kLatencyWarmFrames);
  }

  // What the queue holds is taken out frame by frame, on the same core. Beside it, what is the
  // least that a parser takes for the frames that make a signal: the parse alone, of bytes that
  // the pipeline has just read.
  void measure_queued() {
    const auto lines = next_frames();
    const std::uint64_t untimed = provisional_signals() - queued_.size();
    FiveFields fields;
    for (const CaptureLine& line : lines) {
      const std::size_t before = queued_.size();
      pipeline_->take(line, now_ns());
      pipeline_->drain();
      if (queued_.size() == before) continue;
      const std::int64_t begun = now_ns();
      require(yardstick_.parse(line.bytes, fields), "a frame was not parsed");
      parsed_.push_back(now_ns() - begun);
    }
    require(queued_.size() + untimed == provisional_signals(), "a signal was not timed");
  }

  // One frame after the other; the next one waits until the consumer has what this one made.
  void measure_popped() {
    const auto lines = next_frames();
    const std::uint64_t unpopped = provisional_signals() - popped_.size();
    std::atomic<bool> done{false};
    const auto feed = [&] {
      for (const CaptureLine& line : lines) {
        pipeline_->take(line, now_ns());
        spin_until([&] { return pipeline_->queue().size_approximate() == 0; });
      }
      done.store(true, std::memory_order_release);
    };
    partner_.side_by_side(feed, [&] { consume(done); });
    require(popped_.size() + unpopped == provisional_signals(), "a signal was lost");
  }

  void consume(const std::atomic<bool>& done) {
    while (true) {
      const bool last_round = done.load(std::memory_order_acquire);
      const std::size_t count = pipeline_->queue().pop_bulk(batch_.data(), batch_.size());
      const std::int64_t now = now_ns();
      for (std::size_t i = 0; i < count; ++i) {
        const Record& record = batch_[i];
        // What a bar's end says was not made by the frame.
        if (record.type != Record::Type::Signal) continue;
        if (record.signal.stage == Stage::Provisional) popped_.push_back(now - record.stamp_ns);
      }
      if (count == 0 && last_round) return;
    }
  }

  std::uint64_t provisional_signals() const noexcept {
    std::uint64_t sum = 0;
    for (const auto& stages : pipeline_->statistics().signals) {
      sum += stages[static_cast<std::size_t>(Stage::Provisional)];
    }
    return sum;
  }

  std::unique_ptr<Input> input_;
  Times hops_;
  Times queued_;  // filled by the pipeline
  Times parsed_;
  Yardstick yardstick_{IdKey::Aggregate};
  std::unique_ptr<Pipeline> pipeline_;
  // The consumer's while a measure runs.
  std::vector<Record> batch_;
  Times popped_;
  Times records_;
  Partner partner_;  // the consumer's thread
};

std::unique_ptr<Figure> make_g6(std::string& why_not) {
  return has_two_cores(why_not) ? std::make_unique<TickToSignal>() : nullptr;
}

}  // namespace

std::vector<FigureEntry> latency_figures() {
  return {{"G6", make_g6}};
}

}  // namespace fastrsi::bench
