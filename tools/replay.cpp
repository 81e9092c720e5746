#include "tools/replay.hpp"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <optional>
#include <stdexcept>
#include <thread>

#include <fmt/format.h>

#include "tools/block_queue.hpp"
#include "tools/replay_judge.hpp"

namespace fastrsi {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kReplayBlocks = 8;
constexpr std::size_t kReplayRecords = 16'384;
// One clock reading serves this many lines.
constexpr std::size_t kReplayLinesPerStamp = 64;
// A replay that is over sooner shows no bar.
constexpr std::chrono::milliseconds kProgressDelay{500};
constexpr std::chrono::milliseconds kProgressStep{50};

std::int64_t now_ns() {
  return Clock::now().time_since_epoch().count();
}

void show_bar(double share, bool end) {
  constexpr int kWidth = 40;
  const int filled = static_cast<int>(share * kWidth);
  fmt::print(stderr, "\r[{}{}] {:3.0f} %{}", std::string(static_cast<std::size_t>(filled), '#'),
             std::string(static_cast<std::size_t>(kWidth - filled), '.'), share * 100.0,
             end ? "\n" : "");
  std::fflush(stderr);
}

}  // namespace

// What belongs to one shard's thread.
struct Replay::Lane {
  // Measures, then publishes: the clock is read at a signal only.
  class Output final : public RecordOutput {
   public:
    Output(RecordQueue& queue, Histogram& latency)
        : publisher_({&queue}, WhenFull::Wait), latency_(latency) {}
    void record(const Record& record) noexcept override {
      publisher_.record(record);
      if (record.type == Record::Type::Signal) {
        latency_.add(
            static_cast<std::uint64_t>(std::max<std::int64_t>(0, now_ns() - record.stamp_ns)));
      }
    }

   private:
    Publisher publisher_;
    Histogram& latency_;
  };

  Lane(std::size_t index, std::size_t count, const EngineSettings& settings,
       const std::vector<RuleSettings>& rules, const std::vector<ShardFeed>& feeds)
      : queue(kReplayRecords),
        output(queue, latency),
        shard(index, count, settings, rules, feeds, output) {}

  Histogram latency;
  RecordQueue queue;
  Output output;
  Shard shard;
};

Replay::Replay(const Config& config, const ReplayOptions& options)
    : options_(options),
      session_(
          open_capture_session(config, {options.captures, {}, options.venue, options.stream})) {
  EngineSettings settings = config.engine;
  settings.symbols_max = session_.symbols_max;
  const std::size_t shards = std::max<std::size_t>(1, options.shards);
  for (std::size_t i = 0; i < shards; ++i) {
    lanes_.push_back(std::make_unique<Lane>(i, shards, settings, config.rules, session_.feeds));
  }
  blocks_ = std::make_unique<BlockExchange>(kReplayBlocks, shards);
}

Replay::~Replay() = default;

std::vector<Engine*> Replay::engines() {
  std::vector<Engine*> engines;
  for (const std::unique_ptr<Lane>& lane : lanes_) engines.push_back(&lane->shard.engine());
  return engines;
}

ReplayReport Replay::run(RecordConsumer& consumer, bool show_progress) {
  const auto begin = Clock::now();
  std::vector<RecordQueue*> queues;
  for (const std::unique_ptr<Lane>& lane : lanes_) queues.push_back(&lane->queue);
  std::atomic<bool> done{false};
  std::thread sink([&] { drain(queues, consumer, done); });
  std::thread reader([this] { read_blocks(); });
  std::vector<std::thread> shards;
  std::atomic<std::size_t> running{lanes_.size()};
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    shards.emplace_back([this, i, &running] {
      run_shard(*lanes_[i], i);
      running.fetch_sub(1, std::memory_order_release);  // pairs with the acquire below
    });
  }
  bool shown = false;
  while (show_progress && running.load(std::memory_order_acquire) > 0) {
    std::this_thread::sleep_for(kProgressStep);
    if (Clock::now() - begin < kProgressDelay) continue;
    show_bar(progress_.load(std::memory_order_relaxed), false);
    shown = true;
  }
  if (shown) show_bar(1.0, true);
  reader.join();
  for (std::thread& shard : shards) shard.join();
  done.store(true,
             std::memory_order_release);  // pairs with the acquire in drain: all records are pushed
  sink.join();
  ReplayReport report;
  report.seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  collect(report);
  return report;
}

void Replay::read_blocks() {
  while (true) {
    CaptureBlock* block = blocks_->take_free();
    if (block == nullptr || !session_.reader->next(*block)) break;
    blocks_->hand_over(session_.reader->progress());
  }
  blocks_->close();
}

void Replay::run_shard(Lane& lane, std::size_t index) {
  const Clock::time_point begin = Clock::now();
  ReceiveTime first = kNoReceiveTime;
  std::int64_t stamp = 0;
  while (const CaptureBlock* block = blocks_->next(index)) {
    for (std::size_t i = 0; i < block->lines.size(); ++i) {
      const CaptureLine& line = block->lines[i];
      const std::size_t feed = session_.feed_of_source[line.source];
      if (feed == kNoFeed) continue;
      const ReceiveTime time = options_.speed > 0.0 ? time_of(line) : kNoReceiveTime;
      if (time != kNoReceiveTime) {
        if (first == kNoReceiveTime) first = time;
        const std::chrono::duration<double, std::nano> passed(
            static_cast<double>((time - first).count()) / options_.speed);
        std::this_thread::sleep_until(begin + std::chrono::duration_cast<Clock::duration>(passed));
      }
      if (i % kReplayLinesPerStamp == 0 || options_.speed > 0.0) stamp = now_ns();
      lane.shard.take(line, feed, stamp);
    }
    const double progress = blocks_->release(index);
    if (index == 0) progress_.store(progress, std::memory_order_relaxed);
  }
}

void Replay::collect(ReplayReport& report) const {
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    const Lane& lane = *lanes_[i];
    report.engine.add(lane.shard.engine_statistics());
    report.latency.add(lane.latency);
    report.symbols += lane.shard.symbol_count();
  }
  // Every shard reads every frame: the first one's count is the session's.
  report.engine.messages = lanes_[0]->shard.engine_statistics().messages;
  report.engine.ticks = lanes_[0]->shard.engine_statistics().ticks;
  for (std::size_t feed = 0; feed < session_.feeds.size(); ++feed) {
    const FrameStatistics& frames = lanes_[0]->shard.frame_statistics(feed);
    for (std::size_t i = 0; i < kFrameKindCount; ++i) report.frames.frames[i] += frames.frames[i];
    for (std::size_t i = 0; i < kRejectCount; ++i) report.frames.rejected[i] += frames.rejected[i];
    report.frames.trades += frames.trades;
    report.frames.unwatched_trades += frames.unwatched_trades;
    report.frames.overflow_symbols += frames.overflow_symbols;
  }
  report.shards = lanes_.size();
  report.capture = session_.reader->statistics();
  report.diagnostics = session_.reader->diagnostics();
  report.diagnostics.insert(report.diagnostics.end(), session_.passed_over.begin(),
                            session_.passed_over.end());
  judge(report);
}

void Replay::judge(ReplayReport& report) const {
  const Shard& shard = lanes_[0]->shard;
  for (std::size_t source = 0; source < session_.feed_of_source.size(); ++source) {
    const std::size_t feed = session_.feed_of_source[source];
    if (feed == kNoFeed) continue;
    judge_source(options_.captures[source], session_.feeds[feed].venue,
                 shard.source_statistics(source), report);
  }
  for (std::size_t feed = 0; feed < session_.feeds.size(); ++feed) {
    judge_feed(session_.feeds[feed], shard.frame_statistics(feed), session_.symbols_max, report);
  }
  judge_silence(lanes_[0]->shard.engine().rules(), report);
}

}  // namespace fastrsi
