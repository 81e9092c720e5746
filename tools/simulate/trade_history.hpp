// The trades that a simulated exchange has shown so far, as bars: what its REST interface tells.
// They hold what faults have kept from clients, too.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/market/tick.hpp"

namespace fastrsi::simulate {

inline constexpr std::int64_t kNsPerMs = 1'000'000;
inline constexpr std::int64_t kMinuteMs = 60'000;

// Seconds of a symbol that are kept; minutes are kept for good.
inline constexpr std::size_t kSecondBarsMax = 2'000;

struct HistoryBar {
  std::int64_t open_ms = 0;
  double open = 0.0;
  double high = 0.0;
  double low = 0.0;
  double close = 0.0;
  double volume = 0.0;
  std::uint64_t trades = 0;
};

struct HistoryRange {
  std::int64_t length_ms = 60'000;
  std::int64_t begin_ms = 0;  // open times from here
  std::int64_t end_ms = 0;    // to here, which counts
  std::size_t limit = 500;
  bool newest = false;  // of more bars than the limit the newest, else the oldest
};

// Owner: the simulator. Thread: its own.
class TradeHistory {
 public:
  // Makes the symbol known, though it may never trade.
  void add_symbol(std::string_view symbol);
  void add(std::string_view symbol, const Tick& tick);
  bool knows(std::string_view symbol) const { return symbols_.contains(symbol); }
  std::vector<std::string> symbols() const;

  // Oldest first; bars without trades are flat, as on Binance. None before the first trade.
  std::vector<HistoryBar> bars(std::string_view symbol, const HistoryRange& range) const;

 private:
  using Bars = std::map<std::int64_t, HistoryBar>;
  struct Symbol {
    Bars minutes;
    Bars seconds;
  };
  static void add(Bars& bars, std::int64_t open_ms, const Tick& tick);

  std::map<std::string, Symbol, std::less<>> symbols_;
};

// Where the bar of this length that holds the time begins. Weeks begin on Mondays.
std::int64_t open_of(std::int64_t time_ms, std::int64_t length_ms) noexcept;

}  // namespace fastrsi::simulate
