#include "tools/simulate/listener.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <limits>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "engine/base/decimal.hpp"
#include "sinks/printable.hpp"

namespace fastrsi::simulate {
namespace {

constexpr int kBacklog = 512;
constexpr int kAcceptsPerTurn = 64;

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

SocketAddress socket_address(const ListenAddress& address) {
  SocketAddress out;
  auto* const four = reinterpret_cast<sockaddr_in*>(&out.storage);
  auto* const six = reinterpret_cast<sockaddr_in6*>(&out.storage);
  const std::string host = address.host == "localhost" ? "127.0.0.1" : address.host;
  if (::inet_pton(AF_INET, host.c_str(), &four->sin_addr) == 1) {
    four->sin_family = AF_INET;
    four->sin_port = htons(address.port);
    out.size = sizeof *four;
  } else if (::inet_pton(AF_INET6, host.c_str(), &six->sin6_addr) == 1) {
    six->sin6_family = AF_INET6;
    six->sin6_port = htons(address.port);
    out.size = sizeof *six;
  } else {
    throw std::invalid_argument("--listen: " + printable(host) +
                                " is no address (name one like 127.0.0.1 or [::1])");
  }
  return out;
}

}  // namespace

ListenAddress parse_listen(const std::string& text) {
  ListenAddress address;
  std::string rest = text;
  if (const std::size_t at = rest.find("://"); at != std::string::npos) {
    const std::string scheme = rest.substr(0, at);
    address.has_scheme = true;
    address.is_tls = scheme == "wss" || scheme == "https";
    if (!address.is_tls && scheme != "ws" && scheme != "http") {
      throw std::invalid_argument("--listen " + printable(text) +
                                  ": wants ws:// or wss:// in front, or no scheme");
    }
    rest.erase(0, at + 3);
  }
  rest = rest.substr(0, rest.find('/'));
  const std::size_t colon = rest.rfind(':');
  const bool has_port = colon != std::string::npos && !rest.ends_with(']');
  const auto port = has_port ? parse_unsigned(rest.substr(colon + 1)) : std::nullopt;
  if (!port || *port > std::numeric_limits<std::uint16_t>::max()) {
    throw std::invalid_argument("--listen " + printable(text) +
                                ": names no port from 0 to 65535 (write 127.0.0.1:9001; port 0 is "
                                "any free one)");
  }
  address.port = static_cast<std::uint16_t>(*port);
  address.host = rest.substr(0, colon);
  if (address.host.starts_with('[') && address.host.ends_with(']')) {
    address.host = address.host.substr(1, address.host.size() - 2);
  }
  (void)socket_address(address);
  return address;
}

Listener::Listener(net::EventLoop& loop, ListenAddress address, std::function<void(int)> accept)
    : loop_(loop), address_(std::move(address)), accept_(std::move(accept)) {}

void Listener::open() {
  SocketAddress wanted = socket_address(address_);
  const int descriptor =
      ::socket(wanted.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int on = 1;
  auto* const generic = reinterpret_cast<sockaddr*>(&wanted.storage);
  const bool good =
      descriptor >= 0 && ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
      ::bind(descriptor, generic, wanted.size) == 0 && ::listen(descriptor, kBacklog) == 0 &&
      ::getsockname(descriptor, generic, &wanted.size) == 0;
  if (!good) {
    const std::string why = std::generic_category().message(errno);
    if (descriptor >= 0) ::close(descriptor);
    throw std::runtime_error(
        fmt::format("--listen {}: {} (name a free port, or port 0)", authority(), why));
  }
  // The port stays the same when it is opened again.
  address_.port = ntohs(wanted.storage.ss_family == AF_INET
                            ? reinterpret_cast<const sockaddr_in*>(&wanted.storage)->sin_port
                            : reinterpret_cast<const sockaddr_in6*>(&wanted.storage)->sin6_port);
  socket_ = std::make_unique<net::Socket>(loop_, descriptor, *this);
}

std::string Listener::authority() const {
  const bool is_six = address_.host.find(':') != std::string::npos;
  return fmt::format("{}{}{}:{}", is_six ? "[" : "", address_.host, is_six ? "]" : "",
                     address_.port);
}

void Listener::on_readable() noexcept {
  for (int i = 0; i < kAcceptsPerTurn && socket_ != nullptr; ++i) {
    const int descriptor =
        ::accept4(socket_->descriptor(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (descriptor < 0) return;
    const int on = 1;
    ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    accept_(descriptor);
  }
}

}  // namespace fastrsi::simulate
