// One thread's event loop: sockets, timers and tasks from other threads, all served in that thread.
// libwebsockets waits for the sockets (its raw role); it never reads or writes them.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>

namespace fastrsi::net {

// What a socket tells. Nothing here throws.
class SocketHandler {
 public:
  // There are bytes, or the end, or an error to read. Read until it would block; at the end or an
  // error close the socket, or this is called again and again.
  virtual void on_readable() noexcept = 0;
  // Room to write, or the end of a connect; once for each want_write().
  virtual void on_writable() noexcept = 0;
  // The loop has closed the socket, because there is nothing more to read or write.
  virtual void on_hang_up() noexcept = 0;

 protected:
  ~SocketHandler() = default;
};

class EventLoop;

// A descriptor in the care of a loop. Owner: its user. Thread: the loop's. Closed with the object,
// which may happen inside its own handler.
class Socket {
 public:
  // Takes the descriptor over; it must be non-blocking. Throws std::runtime_error, having closed
  // it, when the loop has no room for it. `handler` outlives this.
  Socket(EventLoop& loop, int descriptor, SocketHandler& handler);
  ~Socket();
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  // -1 after on_hang_up().
  int descriptor() const noexcept;
  void want_write() noexcept;
  // Without this the socket is not read: the other side has to wait.
  void want_read(bool wanted) noexcept;

  struct State;

 private:
  std::unique_ptr<State> state_;
};

enum class TimerId : std::uint64_t { None = 0 };

// Owner: whoever runs the thread. Sockets and timers must go before it.
class EventLoop {
 public:
  using Clock = std::chrono::steady_clock;
  using Task = std::function<void()>;

  // Throws std::runtime_error when the system gives no descriptors for it.
  EventLoop();
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  // --- the loop's thread
  // Serves until stop().
  void run();
  // Calls `task` once, not before `when`.
  TimerId call_at(Clock::time_point when, Task task);
  TimerId call_after(Clock::duration pause, Task task) {
    return call_at(Clock::now() + pause, std::move(task));
  }
  // A timer that has run, or None, is no error.
  void cancel(TimerId timer) noexcept;

  // --- any thread
  // Runs `task` in the loop's thread, in the order given. What is posted after the loop has stopped
  // never runs.
  void post(Task task);
  void stop() noexcept;

  struct Impl;
  Impl& impl() noexcept { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace fastrsi::net
