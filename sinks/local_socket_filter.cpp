#include "sinks/local_socket_filter.hpp"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>

namespace fastrsi {
namespace {

// A watch list has thousands of symbols at most; names beyond that are matched anew each time.
constexpr std::size_t kKnownSymbolsMax = 4096;

constexpr std::array kStages{Stage::Provisional, Stage::Confirmed, Stage::Retracted};

template <typename Enum>
constexpr std::size_t index(Enum value) noexcept {
  return static_cast<std::size_t>(value);
}

template <std::size_t Size>
bool has(const std::bitset<Size>& set, std::size_t i) noexcept {
  return set.none() || set[i];
}

std::string all_kinds() {
  std::string names;
  for (std::size_t i = 0; i < kKindCount; ++i) {
    names += (i == 0 ? "" : ", ") + std::string(to_text(static_cast<Kind>(i)));
  }
  return names;
}

std::string all_timeframes() {
  std::string names;
  for (std::size_t i = 0; i < kTimeframeCount; ++i) {
    names += (i == 0 ? "" : ", ") + std::string(to_text(static_cast<Timeframe>(i)));
  }
  return names;
}

}  // namespace

std::optional<std::string> RecordFilter::add_kind(const std::string& word) {
  if (word == "*") {
    kinds_.set();
    return std::nullopt;
  }
  const auto kind = kind_from_text(word);
  if (!kind) return fmt::format("no such kind: {} (there are {})", word, all_kinds());
  kinds_.set(index(*kind));
  return std::nullopt;
}

std::optional<std::string> RecordFilter::add_timeframe(const std::string& word) {
  if (word == "*") {
    timeframes_.set();
    return std::nullopt;
  }
  const auto timeframe = timeframe_from_text(word);
  if (!timeframe) {
    return fmt::format("no such timeframe: {} (there are {})", word, all_timeframes());
  }
  timeframes_.set(index(*timeframe));
  return std::nullopt;
}

std::optional<std::string> RecordFilter::add_stage(const std::string& word) {
  if (word == "*") {
    stages_.set();
    return std::nullopt;
  }
  for (const Stage stage : kStages) {
    if (word != to_text(stage)) continue;
    stages_.set(index(stage));
    return std::nullopt;
  }
  return fmt::format("no such stage: {} (there are provisional, confirmed, retracted)", word);
}

std::optional<std::string> RecordFilter::add_symbol(const std::string& glob) {
  if (glob.empty()) return "a symbol is empty (leave symbols out for all)";
  if (glob.size() > kSocketGlobBytesMax) {
    return fmt::format("a symbol is at most {} bytes long", kSocketGlobBytesMax);
  }
  if (glob.find('\0') != std::string::npos) return "a symbol holds a zero byte";
  if (std::count(glob.begin(), glob.end(), '*') > std::ptrdiff_t{kSocketGlobStarsMax}) {
    return fmt::format("symbol {} has more than {} stars", glob, kSocketGlobStarsMax);
  }
  if (globs_.size() == kSocketGlobsMax) {
    return fmt::format("more than {} symbols (use globs: binance:*)", kSocketGlobsMax);
  }
  globs_.push_back(glob);
  return std::nullopt;
}

bool RecordFilter::wants(const SocketRecord& record) {
  if (!has(kinds_, index(record.kind))) return false;
  if (!has(timeframes_, index(record.timeframe))) return false;
  if (record.is_list) return true;
  return has(stages_, index(record.stage)) && (globs_.empty() || wants_symbol(record.symbol));
}

bool RecordFilter::wants_symbol(const std::string& symbol) {
  const auto known = known_.find(symbol);
  if (known != known_.end()) return known->second;
  const bool wanted = std::any_of(globs_.begin(), globs_.end(), [&symbol](const std::string& glob) {
    return ::fnmatch(glob.c_str(), symbol.c_str(), 0) == 0;
  });
  if (known_.size() < kKnownSymbolsMax) known_.emplace(symbol, wanted);
  return wanted;
}

}  // namespace fastrsi
