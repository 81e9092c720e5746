// Plain POSIX writes: they tell how many bytes went through, which buffered streams do not.
#include "sinks/file_output.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace fastrsi {
namespace {

std::string write_failure(int error) {
  return std::generic_category().message(error);
}

int open_file(const std::string& path, int flags) noexcept {
  return ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0644);
}

int open_output(const std::string& path, bool append) {
  if (path == "-") return STDOUT_FILENO;
  const int descriptor = open_file(path, append ? O_APPEND : O_TRUNC);
  if (descriptor < 0) {
    throw std::runtime_error("cannot write " + path + ": " + write_failure(errno) +
                             " (name a file in a folder you may write to, or - for the screen)");
  }
  return descriptor;
}

// 0 for what has no size: a pipe, a terminal, a device.
std::uint64_t file_bytes(int descriptor) noexcept {
  struct stat file {};
  const bool has_size = ::fstat(descriptor, &file) == 0 && S_ISREG(file.st_mode);
  return has_size ? static_cast<std::uint64_t>(file.st_size) : 0;
}

// True for devices and pipes, too, which nobody moves.
bool still_stands_at(const std::string& path, int descriptor) noexcept {
  struct stat mine {};
  struct stat there {};
  if (::fstat(descriptor, &mine) != 0 || !S_ISREG(mine.st_mode)) return true;
  return ::stat(path.c_str(), &there) == 0 && there.st_dev == mine.st_dev &&
         there.st_ino == mine.st_ino;
}

// True when the write is worth repeating: it was interrupted, or the other side needs time to read.
bool may_go_on(int descriptor, int error) noexcept {
  if (error == EINTR) return true;
  if (error != EAGAIN) return false;
  pollfd ready{descriptor, POLLOUT, 0};
  return ::poll(&ready, 1, -1) >= 0 || errno == EINTR;
}

}  // namespace

FileOutput::FileOutput(const std::string& path, bool append, FileRotation rotation)
    : path_(path == "-" ? "standard output" : path),
      rotation_(rotation),
      descriptor_(open_output(path, append)),
      size_(file_bytes(descriptor_)) {
  buffer_.reserve(kOutputBufferBytes);
}

FileOutput::~FileOutput() {
  FileOutput::flush();
  if (is_file()) ::close(descriptor_);
}

bool FileOutput::is_file() const noexcept {
  return descriptor_ != STDOUT_FILENO;
}

void FileOutput::add_line(std::string_view line, std::uint64_t records, OutputFields /*fields*/) {
  if (buffer_.size() + line.size() >= kOutputBufferBytes) flush();
  // A line that was cut by a failure stays a damaged line of its own.
  if (torn_ && buffer_.empty()) buffer_.push_back('\n');
  buffer_.append(line).push_back('\n');
  lines_.push_back({buffer_.size(), records});
}

void FileOutput::flush() noexcept {
  if (buffer_.empty()) return;
  renew();
  const std::size_t written = write_all();
  if (written > 0) {
    torn_ = buffer_[written - 1] != '\n';
    unsynced_ = true;
    size_ += written;
  }
  for (const Line& line : lines_) {
    if (line.end > written) failed_records_ += line.records;
  }
  buffer_.clear();
  lines_.clear();
}

void FileOutput::renew() noexcept {
  if (!is_file() || torn_) return;
  const bool full =
      rotation_.bytes_max > 0 && size_ > 0 && size_ + buffer_.size() > rotation_.bytes_max;
  // One that somebody has taken away, be it ourselves just now, is not moved again.
  if (still_stands_at(path_, descriptor_) && (!full || !shift_old_files())) return;
  const int next = open_file(path_, O_APPEND);
  if (next < 0) {
    last_error_ = "cannot begin " + path_ + " anew: " + write_failure(errno);
    return;
  }
  sync_failed_ = !sync() || sync_failed_;  // for who asks next: the old file is closed then
  ::close(std::exchange(descriptor_, next));
  size_ = file_bytes(descriptor_);
}

// From the oldest on, so that a crash in between leaves a hole in the numbers and loses no file.
bool FileOutput::shift_old_files() noexcept {
  for (std::uint64_t i = rotation_.kept; i > 0; --i) {
    const std::string from = i == 1 ? path_ : path_ + "." + std::to_string(i - 1);
    const std::string to = path_ + "." + std::to_string(i);
    if (std::rename(from.c_str(), to.c_str()) != 0 && errno != ENOENT) {
      const std::string why = write_failure(errno);
      last_error_ = "cannot move ";
      last_error_.append(from).append(" to ").append(to).append(": ").append(why);
      return false;
    }
  }
  return true;
}

bool FileOutput::sync() noexcept {
  if (!unsynced_) return !std::exchange(sync_failed_, false);
  // Never tried again: after a failure the kernel holds the pages for clean.
  unsynced_ = false;
  if (::fdatasync(descriptor_) == 0 || errno == EINVAL || errno == EROFS) {
    return !std::exchange(sync_failed_, false);
  }
  last_error_ = "cannot put " + path_ + " on the disk: " + write_failure(errno);
  return false;
}

std::size_t FileOutput::write_all() noexcept {
  std::size_t written = 0;
  while (written < buffer_.size()) {
    const ssize_t count = ::write(descriptor_, buffer_.data() + written, buffer_.size() - written);
    if (count > 0) {
      written += static_cast<std::size_t>(count);
    } else if (count == 0 || !may_go_on(descriptor_, errno)) {
      last_error_ = "cannot write " + path_ + ": " + write_failure(count == 0 ? EIO : errno);
      break;
    }
  }
  return written;
}

}  // namespace fastrsi
