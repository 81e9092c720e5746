// Bars out of CSV files of one's own: a warm-up where a venue has no history, or where what it has
// does not reach back far enough.
//
// A symbol's files are FOLDER/SYMBOL.csv and FOLDER/SYMBOL-ANYTHING.csv (also .csv.gz, .csv.zst),
// SYMBOL as file_name_of() writes it ("BTC%2FUSD"), each of bars or of trades in a form that
// replay reads too (INTERFACE.md, section 3). Trades make minutes, whole ones only.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "feeds/live/history_cache.hpp"

namespace fastrsi::live {

// Bars of one file more than these are its newest ones.
inline constexpr std::size_t kFiledBarsMax = 1'000'000;

using FiledBars = std::map<Timeframe, KnownBars>;

// Owner: a history worker. Thread: its own.
class HistoryFiles {
 public:
  // `folder` empty: there are none. `say` gets a line for each file that is no good.
  HistoryFiles(std::string folder, std::function<void(const std::string&)> say);

  bool is_empty() const noexcept { return folder_.empty(); }
  // All that the symbol's files tell, by timeframe. A file that is no good is said, and is as none.
  FiledBars load(const std::string& symbol) const;

 private:
  void add_file(const std::string& path, FiledBars& filed) const;

  const std::string folder_;
  const std::function<void(const std::string&)> say_;
};

}  // namespace fastrsi::live
