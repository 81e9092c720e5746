// Blocks of capture lines on their way from the reader to every shard and back, and what others
// want done in a shard's thread. A block holds thousands of lines, so a lock here costs nothing a
// tick would notice.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "feeds/capture.hpp"

namespace fastrsi {

// Every block goes to all shards; it is free again when each has released it.
class BlockExchange {
 public:
  using Task = std::function<void()>;

  BlockExchange(std::size_t blocks, std::size_t shards)
      : waiting_(shards), tasks_(shards), tasks_wait_(shards) {
    for (std::size_t i = 0; i < blocks; ++i) {
      owned_.push_back(std::make_unique<Entry>());
      free_.push_back(owned_.back().get());
    }
  }

  // Reader's thread. Waits for a free block; nullptr when nobody wants one any more.
  CaptureBlock* take_free() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return !free_.empty() || given_up_; });
    if (given_up_) return nullptr;
    filling_ = free_.front();
    free_.pop_front();
    return &filling_->block;
  }
  // Reader's thread. Hands the block taken last to every shard; `progress` goes with it.
  void hand_over(double progress) {
    const std::lock_guard lock(mutex_);
    filling_->progress = progress;
    filling_->users = waiting_.size();
    for (auto& queue : waiting_) queue.push_back(filling_);
    changed_.notify_all();
  }
  // Any thread. `task` will run in the shard's thread, soon; it must not wait for another shard's
  // block.
  void post(std::size_t shard, Task task) {
    const std::lock_guard lock(mutex_);
    tasks_[shard].push_back(std::move(task));
    tasks_wait_[shard].store(true, std::memory_order_relaxed);
    changed_.notify_all();
  }
  // Any thread. Nobody gets a block any more, whatever is waiting.
  void give_up() {
    const std::lock_guard lock(mutex_);
    given_up_ = true;
    changed_.notify_all();
  }
  // Reader's thread. No more blocks will come.
  void close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    changed_.notify_all();
  }

  // A shard's thread. Waits for the next block, and runs tasks meanwhile; nullptr at the end.
  const CaptureBlock* next(std::size_t shard) {
    std::unique_lock lock(mutex_);
    while (true) {
      changed_.wait(lock, [&] {
        return !waiting_[shard].empty() || !tasks_[shard].empty() || closed_ || given_up_;
      });
      if (run_tasks(shard, lock)) continue;
      return waiting_[shard].empty() || given_up_ ? nullptr : &waiting_[shard].front()->block;
    }
  }
  // A shard's thread. Runs tasks until `time`, or until `is_over` says so after one.
  template <typename IsOver>
  void serve_until(std::size_t shard, std::chrono::steady_clock::time_point time,
                   IsOver&& is_over) {
    std::unique_lock lock(mutex_);
    while (!given_up_ && !is_over()) {
      const bool any =
          changed_.wait_until(lock, time, [&] { return !tasks_[shard].empty() || given_up_; });
      if (!any || !run_tasks(shard, lock)) return;
    }
  }
  // A shard's thread. Runs tasks that wait, if any do.
  void run_waiting_tasks(std::size_t shard) {
    if (!tasks_wait_[shard].load(std::memory_order_relaxed)) return;
    std::unique_lock lock(mutex_);
    run_tasks(shard, lock);
  }
  // A shard's thread. Done with the block that next() gave; returns its progress.
  double release(std::size_t shard) {
    const std::lock_guard lock(mutex_);
    Entry* entry = waiting_[shard].front();
    const double progress = entry->progress;
    waiting_[shard].pop_front();
    if (--entry->users == 0) free_.push_back(entry);
    changed_.notify_all();
    return progress;
  }

 private:
  struct Entry {
    CaptureBlock block;
    std::size_t users = 0;
    double progress = 0.0;  // share of the input read with it
  };

  // Runs what waits with the lock released; whether there was anything.
  bool run_tasks(std::size_t shard, std::unique_lock<std::mutex>& lock) {
    if (tasks_[shard].empty()) return false;
    std::deque<Task> tasks;
    tasks.swap(tasks_[shard]);
    tasks_wait_[shard].store(false, std::memory_order_relaxed);
    lock.unlock();
    for (const Task& task : tasks) task();
    lock.lock();
    return true;
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::unique_ptr<Entry>> owned_;
  std::deque<Entry*> free_;
  std::vector<std::deque<Entry*>> waiting_;
  std::vector<std::deque<Task>> tasks_;
  std::vector<std::atomic<bool>> tasks_wait_;  // a hint for shards that are at work
  Entry* filling_ = nullptr;
  bool closed_ = false;
  bool given_up_ = false;
};

}  // namespace fastrsi
