#include "feeds/net/event_loop.hpp"

#include <libwebsockets.h>
#include <unistd.h>

#include <atomic>
#include <map>
#include <mutex>
#include <stdexcept>
#include <utility>
#include <vector>

namespace fastrsi::net {
namespace {

constexpr unsigned kDescriptorsMax = 4096;

}  // namespace

struct Socket::State {
  lws* wsi = nullptr;  // none once it is closed
  SocketHandler* handler = nullptr;
  bool in_handler = false;
  // The object went inside its own handler: the callback frees what is left of it.
  bool orphaned = false;
};

struct EventLoop::Impl {
  struct Timer {
    Clock::time_point when;
    Task task;
  };

  // The timers' own thread is the loop's.
  std::map<std::pair<Clock::time_point, std::uint64_t>, Task> timers;
  std::map<std::uint64_t, Clock::time_point> timer_times;
  std::uint64_t timers_made = 0;
  struct {
    lws_sorted_usec_list_t list{};
    Impl* impl = nullptr;
  } alarm;

  lws_context* context = nullptr;
  std::atomic<bool> stopping{false};
  std::mutex mutex;
  std::vector<Task> tasks;

  void set_alarm();
  void run_timers();
  void run_tasks();
};

namespace {

int call_handler(Socket::State& state, void (SocketHandler::*what)() noexcept) {
  state.in_handler = true;
  (state.handler->*what)();
  state.in_handler = false;
  // Closes the socket, which frees the state.
  return state.orphaned ? -1 : 0;
}

int on_event(lws* wsi, lws_callback_reasons reason, void*, void*, std::size_t) {
  if (reason == LWS_CALLBACK_EVENT_WAIT_CANCELLED) {
    auto* const impl = static_cast<EventLoop::Impl*>(lws_context_user(lws_get_context(wsi)));
    if (impl != nullptr) impl->run_tasks();
    return 0;
  }
  auto* const state = static_cast<Socket::State*>(lws_get_opaque_user_data(wsi));
  if (state == nullptr) return 0;
  switch (reason) {
    case LWS_CALLBACK_RAW_RX_FILE:
      return call_handler(*state, &SocketHandler::on_readable);
    case LWS_CALLBACK_RAW_WRITEABLE_FILE:
      return call_handler(*state, &SocketHandler::on_writable);
    case LWS_CALLBACK_RAW_CLOSE_FILE:
      lws_set_opaque_user_data(wsi, nullptr);
      if (state->orphaned) {
        delete state;
        return 0;
      }
      state->wsi = nullptr;
      // The object itself closes it: nobody has to be told.
      if (state->handler == nullptr) return 0;
      // It may destroy the state: nothing is read of it afterwards.
      state->handler->on_hang_up();
      return 0;
    default:
      return 0;
  }
}

const lws_protocols kProtocols[] = {{"fastrsi", on_event, 0, 0, 0, nullptr, 0},
                                    {nullptr, nullptr, 0, 0, 0, nullptr, 0}};

}  // namespace

Socket::Socket(EventLoop& loop, int descriptor, SocketHandler& handler)
    : state_(std::make_unique<State>()) {
  state_->handler = &handler;
  lws_sock_file_fd_type file{};
  file.filefd = descriptor;
  lws* const wsi =
      lws_adopt_descriptor_vhost(lws_get_vhost_by_name(loop.impl().context, "default"),
                                 LWS_ADOPT_RAW_FILE_DESC, file, kProtocols[0].name, nullptr);
  if (wsi == nullptr) throw std::runtime_error("no room for another connection");
  state_->wsi = wsi;
  lws_set_opaque_user_data(wsi, state_.get());
}

Socket::~Socket() {
  if (state_->wsi == nullptr) return;
  if (state_->in_handler) {
    state_->orphaned = true;
    state_->handler = nullptr;
    // The callback that we are in closes the socket, and then frees this.
    (void)state_.release();
    return;
  }
  state_->handler = nullptr;
  lws_set_timeout(state_->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_SYNC);
}

int Socket::descriptor() const noexcept {
  return state_->wsi == nullptr ? -1 : static_cast<int>(lws_get_socket_fd(state_->wsi));
}

void Socket::want_write() noexcept {
  if (state_->wsi != nullptr) lws_callback_on_writable(state_->wsi);
}

void Socket::want_read(bool wanted) noexcept {
  if (state_->wsi != nullptr) lws_rx_flow_control(state_->wsi, wanted ? 1 : 0);
}

EventLoop::EventLoop() : impl_(std::make_unique<Impl>()) {
  lws_set_log_level(LLL_ERR, nullptr);
  lws_context_creation_info info{};
  info.port = CONTEXT_PORT_NO_LISTEN;
  info.protocols = kProtocols;
  info.fd_limit_per_thread = kDescriptorsMax;
  info.user = impl_.get();
  impl_->alarm.impl = impl_.get();
  impl_->context = lws_create_context(&info);
  if (impl_->context == nullptr) {
    throw std::runtime_error("no event loop (mend: allow the process more open files)");
  }
}

EventLoop::~EventLoop() {
  lws_sul_cancel(&impl_->alarm.list);
  lws_context_destroy(impl_->context);
}

void EventLoop::run() {
  while (!impl_->stopping.load(std::memory_order_acquire)) {  // pairs with the release in stop()
    if (lws_service(impl_->context, 0) < 0) break;
  }
}

void EventLoop::stop() noexcept {
  impl_->stopping.store(true, std::memory_order_release);
  lws_cancel_service(impl_->context);
}

void EventLoop::post(Task task) {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->tasks.push_back(std::move(task));
  }
  lws_cancel_service(impl_->context);
}

TimerId EventLoop::call_at(Clock::time_point when, Task task) {
  const std::uint64_t id = ++impl_->timers_made;
  impl_->timers.emplace(std::pair(when, id), std::move(task));
  impl_->timer_times.emplace(id, when);
  impl_->set_alarm();
  return TimerId{id};
}

void EventLoop::cancel(TimerId timer) noexcept {
  const auto id = static_cast<std::uint64_t>(timer);
  const auto found = impl_->timer_times.find(id);
  if (found == impl_->timer_times.end()) return;
  impl_->timers.erase({found->second, id});
  impl_->timer_times.erase(found);
}

// Only the first timer has an alarm: libwebsockets is the better for few.
void EventLoop::Impl::set_alarm() {
  if (timers.empty()) return;
  const auto left = timers.begin()->first.first - Clock::now();
  const auto left_us = std::chrono::ceil<std::chrono::microseconds>(left).count();
  lws_sul_schedule(
      context, 0, &alarm.list,
      [](lws_sorted_usec_list_t* list) {
        auto* const impl = lws_container_of(list, decltype(Impl::alarm), list)->impl;
        impl->run_timers();
      },
      std::max<lws_usec_t>(1, left_us));
}

// Those that are due now; what they set for now waits for the next round, so that sockets have
// their turn.
void EventLoop::Impl::run_timers() {
  const Clock::time_point now = Clock::now();
  const std::uint64_t made_before = timers_made;
  while (!timers.empty() && timers.begin()->first.first <= now &&
         timers.begin()->first.second <= made_before) {
    Task task = std::move(timers.begin()->second);
    timer_times.erase(timers.begin()->first.second);
    timers.erase(timers.begin());
    task();
  }
  set_alarm();
}

void EventLoop::Impl::run_tasks() {
  std::vector<Task> due;
  {
    const std::lock_guard lock(mutex);
    due.swap(tasks);
  }
  for (const Task& task : due) task();
}

}  // namespace fastrsi::net
