#include "sinks/journal_entry.hpp"

#include <fmt/format.h>

namespace fastrsi {

const RuleLabel* NameStore::rule(const RuleLabel& label) {
  LabelKey key{label.name, label.default_period, label.first_period, label.second_period};
  const std::lock_guard lock(mutex_);
  const auto known = label_of_.find(key);
  if (known != label_of_.end()) return known->second;
  const RuleLabel* const made = &labels_.emplace_back(label);
  label_of_.emplace(std::move(key), made);
  return made;
}

const Symbol* NameStore::symbol(std::string_view venue, std::string_view name) {
  std::string full_name;
  full_name.reserve(venue.size() + 1 + name.size());
  full_name.append(venue).append(":").append(name);
  std::string key = full_name;
  const std::lock_guard lock(mutex_);
  auto known = symbol_of_.find(key);
  // Two pairs have the same full name only when a venue has a colon in its own.
  if (known != symbol_of_.end() && known->second->venue != venue) {
    key.append(1, '\0').append(venue);
    known = symbol_of_.find(key);
  }
  if (known != symbol_of_.end()) return known->second;
  const Symbol* const made =
      &symbols_.emplace_back(Symbol{std::string(venue), std::string(name), std::move(full_name)});
  symbol_of_.emplace(std::move(key), made);
  return made;
}

// A list's key ends in its reason and a signal's in its stage: no key of one is ever one of the
// other.
std::string entry_key(const JournalEntry& entry) {
  if (entry.type == JournalEntry::Type::Signal) {
    return signal_id(entry.signal).append("/").append(to_text(entry.signal.stage));
  }
  const Snapshot& list = entry.snapshot;
  const std::string_view first =
      list.symbols.empty() ? std::string_view{} : list.symbols.front()->full_name;
  return fmt::format("{}/{}/{}/{}/{}/{}", list.rule->name, to_text(list.timeframe),
                     to_text(list.kind), to_iso_ns(list.time), first, to_text(list.reason));
}

std::string to_json(const JournalEntry& entry) {
  const std::string record =
      entry.type == JournalEntry::Type::Signal ? to_json(entry.signal) : to_json(entry.snapshot);
  return fmt::format("{{\"seq\":{},", entry.seq).append(record, 1);
}

}  // namespace fastrsi
