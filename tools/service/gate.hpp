// Where shards agree on a line of the input: each says how far it is, and all go on to the
// farthest. A checkpoint is of one position in the input, and a clean stop is one too.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>

namespace fastrsi {

// Threads: the shards', each once a round. They never wait for anything else in it.
class LineGate {
 public:
  explicit LineGate(std::size_t shards) : shards_(shards) {}

  // Waits until every shard has come; the greatest line of all.
  std::uint64_t agree(std::uint64_t line) {
    std::unique_lock lock(mutex_);
    farthest_ = std::max(farthest_, line);
    const std::uint64_t round = round_;
    if (++come_ == shards_) {
      agreed_ = farthest_;
      farthest_ = 0;
      come_ = 0;
      ++round_;
      all_there_.notify_all();
    } else {
      all_there_.wait(lock, [&] { return round_ != round; });
    }
    return agreed_;
  }

 private:
  const std::size_t shards_;
  std::mutex mutex_;
  std::condition_variable all_there_;
  std::size_t come_ = 0;
  std::uint64_t farthest_ = 0;
  std::uint64_t agreed_ = 0;
  std::uint64_t round_ = 0;
};

}  // namespace fastrsi
