// The local socket as the program holds it: the server behind it, and the place it has by default.
#include "sinks/local_socket.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <utility>

#include "sinks/local_socket_server.hpp"

namespace fastrsi {

struct LocalSocket::Impl {
  Impl(LocalSocketSettings settings, LocalSocketHost& host) : server(std::move(settings), host) {}
  LocalSocketServer server;
};

LocalSocket::LocalSocket(LocalSocketSettings settings, LocalSocketHost& host)
    : impl_(std::make_unique<Impl>(std::move(settings), host)) {}

LocalSocket::~LocalSocket() = default;

void LocalSocket::run() noexcept {
  impl_->server.run();
}

void LocalSocket::stop() noexcept {
  impl_->server.inbox().put_stop();
}

void LocalSocket::wake() noexcept {
  impl_->server.inbox().put_records();
}

void LocalSocket::answer(std::uint64_t client, const std::string& cmd,
                         const std::string& body) noexcept {
  impl_->server.inbox().put_answer(client, reply_line(cmd, body));
}

void LocalSocket::set_consumers(std::vector<LocalConsumer> consumers) noexcept {
  impl_->server.inbox().put_consumers(std::move(consumers));
}

LocalSocketStatus LocalSocket::status() const {
  return impl_->server.status();
}

bool LocalSocket::wait_until(const std::function<bool(const LocalSocketStatus&)>& true_of,
                             std::chrono::steady_clock::time_point time) const {
  return impl_->server.wait_until(true_of, time);
}

std::string socket_path(const std::string& configured) {
  if (!configured.empty()) return configured;
  const char* const runtime = std::getenv("XDG_RUNTIME_DIR");
  if (runtime != nullptr && *runtime != '\0') return std::string(runtime) + "/fastrsi.sock";
  const std::string user = std::to_string(::getuid());
  const std::string run_user = "/run/user/" + user;
  struct stat found {};
  if (::stat(run_user.c_str(), &found) == 0 && S_ISDIR(found.st_mode)) {
    return run_user + "/fastrsi.sock";
  }
  return "/tmp/fastrsi-" + user + "/fastrsi.sock";
}

}  // namespace fastrsi
