#include "sinks/journal_batch.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include "sinks/journal.hpp"

namespace fastrsi {

bool JournalBatch::is_empty() const noexcept {
  return entries_.empty() && changed_cursors_.empty() && changed_notes_.empty() &&
         letters_.empty() && deliveries_.empty() && !state_.is_waiting();
}

void JournalBatch::add(std::string key, const JournalEntry& entry) {
  const Waiting& waiting = entries_.emplace_back(Waiting{std::move(key), entry});
  keys_.insert(waiting.key);
}

void JournalBatch::drop_oldest() noexcept {
  keys_.erase(entries_.front().key);
  entries_.pop_front();
}

void JournalBatch::set_cursor(const std::string& sink, std::uint64_t seq) {
  const auto [place, is_new] = cursors_.try_emplace(sink, seq);
  if (!is_new && place->second == seq) return;
  place->second = seq;
  changed_cursors_.insert(sink);
}

void JournalBatch::remove_cursor(const std::string& sink) {
  if (cursors_.erase(sink) > 0) changed_cursors_.insert(sink);
}

void JournalBatch::set_note(const std::string& name, const std::string& text) {
  if (note(name) == text) return;
  if (text.empty()) {
    notes_.erase(name);
  } else {
    notes_[name] = text;
  }
  changed_notes_.insert(name);
}

std::string JournalBatch::note(const std::string& name) const {
  const auto found = notes_.find(name);
  return found == notes_.end() ? std::string() : found->second;
}

// As many may wait as entries; the oldest are then given up.
void JournalBatch::add_dead_letter(DeadLetter letter) {
  if (letters_.size() == kEntriesWaitingMax) {
    letters_.pop_front();
    ++given_up_letters_;
  }
  letters_.push_back(std::move(letter));
}

bool JournalBatch::add_delivery(const std::string& sink, DeliveryChanges& changes) {
  if (delivery_changes_ + changes.size() > kDeliveryChangesWaitingMax) return false;
  for (const DeliveryChange& change : changes) {
    if (const auto* cursor = std::get_if<CursorRow>(&change)) set_cursor(sink, cursor->seq);
  }
  delivery_changes_ += changes.size();
  deliveries_.emplace_back(sink, std::exchange(changes, {}));
  return true;
}

bool JournalBatch::has_delivery(const std::string& sink) const noexcept {
  return std::any_of(deliveries_.begin(), deliveries_.end(),
                     [&](const auto& waiting) { return waiting.first == sink; });
}

std::uint64_t JournalBatch::write(JournalStore& store) {
  std::uint64_t inserted = 0;
  for (const Waiting& waiting : entries_) {
    if (store.insert(waiting.entry, waiting.key)) ++inserted;
  }
  for (const std::string& sink : changed_cursors_) {
    const auto cursor = cursors_.find(sink);
    store.put_cursor(sink, cursor == cursors_.end() ? std::nullopt
                                                    : std::optional<std::uint64_t>(cursor->second));
  }
  for (const std::string& name : changed_notes_) store.put_note(name, note(name));
  for (const DeadLetter& letter : letters_) store.put_dead_letter(letter);
  for (const auto& [sink, changes] : deliveries_) {
    for (const DeliveryChange& change : changes) store.deliveries()->apply(sink, change);
  }
  state_.write(store);
  return inserted;
}

void JournalBatch::written() noexcept {
  keys_.clear();
  entries_.clear();
  changed_cursors_.clear();
  changed_notes_.clear();
  letters_.clear();
  deliveries_.clear();
  delivery_changes_ = 0;
  state_.written();
}

bool JournalBatch::follow(JournalStore& store, bool is_first) {
  if (is_first) {
    cursors_ = store.cursors();
    notes_ = store.notes();
  } else {
    // The old one may not have given them all.
    for (const auto& [sink, seq] : cursors_) changed_cursors_.insert(sink);
    for (const auto& [name, text] : notes_) changed_notes_.insert(name);
  }
  return state_.follow(store);
}

}  // namespace fastrsi
