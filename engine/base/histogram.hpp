// Counts durations in buckets an eighth of a power of two wide: percentiles to 9 % without keeping
// the values.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace fastrsi {

// Owner and thread: one writer.
class Histogram {
 public:
  void add(std::uint64_t ns) noexcept {
    ++buckets_[bucket_of(ns)];
    ++count_;
    max_ = std::max(max_, ns);
  }
  void add(const Histogram& other) noexcept {
    for (std::size_t i = 0; i < buckets_.size(); ++i) buckets_[i] += other.buckets_[i];
    count_ += other.count_;
    max_ = std::max(max_, other.max_);
  }

  std::uint64_t count() const noexcept { return count_; }
  std::uint64_t max_ns() const noexcept { return max_; }
  // Upper end of the bucket that holds the value at `share` (0 to 1); 0 when empty.
  std::uint64_t percentile_ns(double share) const noexcept {
    if (count_ == 0) return 0;
    const auto wanted = static_cast<std::uint64_t>(share * static_cast<double>(count_ - 1)) + 1;
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < buckets_.size(); ++i) {
      seen += buckets_[i];
      if (seen >= wanted) return std::min(max_, upper_end(i));
    }
    return max_;
  }

 private:
  static constexpr unsigned kSubBits = 3;
  static constexpr std::size_t kBuckets = (64 - kSubBits + 1) << kSubBits;

  static std::size_t bucket_of(std::uint64_t value) noexcept {
    if (value < (1U << kSubBits)) return static_cast<std::size_t>(value);
    const auto exponent = static_cast<unsigned>(std::bit_width(value)) - 1 - kSubBits;
    return ((exponent + 1) << kSubBits) +
           static_cast<std::size_t>((value >> exponent) & ((1U << kSubBits) - 1));
  }
  static std::uint64_t upper_end(std::size_t bucket) noexcept {
    const std::size_t row = bucket >> kSubBits;
    const std::uint64_t column = bucket & ((1U << kSubBits) - 1);
    if (row == 0) return column;
    return (((std::uint64_t{1} << kSubBits) + column + 1) << (row - 1)) - 1;
  }

  std::array<std::uint64_t, kBuckets> buckets_{};
  std::uint64_t count_ = 0;
  std::uint64_t max_ = 0;
};

}  // namespace fastrsi
