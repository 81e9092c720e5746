#include "sinks/local_socket_inbox.hpp"

#include <sys/eventfd.h>

#include <cerrno>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace fastrsi {

SocketInbox::SocketInbox() : event_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  if (!event_) {
    throw std::runtime_error("local socket: cannot make an event descriptor: " +
                             std::generic_category().message(errno) + " (see ulimit -n)");
  }
}

void SocketInbox::put_answer(std::uint64_t client, std::string line) noexcept {
  {
    const std::lock_guard lock(mutex_);
    mail_.answers.push_back({client, std::move(line)});
  }
  signal();
}

void SocketInbox::put_consumers(std::vector<LocalConsumer> consumers) noexcept {
  {
    const std::lock_guard lock(mutex_);
    mail_.consumers = std::move(consumers);
  }
  signal();
}

void SocketInbox::put_records() noexcept {
  records_.store(true, std::memory_order_release);  // pairs with the exchange in take()
  signal();
}

void SocketInbox::put_stop() noexcept {
  stop_.store(true, std::memory_order_release);  // pairs with the load in take()
  signal();
}

void SocketInbox::signal() noexcept {
  // Pairs with the exchange in take(): who finds `true` is seen by the take() that makes it false.
  if (signalled_.exchange(true, std::memory_order_acq_rel)) return;
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(event_.get(), &one, sizeof one);
}

SocketMail SocketInbox::take() noexcept {
  std::uint64_t count = 0;
  // The descriptor first: what is signalled after the exchange writes to it again.
  [[maybe_unused]] const ssize_t size = ::read(event_.get(), &count, sizeof count);
  signalled_.exchange(false, std::memory_order_acq_rel);
  SocketMail mail;
  {
    const std::lock_guard lock(mutex_);
    mail = std::exchange(mail_, {});
  }
  mail.records = records_.exchange(false, std::memory_order_acq_rel);
  mail.stop = stop_.load(std::memory_order_acquire);
  return mail;
}

}  // namespace fastrsi
