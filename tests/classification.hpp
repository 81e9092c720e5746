// What the frames of each file became, as a table: file, kind or reason, how many.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "feeds/feeds.hpp"
#include "tests/corpus.hpp"

namespace fastrsi::testing {

// Every file of the corpus whose house we have a parser for, by its beginning; the first match
// counts.
inline const std::vector<std::pair<std::string, std::string>>& corpus_families() {
  static const std::vector<std::pair<std::string, std::string>> kFamilies = {
      {"binance_futures", "binance-usdm"},
      {"binance_raw_usdm", "binance-usdm"},
      {"binance_european_options", "binance-usdm"},
      {"binance_delivery", "binance-coinm"},
      {"binance", "binance"},
      {"coinbase", "coinbase"},
      {"kraken", "kraken"},
      {"cryptofacilities", "kraken"},  // what Kraken's futures were
      {"bybit_spot", "bybit-spot"},
      {"bybit", "bybit-linear"},  // a capture has both markets; one parser reads them
      {"okx", "okx"},
      {"okex", "okx"},  // what OKX was
      {"okcoin", "okx"},
      {"bitstamp", "bitstamp"}};
  return kFamilies;
}

// Empty when no parser of ours is meant for the file.
inline std::string venue_of_file(const std::string& name) {
  for (const auto& [prefix, venue] : corpus_families()) {
    if (name.starts_with(prefix)) return venue;
  }
  return {};
}

class Classification {
 public:
  void add(const std::string& file, const FrameEvents& events) {
    std::string kind{to_text(events.kind)};
    if (events.kind == FrameKind::Rejected) kind += ": " + std::string{to_text(events.reject)};
    if (events.kind != FrameKind::Rejected && events.rejected_trades > 0) {
      kind += " (some refused: " + std::string{to_text(events.reject)} + ")";
    }
    ++counts_[{file, kind}];
  }

  std::string text() const {
    std::ostringstream text;
    for (const auto& [key, count] : counts_) {
      text << key.first << '\t' << key.second << '\t' << count << '\n';
    }
    return text.str();
  }

 private:
  std::map<std::pair<std::string, std::string>, std::size_t> counts_;
};

// tests/data/classification/<name>; FASTRSI_BLESS=1 takes the new text for good.
inline std::string golden_classification(const std::string& name, const std::string& text) {
  const std::filesystem::path path = data_folder() / "classification" / name;
  if (std::getenv("FASTRSI_BLESS") != nullptr) std::ofstream{path} << text;
  std::ifstream file{path};
  std::ostringstream golden;
  golden << file.rdbuf();
  return golden.str();
}

}  // namespace fastrsi::testing
