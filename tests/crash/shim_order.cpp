#include "tests/crash/shim_order.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include "tests/crash/shim_undo.hpp"

namespace fastrsi::shim {
namespace {

enum class Deed { Kill, Cut, Fail, Lag };
enum class When { Before, Middle, After };

struct Order {
  Deed deed;
  Call call;
  std::uint64_t from;
  std::uint64_t times;
  When when;
  int error;  // of Lag: milliseconds
};

constexpr std::size_t kOrdersMax = 4;
constexpr std::size_t kTextBytesMax = 4096;
constexpr std::array<const char*, 8> kClasses = {"write",  "sync", "rename",   "truncate",
                                                 "unlink", "send", "allocate", "create"};
struct ErrorName {
  const char* name;
  int error;
};
constexpr std::array<ErrorName, 6> kErrors = {{{"ENOSPC", ENOSPC},
                                               {"EIO", EIO},
                                               {"EPIPE", EPIPE},
                                               {"ECONNRESET", ECONNRESET},
                                               {"EDQUOT", EDQUOT},
                                               {"EROFS", EROFS}}};

// Constant once `ready` is set, which is before main.
std::array<Order, kOrdersMax> orders;
std::size_t order_count = 0;
const char* paths = "";
const char* heal = nullptr;
std::array<char, kTextBytesMax> text;
std::atomic<bool> ready = false;

// Any thread's. The page is the file of count:FILE once there is one.
std::array<std::atomic<std::uint64_t>, kCalls> own_page;
std::atomic<std::uint64_t>* page = own_page.data();
static_assert(std::atomic<std::uint64_t>::is_always_lock_free);

[[noreturn]] void refuse(const char* what) noexcept {
  syscall(SYS_write, 2, "crash shim: bad order: ", 23);
  syscall(SYS_write, 2, what, std::strlen(what));
  syscall(SYS_write, 2, "\n", 1);
  std::abort();
}

[[noreturn]] void die(Deed deed) noexcept {
  if (deed == Deed::Cut) undo_all();
  syscall(SYS_kill, syscall(SYS_getpid), SIGKILL);
  for (;;) pause();
}

Call call_of(const char* word) noexcept {
  for (std::size_t i = 0; i < kClasses.size(); ++i) {
    if (std::strcmp(word, kClasses[i]) == 0) return static_cast<Call>(i);
  }
  refuse(word);
}

When when_of(const char* word) noexcept {
  if (std::strcmp(word, "before") == 0) return When::Before;
  if (std::strcmp(word, "middle") == 0) return When::Middle;
  if (std::strcmp(word, "after") == 0) return When::After;
  refuse(word);
}

int error_of(const char* word) noexcept {
  for (const ErrorName& each : kErrors) {
    if (std::strcmp(word, each.name) == 0) return each.error;
  }
  const int number = std::atoi(word);
  if (number <= 0) refuse(word);
  return number;
}

void count_in(const char* name) noexcept {
  const long fd = syscall(SYS_openat, AT_FDCWD, name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0 || syscall(SYS_ftruncate, fd, sizeof(own_page)) != 0) refuse(name);
  void* shared =
      mmap(nullptr, sizeof(own_page), PROT_READ | PROT_WRITE, MAP_SHARED, static_cast<int>(fd), 0);
  if (shared == MAP_FAILED) refuse(name);
  syscall(SYS_close, fd);
  page = static_cast<std::atomic<std::uint64_t>*>(shared);
}

// One order; cuts it into words in place.
void take(char* order) noexcept {
  std::array<char*, 5> words{};
  std::size_t count = 0;
  char* rest = order;
  while (count < words.size() && rest != nullptr) {
    words[count++] = rest;
    if (count == 2 && std::strcmp(words[0], "count") == 0) return count_in(words[1]);
    rest = std::strchr(rest, ':');
    if (rest != nullptr) *rest++ = '\0';
  }
  if (count == 3 && std::strcmp(words[0], "lag") == 0 && order_count < kOrdersMax) {
    const int milliseconds = std::atoi(words[2]);
    orders[order_count++] = {Deed::Lag,  call_of(words[1]), 1,
                             UINT64_MAX, When::Before,      milliseconds};
    return;
  }
  if (count < 4 || rest != nullptr || order_count == kOrdersMax) refuse(order);
  Order made{Deed::Kill, call_of(words[1]), std::strtoull(words[2], nullptr, 10),
             1,          When::Before,      0};
  if (made.from == 0) refuse(words[2]);
  if (std::strcmp(words[0], "fail") == 0) {
    made.deed = Deed::Fail;
    made.error = error_of(words[3]);
    const bool all = count == 5 && std::strcmp(words[4], "*") == 0;
    if (count == 5) made.times = all ? UINT64_MAX : std::strtoull(words[4], nullptr, 10);
  } else {
    made.deed = std::strcmp(words[0], "cut") == 0 ? Deed::Cut : Deed::Kill;
    if (made.deed == Deed::Kill && std::strcmp(words[0], "kill") != 0) refuse(words[0]);
    made.when = when_of(words[3]);
  }
  orders[order_count++] = made;
}

__attribute__((constructor)) void read_orders() noexcept {
  if (const char* given = std::getenv("FASTRSI_SHIM_PATHS")) paths = given;
  heal = std::getenv("FASTRSI_SHIM_HEAL");
  if (const char* given = std::getenv("FASTRSI_SHIM")) {
    if (std::strlen(given) >= text.size()) refuse("too long");
    std::strcpy(text.data(), given);
    char* rest = text.data();
    while (rest != nullptr && *rest != '\0') {
      char* order = rest;
      rest = std::strchr(rest, ';');
      if (rest != nullptr) *rest++ = '\0';
      take(order);
    }
  }
  ready.store(true, std::memory_order_release);  // pairs with the acquires in meet() and count()
}

bool is_healed() noexcept {
  return heal != nullptr && syscall(SYS_faccessat, AT_FDCWD, heal, F_OK) == 0;
}

}  // namespace

Verdict meet(Call call) noexcept {
  Verdict verdict;
  if (!ready.load(std::memory_order_acquire)) return verdict;
  const std::uint64_t n = page[static_cast<std::size_t>(call)].fetch_add(1) + 1;
  for (std::size_t i = 0; i < order_count; ++i) {
    const Order& order = orders[i];
    if (order.call != call || n < order.from || n - order.from >= order.times) continue;
    if (order.deed == Deed::Lag) {
      const timespec pause{order.error / 1000, order.error % 1000 * 1'000'000L};
      nanosleep(&pause, nullptr);
      continue;
    }
    if (order.deed == Deed::Fail) {
      if (!is_healed()) verdict.error = order.error;
      continue;
    }
    const bool has_bytes = call == Call::Write || call == Call::Send;
    if (order.when == When::Before || (order.when == When::Middle && !has_bytes)) die(order.deed);
    verdict.half = order.when == When::Middle;
    verdict.dies = true;
  }
  return verdict;
}

void finish(const Verdict& verdict) noexcept {
  if (verdict.dies) die(may_cut() ? Deed::Cut : Deed::Kill);
}

void count(Call call) noexcept {
  if (!ready.load(std::memory_order_acquire)) return;
  page[static_cast<std::size_t>(call)].fetch_add(1);
}

bool is_watched(const char* path) noexcept {
  const char* prefix = paths;
  while (*prefix != '\0') {
    const std::size_t length = std::strcspn(prefix, ":");
    if (length > 0 && std::strncmp(path, prefix, length) == 0) return true;
    prefix += length + (prefix[length] == ':' ? 1 : 0);
  }
  return false;
}

bool may_cut() noexcept {
  for (std::size_t i = 0; i < order_count; ++i) {
    if (orders[i].deed == Deed::Cut) return true;
  }
  return false;
}

}  // namespace fastrsi::shim
