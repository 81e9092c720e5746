// Plain POSIX writes: they tell how many bytes went through, which buffered streams do not.
#include "sinks/output.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <system_error>

namespace fastrsi {
namespace {

std::string write_failure(int error) {
  return std::generic_category().message(error);
}

int open_output(const std::string& path, bool append) {
  if (path == "-") return STDOUT_FILENO;
  const int mode = append ? O_APPEND : O_TRUNC;
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | mode, 0644);
  if (descriptor < 0) {
    throw std::runtime_error("cannot write " + path + ": " + write_failure(errno) +
                             " (name a file in a folder you may write to, or - for the screen)");
  }
  return descriptor;
}

// True when the write is worth repeating: it was interrupted, or the other side needs time to read.
bool may_go_on(int descriptor, int error) noexcept {
  if (error == EINTR) return true;
  if (error != EAGAIN) return false;
  pollfd ready{descriptor, POLLOUT, 0};
  return ::poll(&ready, 1, -1) >= 0 || errno == EINTR;
}

}  // namespace

Output::Output(const std::string& path, bool append)
    : path_(path == "-" ? "standard output" : path), descriptor_(open_output(path, append)) {
  buffer_.reserve(kOutputBufferBytes);
}

Output::~Output() {
  flush();
  if (descriptor_ != STDOUT_FILENO) ::close(descriptor_);
}

void Output::add_line(std::string_view line, std::uint64_t records) {
  if (buffer_.size() + line.size() >= kOutputBufferBytes) flush();
  // A line that was cut by a failure stays a damaged line of its own.
  if (torn_ && buffer_.empty()) buffer_.push_back('\n');
  buffer_.append(line).push_back('\n');
  lines_.push_back({buffer_.size(), records});
}

void Output::flush() noexcept {
  if (buffer_.empty()) return;
  const std::size_t written = write_all();
  if (written > 0) {
    torn_ = buffer_[written - 1] != '\n';
    unsynced_ = true;
  }
  for (const Line& line : lines_) {
    if (line.end > written) failed_records_ += line.records;
  }
  buffer_.clear();
  lines_.clear();
}

bool Output::sync() noexcept {
  if (!unsynced_) return true;
  // Never tried again: after a failure the kernel holds the pages for clean.
  unsynced_ = false;
  if (::fdatasync(descriptor_) == 0 || errno == EINVAL || errno == EROFS) return true;
  last_error_ = "cannot put " + path_ + " on the disk: " + write_failure(errno);
  return false;
}

std::size_t Output::write_all() noexcept {
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
