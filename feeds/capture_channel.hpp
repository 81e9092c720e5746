// One connection's part of the capture writer: its queue, and the file that is written from it.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "feeds/capture_output.hpp"
#include "feeds/capture_queue.hpp"
#include "feeds/capture_writer.hpp"

namespace fastrsi {

// What all channels of a writer share; each outlives them. Counted by the writer's thread, read by
// any.
struct CaptureContext {
  const CaptureSettings settings;
  const CaptureWriter::Say say;
  const CaptureWriter::FreeBytes free_bytes;
  const int wake_descriptor;  // an eventfd the writer's thread waits for

  std::atomic<std::uint64_t> lines{0};
  std::atomic<std::uint64_t> text_bytes{0};
  std::atomic<std::uint64_t> file_bytes{0};
  std::atomic<std::uint64_t> files{0};
  std::atomic<std::uint64_t> queue_dropped{0};
  std::atomic<std::uint64_t> disk_dropped{0};
  std::atomic<std::uint64_t> disk_errors{0};

  void wake() const noexcept;
};

// Owner: the writer. Threads: the tap's, and the writer's.
class CaptureChannel {
 public:
  using Clock = std::chrono::steady_clock;

  CaptureChannel(CaptureContext& context, CaptureLink link);

  // --- the tap's thread
  void push(ReceiveTime received, CaptureItem::Kind kind, std::string_view bytes) noexcept;
  // Nothing is pushed after this.
  void close() noexcept;

  // --- the writer's thread
  // Before the last drain(): what was pushed is then all there is.
  bool is_closing() const noexcept { return closing_.load(std::memory_order_acquire); }
  // Some of what is waiting, to the file. False when nothing was.
  bool drain(Clock::time_point now);
  // When it is due, so that a crash costs no more than flush_every.
  void flush(Clock::time_point now);
  // After is_closing() and a drain() that found nothing.
  void finish(Clock::time_point now);

 private:
  void take(const CaptureItem& item, Clock::time_point now);
  bool has_output(ReceiveTime received, Clock::time_point now);
  void begin_file(ReceiveTime received, Clock::time_point now);
  void end_file(Clock::time_point now);
  void write_text(Clock::time_point now);
  void check_space(Clock::time_point now);
  void pause(std::string why, Clock::time_point now);
  void lose(std::uint64_t lines) noexcept;
  void mark_hole(ReceiveTime received, std::uint64_t lines);
  std::uint64_t space_wanted() const noexcept;

  CaptureContext& context_;
  const CaptureLink link_;
  CaptureQueue queue_;
  std::atomic<bool> closing_{false};
  std::atomic<bool> is_woken_{false};  // the tap has asked for a drain that has not begun

  // The writer's thread only.
  std::unique_ptr<CaptureOutput> output_;
  ReceiveTime file_begin_ = kNoReceiveTime;
  std::string text_;  // encoded and not yet given to the file
  std::uint64_t lines_in_text_ = 0;
  std::uint64_t lines_in_doubt_ = 0;  // given to the file since its last flush
  std::uint64_t bytes_counted_ = 0;   // of the file, told to the statistics
  std::uint64_t bytes_checked_ = 0;   // of the file, when the disk's space was last looked at
  std::uint64_t lost_ = 0;            // lines lost and not yet told in a file
  std::uint64_t queue_dropped_ = 0;   // told to the statistics
  bool is_paused_ = false;
  Clock::time_point retry_at_{};
  Clock::time_point flush_at_{};
};

}  // namespace fastrsi
