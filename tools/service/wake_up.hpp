// Wakes one thread that waits for work. Ringing costs a call to the system only while it waits.
#pragma once

#include <atomic>
#include <cstdint>

namespace fastrsi {

// Threads: any rings; one waits.
class WakeUp {
 public:
  void ring() noexcept {
    rings_.fetch_add(1, std::memory_order_release);  // pairs with the acquire in rings()
    rings_.notify_one();
  }
  // Read before looking for work; wait() with it returns at once when there was a ring since.
  std::uint32_t rings() const noexcept { return rings_.load(std::memory_order_acquire); }
  void wait(std::uint32_t seen) const noexcept { rings_.wait(seen, std::memory_order_acquire); }

 private:
  std::atomic<std::uint32_t> rings_{0};
};

}  // namespace fastrsi
