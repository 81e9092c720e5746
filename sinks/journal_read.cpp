// How entries get out again, and how old ones leave.
#include <algorithm>
#include <limits>
#include <utility>

#include "sinks/journal_impl.hpp"

namespace fastrsi {
namespace {

constexpr std::uint64_t kWalPagesMax = 1000;
// A WAL that grew this far, after trouble, gives its space back; below it keeps it, so that the
// commits to come need none.
constexpr std::uint64_t kWalPagesKept = 8000;
constexpr std::size_t kRowsRemovedMax = 1000;
constexpr std::int64_t kTidyPauseNs = 1'000'000'000;
constexpr std::int64_t kForgetPauseNs = 60'000'000'000;

}  // namespace

bool Journal::Impl::with_readable(const std::function<void(JournalStore&)>& use) {
  for (int attempt = 0; attempt < 2; ++attempt) {
    JournalStore* const store = keeper.readable();
    if (store == nullptr) return false;
    try {
      follow_store();
      use(*store);
      return true;
    } catch (const SqliteError& error) {
      // One that is read only already has been given up: its damage is known.
      const std::string why = error.what();
      if (keeper.is_broken() || !keeper.failed(error) || keeper.writable() == nullptr) {
        degrade(why);
        return false;
      }
    }
  }
  return false;
}

void Journal::Impl::with_deliveries(const std::function<void(DeliveryTables&)>& use) {
  with_readable([&](JournalStore& store) {
    if (store.deliveries() != nullptr) use(*store.deliveries());
  });
}

std::uint64_t Journal::Impl::first_waiting_seq() const noexcept {
  const auto& waiting = batch.entries();
  return waiting.empty() ? std::numeric_limits<std::uint64_t>::max() : waiting.front().entry.seq;
}

std::vector<JournalEntry> Journal::Impl::read(std::uint64_t after, std::size_t most) {
  std::vector<JournalEntry> entries;
  const std::uint64_t before = first_waiting_seq();
  // Rows of a commit that failed late may be in the file and in memory: memory's are taken.
  if (after < durable_seq_ && after + 1 < before) {
    const bool done = with_readable([&](JournalStore& store) {
      entries.clear();
      store.read(after, before, most, entries);
    });
    // Later ones must not be taken for the next ones.
    if (!done) return entries;
  }
  for (const JournalBatch::Waiting& waiting : batch.entries()) {
    if (entries.size() >= most) break;
    if (waiting.entry.seq > after) entries.push_back(waiting.entry);
  }
  return entries;
}

std::vector<JournalEntry> Journal::Impl::find(const std::string& id) {
  std::vector<JournalEntry> entries;
  const std::uint64_t before = first_waiting_seq();
  with_readable([&](JournalStore& store) {
    entries.clear();
    store.find(id, before, entries);
  });
  for (const JournalBatch::Waiting& waiting : batch.entries()) {
    if (waiting.entry.type == JournalEntry::Type::Signal && signal_id(waiting.entry.signal) == id) {
      entries.push_back(waiting.entry);
    }
  }
  return entries;
}

Checkpoint Journal::Impl::checkpoint() {
  std::optional<Checkpoint> found;
  if (!with_readable([&](JournalStore& store) { found = batch.state().read(&store); })) {
    found = batch.state().read(nullptr);
  }
  if (found) return std::move(*found);
  keeper.say("the engine's state in " + keeper.folder().database() +
             " is damaged or cannot be read, and is not used; signals are not affected");
  return {};
}

JournalStatus Journal::Impl::status() const {
  JournalStatus status;
  status.waiting = batch.entries().size();
  status.entries = stored_entries_ + status.waiting;
  if (stored_entries_ > 0) {
    status.oldest_seq = oldest_stored_;
  } else if (status.waiting > 0) {
    status.oldest_seq = first_waiting_seq();
  }
  status.newest_seq = newest_seq_;
  status.durable_seq = durable_seq_;
  status.given_up = given_up_;
  status.commits = commits_;
  status.failed_commits = failed_commits_;
  status.bytes = keeper.folder().bytes();
  status.degraded = degraded_;
  status.ballast_there = keeper.ballast_there();
  status.trouble = degraded_ ? trouble_ : tidy_trouble_;
  return status;
}

bool Journal::Impl::tidy() {
  // Trouble is commit()'s to mend.
  if (degraded_) return false;
  keeper.mend_ballast();
  const std::int64_t at = now();
  if (!tidy_trouble_.empty() && !is_due(at, tidy_tried_ns_, kTidyPauseNs)) return false;
  tidy_tried_ns_ = at;
  JournalStore* const store = keeper.writable();
  if (store == nullptr) return false;
  try {
    follow_store();
    const bool more = tidy_store(*store);
    tidy_trouble_.clear();
    return more;
  } catch (const SqliteError& error) {
    store->rollback();
    if (keeper.failed(error)) {
      // Space was freed, or the file is to be exchanged: that is done with the next commit's help.
      if (keeper.is_broken() && keeper.writable() == nullptr) degrade(keeper.why());
      return true;
    }
    if (tidy_trouble_.empty()) keeper.say(std::string(error.what()) + " (while tidying up)");
    tidy_trouble_ = error.what();
    return false;
  }
}

// One piece of work; whether there is more.
bool Journal::Impl::tidy_store(JournalStore& store) {
  const std::uint64_t pages = store.wal_pages();
  if (pages > kWalPagesMax) {
    store.checkpoint_wal(pages > kWalPagesKept);
    return true;
  }
  const std::int64_t at = now();
  if (is_due(at, forgot_ns_, kForgetPauseNs)) {
    store.begin();
    const WallMs cutoff = (at - settings.keep_age.count()) / 1'000'000;
    const std::size_t gone = store.deliveries()->forget(cutoff, kRowsRemovedMax);
    store.commit();
    if (gone > 0) return true;
    forgot_ns_ = at;
  }
  return remove_old(store);
}

bool Journal::Impl::remove_old(JournalStore& store) {
  if (stored_entries_ == 0) return false;
  std::uint64_t limit = std::numeric_limits<std::uint64_t>::max();
  for (const auto& [sink, seq] : batch.cursors()) limit = std::min(limit, seq);
  const std::uint64_t excess =
      stored_entries_ > settings.keep_entries ? stored_entries_ - settings.keep_entries : 0;
  const std::int64_t cutoff = now() - settings.keep_age.count();
  const std::uint64_t last = store.removable(cutoff, excess, limit, kRowsRemovedMax);
  if (last == 0) return false;
  store.begin();
  const std::uint64_t removed = store.remove_up_to(last);
  store.commit();
  stored_entries_ -= std::min(removed, stored_entries_);
  oldest_stored_ = store.oldest_seq();
  return removed >= kRowsRemovedMax;
}

}  // namespace fastrsi
