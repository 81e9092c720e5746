// What a power failure takes away: everything written since the file's last fsync. Each write to a
// watched file first keeps what stood there; undo_all() puts it back. (A real disk may keep any
// part of it; none of it is the harshest of the cases that fsync guards against.)
#pragma once

#include <sys/types.h>

#include <cstddef>

namespace fastrsi::shim {

// `bytes` bytes of the file behind `fd` are about to change at `offset`; -1: where write(2) would
// put them. The new length is not said: whatever grows is cut off again.
void keep_for_undo(int fd, off_t offset, std::size_t bytes) noexcept;
// Its length is about to become `length`.
void keep_for_truncate(int fd, off_t length) noexcept;
// The file was synced: what was written so far stays.
void forget_undo(int fd) noexcept;
// Puts back everything. No other call of these returns after it.
void undo_all() noexcept;

}  // namespace fastrsi::shim
