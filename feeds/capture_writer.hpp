// Writes captures (INTERFACE.md, section 3) beside a live run: a tap on each connection, one thread
// that packs and writes for all of them.
//
// A shard hands a line over by copying it into its tap's ring and never waits: when the ring is
// full the line is lost, counted, and its place is marked in the file. The disk comes last as well:
// below keep_free_bytes, or when it refuses, the capture pauses, so that what it loses is only the
// capture. Everything lost is told by a line {"fastrsi":{"event":"dropped","frames":N}} where the
// capture goes on; what a disk error leaves in doubt is counted as lost.
//
// Files are named <venue>-<link>-<UTC of the first line>.capture.zst and can be read while they
// grow (capture_output.hpp). A new one begins, with a header, by size and by the lines' own time,
// so that no clock but the shard's is in them.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "engine/base/units.hpp"
#include "feeds/capture_bars.hpp"

namespace fastrsi {

struct CaptureSettings {
  std::string dir;                                    // dir: made when it is missing
  std::size_t queue_bytes = 8U * 1024 * 1024;         // queue: of each connection, at most 2 GiB
  int level = 3;                                      // level: zstd's, 1 to 19
  std::uint64_t file_bytes_max = 1024ULL << 20;       // file_size: packed; then a new file begins
  Nanoseconds file_time_max = std::chrono::hours(1);  // file_time: likewise
  std::chrono::milliseconds flush_every{1000};        // flush_every: what a crash may cost
  std::uint64_t keep_free_bytes = 1024ULL << 20;      // keep_free: below it the capture pauses
  std::chrono::milliseconds retry_every{10'000};      // retry_every: while it pauses
};

// What the header of a connection's files says.
struct CaptureLink {
  std::string venue;
  std::string url;
  std::uint32_t link = 0;  // the connection's number in its feed
};

struct CaptureWriterStatistics {
  std::uint64_t lines = 0;          // written; headers and marks of holes are not counted
  std::uint64_t text_bytes = 0;     // given to zstd
  std::uint64_t file_bytes = 0;     // on the disk
  std::uint64_t files = 0;          // begun
  std::uint64_t queue_dropped = 0;  // lines that found their ring full
  std::uint64_t disk_dropped = 0;   // lines lost to errors of the disk and to pauses
  std::uint64_t disk_errors = 0;    // refusals, too little space among them
};

class CaptureChannel;
struct CaptureContext;

// One connection's way into the capture. Owner and thread: its shard's, which may change if nobody
// uses it meanwhile. Nothing here waits or, but for disconnected() and bars(), allocates. Ends with
// the object: its file is then finished by the writer, which must outlive it.
class CaptureTap {
 public:
  explicit CaptureTap(CaptureChannel& channel) noexcept : channel_(channel) {}
  ~CaptureTap();
  CaptureTap(const CaptureTap&) = delete;
  CaptureTap& operator=(const CaptureTap&) = delete;

  void frame(ReceiveTime received, std::string_view bytes, bool is_text) noexcept;
  void connected(ReceiveTime received) noexcept;
  void disconnected(ReceiveTime received, std::string_view reason) noexcept;
  void time(ReceiveTime received) noexcept;
  void bars(ReceiveTime received, const CaptureBars& bars) noexcept;

 private:
  CaptureChannel& channel_;
};

// Owner: the service. Taps may be opened, and statistics read, from any thread.
class CaptureWriter {
 public:
  // Hears of trouble and its end, one sentence each, in the writer's thread.
  using Say = std::function<void(const std::string&)>;
  // Free bytes for users where `dir` lies; tests put their own here.
  using FreeBytes = std::function<std::uint64_t(const std::string& dir)>;

  // Throws std::runtime_error ("DIR: what (mend)") when nothing can be written there.
  explicit CaptureWriter(CaptureSettings settings, Say say = {}, FreeBytes free_bytes = {});
  // Writes what the taps' rings hold and finishes all files. No tap is left.
  ~CaptureWriter();
  CaptureWriter(const CaptureWriter&) = delete;
  CaptureWriter& operator=(const CaptureWriter&) = delete;

  std::unique_ptr<CaptureTap> open(CaptureLink link);
  CaptureWriterStatistics statistics() const noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace fastrsi
