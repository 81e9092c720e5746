#include "sinks/local_socket_server.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <limits>
#include <string_view>
#include <utility>

namespace fastrsi {
namespace {

// Connections taken in one turn; those who come faster wait in the kernel.
constexpr std::size_t kAcceptsMax = 64;
// Without a free descriptor a connection keeps waiting, and poll would say so without end.
constexpr Nanoseconds kAcceptPause = std::chrono::milliseconds{100};
constexpr Nanoseconds kHeartbeatLeast = std::chrono::milliseconds{1};

std::int64_t system_now_ns() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<Nanoseconds>(now).count();
}

LocalSocketSettings completed(LocalSocketSettings settings) {
  if (!settings.now_ns) settings.now_ns = system_now_ns;
  settings.heartbeat = std::max<Nanoseconds>(settings.heartbeat, kHeartbeatLeast);
  return settings;
}

}  // namespace

LocalSocketServer::LocalSocketServer(LocalSocketSettings settings, LocalSocketHost& host)
    : settings_(completed(std::move(settings))), host_(host), listener_(settings_), window_(host) {}

void LocalSocketServer::run() noexcept {
  now_ = std::chrono::steady_clock::now();
  next_heartbeat_ = now_ + settings_.heartbeat;
  while (!stopping_ || !clients_.empty()) {
    wait();
    now_ = std::chrono::steady_clock::now();
    more_to_do_ = false;
    // Bytes first: they belong to the clients that were polled.
    receive();
    take_mail();
    accept_clients();
    for (const auto& client : clients_) answer_lines(*client);
    feed();
    write();
    keep_time();
    remove_done();
    publish();
  }
}

void LocalSocketServer::wait() {
  const bool accepts = !stopping_ && now_ >= accept_again_;
  polled_.clear();
  polled_.push_back({inbox_.descriptor(), POLLIN, 0});
  polled_.push_back({accepts ? listener_.descriptor() : -1, POLLIN, 0});
  for (const auto& client : clients_) {
    short events = 0;
    if (client->can_receive()) events = POLLIN;
    if (client->is_blocked()) events = static_cast<short>(events | POLLOUT);
    // A client that is gone would be reported at once, again and again, while its answer is on the
    // way.
    const bool silent = events == 0 && client->is_hung_up();
    polled_.push_back({silent ? -1 : client->descriptor(), events, 0});
  }
  const int result = ::poll(polled_.data(), polled_.size(), timeout_ms(now_));
  if (result >= 0) return;
  for (pollfd& entry : polled_) entry.revents = 0;
}

int LocalSocketServer::timeout_ms(SteadyTime now) const {
  if (more_to_do_) return 0;
  SteadyTime next = next_heartbeat_;
  if (accept_again_ > now) next = std::min(next, accept_again_);
  if (stopping_) next = std::min(next, stop_at_);
  for (const auto& client : clients_) {
    if (client->is_leaving()) {
      next = std::min(next, client->deadline());
    } else if (client->waiting() >= kSocketPacedBytes) {
      next = std::min(next, client->progress() + settings_.slow_after);
    }
  }
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(next - now).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, 60'000));
}

void LocalSocketServer::receive() {
  for (std::size_t i = 2; i < polled_.size(); ++i) {
    SocketClient& client = *clients_[i - 2];
    const short events = polled_[i].revents;
    if ((events & POLLOUT) != 0) client.unblock();
    if ((events & (POLLHUP | POLLERR | POLLNVAL)) != 0) client.hang_up();
    if (events != 0 && client.can_receive()) client.receive();
  }
}

void LocalSocketServer::take_mail() {
  // What was put in before a line was sent is taken before that line is answered, even when the
  // poll saw neither.
  if (polled_[0].revents == 0 && !inbox_.is_signalled()) return;
  SocketMail mail = inbox_.take();
  if (mail.records) window_.wake();
  for (const SocketMail::Answer& answer : mail.answers) {
    for (const auto& client : clients_) {
      if (client->number != answer.client || !client->awaits_answer) continue;
      client->awaits_answer = false;
      client->say(answer.line, now_);
      const bool much = client->waiting() >= kSocketPacedBytes;
      if (much && client->subscription) client->subscription->live = false;
    }
  }
  if (mail.consumers) change_consumers(std::move(*mail.consumers));
  if (mail.stop && !stopping_) begin_stop();
}

void LocalSocketServer::begin_stop() {
  stopping_ = true;
  stop_at_ = now_ + kSocketGoodbye;
  // What was said before the stop still goes out: each subscriber leaves when it has all of it.
  window_.wake();
  for (const auto& client : clients_) {
    if (client->subscription) client->subscription->live = false;
  }
}

void LocalSocketServer::accept_clients() {
  if (stopping_ || now_ < accept_again_ || polled_[1].revents == 0) return;
  for (std::size_t i = 0; i < kAcceptsMax; ++i) {
    SocketPeer peer;
    int error = 0;
    Descriptor connection = listener_.accept(peer, error);
    if (!connection) {
      const bool common =
          error == EAGAIN || error == EWOULDBLOCK || error == EINTR || error == ECONNABORTED;
      if (!common) accept_again_ = now_ + kAcceptPause;
      return;
    }
    ++counts_.connects;
    welcome(std::move(connection), peer);
  }
}

void LocalSocketServer::welcome(Descriptor connection, const SocketPeer& peer) {
  if (!listener_.may_enter(peer)) {
    ++counts_.errors;
    return turn_away(connection, error_line("user " + std::to_string(peer.user) +
                                            " may not connect (see socket.users)"));
  }
  if (!has_room()) return turn_away(connection, bye_line("too many clients"));
  clients_.push_back(std::make_unique<SocketClient>(next_number_++, std::move(connection), peer));
  clients_.back()->say(hello_line(settings_.server, host_.span()), now_);
}

// Those who leave keep their place for a second at most; they may not keep others out, nor become
// many.
bool LocalSocketServer::has_room() const noexcept {
  const auto staying = std::count_if(clients_.begin(), clients_.end(),
                                     [](const auto& client) { return !client->is_leaving(); });
  return static_cast<std::size_t>(staying) < settings_.clients_max &&
         clients_.size() < 2 * settings_.clients_max;
}

void LocalSocketServer::turn_away(const Descriptor& connection, const std::string& line) {
  ++counts_.refused;
  [[maybe_unused]] const ssize_t sent =
      ::send(connection.get(), line.data(), line.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

void LocalSocketServer::write() {
  for (const auto& client : clients_) {
    if (!client->is_blocked()) client->flush(now_);
    // Room for the next lines came without any event that would say so.
    if (client->listens() && client->lines.has_line()) more_to_do_ = true;
    const bool held = client->subscription && client->subscription->held;
    if (held && client->waiting() < kSocketPacedBytes) more_to_do_ = true;
  }
}

void LocalSocketServer::keep_time() {
  if (now_ >= next_heartbeat_) heartbeat();
  for (const auto& client : clients_) {
    if (!client->is_leaving() && client->is_stuck(now_, settings_.slow_after)) cut_slow(*client);
    if (!stopping_) continue;
    const auto& subscription = client->subscription;
    if (!subscription || subscription->live || now_ >= stop_at_) {
      client->leave(bye_line("stop"), now_, stop_at_);
      client->flush(now_);
    }
  }
}

void LocalSocketServer::heartbeat() {
  next_heartbeat_ = now_ + settings_.heartbeat;
  const std::int64_t wall_ns = settings_.now_ns();
  const std::string line = heartbeat_line(wall_ns, host_.span().newest);
  for (const auto& client : clients_) {
    if (client->consumer && client->consumer->expires_ns &&
        *client->consumer->expires_ns <= wall_ns) {
      bye(*client, "expired");
    } else if (client->waiting() == 0) {
      client->say(line, now_);
    }
    client->flush(now_);
  }
}

void LocalSocketServer::bye(SocketClient& client, std::string_view reason) {
  client.leave(bye_line(reason), now_, stopping_ ? stop_at_ : now_ + kSocketGoodbye);
}

void LocalSocketServer::remove_done() {
  std::erase_if(clients_, [this](const auto& client) {
    if (!client->is_done(now_)) return false;
    client->cut();
    return true;
  });
}

void LocalSocketServer::publish() {
  const std::lock_guard lock(mutex_);
  published_.connects = counts_.connects;
  published_.refused = counts_.refused;
  published_.slow = counts_.slow;
  published_.errors = counts_.errors;
  published_.records = counts_.records;
  published_.clients.resize(clients_.size());
  for (std::size_t i = 0; i < clients_.size(); ++i) {
    const SocketClient& client = *clients_[i];
    LocalSocketStatus::Client& shown = published_.clients[i];
    shown.number = client.number;
    shown.name = client.consumer ? std::string_view(client.consumer->name) : std::string_view();
    shown.user = client.user;
    shown.process = client.process;
    shown.subscribed = client.subscription.has_value();
    shown.next_after = client.subscription ? client.subscription->position : 0;
    shown.waiting_bytes = client.waiting();
    shown.sent_records = client.records;
  }
  turned_.notify_all();
}

bool LocalSocketServer::wait_until(const std::function<bool(const LocalSocketStatus&)>& true_of,
                                   std::chrono::steady_clock::time_point time) const {
  std::unique_lock lock(mutex_);
  return turned_.wait_until(lock, time, [&] { return true_of(published_); });
}

LocalSocketStatus LocalSocketServer::status() const {
  const std::lock_guard lock(mutex_);
  return published_;
}

}  // namespace fastrsi
