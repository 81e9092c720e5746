// Closed bars of one symbol and timeframe that are known already, in memory and in a file, so that
// a restart asks the venue only for what is new.
//
// The file is CACHE_DIR/VENUE/SYMBOL/TIMEFRAME.bars, all numbers little-endian:
//
//   file = "FRSIBARS" version:u32 count:u32 begin:i64 end:i64 bar{count} check:u64
//   bar  = open_time:i64 open:f64 high:f64 low:f64 close:f64 trades:u64
//
// Times are unix nanoseconds. The file tells every bar with trades that opened in [begin, end); it
// is replaced as a whole. `check` is FNV-1a (64 bits) of VENUE/SYMBOL/TIMEFRAME and of all bytes
// before it, so that a file in another's place is no good either. A file that is no good is as
// none: it costs requests, never a wrong bar.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/units.hpp"
#include "feeds/capture_bars.hpp"

namespace fastrsi::live {

// Bars of one file: more than two years of hours, 22 days of minutes; 1.5 MB.
inline constexpr std::size_t kCachedBarsMax = 32'768;

// What is known without a hole: every bar with trades that opened in [begin, end).
// Owner: a history worker. Thread: its own.
struct KnownBars {
  ExchangeTime begin = kNoExchangeTime;
  ExchangeTime end = kNoExchangeTime;  // begin == end: nothing is known
  std::vector<CaptureBar> bars;        // oldest first

  bool is_empty() const noexcept { return begin == end; }
  // Those that opened in [from, to).
  std::vector<CaptureBar> within(ExchangeTime from, ExchangeTime to) const;
  // Adds what is known of [from, to). Where a hole would be left between, the newer part stays.
  void add(ExchangeTime from, ExchangeTime to, const std::vector<CaptureBar>& more);
  // Forgets what is later, or more than so many bars ago.
  void forget_from(ExchangeTime time);
  void forget_old(std::size_t bars_max);
};

// "BTC/USD" -> "BTC%2FUSD"; nothing when it makes no file name.
std::optional<std::string> file_name_of(std::string_view text);

// One file's bytes. `key` is VENUE/SYMBOL/TIMEFRAME. At most kCachedBarsMax bars.
std::string write_known_bars(const KnownBars& known, std::string_view key);
std::optional<KnownBars> read_known_bars(std::string_view bytes, std::string_view key);

// Owner: a history worker. Thread: its own. Trouble with files is counted and is nobody's trouble.
class HistoryCache {
 public:
  // `folder` empty: nothing is kept. `venue` tells apart whose bars they are.
  HistoryCache(std::string folder, std::string venue);

  KnownBars load(const std::string& symbol, Timeframe timeframe);
  void save(const std::string& symbol, Timeframe timeframe, const KnownBars& known);

  std::uint64_t damaged_total() const noexcept { return damaged_total_; }
  std::uint64_t failed_writes_total() const noexcept { return failed_writes_total_; }

 private:
  std::string folder_of(const std::string& symbol) const;

  // Constant after construction.
  const std::string folder_;
  const std::string venue_;
  // Counts.
  std::uint64_t damaged_total_ = 0;
  std::uint64_t failed_writes_total_ = 0;
};

}  // namespace fastrsi::live
