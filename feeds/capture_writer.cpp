#include "feeds/capture_writer.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <filesystem>
#include <iterator>
#include <mutex>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "engine/base/assert.hpp"
#include "feeds/capture_channel.hpp"
#include "feeds/capture_encode.hpp"

namespace fastrsi {
namespace {

constexpr int kLevelMin = 1;
constexpr int kLevelMax = 19;
constexpr std::size_t kQueueBytesMax = std::size_t{1} << 31U;
// How long the thread rests when there is nothing to do; a ring half full wakes it before.
constexpr std::chrono::milliseconds kRestMax{250};

std::uint64_t free_bytes_of(const std::string& dir) {
  struct statvfs status {};
  if (::statvfs(dir.c_str(), &status) != 0) return 0;
  return static_cast<std::uint64_t>(status.f_bavail) * status.f_frsize;
}

CaptureSettings checked(CaptureSettings settings) {
  std::error_code error;
  std::filesystem::create_directories(settings.dir, error);
  if (error) {
    throw std::runtime_error(settings.dir + ": " + error.message() +
                             " (name a folder for captures that can be made)");
  }
  if (::access(settings.dir.c_str(), W_OK | X_OK) != 0) {
    throw std::runtime_error(settings.dir + ": " + std::generic_category().message(errno) +
                             " (name a folder for captures that can be written)");
  }
  settings.level = std::clamp(settings.level, kLevelMin, kLevelMax);
  settings.queue_bytes = std::min(settings.queue_bytes, kQueueBytesMax);
  return settings;
}

int make_wake_descriptor() {
  const int descriptor = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (descriptor >= 0) return descriptor;
  throw std::runtime_error("the capture writer: " + std::generic_category().message(errno));
}

}  // namespace

CaptureTap::~CaptureTap() {
  channel_.close();
}

void CaptureTap::frame(ReceiveTime received, std::string_view bytes, bool is_text) noexcept {
  channel_.push(received, is_text ? CaptureItem::Kind::Text : CaptureItem::Kind::Binary, bytes);
}

void CaptureTap::connected(ReceiveTime received) noexcept {
  channel_.push(received, CaptureItem::Kind::Object, kConnectedEvent);
}

void CaptureTap::disconnected(ReceiveTime received, std::string_view reason) noexcept {
  channel_.push(received, CaptureItem::Kind::Object, disconnected_event(reason));
}

void CaptureTap::time(ReceiveTime received) noexcept {
  channel_.push(received, CaptureItem::Kind::Object, kTimeEvent);
}

void CaptureTap::bars(ReceiveTime received, const CaptureBars& bars) noexcept {
  channel_.push(received, CaptureItem::Kind::Object, write_bars(bars));
}

struct CaptureWriter::Impl {
  Impl(CaptureSettings settings, Say say, FreeBytes free_bytes)
      : context{checked(std::move(settings)), std::move(say), std::move(free_bytes),
                make_wake_descriptor()} {}
  ~Impl() { ::close(context.wake_descriptor); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  void run();
  bool take_turns(CaptureChannel::Clock::time_point now);
  void rest() const noexcept;

  CaptureContext context;
  std::vector<std::unique_ptr<CaptureChannel>> channels;  // the writer's thread only
  std::mutex mutex;
  std::vector<std::unique_ptr<CaptureChannel>> opened;  // under the mutex: not yet seen by it
  std::atomic<bool> stop{false};
  std::thread thread;
};

void CaptureWriter::Impl::run() {
  while (true) {
    const bool is_last = stop.load(std::memory_order_acquire);  // pairs with the destructor
    {
      const std::lock_guard lock(mutex);
      std::move(opened.begin(), opened.end(), std::back_inserter(channels));
      opened.clear();
    }
    const bool worked = take_turns(CaptureChannel::Clock::now());
    if (worked) continue;
    if (is_last) break;
    rest();
  }
  FASTRSI_ASSERT(channels.empty());
}

// A part of what waits, of every channel. False when there was nothing to do.
bool CaptureWriter::Impl::take_turns(CaptureChannel::Clock::time_point now) {
  bool worked = false;
  for (std::unique_ptr<CaptureChannel>& channel : channels) {
    const bool is_closing = channel->is_closing();
    if (channel->drain(now)) {
      worked = true;
    } else if (is_closing) {
      channel->finish(now);
      channel.reset();
      continue;
    }
    channel->flush(now);
  }
  std::erase(channels, nullptr);
  return worked;
}

void CaptureWriter::Impl::rest() const noexcept {
  const auto pause =
      std::min(kRestMax, std::max(context.settings.flush_every / 4, std::chrono::milliseconds(1)));
  pollfd waited{context.wake_descriptor, POLLIN, 0};
  if (::poll(&waited, 1, static_cast<int>(pause.count())) <= 0) return;
  std::uint64_t ignored = 0;
  [[maybe_unused]] const ssize_t count = ::read(context.wake_descriptor, &ignored, sizeof ignored);
}

CaptureWriter::CaptureWriter(CaptureSettings settings, Say say, FreeBytes free_bytes)
    : impl_(std::make_unique<Impl>(
          std::move(settings), say ? std::move(say) : [](const std::string&) {},
          free_bytes ? std::move(free_bytes) : free_bytes_of)) {
  impl_->thread = std::thread([impl = impl_.get()] { impl->run(); });
}

CaptureWriter::~CaptureWriter() {
  impl_->stop.store(true, std::memory_order_release);  // pairs with run()
  impl_->context.wake();
  impl_->thread.join();
}

std::unique_ptr<CaptureTap> CaptureWriter::open(CaptureLink link) {
  auto channel = std::make_unique<CaptureChannel>(impl_->context, std::move(link));
  auto tap = std::make_unique<CaptureTap>(*channel);
  const std::lock_guard lock(impl_->mutex);
  impl_->opened.push_back(std::move(channel));
  return tap;
}

CaptureWriterStatistics CaptureWriter::statistics() const noexcept {
  const CaptureContext& context = impl_->context;
  const auto read = [](const std::atomic<std::uint64_t>& count) {
    return count.load(std::memory_order_relaxed);
  };
  return {read(context.lines),      read(context.text_bytes),    read(context.file_bytes),
          read(context.files),      read(context.queue_dropped), read(context.disk_dropped),
          read(context.disk_errors)};
}

}  // namespace fastrsi
