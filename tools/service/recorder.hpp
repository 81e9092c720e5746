// The journal's thread: takes records from the shards' queues, writes them down, and only then lets
// anybody else have them. It also runs what others ask of the journal, so that the database has one
// user.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "sinks/journal.hpp"
#include "tools/records.hpp"
#include "tools/service/wake_up.hpp"
#include "tools/service/window.hpp"

namespace fastrsi {

// Owner: the service. run() is the journal's thread; the rest may be called from any, until stop().
class Recorder {
 public:
  using Task = std::function<void(Journal&)>;

  // `on_mark` hears of every Mark record, in the journal's thread, after all records before it have
  // been added; `on_publish` that new entries are in the window. `stamp_offset_ns` turns a record's
  // stamps into unix nanoseconds.
  Recorder(const JournalSettings& settings, std::function<void(const std::string&)> say,
           std::int64_t stamp_offset_ns);
  // The shards' queues, before run(): they outlive it.
  void follow(std::vector<RecordQueue*> queues);

  std::function<void(std::size_t shard, std::uint64_t mark, Journal& journal)> on_mark;
  std::function<void()> on_publish;

  void run() noexcept;
  // After every queue has been drained and every task has run. Wakes run() up.
  void stop() noexcept;

  WakeUp& wake_up() noexcept { return wake_up_; }
  JournalWindow& window() noexcept { return window_; }
  NameStore& names() noexcept { return names_; }
  // Runs `task` in the journal's thread; a commit follows.
  void post(Task task);
  // The same, and waits for it.
  void ask(const Task& task);
  // Before run() begins, from the service's thread.
  Journal& journal() noexcept { return *journal_; }
  // As of the last round.
  JournalStatus status() const;

 private:
  bool drain_queues();
  void take(std::size_t queue, const Record& record);
  void keep(JournalEntry entry, const Record* record);
  bool run_tasks();
  void commit();

  NameStore names_;
  std::unique_ptr<Journal> journal_;
  std::vector<RecordQueue*> queues_;
  const std::int64_t stamp_offset_ns_;
  std::vector<Record> batch_;
  std::vector<ListAssembler> assemblers_;
  std::vector<PublishedPtr> fresh_;  // written in the open batch, published after its commit
  JournalWindow window_;
  WakeUp wake_up_;
  std::atomic<bool> stop_{false};

  mutable std::mutex mutex_;
  std::vector<Task> tasks_;
  JournalStatus status_;
};

}  // namespace fastrsi
