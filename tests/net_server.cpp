#include "tests/net_server.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <utility>

#include "feeds/net/websocket_handshake.hpp"
#include "tests/catch.hpp"

namespace fastrsi::net::test {
namespace {

using namespace std::chrono_literals;

// Longer than anything here takes, under any sanitizer.
constexpr int kForEverMs = 20'000;

}  // namespace

Peer::Peer(int descriptor, TlsServer* tls)
    : descriptor_(descriptor),
      stream_(tls == nullptr ? make_plain_stream(descriptor) : tls->accept(descriptor)) {
  fcntl(descriptor_, F_SETFL, fcntl(descriptor_, F_GETFL) | O_NONBLOCK);
}

Peer::~Peer() {
  ::close(descriptor_);
}

bool Peer::wait(short what) const {
  pollfd polled{descriptor_, what, 0};
  return poll(&polled, 1, kForEverMs) == 1;
}

bool Peer::handshake() {
  while (true) {
    const IoStatus status = stream_->handshake();
    if (status == IoStatus::Ok) return true;
    if (status != IoStatus::WantRead && status != IoStatus::WantWrite) return false;
    if (!wait(status == IoStatus::WantRead ? POLLIN : POLLOUT)) return false;
  }
}

std::string Peer::read_some() {
  if (!received_.empty()) return std::exchange(received_, {});
  std::array<char, 65536> room;
  while (true) {
    const IoResult result = stream_->read(room);
    if (result.bytes > 0) return {room.data(), result.bytes};
    if (result.status != IoStatus::WantRead || !wait(POLLIN)) return {};
  }
}

std::string Peer::read(std::size_t count) {
  std::string bytes;
  while (bytes.size() < count) {
    const std::string more = read_some();
    if (more.empty()) return bytes;
    bytes += more;
  }
  received_ = bytes.substr(count);
  bytes.resize(count);
  return bytes;
}

std::string Peer::read_head() {
  std::string bytes;
  while (true) {
    const std::size_t end = bytes.find("\r\n\r\n");
    if (end != std::string::npos) {
      received_ = bytes.substr(end + 4);
      bytes.resize(end + 4);
      return bytes;
    }
    const std::string more = read_some();
    if (more.empty()) return bytes;
    bytes += more;
  }
}

void Peer::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const IoResult result = stream_->write(bytes);
    bytes.remove_prefix(result.bytes);
    if (bytes.empty() || result.status == IoStatus::Failed || !wait(POLLOUT)) return;
  }
}

HttpHead Peer::accept_websocket() {
  HttpHead head;
  std::size_t used = 0;
  parse_http_request(read_head(), head, used);
  write(answer_handshake(head).answer);
  return head;
}

void Peer::send(Opcode opcode, std::string_view payload, bool final) {
  std::string bytes;
  writer_.append(bytes, opcode, payload, final);
  write(bytes);
}

std::string Peer::next() {
  while (true) {
    const WebSocketEvent event = reader_.next();
    const std::string bytes(event.bytes);
    switch (event.kind) {
      case WebSocketEvent::Kind::Message:
        return (event.text ? "text:" : "binary:") + bytes;
      case WebSocketEvent::Kind::Ping:
        return "ping:" + bytes;
      case WebSocketEvent::Kind::Pong:
        return "pong:" + bytes;
      case WebSocketEvent::Kind::Close:
        return "close:" + std::to_string(event.code) + ":" + bytes;
      case WebSocketEvent::Kind::Failure:
        return "fail:" + std::to_string(event.code);
      case WebSocketEvent::Kind::None:
        break;
    }
    const std::string more = read_some();
    if (more.empty()) return "end";
    for (std::size_t i = 0; i < more.size();) {
      const std::span<char> room = reader_.room();
      const std::size_t count = std::min(room.size(), more.size() - i);
      if (count == 0) return "no room";
      std::memcpy(room.data(), more.data() + i, count);
      reader_.added(count);
      i += count;
    }
  }
}

void Peer::reset() {
  const linger now{1, 0};
  setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

Server::Server(Serve serve, TlsServer* tls) : serve_(std::move(serve)), tls_(tls) {
  listening_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  const bool up = bind(listening_, generic, length) == 0 && listen(listening_, 64) == 0 &&
                  getsockname(listening_, generic, &length) == 0;
  REQUIRE(up);
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { work(); });
}

Server::~Server() {
  finish();
  ::close(listening_);
}

void Server::finish() {
  if (!thread_.joinable()) return;
  shutdown(listening_, SHUT_RDWR);
  thread_.join();
}

void Server::work() {
  while (true) {
    const int accepted = accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC);
    if (accepted < 0) return;
    Peer peer(accepted, tls_);
    if (tls_ == nullptr || peer.handshake()) serve_(peer);
  }
}

Url Server::url(const std::string& scheme, const std::string& host) const {
  return url_of(scheme + "://" + host + ":" + std::to_string(port_) + "/stream?a=b");
}

Url url_of(std::string_view text) {
  auto parsed = parse_url(text);
  REQUIRE(std::holds_alternative<Url>(parsed));
  return std::get<Url>(std::move(parsed));
}

Client::Client(const TlsSettings& trust, ResolverSettings names)
    : resolver(loop, std::move(names)), tls(trust) {}

void Client::open(const Url& url) {
  WebSocketSettings settings;
  settings.url = url;
  open(std::move(settings));
}

void Client::open(WebSocketSettings settings) {
  said.clear();
  times.clear();
  ended.reset();
  socket = std::make_unique<WebSocket>(Network{loop, resolver, tls}, std::move(settings), *this);
}

void Client::run() {
  bool for_ever = false;
  EventLoop* const own = &loop;
  const TimerId guard = loop.call_after(std::chrono::milliseconds(kForEverMs), [&, own] {
    for_ever = true;
    own->stop();
  });
  loop.run();
  loop.cancel(guard);
  REQUIRE_FALSE(for_ever);
}

Ended Client::end_of(const Url& url) {
  open(url);
  run();
  REQUIRE(ended);
  return *ended;
}

void Client::open_again(const Url& url, const Next& next) {
  again_ = [this, url, next] {
    if (!next()) return false;
    open(url);
    return true;
  };
  open(url);
  run();
  REQUIRE(ended);
}

void Client::say(const std::string& what) {
  said.push_back(what);
  if (then) then(what);
}

void Client::on_open() noexcept {
  say("open");
}

void Client::on_message(std::string_view bytes, bool text, std::int64_t received_ns) noexcept {
  times.push_back(received_ns);
  say((text ? "text:" : "binary:") + std::string(bytes));
}

void Client::on_pong(std::string_view payload) noexcept {
  say("pong:" + std::string(payload));
}

void Client::on_closed(const Ended& why) noexcept {
  ended = why;
  say("closed");
  if (!again_ || !again_()) loop.stop();
}

}  // namespace fastrsi::net::test
