// What the crash shim is ordered to do, and at which call. Orders come from the environment:
//
//   FASTRSI_SHIM        one or more of these, with ; between
//     kill:CLASS:N:WHEN         SIGKILL to itself at the N-th call; WHEN is before, middle or after
//                               (middle: half of the bytes go through; where there are none:
//                               before)
//     cut:CLASS:N:WHEN          the same as if the power failed: what no fsync has covered is
//     undone fail:CLASS:N:ERRNO[:COUNT]  COUNT calls from the N-th on fail (1; * is all of them),
//     and none
//                               any more once the file FASTRSI_SHIM_HEAL is there
//     lag:CLASS:MILLISECONDS    each call takes this much longer, as on a disk that turns
//     count:FILE                the number of calls so far, a page of it that outlives the process:
//                               one 64-bit number for each value of Call, in its order
//   FASTRSI_SHIM_PATHS  prefixes with : between; files elsewhere do not count, sockets always do
//
// CLASS is write, sync, rename, truncate, unlink, send, allocate or create; ERRNO is ENOSPC, EIO,
// EPIPE, ECONNRESET, EDQUOT, EROFS or a number.
#pragma once

#include <cstddef>
#include <cstdint>

namespace fastrsi::shim {

enum class Call : std::uint8_t {
  Write,
  Sync,
  Rename,
  Truncate,
  Unlink,
  Send,
  Allocate,
  Create,
  Commit,    // a frame that ends a transaction, into SQLite's write-ahead log
  Unsynced,  // such a frame while the one before it has not been synced
  Tainted,   // a change to a file after an fsync of it has failed
};
inline constexpr std::size_t kCalls = 11;
inline constexpr std::size_t kPathBytesMax = 512;

// What is to become of a call. `error`: it fails. `half`: half of its bytes go through. `dies`:
// finish() does not return.
struct Verdict {
  int error = 0;
  bool half = false;
  bool dies = false;
};

// Counts a call. Does not return when it is ordered to die before it.
Verdict meet(Call call) noexcept;
// After the call: dies where that is ordered.
void finish(const Verdict& verdict) noexcept;
// Counts without any order.
void count(Call call) noexcept;

// Whether a path is one of FASTRSI_SHIM_PATHS'.
bool is_watched(const char* path) noexcept;
// Whether a cut is ordered, so that writes must be kept for undoing.
bool may_cut() noexcept;

}  // namespace fastrsi::shim
