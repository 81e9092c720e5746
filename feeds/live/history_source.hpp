// One venue's REST interface asked for bars: page after page, at the venue's pace, again where that
// helps, and in words where it does not.
//
// A closed bar is published a moment after its minute ends. So the newest one, when it is not there
// although it should be, is asked for once more; where it stays away nothing later is sure.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "feeds/capture_bars.hpp"
#include "feeds/live/history_bars.hpp"
#include "feeds/live/history_pace.hpp"
#include "feeds/live/http_client.hpp"
#include "feeds/venues.hpp"

namespace fastrsi::live {

struct HistorySettings {
  FeedSettings feed;                            // its venue, proxy, CA file, pin and calendar
  std::string rest_url;                         // "http://127.0.0.1:8080"; empty: the venue's own
  bool asks_venue = true;                       // else there are only files
  std::string cache_folder;                     // empty: nothing is kept
  std::string files_folder;                     // empty: there are none
  std::function<void(const std::string&)> say;  // one line for the log, of a file that is no good
  // The venue's clock, as well as it is known. Called in the fetcher's thread.
  std::function<ExchangeTime()> now;
  HistoryTimes times;
  Clock::duration answer_within = std::chrono::seconds{30};
  int tries_max = 8;       // of one request
  std::uint64_t seed = 0;  // of the pauses
};

// Written by the fetcher's thread, read by any; each is a sum on its own.
struct HistoryCounters {
  std::atomic<std::uint64_t> requests_total{0};
  std::atomic<std::uint64_t> received_bytes_total{0};  // bodies, unpacked
  std::atomic<std::uint64_t> too_fast_total{0};        // 429 and its like, bans among them
  std::atomic<std::uint64_t> errors_total{0};          // other answers that were no good, or none
  std::atomic<std::uint64_t> bars_total{0};            // taken from answers
  std::atomic<std::uint64_t> damaged_bars_total{0};    // left out
  std::atomic<std::uint64_t> late_bars_total{0};       // asked for once more
  std::atomic<std::uint64_t> cached_bars_total{0};     // needed and known already
  std::atomic<std::uint64_t> filed_bars_total{0};      // read from files
  std::atomic<std::uint64_t> cache_damaged_total{0};   // files that were no good
  std::atomic<std::uint64_t> cache_failures_total{0};  // files that could not be written
};

struct SourceAnswer {
  std::vector<CaptureBar> bars;  // with trades, oldest first
  // Bars that open from here on may come yet.
  ExchangeTime sure_until = kNoExchangeTime;
  // They should be there, but did not come when they were asked for once more.
  bool is_late = false;
  std::string error;  // empty: all is well
  bool is_unknown_symbol = false;
  bool is_stopped = false;
  Clock::duration retry_in{0};  // of an error: asking before is in vain
};

// Owner: a history worker. Thread: its own; stop() from any.
class HistorySource {
 public:
  // `settings` and `counters` outlive it. Throws std::runtime_error.
  HistorySource(const HistorySettings& settings, HistoryCounters& counters);

  // The venue's bars that open in [wanted.begin, wanted.end).
  SourceAnswer bars(const std::string& symbol, const BarsWanted& wanted);
  // What is waited for ends at once, and what is asked for later is not begun.
  void stop() noexcept;

  const VenueFacts& facts() const noexcept { return venue_->facts(); }
  // None where the venue has no history.
  std::span<const Timeframe> timeframes() const noexcept;

 private:
  History page(const HistoryQuery& query, const RestRequest& request, SourceAnswer& out);
  bool ask(const HistoryQuery& query, const RestRequest& request, History& history,
           SourceAnswer& out);
  bool is_due(ExchangeTime last_end, const HistoryQuery& query, const SourceAnswer& known) const;
  bool give_up(const HistoryQuery& query, const std::string& why, SourceAnswer& out);
  bool wait_until(Clock::time_point time);

  // Constant after construction.
  const HistorySettings& settings_;
  HistoryCounters& counters_;
  const std::unique_ptr<Venue> venue_;
  const std::string url_;
  // The fetcher's thread.
  HistoryPace pace_;
  std::string last_error_;
  // Any thread.
  HttpClient http_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopped_ = false;
};

}  // namespace fastrsi::live
