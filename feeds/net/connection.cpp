#include "feeds/net/connection.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace fastrsi::net {
namespace {

using Clock = EventLoop::Clock;

constexpr std::size_t kProxyReadBytes = 4096;
// An address that does not answer leaves the others at least this much of the time there is.
constexpr Clock::duration kTryMin = std::chrono::milliseconds(250);

Ended ended(EndReason reason, std::string sentence) {
  Ended result;
  result.reason = reason;
  result.sentence = std::move(sentence);
  return result;
}

std::string error_text(int error) {
  return std::generic_category().message(error);
}

}  // namespace

Connection::Connection(const Network& network, ConnectionSettings settings,
                       ConnectionListener& listener)
    : network_(network), settings_(std::move(settings)), listener_(listener) {
  deadline_timer_ = network_.loop.call_at(settings_.deadline, [this] { on_deadline(); });
  const Url& first = settings_.proxy ? *settings_.proxy : settings_.url;
  query_ = network_.resolver.look_up(
      first.host, [this](LookUpResult result) { take_addresses(std::move(result)); });
}

Connection::~Connection() {
  network_.resolver.cancel(query_);
  network_.loop.cancel(deadline_timer_);
  network_.loop.cancel(try_timer_);
  network_.loop.cancel(failure_timer_);
}

// Who is spoken to first, for messages.
std::string Connection::where() const {
  return settings_.proxy ? "the proxy " + settings_.proxy->authority() : settings_.url.authority();
}

void Connection::take_addresses(LookUpResult result) {
  query_ = QueryId::None;
  if (result.addresses.empty()) return fail(std::move(result.failure));
  addresses_ = std::move(result.addresses);
  stage_ = Stage::Connect;
  try_next();
}

void Connection::try_next() {
  while (next_address_ < addresses_.size()) {
    if (start(addresses_[next_address_++])) return;
  }
  fail(std::move(last_failure_));
}

// False: it has failed already, as last_failure_ says.
bool Connection::start(const Address& address) {
  const std::uint16_t port = (settings_.proxy ? *settings_.proxy : settings_.url).port;
  const Address to = address.with_port(port);
  const int descriptor =
      socket(to.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int on = 1;
  if (descriptor >= 0) setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (descriptor < 0 ||
      (connect(descriptor, reinterpret_cast<const sockaddr*>(&to.storage), to.length) != 0 &&
       errno != EINPROGRESS)) {
    const int error = errno;
    if (descriptor >= 0) ::close(descriptor);
    last_failure_ =
        ended(error == ECONNREFUSED ? EndReason::ConnectRefused : EndReason::ConnectFailed,
              where() + " (" + to.text() + ") cannot be reached: " + error_text(error));
    return false;
  }
  try {
    socket_ =
        std::make_unique<Socket>(network_.loop, descriptor, static_cast<SocketHandler&>(*this));
  } catch (const std::runtime_error& error) {
    last_failure_ = ended(EndReason::ConnectFailed, where() + ": " + error.what());
    return false;
  }
  socket_->want_write();
  const auto left = static_cast<Clock::rep>(addresses_.size() - next_address_ + 1);
  if (left > 1) {
    const Clock::duration pause = std::max(kTryMin, (settings_.deadline - Clock::now()) / left);
    try_timer_ = network_.loop.call_after(pause, [this] { on_try_timeout(); });
  }
  return true;
}

void Connection::on_try_timeout() {
  last_failure_ = ended(EndReason::Timeout, where() + " (" + addresses_[next_address_ - 1].text() +
                                                ") does not answer");
  socket_.reset();
  try_next();
}

void Connection::on_connect_result() {
  network_.loop.cancel(try_timer_);
  int error = 0;
  socklen_t length = sizeof error;
  getsockopt(socket_->descriptor(), SOL_SOCKET, SO_ERROR, &error, &length);
  if (error != 0) {
    last_failure_ =
        ended(error == ECONNREFUSED ? EndReason::ConnectRefused : EndReason::ConnectFailed,
              where() + " (" + addresses_[next_address_ - 1].text() +
                  ") cannot be reached: " + error_text(error));
    socket_.reset();
    return try_next();
  }
  return settings_.proxy ? begin_proxy() : begin_tls();
}

void Connection::begin_proxy() {
  stage_ = Stage::Proxy;
  proxy_.emplace(*settings_.proxy, settings_.url.host, settings_.url.port);
  stream_ = make_plain_stream(socket_->descriptor());
  output_ += proxy_->take_output();
  write_output();
}

void Connection::talk_to_proxy() {
  std::array<char, kProxyReadBytes> room;
  const IoResult result = stream_->read(room);
  received_bytes_ += result.bytes;
  if (result.status == IoStatus::WantRead) return;
  if (result.status == IoStatus::End || result.status == IoStatus::Failed) {
    proxy_->cut();
    return fail(proxy_->failure());
  }
  switch (proxy_->take({room.data(), result.bytes})) {
    case ProxyTalk::State::Failed:
      return fail(proxy_->failure());
    case ProxyTalk::State::Done:
      return begin_tls();
    case ProxyTalk::State::Short:
      output_ += proxy_->take_output();
      write_output();
      return;
  }
}

void Connection::begin_tls() {
  const Url& url = settings_.url;
  stage_ = Stage::Tls;
  try {
    stream_ = url.is_tls() ? network_.tls.connect(socket_->descriptor(), url.host, url.port)
                           : make_plain_stream(socket_->descriptor());
  } catch (const std::runtime_error& error) {
    return fail(ended(EndReason::TlsFailed, error.what()));
  }
  go_on_with_tls();
}

void Connection::go_on_with_tls() {
  switch (stream_->handshake()) {
    case IoStatus::Ok:
      return open();
    case IoStatus::WantRead:
      return;
    case IoStatus::WantWrite:
      return socket_->want_write();
    default:
      return fail(stream_->failure());
  }
}

void Connection::open() {
  stage_ = Stage::Open;
  network_.loop.cancel(deadline_timer_);
  listener_.on_connected();
}

void Connection::on_readable() noexcept {
  switch (stage_) {
    case Stage::Proxy:
      return talk_to_proxy();
    case Stage::Tls:
      return go_on_with_tls();
    case Stage::Open:
      return listener_.on_bytes();
    default:
      return;
  }
}

void Connection::on_writable() noexcept {
  switch (stage_) {
    case Stage::Connect:
      return on_connect_result();
    case Stage::Proxy:
      return write_output();
    case Stage::Tls:
      return go_on_with_tls();
    case Stage::Open:
      write_output();
      // TLS may have wanted to write before it reads on.
      return listener_.on_bytes();
    default:
      return;
  }
}

void Connection::on_hang_up() noexcept {
  if (stage_ == Stage::Over) return;
  if (stage_ == Stage::Connect) {
    last_failure_ = ended(EndReason::ConnectFailed, where() + " cannot be reached: it hangs up");
    network_.loop.cancel(try_timer_);
    socket_.reset();
    return try_next();
  }
  if (stage_ == Stage::Proxy) {
    proxy_->cut();
    return fail(proxy_->failure());
  }
  fail(ended(stage_ == Stage::Tls ? EndReason::TlsClosed : EndReason::Lost,
             where() + " has cut the connection"));
}

void Connection::on_deadline() {
  static constexpr std::array<std::string_view, 4> kDoing{
      "its name is still looked up", "it does not answer", "the proxy is not through",
      "the TLS handshake is not done"};
  fail(ended(
      EndReason::Timeout,
      where() + " is not connected in time: " +
          std::string(
              kDoing[std::min<std::size_t>(static_cast<std::size_t>(stage_), kDoing.size() - 1)])));
}

// The last call: the listener may destroy this.
void Connection::fail(Ended why) {
  if (stage_ == Stage::Over) return;
  stage_ = Stage::Over;
  network_.resolver.cancel(query_);
  network_.loop.cancel(deadline_timer_);
  network_.loop.cancel(try_timer_);
  stream_.reset();
  socket_.reset();
  // Not of this any more: it outlives what the listener destroys.
  const Ended last_word = std::move(why);
  listener_.on_failed(last_word);
}

// From inside a method: the listener is told when that has returned.
void Connection::fail_later(Ended why) {
  if (failure_timer_ != TimerId::None) return;
  failure_timer_ = network_.loop.call_after(Clock::duration::zero(),
                                            [this, why = std::move(why)] { fail(why); });
}

IoResult Connection::read(std::span<char> room) noexcept {
  if (stage_ != Stage::Open) return {IoStatus::WantRead, 0};
  const IoResult result = stream_->read(room);
  received_bytes_ += result.bytes;
  if (result.status == IoStatus::WantWrite) socket_->want_write();
  return result;
}

void Connection::flush() noexcept {
  if (stage_ == Stage::Open) write_output();
}

void Connection::write_output() {
  if (written_ == output_.size()) return;
  const IoResult result = stream_->write(std::string_view(output_).substr(written_));
  written_ += result.bytes;
  sent_bytes_ += result.bytes;
  if (written_ == output_.size() || written_ > settings_.send_bytes_max) {
    output_.erase(0, written_);
    written_ = 0;
  }
  if (result.status == IoStatus::WantWrite) socket_->want_write();
  // What it still sent can be read first: why it closed may stand there.
  if (result.status == IoStatus::Failed) fail_later(stream_->failure());
}

void Connection::close() noexcept {
  if (stage_ == Stage::Open) {
    write_output();
    stream_->shut_down();
  }
  stage_ = Stage::Over;
  network_.resolver.cancel(query_);
  network_.loop.cancel(deadline_timer_);
  network_.loop.cancel(try_timer_);
  network_.loop.cancel(failure_timer_);
  stream_.reset();
  socket_.reset();
}

}  // namespace fastrsi::net
