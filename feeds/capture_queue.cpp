#include "feeds/capture_queue.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

#include "engine/base/assert.hpp"

namespace fastrsi {
namespace {

// A hole's mark: its head, and the count.
constexpr std::size_t kDroppedBytes = 16 + sizeof(std::uint64_t);
constexpr std::size_t kCapacityMin = 1024;

}  // namespace

CaptureQueue::CaptureQueue(std::size_t capacity_bytes)
    : capacity_(std::max(capacity_bytes, kCapacityMin)), ring_(new char[capacity_]) {
  FASTRSI_ASSERT(capacity_ <= std::numeric_limits<std::uint32_t>::max());
}

std::uint64_t CaptureQueue::room() const noexcept {
  return capacity_ - (end_ - released_seen_);
}

void CaptureQueue::put(std::uint64_t at, const void* bytes, std::size_t size) noexcept {
  const std::size_t begin = at % capacity_;
  const std::size_t first = std::min(size, capacity_ - begin);
  std::memcpy(ring_.get() + begin, bytes, first);
  std::memcpy(ring_.get(), static_cast<const char*>(bytes) + first, size - first);
}

void CaptureQueue::get(std::uint64_t at, void* into, std::size_t size) const noexcept {
  const std::size_t begin = at % capacity_;
  const std::size_t first = std::min(size, capacity_ - begin);
  std::memcpy(into, ring_.get() + begin, first);
  std::memcpy(static_cast<char*>(into) + first, ring_.get(), size - first);
}

void CaptureQueue::put_item(ReceiveTime received, CaptureItem::Kind kind,
                            std::string_view bytes) noexcept {
  const Head head{to_unix_ns(received), static_cast<std::uint32_t>(bytes.size()), kind};
  put(end_, &head, sizeof head);
  if (!bytes.empty()) put(end_ + sizeof head, bytes.data(), bytes.size());
  end_ += sizeof head + bytes.size();
}

bool CaptureQueue::try_push(ReceiveTime received, CaptureItem::Kind kind,
                            std::string_view bytes) noexcept {
  FASTRSI_ASSERT(kind != CaptureItem::Kind::Dropped);
  const std::uint64_t needed = sizeof(Head) + bytes.size() + (untold_ > 0 ? kDroppedBytes : 0);
  if (room() < needed) {
    released_seen_ = released_.load(std::memory_order_acquire);  // pairs with release()
  }
  if (room() < needed) {
    if (untold_++ == 0) untold_since_ = received;
    dropped_total_.fetch_add(1, std::memory_order_relaxed);
    return false;
  }
  push_dropped();
  put_item(received, kind, bytes);
  pushed_.store(end_, std::memory_order_release);  // pairs with take(): the bytes are there
  return true;
}

void CaptureQueue::push_dropped() noexcept {
  if (untold_ == 0) return;
  released_seen_ = released_.load(std::memory_order_acquire);  // pairs with release()
  if (room() < kDroppedBytes) return;
  const std::uint64_t count = std::exchange(untold_, 0);
  put_item(untold_since_, CaptureItem::Kind::Dropped,
           {reinterpret_cast<const char*>(&count), sizeof count});
  pushed_.store(end_, std::memory_order_release);  // pairs with take()
}

bool CaptureQueue::is_half_full() const noexcept {
  return end_ - released_seen_ > capacity_ / 2;
}

std::string_view CaptureQueue::view(std::uint64_t at, std::size_t size) {
  const std::size_t begin = at % capacity_;
  if (begin + size <= capacity_) return {ring_.get() + begin, size};
  joined_.resize(size);
  get(at, joined_.data(), size);
  return joined_;
}

bool CaptureQueue::take(CaptureItem& item) {
  if (taken_ == pushed_seen_) pushed_seen_ = pushed_.load(std::memory_order_acquire);
  if (taken_ == pushed_seen_) return false;
  Head head{};
  get(taken_, &head, sizeof head);
  item.received = receive_time_from_ns(head.received_ns);
  item.kind = head.kind;
  item.bytes = view(taken_ + sizeof head, head.size);
  item.dropped = 0;
  if (head.kind == CaptureItem::Kind::Dropped) {
    FASTRSI_ASSERT(head.size == sizeof item.dropped);
    std::memcpy(&item.dropped, item.bytes.data(), sizeof item.dropped);
  }
  taken_ += sizeof head + head.size;
  return true;
}

void CaptureQueue::release() noexcept {
  released_.store(taken_, std::memory_order_release);  // pairs with try_push(): the slots are free
}

}  // namespace fastrsi
