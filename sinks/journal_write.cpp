// How entries get in: add, commit, and what happens when the disk says no.
#include <utility>

#include "sinks/journal_impl.hpp"

namespace fastrsi {
namespace {

// Between attempts at a failing disk: commits come every few milliseconds.
constexpr std::int64_t kRetryPauseNs = 200'000'000;

}  // namespace

Journal::Impl::Impl(const JournalSettings& settings_given, NameStore& names_given,
                    std::function<void(const std::string&)> say,
                    std::function<std::int64_t()> now_ns)
    : settings(settings_given),
      names(names_given),
      now(std::move(now_ns)),
      keeper(settings, names, std::move(say), now) {
  follow_store();
}

// The engine that made the entry may be gone before the disk is back.
JournalEntry Journal::Impl::kept(const JournalEntry& entry) {
  JournalEntry copy = entry;
  if (entry.type == JournalEntry::Type::Signal) {
    copy.signal.rule = names.rule(*entry.signal.rule);
    copy.signal.symbol = names.symbol(entry.signal.symbol->venue, entry.signal.symbol->name);
    return copy;
  }
  copy.snapshot.rule = names.rule(*entry.snapshot.rule);
  for (const Symbol*& symbol : copy.snapshot.symbols) {
    symbol = names.symbol(symbol->venue, symbol->name);
  }
  return copy;
}

bool Journal::Impl::add(JournalEntry& entry) {
  std::string key = entry_key(entry);
  if (batch.has(key) || stored(key)) return false;
  make_place();
  entry.seq = ++newest_seq_;
  entry.journaled_ns = now();
  batch.add(std::move(key), kept(entry));
  return true;
}

bool Journal::Impl::stored(const std::string& key) {
  bool found = false;
  // Where it cannot be read, the row itself will tell when it is written.
  with_readable([&](JournalStore& store) { found = store.has(key); });
  return found;
}

void Journal::Impl::make_place() {
  if (batch.entries().size() < kEntriesWaitingMax) return;
  if (!degraded_ && commit(false)) return;
  batch.drop_oldest();
  if (++given_up_ == 1) {
    keeper.say(
        std::to_string(kEntriesWaitingMax) +
        " entries wait for the disk, which is all that may; from now on the oldest are given "
        "up (" +
        trouble_ + ")");
  }
}

bool Journal::Impl::commit(bool is_last) {
  if (!has_work()) return true;
  const std::int64_t at = now();
  if (degraded_ && !is_last && !is_due(at, tried_ns_, kRetryPauseNs)) return false;
  tried_ns_ = at;
  const std::uint64_t waited = batch.entries().size();
  if (write_batch(is_last)) {
    ++commits_;
    if (degraded_) recover(waited);
    return true;
  }
  ++failed_commits_;
  if (is_last && waited > 0) {
    keeper.say("ends with " + std::to_string(waited) + " entries that never got to disk");
  }
  return false;
}

// Several attempts: one for each remedy that helps at once (the ballast given up, the file
// exchanged), and one to begin with.
bool Journal::Impl::write_batch(bool at_once) {
  for (int attempt = 0; attempt < 4; ++attempt) {
    JournalStore* const store = keeper.writable(at_once);
    if (store == nullptr) break;
    try {
      follow_store();
      store->begin();
      const std::uint64_t inserted = batch.write(*store);
      store->put_last_seq(newest_seq_);
      store->commit();
      if (stored_entries_ == 0 && inserted > 0) oldest_stored_ = batch.entries().front().entry.seq;
      stored_entries_ += inserted;
      durable_seq_ = newest_seq_;
      batch.written();
      return true;
    } catch (const SqliteError& error) {
      store->rollback();
      if (!keeper.failed(error)) break;
    }
  }
  degrade(keeper.why());
  return false;
}

void Journal::Impl::degrade(const std::string& why) {
  const std::string text = why +
                           " (free some space or look after the disk; signals go on and wait in "
                           "memory meanwhile)";
  if (degraded_ && text == trouble_) return;
  degraded_ = true;
  trouble_ = text;
  keeper.say(text);
}

void Journal::Impl::recover(std::uint64_t waited) {
  degraded_ = false;
  trouble_.clear();
  std::string line =
      "back to normal, " + std::to_string(waited) + " entries that waited are on disk";
  if (given_up_ > 0) line += ", " + std::to_string(given_up_) + " were given up before";
  keeper.say(line);
}

// After a store was opened: what it holds.
void Journal::Impl::follow_store() {
  JournalStore* const store = keeper.readable();
  if (store == nullptr || generation_ == keeper.generation()) return;
  const bool is_first = generation_ == 0;
  learn_counts(*store);
  if (!batch.follow(*store, is_first)) {
    keeper.say("the engine's state in " + keeper.folder().database() +
               " is damaged and is not used; signals are not affected");
  }
  generation_ = keeper.generation();
}

void Journal::Impl::learn_counts(JournalStore& store) {
  const std::uint64_t last = store.last_seq();
  stored_entries_ = store.count();
  oldest_stored_ = store.oldest_seq();
  if (generation_ == 0) newest_seq_ = durable_seq_ = last;
}

}  // namespace fastrsi
