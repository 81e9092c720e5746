// A library to preload (LD_PRELOAD) that stands before the program's writing calls, counts them and
// kills, cuts the power or fails at the n-th of a class; shim_order.hpp has the orders.
//
// Each function here is its system call and nothing else, so there is no look-up of the next
// library's function, which could allocate or call back before the program has begun.
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdarg>

#include "tests/crash/shim_files.hpp"
#include "tests/crash/shim_order.hpp"
#include "tests/crash/shim_undo.hpp"

namespace fastrsi::shim {
namespace {

constexpr std::size_t kPiecesMax = 1024;

// A write of `bytes` bytes; `perform(n)` writes the first n. `offset` is -1 where the descriptor
// knows it.
template <class Perform>
ssize_t write_through(int fd, std::size_t bytes, off_t offset, Perform perform) noexcept {
  const Behind behind = look_behind(fd);
  if (behind == Behind::Other) return perform(bytes);
  const Verdict verdict = meet(behind == Behind::Socket ? Call::Send : Call::Write);
  if (verdict.error != 0) {
    errno = verdict.error;
    return -1;
  }
  if (behind != Behind::Socket) {
    look_for_taint(fd);
    if (may_cut()) keep_for_undo(fd, offset, bytes);
  }
  const ssize_t done = perform(verdict.half ? bytes / 2 : bytes);
  finish(verdict);
  return done;
}

// The first `bytes` bytes of the pieces.
struct Pieces {
  Pieces(const iovec* given, int count) noexcept
      : count_(std::min(static_cast<std::size_t>(std::max(count, 0)), kPiecesMax)) {
    std::copy_n(given, count_, pieces_.begin());
    for (std::size_t i = 0; i < count_; ++i) total_ += pieces_[i].iov_len;
  }
  std::size_t total() const noexcept { return total_; }
  std::size_t cut(std::size_t bytes) noexcept {
    std::size_t kept = 0;
    for (; kept < count_ && bytes > 0; ++kept) {
      pieces_[kept].iov_len = std::min(pieces_[kept].iov_len, bytes);
      bytes -= pieces_[kept].iov_len;
    }
    return kept;
  }
  iovec* data() noexcept { return pieces_.data(); }

 private:
  std::array<iovec, kPiecesMax> pieces_;
  std::size_t count_;
  std::size_t total_ = 0;
};

ssize_t write_at(int fd, const void* data, std::size_t bytes, off_t offset) noexcept {
  return write_through(fd, bytes, offset, [&](std::size_t n) {
    const long done = syscall(SYS_pwrite64, fd, data, n, offset);
    if (done == static_cast<long>(bytes)) look_for_commit(fd, data, bytes, offset);
    return static_cast<ssize_t>(done);
  });
}

ssize_t write_pieces_at(int fd, const iovec* given, int count, off_t offset) noexcept {
  Pieces pieces(given, count);
  return write_through(fd, pieces.total(), offset, [&](std::size_t n) {
    const std::size_t kept = pieces.cut(n);
    return static_cast<ssize_t>(syscall(SYS_pwritev, fd, pieces.data(), kept, offset, 0));
  });
}

int sync_file(int fd, long number) noexcept {
  const Behind behind = look_behind(fd);
  if (behind != Behind::File && behind != Behind::Log) {
    return static_cast<int>(syscall(number, fd));
  }
  const Verdict verdict = meet(Call::Sync);
  if (verdict.error != 0) {
    taint(fd);
    errno = verdict.error;
    return -1;
  }
  const auto done = static_cast<int>(syscall(number, fd));
  if (done == 0) note_sync(fd);
  // Folders are synced too; they have nothing to undo.
  if (done == 0 && may_cut() && (fcntl(fd, F_GETFL) & O_ACCMODE) != O_RDONLY) forget_undo(fd);
  finish(verdict);
  return done;
}

int truncate_file(int fd, off_t length) noexcept {
  Verdict verdict;
  const Behind behind = look_behind(fd);
  if (behind == Behind::File || behind == Behind::Log) {
    verdict = meet(Call::Truncate);
    if (verdict.error != 0) {
      errno = verdict.error;
      return -1;
    }
    look_for_taint(fd);
    if (may_cut()) keep_for_truncate(fd, length);
  }
  const auto done = static_cast<int>(syscall(SYS_ftruncate, fd, length));
  finish(verdict);
  return done;
}

// Gives the error's number, as posix_fallocate does; 0 when done.
int allocate_file(int fd, int mode, off_t offset, off_t length) noexcept {
  Verdict verdict;
  const Behind behind = look_behind(fd);
  if (behind == Behind::File || behind == Behind::Log) {
    verdict = meet(Call::Allocate);
    if (verdict.error != 0) return verdict.error;
    if (may_cut()) keep_for_undo(fd, offset, 0);
  }
  const long done = syscall(SYS_fallocate, fd, mode, offset, length);
  const int error = done == 0 ? 0 : errno;
  finish(verdict);
  return error;
}

int allocate_or_errno(int fd, int mode, off_t offset, off_t length) noexcept {
  const int error = allocate_file(fd, mode, offset, length);
  if (error != 0) errno = error;
  return error == 0 ? 0 : -1;
}

// A call on names, not on a descriptor.
template <class Perform>
int name_call(Call call, bool watched, Perform perform) noexcept {
  if (!watched) return static_cast<int>(perform());
  const Verdict verdict = meet(call);
  if (verdict.error != 0) {
    errno = verdict.error;
    return -1;
  }
  const auto done = static_cast<int>(perform());
  finish(verdict);
  return done;
}

int rename_file(int from_dir, const char* from, int to_dir, const char* to) noexcept {
  const bool watched = is_watched_at(from_dir, from) || is_watched_at(to_dir, to);
  return name_call(Call::Rename, watched,
                   [&] { return syscall(SYS_renameat2, from_dir, from, to_dir, to, 0); });
}

int unlink_file(int folder, const char* name, int flags) noexcept {
  return name_call(Call::Unlink, is_watched_at(folder, name),
                   [&] { return syscall(SYS_unlinkat, folder, name, flags); });
}

int open_file(int folder, const char* name, int flags, unsigned mode) noexcept {
  const bool watched = (flags & O_CREAT) != 0 && is_watched_at(folder, name);
  return name_call(Call::Create, watched,
                   [&] { return syscall(SYS_openat, folder, name, flags, mode); });
}

template <class List>
unsigned mode_of(int flags, List& list) noexcept {
  const bool makes = (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE;
  return makes ? va_arg(list, unsigned) : 0;
}

}  // namespace
}  // namespace fastrsi::shim

namespace shim = fastrsi::shim;

#pragma GCC visibility push(default)
extern "C" {

ssize_t write(int fd, const void* data, size_t bytes) {
  return shim::write_through(fd, bytes, -1, [&](std::size_t n) {
    return static_cast<ssize_t>(syscall(SYS_write, fd, data, n));
  });
}
ssize_t pwrite(int fd, const void* data, size_t bytes, off_t offset) {
  return shim::write_at(fd, data, bytes, offset);
}
ssize_t pwrite64(int fd, const void* data, size_t bytes, off64_t offset) {
  return shim::write_at(fd, data, bytes, offset);
}
ssize_t writev(int fd, const iovec* given, int count) {
  shim::Pieces pieces(given, count);
  return shim::write_through(fd, pieces.total(), -1, [&](std::size_t n) {
    const std::size_t kept = pieces.cut(n);
    return static_cast<ssize_t>(syscall(SYS_writev, fd, pieces.data(), kept));
  });
}
ssize_t pwritev(int fd, const iovec* given, int count, off_t offset) {
  return shim::write_pieces_at(fd, given, count, offset);
}
ssize_t pwritev64(int fd, const iovec* given, int count, off64_t offset) {
  return shim::write_pieces_at(fd, given, count, offset);
}

ssize_t send(int fd, const void* data, size_t bytes, int flags) {
  return sendto(fd, data, bytes, flags, nullptr, 0);
}
ssize_t sendto(int fd, const void* data, size_t bytes, int flags, const sockaddr* to,
               socklen_t to_bytes) {
  return shim::write_through(fd, bytes, -1, [&](std::size_t n) {
    return static_cast<ssize_t>(syscall(SYS_sendto, fd, data, n, flags, to, to_bytes));
  });
}
ssize_t sendmsg(int fd, const msghdr* message, int flags) {
  shim::Pieces pieces(message->msg_iov, static_cast<int>(message->msg_iovlen));
  return shim::write_through(fd, pieces.total(), -1, [&](std::size_t n) {
    msghdr part = *message;
    part.msg_iovlen = pieces.cut(n);
    part.msg_iov = pieces.data();
    return static_cast<ssize_t>(syscall(SYS_sendmsg, fd, &part, flags));
  });
}

int fsync(int fd) {
  return shim::sync_file(fd, SYS_fsync);
}
int fdatasync(int fd) {
  return shim::sync_file(fd, SYS_fdatasync);
}

int ftruncate(int fd, off_t length) noexcept {
  return shim::truncate_file(fd, length);
}
int ftruncate64(int fd, off64_t length) noexcept {
  return shim::truncate_file(fd, length);
}

int posix_fallocate(int fd, off_t offset, off_t length) {
  return shim::allocate_file(fd, 0, offset, length);
}
int posix_fallocate64(int fd, off64_t offset, off64_t length) {
  return shim::allocate_file(fd, 0, offset, length);
}
int fallocate(int fd, int mode, off_t offset, off_t length) {
  return shim::allocate_or_errno(fd, mode, offset, length);
}
int fallocate64(int fd, int mode, off64_t offset, off64_t length) {
  return shim::allocate_or_errno(fd, mode, offset, length);
}

int rename(const char* from, const char* to) noexcept {
  return shim::rename_file(AT_FDCWD, from, AT_FDCWD, to);
}
int renameat(int from_dir, const char* from, int to_dir, const char* to) noexcept {
  return shim::rename_file(from_dir, from, to_dir, to);
}

int unlink(const char* name) noexcept {
  return shim::unlink_file(AT_FDCWD, name, 0);
}
int unlinkat(int folder, const char* name, int flags) noexcept {
  return shim::unlink_file(folder, name, flags);
}
// glibc's own remove() calls unlink where nobody can stand before it.
int remove(const char* name) noexcept {
  const int done = shim::unlink_file(AT_FDCWD, name, 0);
  return done != 0 && errno == EISDIR ? shim::unlink_file(AT_FDCWD, name, AT_REMOVEDIR) : done;
}

int open(const char* name, int flags, ...) {
  va_list list;
  va_start(list, flags);
  const unsigned mode = shim::mode_of(flags, list);
  va_end(list);
  return shim::open_file(AT_FDCWD, name, flags, mode);
}
int open64(const char* name, int flags, ...) {
  va_list list;
  va_start(list, flags);
  const unsigned mode = shim::mode_of(flags, list);
  va_end(list);
  return shim::open_file(AT_FDCWD, name, flags, mode);
}
int openat(int folder, const char* name, int flags, ...) {
  va_list list;
  va_start(list, flags);
  const unsigned mode = shim::mode_of(flags, list);
  va_end(list);
  return shim::open_file(folder, name, flags, mode);
}
int openat64(int folder, const char* name, int flags, ...) {
  va_list list;
  va_start(list, flags);
  const unsigned mode = shim::mode_of(flags, list);
  va_end(list);
  return shim::open_file(folder, name, flags, mode);
}

}  // extern "C"
#pragma GCC visibility pop
