// A shard whose feeds are exchanges: its connections, its event loop and its graph in one thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "feeds/capture_writer.hpp"
#include "feeds/live/history_fetcher.hpp"
#include "feeds/live/link_pair.hpp"
#include "feeds/net/resolver.hpp"
#include "feeds/net/tls.hpp"
#include "tools/service/shard_runner.hpp"

namespace fastrsi {

// A feed as its connections need it. Owner: the service; outlives the runners.
struct LiveFeed {
  FeedSettings settings;
  net::Url url;
  std::optional<net::Url> proxy;
  // None where nobody is to be asked for history.
  std::unique_ptr<live::HistoryFetcher> history;
  // The venue's time, unix nanoseconds; 0 until it is known. Written by shards, read by the
  // fetcher.
  std::unique_ptr<std::atomic<std::int64_t>> venue_ns;
};

// A symbol that is not as it should be.
struct SymbolTrouble {
  std::string symbol;
  std::string_view kind;  // "refused", "without history", "stale"
  std::string what;       // "refused: ...", "stale for 90 s"
};

// What a shard's connections to one feed are like now.
struct LiveFeedStatus {
  std::vector<live::LinkStatus> links;
  std::vector<std::int64_t> heard_ns;  // by link: its newest frame, by our clock; 0: none
  std::vector<SymbolTrouble> troubles;
  std::size_t history_waiting = 0;  // symbols that are asked for, or will be
  std::size_t symbols = 0;
  std::size_t ready = 0;  // of them: warm, or without hope of ever being so
};

// What all live runners share. Owner: the service; outlives them.
struct LiveFrames {
  const std::vector<LiveFeed>& feeds;
  live::ConnectPace& connects;
  CaptureWriter* capture;  // none: nothing is captured
  Nanoseconds silence;
  std::function<void(const std::string&)> say;  // one line for the log; any thread
};

// Owner: the service. run() is the shard's thread.
class LiveRunner final : public ShardRunner {
 public:
  LiveRunner(const ShardBegin& begin, const LiveFrames& frames);
  ~LiveRunner() override;

  void run() noexcept override;
  void begin_checkpoint(std::uint64_t mark, bool and_stop) override;
  std::unique_ptr<Engine> reconfigure(const EngineSettings& settings,
                                      const std::vector<RuleSettings>& rules,
                                      const std::vector<ShardFeed>& feeds) override;
  void post(std::function<void()> task) override { loop_.post(std::move(task)); }

  // --- any thread
  void stop() noexcept { loop_.stop(); }
  std::vector<LiveFeedStatus> status() const;

 private:
  class Feed;

  void take(const CaptureLine& line, std::size_t feed) noexcept;
  void look_round();
  void tell_status();

  const LiveFrames frames_;
  net::EventLoop loop_;
  net::Resolver resolver_;
  std::vector<ShardFeed> lists_;  // of symbols, by feed
  std::vector<std::unique_ptr<Feed>> feeds_;
  bool stopped_ = false;
  std::int64_t batch_ns_ = 0;  // when the frames of this wake-up were received
  std::int64_t stamp_ns_ = 0;  // likewise, as records carry it

  mutable std::mutex mutex_;
  std::vector<LiveFeedStatus> status_;
};

}  // namespace fastrsi
