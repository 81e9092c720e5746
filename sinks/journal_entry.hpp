// One row of the journal: a signal or a list, with its place and its times. Everything that takes
// records away from the running service reads these.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "engine/market/evidence.hpp"
#include "engine/market/record.hpp"

namespace fastrsi {

// Rules' and symbols' names, each once and for good: entries point at them, whichever engine made
// them, and whether it is still there.
// Owner: the service. Threads: any.
class NameStore {
 public:
  const RuleLabel* rule(const RuleLabel& label);
  const Symbol* symbol(std::string_view venue, std::string_view name);

 private:
  using LabelKey = std::tuple<std::string, int, int, int>;
  std::mutex mutex_;
  std::deque<RuleLabel> labels_;
  std::deque<Symbol> symbols_;
  std::map<LabelKey, const RuleLabel*> label_of_;
  std::map<std::string, const Symbol*, std::less<>> symbol_of_;  // by full name
};

struct JournalEntry {
  enum class Type : std::uint8_t { Signal, Snapshot };

  std::uint64_t seq = 0;  // rises by one from 1, kept over restarts
  Type type = Type::Signal;
  Signal signal;      // when type is Signal
  Evidence evidence;  // likewise
  Snapshot snapshot;  // when type is Snapshot
  // Our clock, unix nanoseconds; 0 where not known.
  std::int64_t taken_ns = 0;      // the frame that caused it went into the shard
  std::int64_t fired_ns = 0;      // the engine said it
  std::int64_t journaled_ns = 0;  // it was written into the journal's transaction
};

// What makes an entry the same as one that is there already: the signal's id and stage, or of a
// list its reason, rule, timeframe, kind, time and first symbol.
std::string entry_key(const JournalEntry& entry);

// The record as one JSON object without a line end, its seq first.
std::string to_json(const JournalEntry& entry);

}  // namespace fastrsi
