#include "sinks/local_socket_client.hpp"

#include <sys/socket.h>

#include <array>
#include <cerrno>

namespace fastrsi {
namespace {

constexpr std::size_t kReadBytes = 16U * 1024;

bool is_only_later(int error) noexcept {
  return error == EAGAIN || error == EWOULDBLOCK || error == EINTR || error == ENOBUFS ||
         error == ENOMEM;
}

}  // namespace

void SocketClient::say(std::string_view line, SteadyTime now) {
  if (deaf_ || is_leaving()) return;
  if (waiting() < kSocketPacedBytes) progress_ = now;
  if (waiting() == 0) {
    out_.clear();
    sent_ = 0;
  } else if (sent_ >= kSocketPacedBytes) {
    out_.erase(0, sent_);
    sent_ = 0;
  }
  out_.append(line);
}

void SocketClient::flush(SteadyTime now) noexcept {
  if (waiting() == 0 || deaf_) return;
  const ssize_t taken =
      ::send(connection_.get(), out_.data() + sent_, waiting(), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (taken < 0) {
    blocked_ = is_only_later(errno);
    if (!blocked_) go_deaf();
    return;
  }
  sent_ += static_cast<std::size_t>(taken);
  mid_line_ = sent_ > 0 && out_[sent_ - 1] != '\n';
  if (taken > 0) progress_ = now;
  blocked_ = waiting() > 0;
}

void SocketClient::receive() {
  std::array<char, kReadBytes> bytes{};
  const ssize_t count = ::recv(connection_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
  if (count > 0) {
    lines.add({bytes.data(), static_cast<std::size_t>(count)});
  } else if (count == 0 || !is_only_later(errno)) {
    input_ended_ = true;
    lines.end();
  }
}

bool SocketClient::listens() const noexcept {
  return !awaits_answer && !is_leaving() && waiting() < kSocketPacedBytes;
}

void SocketClient::hang_up() noexcept {
  hung_up_ = true;
  go_deaf();
}

void SocketClient::go_deaf() noexcept {
  deaf_ = true;
  blocked_ = false;
  subscription.reset();
  out_.clear();
  sent_ = 0;
}

void SocketClient::leave(std::string_view bye, SteadyTime now, SteadyTime deadline) {
  if (is_leaving()) return;
  subscription.reset();
  say(bye, now);
  bye_ = bye;
  deadline_ = deadline;
}

bool SocketClient::is_done(SteadyTime now) {
  if (is_leaving()) return waiting() == 0 || now >= deadline_;
  if (!input_ended_ || awaits_answer || lines.has_line()) return false;
  // Half closed, as `nc -U` does at the end of its input: records still go to who asked for some.
  return deaf_ || (!subscription && waiting() == 0);
}

void SocketClient::cut() noexcept {
  if (waiting() == 0) return;
  std::string last;
  if (mid_line_) last = out_.substr(sent_, out_.find('\n', sent_) + 1 - sent_);
  // The bye is the last line of the buffer: it is already there when the buffer ends within it.
  if (sent_ + last.size() < out_.size()) last += bye_;
  // The kernel's own buffer is full, or this would not have come so far: ask for room for one line.
  const int most = static_cast<int>(kSocketPacedBytes);
  ::setsockopt(connection_.get(), SOL_SOCKET, SO_SNDBUF, &most, sizeof most);
  [[maybe_unused]] const ssize_t taken =
      ::send(connection_.get(), last.data(), last.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

}  // namespace fastrsi
