// What waits for a commit: one batch while all is well, everything since the trouble began while
// the disk fails. The values that a store is asked for often, cursors and notes, are held here
// whole; they are few.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "sinks/journal_entry.hpp"
#include "sinks/journal_state.hpp"
#include "sinks/journal_store.hpp"

namespace fastrsi {

// Owner and thread: the journal's.
class JournalBatch {
 public:
  struct Waiting {
    std::string key;
    JournalEntry entry;
  };

  bool is_empty() const noexcept;
  const std::deque<Waiting>& entries() const noexcept { return entries_; }
  bool has(const std::string& key) const { return keys_.contains(key); }
  void add(std::string key, const JournalEntry& entry);
  void drop_oldest() noexcept;

  void set_cursor(const std::string& sink, std::uint64_t seq);
  void remove_cursor(const std::string& sink);
  const std::map<std::string, std::uint64_t>& cursors() const noexcept { return cursors_; }
  void set_note(const std::string& name, const std::string& text);
  std::string note(const std::string& name) const;
  void add_dead_letter(DeadLetter letter);
  // False when too much waits already: then nothing is taken.
  bool add_delivery(const std::string& sink, DeliveryChanges& changes);
  bool has_delivery(const std::string& sink) const noexcept;
  JournalState& state() noexcept { return state_; }
  std::uint64_t given_up_letters() const noexcept { return given_up_letters_; }

  // Writes all of it within the store's open transaction; returns how many entries were new there.
  // written() when the transaction has come through.
  std::uint64_t write(JournalStore& store);
  void written() noexcept;
  // Reads what a store opened for the first time holds, or has all values written into one that
  // took another's place. False when the engine's state got lost on the way.
  bool follow(JournalStore& store, bool is_first);

 private:
  std::deque<Waiting> entries_;
  std::unordered_set<std::string_view> keys_;  // of entries_, which keep their places
  std::map<std::string, std::uint64_t> cursors_;
  std::map<std::string, std::string> notes_;
  std::set<std::string> changed_cursors_;
  std::set<std::string> changed_notes_;
  std::deque<DeadLetter> letters_;
  std::uint64_t given_up_letters_ = 0;
  std::vector<std::pair<std::string, DeliveryChanges>> deliveries_;
  std::size_t delivery_changes_ = 0;  // in all of them
  JournalState state_;
};

}  // namespace fastrsi
