// The one door to moodycamel's ConcurrentQueue: a queue with one producer, one consumer and a fixed
// bound. Debian's 1.0.3 grows without limit by enqueue(); try_enqueue() with a producer token only
// uses what was allocated at start, so this queue never allocates afterwards and says when it is
// full.
#pragma once

#include <cstddef>

#if __has_include(<concurrentqueue/moodycamel/concurrentqueue.h>)
#include <concurrentqueue/moodycamel/concurrentqueue.h>
#else
#include <concurrentqueue/concurrentqueue.h>
#endif

#ifdef __SANITIZE_THREAD__
// The sanitizer's runtime has these; no header of it declares them.
extern "C" {
void AnnotateIgnoreReadsBegin(const char* file, int line);
void AnnotateIgnoreReadsEnd(const char* file, int line);
void AnnotateIgnoreWritesBegin(const char* file, int line);
void AnnotateIgnoreWritesEnd(const char* file, int line);
}
#endif

namespace fastrsi {

// Owner: whoever wires producer and consumer; outlives both. Order is kept.
template <typename T>
class BoundedQueue {
 public:
  // Holds at least `capacity` items (rounded up to the library's blocks).
  explicit BoundedQueue(std::size_t capacity)
      : queue_(capacity, 1, 0), producer_(queue_), consumer_(queue_) {}
  BoundedQueue(const BoundedQueue&) = delete;
  BoundedQueue& operator=(const BoundedQueue&) = delete;

  // Producer's thread. False when full: the caller's answer is to wait or to count the loss.
  bool try_push(const T& item) noexcept {
    const InLibrary in_library;
    return queue_.try_enqueue(producer_, item);
  }

  // Consumer's thread. Takes up to `most` items that are waiting; returns how many.
  std::size_t pop_bulk(T* items, std::size_t most) noexcept {
    const InLibrary in_library;
    return queue_.try_dequeue_bulk(consumer_, items, most);
  }

  std::size_t size_approximate() const noexcept { return queue_.size_approx(); }

 private:
  // A block that has been emptied is filled again behind an atomic_thread_fence of the library's,
  // which the thread sanitizer does not follow: the library's own reads and writes are not its
  // matter. The atomic indices are still seen, so what one side did before a push is known to have
  // happened before what the other does after the pop.
  struct InLibrary {
#ifdef __SANITIZE_THREAD__
    InLibrary() noexcept {
      AnnotateIgnoreReadsBegin(__FILE__, __LINE__);
      AnnotateIgnoreWritesBegin(__FILE__, __LINE__);
    }
    ~InLibrary() {
      AnnotateIgnoreWritesEnd(__FILE__, __LINE__);
      AnnotateIgnoreReadsEnd(__FILE__, __LINE__);
    }
#else
    // Not trivial, so that it counts as used.
    InLibrary() noexcept {}
    ~InLibrary() {}
#endif
    InLibrary(const InLibrary&) = delete;
    InLibrary& operator=(const InLibrary&) = delete;
  };

  moodycamel::ConcurrentQueue<T> queue_;
  moodycamel::ProducerToken producer_;
  moodycamel::ConsumerToken consumer_;
};

}  // namespace fastrsi
