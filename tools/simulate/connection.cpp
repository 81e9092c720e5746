#include "tools/simulate/connection.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cstring>

#include "feeds/net/websocket_handshake.hpp"

namespace fastrsi::simulate {
namespace {

// A busy client gets no more of one turn.
constexpr int kReadsPerTurn = 64;
constexpr std::size_t kHttpReadBytes = 4096;
// Sent bytes are thrown away when so many have gathered.
constexpr std::size_t kSentBytesKept = 256U * 1024;

}  // namespace

Connection::Connection(net::EventLoop& loop, int descriptor, net::TlsServer* tls,
                       std::uint64_t number, bool is_silent, ConnectionListener& listener)
    : number_(number),
      is_silent_(is_silent),
      listener_(listener),
      stream_(tls != nullptr && !is_silent ? tls->accept(descriptor)
                                           : net::make_plain_stream(descriptor)),
      socket_(std::make_unique<net::Socket>(loop, descriptor, *this)) {}

void Connection::start() {
  on_readable();
}

void Connection::end(std::string_view why) {
  if (state_ == State::Ended) return;
  state_ = State::Ended;
  socket_.reset();
  listener_.on_ended(*this, why);
}

void Connection::hang_up(std::string_view why) {
  if (state_ == State::Ended) return;
  stream_->shut_down();
  end(why);
}

void Connection::cut(std::string_view why) {
  if (state_ == State::Ended) return;
  const struct linger now { 1, 0 };
  ::setsockopt(socket_->descriptor(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
  end(why);
}

void Connection::on_hang_up() noexcept {
  end("the client has gone");
}

bool Connection::finish_tls() {
  if (state_ != State::TlsHandshake) return true;
  const net::IoStatus status = stream_->handshake();
  if (status == net::IoStatus::Ok) {
    state_ = State::Open;
    return true;
  }
  if (status == net::IoStatus::WantWrite) socket_->want_write();
  if (status == net::IoStatus::Failed || status == net::IoStatus::End) {
    end(stream_->failure().sentence);
  }
  return false;
}

void Connection::on_readable() noexcept {
  if (state_ == State::Ended || !finish_tls()) return;
  for (int i = 0; i < kReadsPerTurn && state_ == State::Open; ++i) {
    if (!read_some()) break;
  }
  if (state_ == State::Open) flush();
}

void Connection::on_writable() noexcept {
  if (state_ == State::TlsHandshake) return on_readable();
  flush();
}

// False when there is no more for now, or ever.
bool Connection::read_some() {
  net::IoResult result;
  std::size_t room = 0;
  if (reader_ != nullptr) {
    const auto space = reader_->room();
    room = space.size();
    result = stream_->read(space);
    reader_->added(result.bytes);
    take_websocket();
  } else {
    const std::size_t before = head_.size();
    room = kHttpReadBytes;
    head_.resize(before + room);
    result = stream_->read({head_.data() + before, room});
    head_.resize(before + result.bytes);
    if (is_silent_) head_.clear();
    take_http();
  }
  if (state_ != State::Open) return false;
  if (result.status == net::IoStatus::End || result.status == net::IoStatus::Failed) {
    end(result.status == net::IoStatus::End ? "the client has closed"
                                            : stream_->failure().sentence);
    return false;
  }
  if (result.status == net::IoStatus::WantWrite) socket_->want_write();
  if (result.status != net::IoStatus::Ok) return false;
  return result.bytes == room || stream_->has_unread();
}

void Connection::take_http() {
  while (state_ == State::Open && reader_ == nullptr && !is_answering_ && !head_.empty()) {
    net::HttpHead request;
    std::size_t used = 0;
    const net::HttpHeadState found = net::parse_http_request(head_, request, used);
    if (found == net::HttpHeadState::Short) return;
    if (found != net::HttpHeadState::Whole) {
      return answer("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
                    false);
    }
    head_.erase(0, used);
    is_answering_ = true;
    listener_.on_request(*this, request);
  }
  // A client that sends requests without waiting for answers is cut before it fills the memory.
  if (head_.size() > 4 * net::kHttpHeadBytesMax) end("too many requests at once");
}

void Connection::answer(std::string_view http, bool keep_alive) {
  if (state_ != State::Open) return;
  out_ += http;
  is_answering_ = false;
  ends_after_flush_ = !keep_alive;
  flush();
  if (state_ == State::Open && keep_alive) take_http();
}

bool Connection::accept_websocket(const net::HttpHead& request) {
  const net::ServerHandshake handshake = net::answer_handshake(request);
  if (handshake.status != 101) {
    answer(handshake.answer, false);
    return false;
  }
  out_ += handshake.answer;
  is_answering_ = false;
  net::WebSocketReaderSettings settings;
  settings.role = net::Role::Server;
  settings.check_utf8 = true;
  settings.message_bytes_max = kClientMessageBytesMax;
  settings.buffer_bytes = 2 * net::kHttpHeadBytesMax;
  reader_ = std::make_unique<net::WebSocketReader>(settings);
  // What a hasty client has sent behind its request.
  const auto room = reader_->room();
  const std::size_t count = std::min(room.size(), head_.size());
  std::memcpy(room.data(), head_.data(), count);
  reader_->added(count);
  head_.clear();
  return true;
}

void Connection::take_websocket() {
  while (state_ == State::Open) {
    const net::WebSocketEvent event = reader_->next();
    switch (event.kind) {
      case net::WebSocketEvent::Kind::None:
        return;
      case net::WebSocketEvent::Kind::Message:
        if (!is_closing_) listener_.on_message(*this, event.bytes);
        break;
      case net::WebSocketEvent::Kind::Ping:
        writer_.append(out_, net::Opcode::Pong, event.bytes);
        break;
      case net::WebSocketEvent::Kind::Pong:
        ++pongs_;
        break;
      case net::WebSocketEvent::Kind::Close:
        if (!is_closing_) writer_.append_close(out_, event.code);
        ends_after_flush_ = true;
        flush();
        return;
      case net::WebSocketEvent::Kind::Failure:
        if (!is_closing_) writer_.append_close(out_, event.code, event.bytes);
        ends_after_flush_ = true;
        flush();
        return;
    }
  }
}

void Connection::send(net::Opcode opcode, std::string_view payload) {
  if (!is_open() || reader_ == nullptr) return;
  writer_.append(out_, opcode, payload);
}

void Connection::close(std::uint16_t code, std::string_view reason) {
  if (!is_open()) return;
  if (reader_ == nullptr) return hang_up(reason);
  writer_.append_close(out_, code, reason);
  is_closing_ = true;
  flush();
}

void Connection::flush() {
  if (state_ != State::Open) return;
  if (waiting_bytes() > 0) {
    const net::IoResult result = stream_->write({out_.data() + out_begin_, waiting_bytes()});
    out_begin_ += result.bytes;
    if (result.status == net::IoStatus::Failed || result.status == net::IoStatus::End) {
      return end(stream_->failure().sentence);
    }
  }
  if (waiting_bytes() == 0) {
    out_.clear();
    out_begin_ = 0;
    if (ends_after_flush_) hang_up("closed");
    return;
  }
  if (out_begin_ >= kSentBytesKept) {
    out_.erase(0, out_begin_);
    out_begin_ = 0;
  }
  socket_->want_write();
}

}  // namespace fastrsi::simulate
