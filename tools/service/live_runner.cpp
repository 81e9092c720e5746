#include "tools/service/live_runner.hpp"

#include <chrono>
#include <utility>

#include "tools/service/clocks.hpp"
#include "tools/service/live_feed.hpp"

namespace fastrsi {
namespace {

constexpr std::chrono::seconds kLookRoundEvery{1};

}  // namespace

LiveRunner::LiveRunner(const ShardBegin& begin, const LiveFrames& frames)
    : ShardRunner(begin), frames_(frames), resolver_(loop_), lists_(begin.feeds) {
  for (std::size_t i = 0; i < frames_.feeds.size(); ++i) {
    feeds_.push_back(std::make_unique<Feed>(*this, i));
  }
}

LiveRunner::~LiveRunner() = default;

void LiveRunner::run() noexcept {
  begin();
  for (std::size_t i = 0; i < feeds_.size(); ++i) feeds_[i]->want(lists_[i]);
  loop_.call_after(kLookRoundEvery, [this] { look_round(); });
  loop_.run();
  feeds_.clear();
}

void LiveRunner::take(const CaptureLine& line, std::size_t feed) noexcept {
  if (stopped_) return;
  shard_.take(line, feed, stamp_ns_);
  lines_.store(++line_, std::memory_order_relaxed);
}

void LiveRunner::look_round() {
  const std::int64_t now_ns = wall_ns();
  for (const auto& feed : feeds_) feed->look_round(now_ns);
  tell_status();
  loop_.call_after(kLookRoundEvery, [this] { look_round(); });
}

void LiveRunner::tell_status() {
  std::vector<LiveFeedStatus> status;
  for (const auto& feed : feeds_) status.push_back(feed->status());
  const std::lock_guard lock(mutex_);
  status_ = std::move(status);
}

std::vector<LiveFeedStatus> LiveRunner::status() const {
  const std::lock_guard lock(mutex_);
  return status_;
}

// A shard's connections are its own: it need not wait for the others.
void LiveRunner::begin_checkpoint(std::uint64_t mark, bool and_stop) {
  stopped_ = stopped_ || and_stop;
  save(line_, mark);
}

std::unique_ptr<Engine> LiveRunner::reconfigure(const EngineSettings& settings,
                                                const std::vector<RuleSettings>& rules,
                                                const std::vector<ShardFeed>& feeds) {
  std::unique_ptr<Engine> before = ShardRunner::reconfigure(settings, rules, feeds);
  lists_ = feeds;
  for (std::size_t i = 0; i < feeds_.size(); ++i) feeds_[i]->want(lists_[i]);
  return before;
}

}  // namespace fastrsi
