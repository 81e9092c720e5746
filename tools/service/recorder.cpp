#include "tools/service/recorder.hpp"

#include <chrono>
#include <future>
#include <thread>
#include <utility>

#include "tools/service/clocks.hpp"

namespace fastrsi {
namespace {

constexpr std::size_t kRecorderBatch = 256;
// Records of one transaction: a commit is never put off for longer than these take.
constexpr std::size_t kRecordsPerCommit = 4096;
// At the end, while the disk fails.
constexpr int kLastAttempts = 4;
constexpr std::chrono::milliseconds kLastPause{250};

}  // namespace

Recorder::Recorder(const JournalSettings& settings, std::function<void(const std::string&)> say,
                   std::int64_t stamp_offset_ns)
    : journal_(std::make_unique<Journal>(settings, names_, std::move(say), wall_ns)),
      stamp_offset_ns_(stamp_offset_ns),
      batch_(kRecorderBatch) {
  status_ = journal_->status();
  window_.start(status_.oldest_seq, status_.newest_seq);
}

void Recorder::follow(std::vector<RecordQueue*> queues) {
  queues_ = std::move(queues);
  assemblers_.resize(queues_.size());
}

void Recorder::run() noexcept {
  while (true) {
    const std::uint32_t seen = wake_up_.rings();
    // Read before the queues: what was pushed before the stop is then seen below.
    const bool last_round = stop_.load(std::memory_order_acquire);
    const bool drained = drain_queues();
    // Before the tasks: what they read of the journal and hand on must be written.
    commit();
    const bool ran = run_tasks();
    if (ran) commit();
    if (drained || ran || journal_->tidy()) continue;
    if (last_round) break;
    wake_up_.wait(seen);
  }
  // A disk that is mended at the last moment: what still waits then goes with this process.
  for (int i = 0; i < kLastAttempts && journal_->has_open_batch(); ++i) {
    std::this_thread::sleep_for(kLastPause);
    commit();
  }
  window_.close();
}

void Recorder::stop() noexcept {
  stop_.store(true, std::memory_order_release);  // pairs with the acquire in run()
  wake_up_.ring();
}

bool Recorder::drain_queues() {
  std::size_t taken = 0;
  bool any = true;
  while (any && taken < kRecordsPerCommit) {
    any = false;
    for (std::size_t i = 0; i < queues_.size(); ++i) {
      const std::size_t count = queues_[i]->pop_bulk(batch_.data(), batch_.size());
      for (std::size_t k = 0; k < count; ++k) take(i, batch_[k]);
      taken += count;
      any = any || count > 0;
    }
  }
  return taken > 0;
}

void Recorder::take(std::size_t queue, const Record& record) {
  switch (record.type) {
    case Record::Type::Signal: {
      JournalEntry entry;
      entry.signal = record.signal;
      entry.signal.rule = names_.rule(*record.signal.rule);
      entry.signal.symbol = names_.symbol(record.signal.symbol->venue, record.signal.symbol->name);
      entry.evidence = record.evidence;
      return keep(std::move(entry), &record);
    }
    case Record::Type::Listed:
    case Record::Type::ListEnd:
      return assemblers_[queue].add(record, [&](const Snapshot& list) {
        JournalEntry entry;
        entry.type = JournalEntry::Type::Snapshot;
        entry.snapshot = list;
        entry.snapshot.rule = names_.rule(*list.rule);
        for (const Symbol*& symbol : entry.snapshot.symbols) {
          symbol = names_.symbol(symbol->venue, symbol->name);
        }
        keep(std::move(entry), &record);
      });
    case Record::Type::Mark:
      if (on_mark) on_mark(queue, record.mark, *journal_);
      return;
  }
}

void Recorder::keep(JournalEntry entry, const Record* record) {
  if (record->stamp_ns != 0) entry.taken_ns = record->stamp_ns + stamp_offset_ns_;
  if (record->fired_ns != 0) entry.fired_ns = record->fired_ns + stamp_offset_ns_;
  if (journal_->add(entry)) fresh_.push_back(publish_form_of(std::move(entry)));
}

void Recorder::post(Task task) {
  {
    const std::lock_guard lock(mutex_);
    tasks_.push_back(std::move(task));
  }
  wake_up_.ring();
}

void Recorder::ask(const Task& task) {
  std::promise<void> done;
  post([&](Journal& journal) {
    task(journal);
    done.set_value();
  });
  done.get_future().wait();
}

bool Recorder::run_tasks() {
  std::vector<Task> tasks;
  {
    const std::lock_guard lock(mutex_);
    tasks.swap(tasks_);
  }
  for (const Task& task : tasks) task(*journal_);
  return !tasks.empty();
}

// While the disk fails, signalling goes on: entries have their seq and wait in the journal's
// memory.
void Recorder::commit() {
  if (journal_->has_open_batch()) journal_->commit();
  const JournalStatus status = journal_->status();
  {
    const std::lock_guard lock(mutex_);
    status_ = status;
  }
  window_.set_oldest(status.oldest_seq);
  if (fresh_.empty()) return;
  window_.publish(fresh_);
  fresh_.clear();
  if (on_publish) on_publish();
}

JournalStatus Recorder::status() const {
  const std::lock_guard lock(mutex_);
  return status_;
}

}  // namespace fastrsi
