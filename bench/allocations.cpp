// Takes malloc's place in the whole process, libraries too, and hands on to glibc's own.
#include "bench/allocations.hpp"

#include <atomic>
#include <cerrno>
#include <cstddef>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define FASTRSI_OWN_HEAP
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define FASTRSI_OWN_HEAP
#endif
#endif

namespace {

std::atomic<std::uint64_t> taken{0};

#ifndef FASTRSI_OWN_HEAP
void count() noexcept {
  taken.fetch_add(1, std::memory_order_relaxed);
}
#endif

}  // namespace

namespace fastrsi::bench {

std::uint64_t allocations() noexcept {
  return taken.load(std::memory_order_relaxed);
}

bool allocations_are_counted() noexcept {
#ifdef FASTRSI_OWN_HEAP
  return false;
#else
  return true;
#endif
}

}  // namespace fastrsi::bench

#ifndef FASTRSI_OWN_HEAP
extern "C" {

void* libc_malloc(std::size_t size) asm("__libc_malloc");
void* libc_calloc(std::size_t count, std::size_t size) asm("__libc_calloc");
void* libc_realloc(void* old, std::size_t size) asm("__libc_realloc");
void* libc_memalign(std::size_t alignment, std::size_t size) asm("__libc_memalign");

void* malloc(std::size_t size) {
  count();
  return libc_malloc(size);
}

void* calloc(std::size_t number, std::size_t size) {
  count();
  return libc_calloc(number, size);
}

void* realloc(void* old, std::size_t size) {
  count();
  return libc_realloc(old, size);
}

void* memalign(std::size_t alignment, std::size_t size) {
  count();
  return libc_memalign(alignment, size);
}

void* aligned_alloc(std::size_t alignment, std::size_t size) {
  count();
  return libc_memalign(alignment, size);
}

int posix_memalign(void** result, std::size_t alignment, std::size_t size) {
  count();
  void* const taken_here = libc_memalign(alignment, size);
  if (taken_here == nullptr) return ENOMEM;
  *result = taken_here;
  return 0;
}

}  // extern "C"
#endif
