// What history a symbol is asked for, and how one such job is done: planned, taken from what is
// known already, from files and from the venue, and cut to the symbol's calendar.
//
// A warm-up is so many closed bars of each timeframe and what its forming bar holds so far; a
// repair is the minutes since trades began to be missing. All lists of a job end at the same full
// minute, where live trades take over.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "engine/market/calendar.hpp"
#include "feeds/live/history_cache.hpp"
#include "feeds/live/history_files.hpp"
#include "feeds/live/history_source.hpp"

namespace fastrsi::live {

// A bar that has closed is asked for no earlier.
inline constexpr Nanoseconds kPublishLag = std::chrono::seconds{2};
// A longer gap is a warm-up: its minutes would be more than a page.
inline constexpr Nanoseconds kRepairMax = std::chrono::minutes{1000};
// Bars of one timeframe: more than any rule needs.
inline constexpr std::size_t kBarsWishedMax = 10'000;

struct HistoryWish {
  Timeframe timeframe = Timeframe::M1;
  std::size_t bars = 0;  // closed ones; of a warm-up
};

struct HistoryJob {
  std::string symbol;
  int priority = 0;  // lower is first
  std::vector<HistoryWish> wishes;
  // Of a repair: the venue's time of the last good trade. Else a warm-up.
  ExchangeTime since = kNoExchangeTime;
};

struct HistoryResult {
  std::string symbol;
  // What trades before it held is in the lists.
  ExchangeTime until = kNoExchangeTime;
  // The same, but for bars that are late: what traded from here on may be missing in the lists.
  ExchangeTime sure_until = kNoExchangeTime;
  std::vector<CaptureBars> lists;  // one a timeframe; its own bars or shorter ones
  // Timeframes that the venue cannot give: they have no list.
  std::vector<Timeframe> without;
  std::string error;  // then there are no lists
  bool is_unknown_symbol = false;
  bool is_stopped = false;
  Clock::duration retry_in{0};  // of an error: asking before is in vain
};

// Owner: a history fetcher. Thread: its own; stop() from any.
class HistoryWorker {
 public:
  // `settings` and `counters` outlive it. Throws std::runtime_error.
  HistoryWorker(const HistorySettings& settings, HistoryCounters& counters);

  HistoryResult work(const HistoryJob& job);
  void stop() noexcept { source_.stop(); }

 private:
  struct Series {
    KnownBars known;
    ExchangeTime unsure_from = kNeverExchangeTime;
    bool changed = false;
  };

  void load_files(const std::string& symbol);
  bool add_list(const HistoryJob& job, const HistoryWish& wish, bool repair, HistoryResult& result);
  bool take(const std::string& symbol, const BarsWanted& wanted, std::vector<CaptureBar>& bars,
            HistoryResult& result);
  bool fetch(const std::string& symbol, const BarsWanted& wanted, Series& series,
             std::vector<CaptureBar>& bars, HistoryResult& result);
  Series& series_of(const std::string& symbol, Timeframe timeframe);
  void save(const std::string& symbol);

  // Constant after construction.
  const HistorySettings& settings_;
  HistoryCounters& counters_;
  const Calendar calendar_;
  // The fetcher's thread.
  HistorySource source_;
  HistoryCache cache_;
  HistoryFiles files_;
  std::map<Timeframe, Series> series_;  // of the job's symbol
  std::vector<Timeframe> timeframes_;   // that can be had of it, ascending
};

}  // namespace fastrsi::live
