// Blocks of capture lines on their way from the reader to every shard and back. A block holds
// thousands of lines, so a lock here costs nothing a tick would notice.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <vector>

#include "feeds/capture.hpp"

namespace fastrsi {

// Every block goes to all shards; it is free again when each has released it.
class BlockExchange {
 public:
  BlockExchange(std::size_t blocks, std::size_t shards) : waiting_(shards) {
    for (std::size_t i = 0; i < blocks; ++i) {
      owned_.push_back(std::make_unique<Entry>());
      free_.push_back(owned_.back().get());
    }
  }

  // Reader's thread. Waits for a free block.
  CaptureBlock& take_free() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return !free_.empty(); });
    filling_ = free_.front();
    free_.pop_front();
    return filling_->block;
  }
  // Reader's thread. Hands the block taken last to every shard; `progress` goes with it.
  void hand_over(double progress) {
    const std::lock_guard lock(mutex_);
    filling_->progress = progress;
    filling_->users = waiting_.size();
    for (auto& queue : waiting_) queue.push_back(filling_);
    changed_.notify_all();
  }
  // Reader's thread. No more blocks will come.
  void close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    changed_.notify_all();
  }

  // A shard's thread. Waits for the next block; nullptr at the end.
  const CaptureBlock* next(std::size_t shard) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return !waiting_[shard].empty() || closed_; });
    return waiting_[shard].empty() ? nullptr : &waiting_[shard].front()->block;
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

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::unique_ptr<Entry>> owned_;
  std::deque<Entry*> free_;
  std::vector<std::deque<Entry*>> waiting_;
  Entry* filling_ = nullptr;
  bool closed_ = false;
};

}  // namespace fastrsi
