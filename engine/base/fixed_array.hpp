// Items whose number is set once. A third smaller than a std::vector, which counts where each tick
// of a symbol begins with the lines of memory that say where its arrays are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

namespace fastrsi {

template <typename T>
class FixedArray {
 public:
  explicit FixedArray(std::size_t size)
      : items_(new T[size]), size_(static_cast<std::uint32_t>(size)) {}

  std::uint32_t size() const noexcept { return size_; }
  T* begin() noexcept { return items_.get(); }
  T* end() noexcept { return items_.get() + size_; }
  const T* begin() const noexcept { return items_.get(); }
  const T* end() const noexcept { return items_.get() + size_; }

  T& operator[](std::size_t index) noexcept { return items_[index]; }
  const T& operator[](std::size_t index) const noexcept { return items_[index]; }

 private:
  std::unique_ptr<T[]> items_;
  std::uint32_t size_;
};

}  // namespace fastrsi
