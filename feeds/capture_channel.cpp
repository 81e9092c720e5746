#include "feeds/capture_channel.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <utility>

#include "feeds/capture.hpp"
#include "feeds/capture_encode.hpp"

namespace fastrsi {
namespace {

// Text that is gathered before zstd gets it, and what one turn of a channel takes at most.
constexpr std::size_t kTextBytesMax = 256U * 1024;
constexpr std::size_t kTurnBytesMax = 1024U * 1024;
// Packed bytes after which the disk's space is looked at again, besides at each flush.
constexpr std::uint64_t kSpaceCheckBytes = 1024U * 1024;
// A pause for want of space ends only with this part of keep_free_bytes above it, so that the
// capture does not come and go.
constexpr std::uint64_t kSpaceMarginPart = 8;

constexpr std::string_view kSuffix = ".capture.zst";

// Of a venue's name, what every file system takes.
std::string file_name_part(std::string_view text) {
  std::string part(text);
  std::replace_if(
      part.begin(), part.end(),
      [](char c) {
        return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-';
      },
      '_');
  return part;
}

std::string utc_text(ReceiveTime time) {
  const std::time_t seconds = to_unix_ns(time) / 1'000'000'000;
  std::tm parts{};
  std::array<char, 32> text{};
  if (::gmtime_r(&seconds, &parts) == nullptr) return "0";
  std::strftime(text.data(), text.size(), "%Y%m%dT%H%M%SZ", &parts);
  return text.data();
}

std::uint64_t lines_of(const CaptureItem& item) noexcept {
  return item.kind == CaptureItem::Kind::Dropped ? item.dropped : 1;
}

}  // namespace

void CaptureContext::wake() const noexcept {
  const std::uint64_t one = 1;
  // Full means that it is awake already.
  [[maybe_unused]] const ssize_t ignored = ::write(wake_descriptor, &one, sizeof one);
}

CaptureChannel::CaptureChannel(CaptureContext& context, CaptureLink link)
    : context_(context), link_(std::move(link)), queue_(context.settings.queue_bytes) {}

void CaptureChannel::push(ReceiveTime received, CaptureItem::Kind kind,
                          std::string_view bytes) noexcept {
  queue_.try_push(received, kind, bytes);
  if (queue_.is_half_full() && !is_woken_.exchange(true, std::memory_order_relaxed)) {
    context_.wake();
  }
}

void CaptureChannel::close() noexcept {
  queue_.push_dropped();
  // The writer may be done with this at once: nothing of it is touched afterwards.
  const CaptureContext& context = context_;
  closing_.store(true, std::memory_order_release);  // pairs with is_closing()
  context.wake();
}

bool CaptureChannel::drain(Clock::time_point now) {
  is_woken_.store(false, std::memory_order_relaxed);
  CaptureItem item;
  std::size_t taken = 0;
  bool worked = false;
  while (taken < kTurnBytesMax && queue_.take(item)) {
    worked = true;
    taken += item.bytes.size();
    take(item, now);
    if (text_.size() >= kTextBytesMax) write_text(now);
    queue_.release();
  }
  write_text(now);
  const std::uint64_t dropped = queue_.dropped_total();
  context_.queue_dropped += dropped - std::exchange(queue_dropped_, dropped);
  return worked;
}

void CaptureChannel::take(const CaptureItem& item, Clock::time_point now) {
  if (!has_output(item.received, now)) return lose(lines_of(item));
  if (item.kind == CaptureItem::Kind::Dropped) return mark_hole(item.received, item.dropped);
  const std::size_t before = text_.size();
  if (item.kind == CaptureItem::Kind::Object) {
    append_object_line(text_, item.received, item.bytes);
  } else {
    append_frame_line(text_, item.received, item.bytes, item.kind == CaptureItem::Kind::Text);
  }
  if (text_.size() - before > kLineBytesMax) {
    text_.resize(before);
    context_.disk_dropped += 1;
    return mark_hole(item.received, 1);
  }
  ++lines_in_text_;
}

void CaptureChannel::mark_hole(ReceiveTime received, std::uint64_t lines) {
  append_object_line(text_, received, dropped_event(lines));
}

// A file to write a line of this time to, if there can be one.
bool CaptureChannel::has_output(ReceiveTime received, Clock::time_point now) {
  if (output_ != nullptr && (output_->bytes() >= context_.settings.file_bytes_max ||
                             received - file_begin_ >= context_.settings.file_time_max)) {
    end_file(now);
  }
  if (output_ == nullptr && (!is_paused_ || now >= retry_at_)) begin_file(received, now);
  return output_ != nullptr;
}

std::uint64_t CaptureChannel::space_wanted() const noexcept {
  const std::uint64_t kept = context_.settings.keep_free_bytes;
  return is_paused_ ? kept + kept / kSpaceMarginPart : kept;
}

void CaptureChannel::begin_file(ReceiveTime received, Clock::time_point now) {
  const CaptureSettings& settings = context_.settings;
  const std::uint64_t free_bytes = context_.free_bytes(settings.dir);
  if (free_bytes < space_wanted()) {
    return pause(fmt::format("{}: {} bytes are free, and {} are to stay so", settings.dir,
                             free_bytes, settings.keep_free_bytes),
                 now);
  }
  const std::string stem = fmt::format("{}/{}-{}-{}", settings.dir, file_name_part(link_.venue),
                                       link_.link, utc_text(received));
  std::string error;
  output_ = CaptureOutput::create(stem, kSuffix, settings.level, error);
  if (output_ == nullptr) return pause(error, now);
  context_.files += 1;
  file_begin_ = received;
  flush_at_ = now + settings.flush_every;
  bytes_counted_ = 0;
  bytes_checked_ = 0;
  append_object_line(text_, received, capture_header(link_.venue, link_.url, link_.link));
  if (is_paused_) {
    is_paused_ = false;
    context_.say(fmt::format("capture of {} connection {}: goes on in {}; {} lines are missing",
                             link_.venue, link_.link, output_->path(), lost_));
  }
  if (lost_ > 0) mark_hole(received, std::exchange(lost_, 0));
}

void CaptureChannel::end_file(Clock::time_point now) {
  write_text(now);
  if (output_ == nullptr) return;
  if (!output_->finish()) return pause(output_->error(), now);
  context_.file_bytes += output_->bytes() - bytes_counted_;
  output_.reset();
  lines_in_doubt_ = 0;
}

void CaptureChannel::write_text(Clock::time_point now) {
  if (text_.empty() || output_ == nullptr) return;
  const bool written = output_->write(text_);
  context_.text_bytes += text_.size();
  text_.clear();
  context_.lines += lines_in_text_;
  lines_in_doubt_ += std::exchange(lines_in_text_, 0);
  if (!written) return pause(output_->error(), now);
  context_.file_bytes += output_->bytes() - std::exchange(bytes_counted_, output_->bytes());
  if (output_->bytes() - bytes_checked_ >= kSpaceCheckBytes) check_space(now);
}

void CaptureChannel::flush(Clock::time_point now) {
  if (output_ == nullptr || output_->is_flushed() || now < flush_at_) return;
  flush_at_ = now + context_.settings.flush_every;
  if (!output_->flush()) return pause(output_->error(), now);
  lines_in_doubt_ = 0;
  context_.file_bytes += output_->bytes() - std::exchange(bytes_counted_, output_->bytes());
  check_space(now);
}

void CaptureChannel::check_space(Clock::time_point now) {
  bytes_checked_ = output_->bytes();
  const CaptureSettings& settings = context_.settings;
  const std::uint64_t free_bytes = context_.free_bytes(settings.dir);
  if (free_bytes >= space_wanted()) return;
  end_file(now);
  if (is_paused_) return;
  pause(fmt::format("{}: {} bytes are free, and {} are to stay so", settings.dir, free_bytes,
                    settings.keep_free_bytes),
        now);
}

// By value: what went wrong is often a text of the file that goes here.
void CaptureChannel::pause(std::string why, Clock::time_point now) {
  context_.disk_errors += 1;
  context_.lines -= lines_in_doubt_;
  lose(std::exchange(lines_in_doubt_, 0));
  output_.reset();
  retry_at_ = now + context_.settings.retry_every;
  if (std::exchange(is_paused_, true)) return;
  context_.say(
      fmt::format("capture of {} connection {} pauses: {} (make room; it goes on by itself)",
                  link_.venue, link_.link, why));
}

void CaptureChannel::lose(std::uint64_t lines) noexcept {
  lost_ += lines;
  context_.disk_dropped += lines;
}

// What is lost here has no line behind it that could tell it, so its mark is the file's last.
void CaptureChannel::finish(Clock::time_point now) {
  lost_ += queue_.untold();
  if (lost_ > 0 && output_ != nullptr) {
    mark_hole(std::max(file_begin_, queue_.untold_since()), std::exchange(lost_, 0));
  }
  end_file(now);
}

}  // namespace fastrsi
