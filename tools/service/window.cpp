#include "tools/service/window.hpp"

#include <algorithm>
#include <utility>

namespace fastrsi {

PublishedPtr publish_form_of(JournalEntry entry) {
  auto made = std::make_shared<PublishedEntry>();
  SocketRecord& record = made->record;
  record.seq = entry.seq;
  record.is_list = entry.type == JournalEntry::Type::Snapshot;
  record.line = to_json(entry) + "\n";
  if (record.is_list) {
    record.kind = entry.snapshot.kind;
    record.timeframe = entry.snapshot.timeframe;
  } else {
    record.kind = entry.signal.kind;
    record.stage = entry.signal.stage;
    record.timeframe = entry.signal.timeframe;
    record.symbol = entry.signal.symbol->full_name;
  }
  made->entry = std::move(entry);
  return made;
}

void JournalWindow::start(std::uint64_t oldest, std::uint64_t newest) {
  const std::lock_guard lock(mutex_);
  oldest_ = oldest;
  newest_ = newest;
}

void JournalWindow::publish(const std::vector<PublishedPtr>& entries) {
  const std::lock_guard lock(mutex_);
  for (const PublishedPtr& entry : entries) {
    newest_ = entry->entry.seq;
    if (oldest_ == 0) oldest_ = newest_;
    entries_.push_back(entry);
    if (entries_.size() > kWindowEntries) entries_.pop_front();
  }
  changed_.notify_all();
}

void JournalWindow::set_oldest(std::uint64_t oldest) {
  const std::lock_guard lock(mutex_);
  oldest_ = oldest;
}

void JournalWindow::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  changed_.notify_all();
}

bool JournalWindow::read(std::uint64_t after, std::size_t most,
                         std::vector<PublishedPtr>& out) const {
  const std::lock_guard lock(mutex_);
  if (after >= newest_) return true;
  if (entries_.empty() || after + 1 < entries_.front()->entry.seq) return false;
  const auto first = static_cast<std::size_t>(after + 1 - entries_.front()->entry.seq);
  const std::size_t count = std::min(most, entries_.size() - first);
  for (std::size_t i = 0; i < count; ++i) out.push_back(entries_[first + i]);
  return true;
}

void JournalWindow::wait_for(std::uint64_t after,
                             std::chrono::steady_clock::time_point time) const {
  std::unique_lock lock(mutex_);
  changed_.wait_until(lock, time, [&] { return newest_ > after || closed_; });
}

std::uint64_t JournalWindow::newest() const {
  const std::lock_guard lock(mutex_);
  return newest_;
}

std::uint64_t JournalWindow::oldest() const {
  const std::lock_guard lock(mutex_);
  return oldest_;
}

bool JournalWindow::is_closed() const {
  const std::lock_guard lock(mutex_);
  return closed_;
}

}  // namespace fastrsi
