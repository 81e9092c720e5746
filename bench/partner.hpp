// A second thread that does what it is told, one job after the other: a shard's graph belongs to
// one thread for life.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <thread>
#include <utility>

namespace fastrsi::bench {

// Waits as shards do: without giving the core away.
template <typename Done>
void spin_until(Done&& done) {
  while (!done()) {
  }
}

inline bool has_two_cores(std::string& why_not) {
  if (std::thread::hardware_concurrency() >= 2) return true;
  why_not = "skipped: needs two cores";
  return false;
}

// Owner: a figure. Jobs must not throw.
class Partner {
 public:
  Partner() : thread_([this] { work(); }) {}
  ~Partner() {
    start({});
    thread_.join();
  }
  Partner(const Partner&) = delete;
  Partner& operator=(const Partner&) = delete;

  // Does both at the same time, `there` in the other thread, and returns when both are done.
  template <typename Here>
  void side_by_side(Here&& here, std::function<void()> there) {
    start(std::move(there));
    here();
    done_.wait(started_count_ - 1, std::memory_order_acquire);
  }

 private:
  void start(std::function<void()> job) {
    job_ = std::move(job);
    ++started_count_;
    started_.store(started_count_,
                   std::memory_order_release);  // pairs with work(): the job is there
    started_.notify_one();
  }

  // An empty job is the last one.
  void work() {
    for (unsigned next = 1;; ++next) {
      started_.wait(next - 1, std::memory_order_acquire);
      if (!job_) return;
      job_();
      done_.store(next, std::memory_order_release);  // pairs with side_by_side(): its work is done
      done_.notify_one();
    }
  }

  std::function<void()> job_;
  unsigned started_count_ = 0;
  std::atomic<unsigned> started_{0};
  std::atomic<unsigned> done_{0};
  std::thread thread_;
};

}  // namespace fastrsi::bench
