#include "sinks/local_socket_records.hpp"

#include <algorithm>

#include "engine/base/assert.hpp"

namespace fastrsi {

RecordWindow::Look RecordWindow::after(std::uint64_t position, bool must_queue) {
  if (!covers(position)) {
    if (none_after_ == position) return {};
    const bool waits_for_own = fetching_ == position && asked_since_wake_;
    const bool waits_for_other = fetching_ && fetching_ != position && must_queue;
    if (waits_for_own || waits_for_other) return {State::Fetching, {}, false};
    const Look look = ask(position);
    if (look.state != State::Records) return look;
  }
  const auto first = std::upper_bound(
      records_.begin(), records_.end(), position,
      [](std::uint64_t seq, const SocketRecordPtr& record) { return seq < record->seq; });
  return {State::Records, {first, records_.end()}, records_.size() >= kSocketBatchRecords};
}

void RecordWindow::wake() noexcept {
  none_after_.reset();
  asked_since_wake_ = false;
}

bool RecordWindow::covers(std::uint64_t position) const noexcept {
  return !records_.empty() && after_ <= position && position < records_.back()->seq;
}

RecordWindow::Look RecordWindow::ask(std::uint64_t position) {
  records_.clear();
  after_ = position;
  const bool answered = host_.read(position, kSocketBatchRecords, records_);
  if (!answered) {
    FASTRSI_ASSERT(records_.empty());
    if (!fetching_) fetching_ = position;
    if (fetching_ == position) asked_since_wake_ = true;
    return {State::Fetching, {}, false};
  }
  if (fetching_ == position) fetching_.reset();
  FASTRSI_ASSERT(records_.size() <= kSocketBatchRecords);
  std::uint64_t last = position;
  for (const SocketRecordPtr& record : records_) {
    FASTRSI_ASSERT(record != nullptr);
    FASTRSI_ASSERT(record->seq > last);
    FASTRSI_ASSERT(!record->line.empty());
    FASTRSI_ASSERT(record->line.back() == '\n');
    last = record->seq;
  }
  if (records_.empty()) none_after_ = position;
  return {records_.empty() ? State::None : State::Records, {}, false};
}

}  // namespace fastrsi
