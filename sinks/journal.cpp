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
