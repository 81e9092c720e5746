// A ring that keeps the newest items and overwrites the oldest.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "engine/base/assert.hpp"

namespace fastrsi {

// Owner and thread: one writer, which is the only reader too.
template <typename T>
class Ring {
 public:
  // `capacity` is a power of two.
  explicit Ring(std::size_t capacity) : items_(new T[capacity]), mask_(capacity - 1) {
    FASTRSI_ASSERT(std::has_single_bit(capacity));
  }

  void push(const T& item) noexcept { items_[written_++ & mask_] = item; }

  std::size_t size() const noexcept {
    return written_ <= mask_ ? static_cast<std::size_t>(written_) : mask_ + 1;
  }
  // back(0) is the newest item; `age` below size().
  const T& back(std::size_t age) const noexcept {
    FASTRSI_ASSERT(age < size());
    return items_[(written_ - 1 - age) & mask_];
  }

 private:
  std::unique_ptr<T[]> items_;
  std::size_t mask_;
  std::uint64_t written_ = 0;
};

}  // namespace fastrsi
