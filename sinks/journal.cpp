#include "sinks/journal.hpp"

#include <utility>

#include "sinks/journal_impl.hpp"

namespace fastrsi {

Journal::Journal(const JournalSettings& settings, NameStore& names,
                 std::function<void(const std::string&)> say, std::function<std::int64_t()> now_ns)
    : impl_(std::make_unique<Impl>(settings, names, std::move(say), std::move(now_ns))) {}

Journal::~Journal() {
  impl_->commit(true);
}

bool Journal::add(JournalEntry& entry) noexcept {
  return impl_->add(entry);
}

void Journal::set_cursor(const std::string& sink, std::uint64_t seq) noexcept {
  impl_->batch.set_cursor(sink, seq);
}

void Journal::remove_cursor(const std::string& sink) noexcept {
  impl_->batch.remove_cursor(sink);
}

void Journal::set_checkpoint(Checkpoint checkpoint) noexcept {
  impl_->batch.state().set(std::move(checkpoint));
}

void Journal::set_note(const std::string& name, const std::string& text) noexcept {
  impl_->batch.set_note(name, text);
}

void Journal::add_dead_letter(const std::string& sink, std::uint64_t seq,
                              const std::string& reason) noexcept {
  impl_->batch.add_dead_letter({sink, seq, reason, impl_->now()});
}

bool Journal::add_delivery(const std::string& sink, DeliveryChanges& changes) noexcept {
  return impl_->batch.add_delivery(sink, changes);
}

std::optional<DeliveryRows> Journal::delivery_rows(const std::string& sink) noexcept {
  if (impl_->batch.has_delivery(sink)) return std::nullopt;
  std::optional<DeliveryRows> rows;
  impl_->with_deliveries([&](DeliveryTables& tables) { rows = tables.load(sink); });
  if (!rows) return std::nullopt;
  const auto found = cursor(sink);
  rows->known = found.has_value();
  rows->cursor = found.value_or(0);
  return rows;
}

std::vector<DeadLetterRow> Journal::delivery_dead(const std::string& sink, const DeadSearch& search,
                                                  std::size_t most) noexcept {
  std::vector<DeadLetterRow> letters;
  impl_->with_deliveries(
      [&](DeliveryTables& tables) { letters = tables.dead(sink, search, most); });
  return letters;
}

std::vector<DeadFound> Journal::find_delivery_dead(
    const std::string& sink, std::span<const DeadLetterKey> letters) noexcept {
  std::vector<DeadFound> found;
  impl_->with_deliveries([&](DeliveryTables& tables) { found = tables.find_dead(sink, letters); });
  found.resize(letters.size());
  return found;
}

std::optional<DeliveryStory> Journal::delivery_story(const std::string& sink,
                                                     const std::string& signal_id) noexcept {
  std::optional<DeliveryStory> story;
  impl_->with_deliveries([&](DeliveryTables& tables) { story = tables.story(sink, signal_id); });
  return story;
}

bool Journal::commit() noexcept {
  return impl_->commit(false);
}

bool Journal::has_open_batch() const noexcept {
  return impl_->has_work();
}

bool Journal::tidy() noexcept {
  return impl_->tidy();
}

std::vector<JournalEntry> Journal::read(std::uint64_t after, std::size_t most) noexcept {
  return impl_->read(after, most);
}

std::vector<JournalEntry> Journal::find(const std::string& id) noexcept {
  return impl_->find(id);
}

std::optional<std::uint64_t> Journal::cursor(const std::string& sink) noexcept {
  const auto& cursors = impl_->batch.cursors();
  const auto found = cursors.find(sink);
  if (found == cursors.end()) return std::nullopt;
  return found->second;
}

Checkpoint Journal::checkpoint() noexcept {
  return impl_->checkpoint();
}

std::string Journal::note(const std::string& name) noexcept {
  return impl_->batch.note(name);
}

JournalStatus Journal::status() const {
  return impl_->status();
}

}  // namespace fastrsi
