#include "tests/crash/shim_files.hpp"

#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>

#include "tests/crash/shim_order.hpp"

namespace fastrsi::shim {
namespace {

constexpr std::size_t kFrameHeaderBytes = 24;  // of SQLite's write-ahead log
constexpr std::size_t kTaintedMax = 16;

using Path = std::array<char, kPathBytesMax>;

std::atomic<bool> commit_is_open = false;  // a transaction's end was written and not synced

// Files of which an fsync has failed: what the system keeps of their pages nobody knows, so nothing
// may be built on them any more.
struct Tainted {
  dev_t device;
  ino_t inode;
};
pthread_mutex_t tainted_mutex = PTHREAD_MUTEX_INITIALIZER;
std::array<Tainted, kTaintedMax> tainted;    // under the mutex
std::atomic<std::size_t> tainted_count = 0;  // written under it

// Zero-terminated; the length, or 0 when there is none.
std::size_t path_of(int fd, Path& path) noexcept {
  Path name{};
  const int kept = errno;
  std::snprintf(name.data(), name.size(), "/proc/self/fd/%d", fd);
  const long length = syscall(SYS_readlinkat, AT_FDCWD, name.data(), path.data(), path.size() - 1);
  errno = kept;
  if (length <= 0) return 0;
  path[static_cast<std::size_t>(length)] = '\0';
  return static_cast<std::size_t>(length);
}

bool ends_in(const Path& path, std::size_t length, const char* end) noexcept {
  const std::size_t bytes = std::strlen(end);
  return length > bytes && std::strcmp(path.data() + length - bytes, end) == 0;
}

bool is_database(int fd) noexcept {
  Path path{};
  const std::size_t length = path_of(fd, path);
  return ends_in(path, length, ".db") || ends_in(path, length, ".db-wal");
}

}  // namespace

Behind look_behind(int fd) noexcept {
  Path path{};
  const std::size_t length = path_of(fd, path);
  if (length == 0) return Behind::Other;
  if (std::strncmp(path.data(), "socket:", 7) == 0) return Behind::Socket;
  if (!is_watched(path.data())) return Behind::Other;
  return ends_in(path, length, "-wal") ? Behind::Log : Behind::File;
}

bool is_watched_at(int folder, const char* name) noexcept {
  if (name == nullptr) return false;
  if (name[0] == '/') return is_watched(name);
  Path link{};
  Path path{};
  if (folder == AT_FDCWD) {
    std::strcpy(link.data(), "/proc/self/cwd");
  } else {
    std::snprintf(link.data(), link.size(), "/proc/self/fd/%d", folder);
  }
  const long length = syscall(SYS_readlinkat, AT_FDCWD, link.data(), path.data(), path.size() - 1);
  if (length <= 0 || static_cast<std::size_t>(length) + std::strlen(name) + 2 > path.size()) {
    return false;
  }
  path[static_cast<std::size_t>(length)] = '/';
  std::strcpy(path.data() + length + 1, name);
  return is_watched(path.data());
}

// SQLite's log gets each frame's header by a write of its own; its second word is not 0 in the
// frame that ends a transaction.
void look_for_commit(int fd, const void* bytes, std::size_t count, off_t offset) noexcept {
  if (count != kFrameHeaderBytes || offset < 32 || look_behind(fd) != Behind::Log) return;
  std::uint32_t pages_after = 0;
  std::memcpy(&pages_after, static_cast<const char*>(bytes) + 4, sizeof(pages_after));
  if (pages_after == 0) return;
  shim::count(Call::Commit);
  if (commit_is_open.exchange(true)) shim::count(Call::Unsynced);
}

void taint(int fd) noexcept {
  struct stat status {};
  pthread_mutex_lock(&tainted_mutex);
  const std::size_t count = tainted_count.load();
  if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && count < kTaintedMax) {
    tainted[count] = {status.st_dev, status.st_ino};
    tainted_count.store(count + 1);
  }
  pthread_mutex_unlock(&tainted_mutex);
}

// Only what is a database or its log by now: SQLite may clean up behind itself in files that go.
void look_for_taint(int fd) noexcept {
  if (tainted_count.load() == 0 || !is_database(fd)) return;
  struct stat status {};
  if (fstat(fd, &status) != 0) return;
  pthread_mutex_lock(&tainted_mutex);
  for (std::size_t i = 0; i < tainted_count.load(); ++i) {
    if (tainted[i].device == status.st_dev && tainted[i].inode == status.st_ino) {
      shim::count(Call::Tainted);
    }
  }
  pthread_mutex_unlock(&tainted_mutex);
}

void note_sync(int fd) noexcept {
  if (look_behind(fd) == Behind::Log) commit_is_open.store(false);
}

}  // namespace fastrsi::shim
