// What history the symbols of one live feed still need, and when to ask for it: a warm-up for those
// that are not warm, a repair for those that have missed trades.
//
// Both wait for the end of a minute through which the connection was up: history holds all trades
// before that end, we hold all behind the minute's begin, so that neither a hole nor an overlap is
// left. What was asked for before something else went missing is asked for again.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>

#include "engine/symbol_core.hpp"
#include "feeds/live/history_fetcher.hpp"

namespace fastrsi {

// Owner: a live feed. Thread: the shard's.
class LiveHistory {
 public:
  // How a symbol and its connection are at a moment.
  struct Now {
    std::uint64_t ups = 0;
    std::uint32_t gaps = 0;
    bool is_up = false;
    ExchangeTime venue_now = kNoExchangeTime;
  };

  // `deliver` runs a task in the shard's thread; any thread calls it. `now_of` tells whether what
  // was asked for is still what is needed when it comes.
  LiveHistory(live::HistoryFetcher& fetcher, std::size_t bars_wanted,
              std::function<void(std::function<void()>)> deliver,
              std::function<Now(const std::string&)> now_of,
              std::function<void(const live::HistoryResult&)> take);

  // Once a second for each symbol. `ups` counts how often its connection came up; `is_up` now.
  void look_at(const SymbolCore& core, bool is_up, std::uint64_t ups, ExchangeTime venue_now,
               int priority);
  // Forgets what is no more watched.
  void forget(const std::string& symbol) { needs_.erase(symbol); }

  std::size_t waiting() const noexcept;
  // The venue says that there is no such symbol.
  bool is_unknown(const std::string& symbol) const;
  // Why a symbol has no history; empty: nothing is wrong.
  std::string trouble(const std::string& symbol) const;

 private:
  struct Need {
    bool is_asked = false;
    int times_unsure = 0;
    bool is_given = false;  // all that the venue has
    bool is_hopeless = false;
    ExchangeTime from = kNoExchangeTime;  // the minute that must be over; none: nothing is needed
    std::uint64_t ups = 0;                // as they were then
    std::uint32_t gaps = 0;
    ExchangeTime since = kNoExchangeTime;  // of a repair
    live::Clock::time_point not_before;
    std::string error;
  };

  void ask(const SymbolCore& core, Need& need, int priority);
  void take_result(const live::HistoryResult& result);

  live::HistoryFetcher& fetcher_;
  const std::size_t bars_wanted_;
  const std::function<void(std::function<void()>)> deliver_;
  const std::function<Now(const std::string&)> now_of_;
  const std::function<void(const live::HistoryResult&)> take_;
  std::map<std::string, Need, std::less<>> needs_;
};

}  // namespace fastrsi
