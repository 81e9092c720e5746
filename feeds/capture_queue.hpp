// Lines on their way from a shard to the capture writer: one preallocated ring of bytes, so that
// the shard pays for a copy and nothing else, and so that captures can never take more memory than
// this.
//
//   item = head (16 bytes: time, size, kind) *byte          both may go over the ring's end
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "engine/base/units.hpp"

namespace fastrsi {

struct CaptureItem {
  enum class Kind : std::uint32_t { Text, Binary, Object, Dropped };

  ReceiveTime received = kNoReceiveTime;
  Kind kind = Kind::Text;
  std::uint64_t dropped = 0;  // Dropped
  std::string_view bytes;     // the others; until the next take() or release()
};

// Owner: one link of the capture writer. Threads: one that pushes, one that takes.
class CaptureQueue {
 public:
  explicit CaptureQueue(std::size_t capacity_bytes);

  // --- the shard's thread
  // False when there is no room: the item is gone, and counted. The next one that finds room comes
  // behind an item Dropped that says how many.
  bool try_push(ReceiveTime received, CaptureItem::Kind kind, std::string_view bytes) noexcept;
  // The count of what was lost and not yet told, if it finds room.
  void push_dropped() noexcept;
  bool is_half_full() const noexcept;
  std::uint64_t untold() const noexcept { return untold_; }
  ReceiveTime untold_since() const noexcept { return untold_since_; }

  // --- the writer's thread
  // The oldest item. False when there is none.
  bool take(CaptureItem& item);
  // Gives the memory of what was taken back to the shard.
  void release() noexcept;

  // --- any thread
  std::uint64_t dropped_total() const noexcept {
    return dropped_total_.load(std::memory_order_relaxed);
  }

 private:
  struct Head {
    std::int64_t received_ns;
    std::uint32_t size;
    CaptureItem::Kind kind;
  };
  static_assert(sizeof(Head) == 16);

  std::uint64_t room() const noexcept;
  void put(std::uint64_t at, const void* bytes, std::size_t size) noexcept;
  void get(std::uint64_t at, void* into, std::size_t size) const noexcept;
  void put_item(ReceiveTime received, CaptureItem::Kind kind, std::string_view bytes) noexcept;
  std::string_view view(std::uint64_t at, std::size_t size);

  // Constant after construction.
  const std::size_t capacity_;
  const std::unique_ptr<char[]> ring_;

  // Written by the shard.
  alignas(kCacheLineBytes) std::atomic<std::uint64_t> pushed_{0};  // bytes ever, as are all below
  std::uint64_t end_ = 0;            // of the item being put; published by pushed_
  std::uint64_t released_seen_ = 0;  // the newest known of released_
  std::uint64_t untold_ = 0;         // items lost since the last one that found room
  ReceiveTime untold_since_ = kNoReceiveTime;
  std::atomic<std::uint64_t> dropped_total_{0};

  // Written by the writer.
  alignas(kCacheLineBytes) std::atomic<std::uint64_t> released_{0};
  std::uint64_t taken_ = 0;
  std::uint64_t pushed_seen_ = 0;  // the newest known of pushed_
  std::string joined_;             // an item that goes over the ring's end
};

}  // namespace fastrsi
