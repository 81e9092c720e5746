// What stands behind a descriptor or a name, asked of /proc each time (a microsecond): nothing can
// go stale. And what the shim watches of files beside its orders: transactions of SQLite's
// write-ahead log that are built on an unsynced one, and changes to files whose fsync has failed.
#pragma once

#include <sys/types.h>

#include <cstddef>

namespace fastrsi::shim {

enum class Behind { Other, File, Log, Socket };  // Log: SQLite's write-ahead log

Behind look_behind(int fd) noexcept;
// Whether the file `name`, seen from `folder` (or AT_FDCWD), is one of those that count.
bool is_watched_at(int folder, const char* name) noexcept;

// After a write that has gone through.
void look_for_commit(int fd, const void* bytes, std::size_t count, off_t offset) noexcept;
// Before any change.
void look_for_taint(int fd) noexcept;
// After an fsync that has failed, and after one that has not.
void taint(int fd) noexcept;
void note_sync(int fd) noexcept;

}  // namespace fastrsi::shim
