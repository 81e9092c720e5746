// Hands records to their consumers: one bounded lock-free queue each.
#pragma once

#include <cstdint>
#include <thread>
#include <utility>
#include <vector>

#include "engine/base/bounded_queue.hpp"
#include "engine/record_output.hpp"

namespace fastrsi {

using RecordQueue = BoundedQueue<Record>;

// What happens when a consumer's queue is full.
enum class WhenFull : std::uint8_t {
  Wait,   // the input can wait: replays lose nothing
  Count,  // the input cannot: the record is dropped here and counted
};

// Owner and thread: the shard's. The queues must outlive it.
class Publisher final : public RecordOutput {
 public:
  Publisher(std::vector<RecordQueue*> queues, WhenFull when_full)
      : queues_(std::move(queues)), when_full_(when_full) {}

  void record(const Record& record) noexcept override {
    for (RecordQueue* queue : queues_) {
      while (!queue->try_push(record)) {
        if (when_full_ == WhenFull::Count) {
          ++dropped_;
          break;
        }
        std::this_thread::yield();
      }
    }
  }

  std::uint64_t dropped() const noexcept { return dropped_; }

 private:
  std::vector<RecordQueue*> queues_;
  WhenFull when_full_;
  std::uint64_t dropped_ = 0;
};

}  // namespace fastrsi
