// What the journal's tests share: a journal in a folder of its own with a clock that the test sets,
// entries to put in, and a comparison of all their fields.
#pragma once

#include <bit>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "sinks/journal.hpp"
#include "sinks/journal_rows.hpp"
#include "tests/catch.hpp"
#include "tests/records.hpp"
#include "tests/scratch_folder.hpp"

namespace fastrsi::test {

inline constexpr std::int64_t kSecondNs = 1'000'000'000;
inline constexpr std::int64_t kStartNs = 1'723'161'252 * kSecondNs;

// Thousands of fsyncs: in memory where the system has such a place.
inline std::filesystem::path quick_place() {
  const std::filesystem::path memory = "/dev/shm";
  return std::filesystem::is_directory(memory) ? memory : std::filesystem::temp_directory_path();
}

class JournalFolderOfTest : public ScratchFolder {
 public:
  JournalFolderOfTest() : ScratchFolder(quick_place()) {}

  bool has(const std::string& name) const { return std::filesystem::exists(path(name)); }
  std::string bytes(const std::string& name) const {
    std::ifstream file(path(name), std::ios::binary);
    return {std::istreambuf_iterator<char>{file}, {}};
  }
  std::string asides() const {
    std::string names;
    for (int i = 1; has("journal.db.aside-" + std::to_string(i)); ++i) {
      names += std::to_string(i) + " ";
    }
    return names;
  }
};

// A journal that can be closed and opened again. No ballast, unless a test asks for one.
struct JournalBench {
  explicit JournalBench(const std::string& dir) {
    settings.dir = dir;
    settings.ballast_bytes = 0;
    open();
  }
  void open() {
    journal = std::make_unique<Journal>(
        settings, names, [this](const std::string& line) { said.push_back(line); },
        [this] { return now_ns; });
  }
  void reopen() {
    journal.reset();
    open();
  }
  bool has_said(const std::string& words) const {
    for (const std::string& line : said) {
      if (line.find(words) != std::string::npos) return true;
    }
    return false;
  }

  JournalSettings settings;
  NameStore names;
  std::int64_t now_ns = kStartNs;
  std::vector<std::string> said;
  std::unique_ptr<Journal> journal;
};

inline const RuleLabel& rule_of_test() {
  static const RuleLabel kRule{"tars", 14, 2, 12};
  return kRule;
}
inline const Symbol& symbol_of_test() {
  static const Symbol kSymbol{"binance", "BTCUSDT", "binance:BTCUSDT"};
  return kSymbol;
}

// The n-th of as many different entries as a test wants.
inline JournalEntry entry_of_test(std::uint32_t n) {
  JournalEntry entry;
  entry.signal = make_signal(rule_of_test(), symbol_of_test());
  entry.signal.firing = n;
  return entry;
}

inline bool same_bits(double a, double b) {
  return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b) || (a != a && b != b);
}

inline bool same_names(const JournalEntry& a, const JournalEntry& b) {
  const auto same_rule = [](const RuleLabel* x, const RuleLabel* y) {
    return x->name == y->name && x->default_period == y->default_period &&
           x->first_period == y->first_period && x->second_period == y->second_period;
  };
  const auto same_symbol = [](const Symbol* x, const Symbol* y) {
    return x->venue == y->venue && x->name == y->name && x->full_name == y->full_name;
  };
  if (a.type == JournalEntry::Type::Signal) {
    return same_rule(a.signal.rule, b.signal.rule) && same_symbol(a.signal.symbol, b.signal.symbol);
  }
  if (a.snapshot.symbols.size() != b.snapshot.symbols.size()) return false;
  for (std::size_t i = 0; i < a.snapshot.symbols.size(); ++i) {
    if (!same_symbol(a.snapshot.symbols[i], b.snapshot.symbols[i])) return false;
  }
  return same_rule(a.snapshot.rule, b.snapshot.rule);
}

inline bool same(const Signal& a, const Signal& b) {
  return a.bar_open == b.bar_open && a.time == b.time && a.received == b.received &&
         same_bits(a.price.value, b.price.value) && same_bits(a.rsi.by_default, b.rsi.by_default) &&
         same_bits(a.rsi.by_first, b.rsi.by_first) && same_bits(a.rsi.by_second, b.rsi.by_second) &&
         a.firing == b.firing && a.timeframe == b.timeframe && a.kind == b.kind &&
         a.stage == b.stage && a.quality == b.quality && a.repeat == b.repeat &&
         a.offline == b.offline;
}

inline bool same(const Snapshot& a, const Snapshot& b) {
  return a.reason == b.reason && a.kind == b.kind && a.timeframe == b.timeframe && a.time == b.time;
}

// All that a row must bring back.
inline bool same(const JournalEntry& a, const JournalEntry& b) {
  if (a.seq != b.seq || a.type != b.type || a.taken_ns != b.taken_ns || a.fired_ns != b.fired_ns ||
      a.journaled_ns != b.journaled_ns || !same_names(a, b)) {
    return false;
  }
  if (a.type == JournalEntry::Type::Snapshot) return same(a.snapshot, b.snapshot);
  return same(a.signal, b.signal) && evidence_to_bytes(a.evidence) == evidence_to_bytes(b.evidence);
}

inline std::string part_of(const Checkpoint& checkpoint, const std::string& name) {
  for (const StatePart& part : checkpoint.parts) {
    if (part.name == name) return part.bytes;
  }
  return {};
}

}  // namespace fastrsi::test
