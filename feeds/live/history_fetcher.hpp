// History of a feed's symbols, brought by a thread of its own: the most important ones first, one
// request at a time, so that what a venue allows is enough for as many symbols as there are.
//
//   HistoryFetcher fetcher({.feed = feed, .cache_folder = "...", .now = venue_clock});
//   fetcher.ask({"BTCUSDT", 0, {{Timeframe::M1, 1000}, {Timeframe::D1, 1000}}}, take_result);
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include "feeds/live/history_worker.hpp"

namespace fastrsi::live {

// Jobs that wait. Each symbol has one or two at a time.
inline constexpr std::size_t kHistoryJobsMax = 65'536;

// Owner: the service, one a feed. Thread: any.
class HistoryFetcher {
 public:
  // Called in the fetcher's thread; does not throw, and does not call stop().
  using Done = std::function<void(HistoryResult)>;

  // Throws std::runtime_error when the venue, its calendar or libcurl cannot be used. Without a
  // clock in the settings the machine's is taken.
  explicit HistoryFetcher(HistorySettings settings);
  ~HistoryFetcher();
  HistoryFetcher(const HistoryFetcher&) = delete;
  HistoryFetcher& operator=(const HistoryFetcher&) = delete;

  // False, and `done` is never called: there are too many, or it has stopped.
  bool ask(HistoryJob job, Done done);
  // Ends what is under way at once. When it returns, no `done` is called any more; jobs that were
  // not done are forgotten.
  void stop() noexcept;

  const HistoryCounters& counters() const noexcept { return counters_; }
  std::size_t waiting() const;

 private:
  struct Ticket {
    HistoryJob job;
    Done done;
  };

  void work() noexcept;
  HistoryResult work_on(const HistoryJob& job) noexcept;

  // Constant after construction.
  const HistorySettings settings_;
  // Any thread.
  HistoryCounters counters_;
  HistoryWorker worker_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::map<std::pair<int, std::uint64_t>, Ticket> tickets_;  // by priority, then as they came
  std::uint64_t next_ticket_ = 0;
  bool stopped_ = false;
  // The last: it uses all others.
  std::thread thread_;
};

}  // namespace fastrsi::live
