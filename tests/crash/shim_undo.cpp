#include "tests/crash/shim_undo.hpp"

#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace fastrsi::shim {
namespace {

// A change: what stood at `offset`, and the file's length. The old bytes stand before it in the
// arena, so that changes are read from the last to the first.
struct Change {
  off_t offset;
  off_t length_before;
  std::size_t bytes;
};

constexpr std::size_t kFilesMax = 32;
constexpr std::size_t kArenaBytes = 256UL * 1024 * 1024;  // of address space

struct File {
  dev_t device;
  ino_t inode;
  // Our own descriptor, never closed: closing one would drop the process's record locks.
  int fd;
  char* arena;
  std::size_t used;
};

pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
// Under the mutex.
std::array<File, kFilesMax> files;
std::size_t file_count = 0;

[[noreturn]] void give_up(const char* why) noexcept {
  syscall(SYS_write, 2, why, std::strlen(why));
  std::abort();
}

File& file_of(int fd) noexcept {
  struct stat status {};
  if (fstat(fd, &status) != 0) give_up("crash shim: cannot look at a file\n");
  for (std::size_t i = 0; i < file_count; ++i) {
    if (files[i].device == status.st_dev && files[i].inode == status.st_ino) return files[i];
  }
  if (file_count == kFilesMax) give_up("crash shim: too many files to undo\n");
  std::array<char, 64> name{};
  std::snprintf(name.data(), name.size(), "/proc/self/fd/%d", fd);
  const long own = syscall(SYS_openat, AT_FDCWD, name.data(), O_RDWR | O_CLOEXEC, 0);
  void* arena = mmap(nullptr, kArenaBytes, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (own < 0 || arena == MAP_FAILED) give_up("crash shim: cannot keep a file for undoing\n");
  files[file_count] = {status.st_dev, status.st_ino, static_cast<int>(own),
                       static_cast<char*>(arena), 0};
  return files[file_count++];
}

off_t length_of(int fd) noexcept {
  struct stat status {};
  return fstat(fd, &status) == 0 ? status.st_size : 0;
}

void keep(File& file, off_t offset, std::size_t bytes) noexcept {
  Change change{offset, length_of(file.fd), 0};
  if (offset < change.length_before) {
    change.bytes = std::min(bytes, static_cast<std::size_t>(change.length_before - offset));
  }
  if (file.used + change.bytes + sizeof(change) > kArenaBytes) {
    give_up("crash shim: too much to undo\n");
  }
  char* end = file.arena + file.used;
  if (change.bytes > 0 &&
      pread(file.fd, end, change.bytes, offset) != static_cast<ssize_t>(change.bytes)) {
    give_up("crash shim: cannot read what a write replaces\n");
  }
  std::memcpy(end + change.bytes, &change, sizeof(change));
  file.used += change.bytes + sizeof(change);
}

void undo(File& file) noexcept {
  while (file.used > 0) {
    Change change{};
    file.used -= sizeof(change);
    std::memcpy(&change, file.arena + file.used, sizeof(change));
    file.used -= change.bytes;
    if (change.bytes > 0) {
      syscall(SYS_pwrite64, file.fd, file.arena + file.used, change.bytes, change.offset);
    }
    syscall(SYS_ftruncate, file.fd, change.length_before);
  }
}

}  // namespace

void keep_for_undo(int fd, off_t offset, std::size_t bytes) noexcept {
  pthread_mutex_lock(&mutex);
  File& file = file_of(fd);
  if (offset < 0) {
    const bool appends = (fcntl(fd, F_GETFL) & O_APPEND) != 0;
    offset = appends ? length_of(fd) : lseek(fd, 0, SEEK_CUR);
  }
  keep(file, offset, bytes);
  pthread_mutex_unlock(&mutex);
}

void keep_for_truncate(int fd, off_t length) noexcept {
  pthread_mutex_lock(&mutex);
  File& file = file_of(fd);
  keep(file, length, static_cast<std::size_t>(std::max<off_t>(0, length_of(fd) - length)));
  pthread_mutex_unlock(&mutex);
}

void forget_undo(int fd) noexcept {
  pthread_mutex_lock(&mutex);
  file_of(fd).used = 0;
  pthread_mutex_unlock(&mutex);
}

void undo_all() noexcept {
  pthread_mutex_lock(&mutex);  // for good: the process dies
  for (std::size_t i = 0; i < file_count; ++i) undo(files[i]);
}

}  // namespace fastrsi::shim
