#include "feeds/net/websocket.hpp"

#include <ctime>
#include <utility>

#include "feeds/net/ascii.hpp"
#include "feeds/net/websocket_handshake.hpp"

namespace fastrsi::net {
namespace {

// After so many, the others of the loop have their turn.
constexpr int kReadsMax = 64;

HandshakeSettings handshake_settings(const WebSocketSettings& settings) {
  return {settings.url.authority(), settings.url.target, settings.fields, settings.subprotocol};
}

Ended websocket_ended(EndReason reason, std::uint16_t code, std::string sentence) {
  Ended result;
  result.reason = reason;
  result.close_code = code;
  result.sentence = std::move(sentence);
  return result;
}

}  // namespace

std::int64_t unix_now_ns() noexcept {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

class WebSocket::Impl final : public ConnectionListener {
 public:
  Impl(const Network& network, WebSocketSettings settings, WebSocketListener& listener);
  ~Impl();
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  bool is_open() const noexcept { return state_ == State::Open; }
  bool send(Opcode opcode, std::string_view payload);
  void close(std::uint16_t code, std::string_view reason);
  const Connection& connection() const noexcept { return connection_; }

 private:
  enum class State : std::uint8_t { Connecting, Handshake, Open, Closing, Ended };

  void on_connected() noexcept override;
  void on_bytes() noexcept override;
  void on_failed(const Ended& why) noexcept override;

  // These say whether there is more to do: false when it has ended, or was destroyed.
  bool take_answer();
  bool take_events(std::int64_t received_ns);
  bool take(const WebSocketEvent& event, std::int64_t received_ns);
  bool take_end(const IoResult& result);
  bool take_failure(const WebSocketEvent& event);
  bool take_close(const WebSocketEvent& event);
  void read_some(bool& gone);
  void end(Ended why);
  void end_later(Ended why);
  void on_timeout();
  std::string peer() const { return settings_.url.authority(); }

  // Constant after construction.
  const WebSocketSettings settings_;
  EventLoop& loop_;
  WebSocketListener& listener_;

  State state_ = State::Connecting;
  ClientHandshake handshake_;
  WebSocketReader reader_;
  FrameWriter writer_{Role::Client};
  TimerId timeout_ = TimerId::None;    // of the handshake, or of the other side's close frame
  TimerId end_timer_ = TimerId::None;  // end_later()
  TimerId more_timer_ = TimerId::None;
  std::uint16_t close_code_ = kCloseLost;  // what we sent
  // While messages are told: what is sent is flushed at the end, and this says whether the
  // WebSocket was destroyed by then.
  bool* gone_ = nullptr;
  const EventLoop::Clock::time_point deadline_;
  Connection connection_;
};

WebSocket::Impl::Impl(const Network& network, WebSocketSettings settings,
                      WebSocketListener& listener)
    : settings_(std::move(settings)),
      loop_(network.loop),
      listener_(listener),
      handshake_(handshake_settings(settings_)),
      reader_({Role::Client, settings_.check_utf8, settings_.message_bytes_max}),
      deadline_(EventLoop::Clock::now() + settings_.open_timeout),
      connection_(network, {settings_.url, settings_.proxy, deadline_, settings_.send_bytes_max},
                  *this) {}

WebSocket::Impl::~Impl() {
  if (gone_ != nullptr) *gone_ = true;
  loop_.cancel(timeout_);
  loop_.cancel(end_timer_);
  loop_.cancel(more_timer_);
}

void WebSocket::Impl::on_connected() noexcept {
  if (state_ != State::Connecting) return;
  state_ = State::Handshake;
  timeout_ = loop_.call_at(deadline_, [this] { on_timeout(); });
  connection_.output() += handshake_.request();
  connection_.flush();
}

void WebSocket::Impl::on_timeout() {
  if (state_ == State::Closing) {
    return end(websocket_ended(EndReason::ClosedByUs, close_code_,
                               peer() + " does not answer our close frame; the connection is cut"));
  }
  end(websocket_ended(EndReason::Timeout, kCloseLost,
                      peer() + " does not answer the handshake in time"));
}

void WebSocket::Impl::on_failed(const Ended& why) noexcept {
  if (state_ == State::Closing) {
    return end(
        websocket_ended(EndReason::ClosedByUs, close_code_, "we have closed the connection"));
  }
  if (state_ != State::Handshake) return end(why);
  handshake_.cut(reader_.unread());
  end(handshake_.failure());
}

void WebSocket::Impl::on_bytes() noexcept {
  // Given up: what comes now is nobody's.
  if (state_ == State::Ended || end_timer_ != TimerId::None) return;
  bool gone = false;
  gone_ = &gone;
  read_some(gone);
  if (gone) return;
  gone_ = nullptr;
  connection_.flush();
}

void WebSocket::Impl::read_some(bool& gone) {
  const std::int64_t received_ns = settings_.clock();
  for (int reads = 0; reads < kReadsMax; ++reads) {
    const std::span<char> room = reader_.room();
    const IoResult result = connection_.read(room);
    reader_.added(result.bytes);
    if (result.bytes > 0 && !take_events(received_ns)) return;
    if (result.status == IoStatus::End || result.status == IoStatus::Failed) {
      take_end(result);
      return;
    }
    // The socket wakes us when there is more.
    if (result.bytes < room.size()) return;
  }
  if (gone || !connection_.has_unread() || more_timer_ != TimerId::None) return;
  more_timer_ = loop_.call_after(EventLoop::Clock::duration::zero(), [this] {
    more_timer_ = TimerId::None;
    on_bytes();
  });
}

bool WebSocket::Impl::take_events(std::int64_t received_ns) {
  if (state_ == State::Handshake && !take_answer()) return false;
  if (state_ == State::Handshake) return true;
  while (true) {
    const WebSocketEvent event = reader_.next();
    if (event.kind == WebSocketEvent::Kind::None) return true;
    if (!take(event, received_ns)) return false;
  }
}

bool WebSocket::Impl::take_answer() {
  switch (handshake_.take(reader_.unread())) {
    case ClientHandshake::State::Short:
      return true;
    case ClientHandshake::State::Failed:
      end(handshake_.failure());
      return false;
    case ClientHandshake::State::Done:
      break;
  }
  reader_.skip(handshake_.used());
  loop_.cancel(timeout_);
  state_ = State::Open;
  const bool& gone = *gone_;
  listener_.on_open();
  return !gone && state_ != State::Ended;
}

bool WebSocket::Impl::take(const WebSocketEvent& event, std::int64_t received_ns) {
  // It says whether this is gone, and lives with on_bytes().
  const bool& gone = *gone_;
  switch (event.kind) {
    case WebSocketEvent::Kind::Message:
      if (state_ == State::Open) listener_.on_message(event.bytes, event.text, received_ns);
      return !gone && state_ != State::Ended;
    case WebSocketEvent::Kind::Pong:
      if (state_ == State::Open) listener_.on_pong(event.bytes);
      return !gone && state_ != State::Ended;
    case WebSocketEvent::Kind::Ping:
      // Without room for the answer the other side does not read, and must do without.
      send(Opcode::Pong, event.bytes);
      return true;
    case WebSocketEvent::Kind::Close:
      return take_close(event);
    default:
      return take_failure(event);
  }
}

bool WebSocket::Impl::take_close(const WebSocketEvent& event) {
  const std::string said =
      (event.code == kCloseNoCode ? std::string("without a code")
                                  : "with code " + std::to_string(event.code)) +
      (event.bytes.empty() ? "" : ": " + in_quotes(event.bytes, kControlBytesMax));
  if (state_ == State::Closing) {
    end(websocket_ended(EndReason::ClosedByUs, close_code_,
                        "we have closed the connection with " + peer()));
    return false;
  }
  writer_.append_close(connection_.output(), event.code);
  end(websocket_ended(EndReason::Closed, event.code, peer() + " closes the connection " + said));
  return false;
}

bool WebSocket::Impl::take_failure(const WebSocketEvent& event) {
  if (state_ == State::Open) writer_.append_close(connection_.output(), event.code, event.bytes);
  const EndReason reason =
      event.code == kCloseTooBig ? EndReason::MessageTooBig : EndReason::ProtocolError;
  end(websocket_ended(reason, event.code,
                      peer() + " breaks the WebSocket protocol: " + std::string(event.bytes)));
  return false;
}

bool WebSocket::Impl::take_end(const IoResult& result) {
  if (state_ == State::Handshake) {
    handshake_.cut(reader_.unread());
    end(handshake_.failure());
  } else if (state_ == State::Closing) {
    end(websocket_ended(EndReason::ClosedByUs, close_code_,
                        "we have closed the connection with " + peer()));
  } else if (result.status == IoStatus::Failed) {
    end(connection_.failure());
  } else {
    end(websocket_ended(EndReason::Lost, kCloseLost,
                        peer() + " cuts the connection without a close frame"));
  }
  return false;
}

// The last call: the listener may destroy this.
void WebSocket::Impl::end(Ended why) {
  if (state_ == State::Ended) return;
  state_ = State::Ended;
  loop_.cancel(timeout_);
  loop_.cancel(end_timer_);
  loop_.cancel(more_timer_);
  connection_.close();
  // Not of this any more: it outlives what the listener destroys.
  const Ended last_word = std::move(why);
  listener_.on_closed(last_word);
}

// From inside a method: the listener is told when that has returned.
void WebSocket::Impl::end_later(Ended why) {
  if (end_timer_ != TimerId::None) return;
  end_timer_ = loop_.call_after(EventLoop::Clock::duration::zero(),
                                [this, why = std::move(why)] { end(why); });
}

bool WebSocket::Impl::send(Opcode opcode, std::string_view payload) {
  if (state_ != State::Open || !connection_.has_room(payload.size() + kFrameHeaderBytesMax)) {
    return false;
  }
  writer_.append(connection_.output(), opcode, payload);
  if (gone_ == nullptr) connection_.flush();
  return true;
}

void WebSocket::Impl::close(std::uint16_t code, std::string_view reason) {
  if (state_ == State::Closing || state_ == State::Ended) return;
  const bool was_open = state_ == State::Open;
  state_ = State::Closing;
  close_code_ = was_open ? code : kCloseLost;
  if (!was_open) {
    return end_later(
        websocket_ended(EndReason::ClosedByUs, kCloseLost,
                        "we have given up the connection with " + peer() + " before it was open"));
  }
  writer_.append_close(connection_.output(), code, reason);
  if (gone_ == nullptr) connection_.flush();
  loop_.cancel(timeout_);
  timeout_ = loop_.call_after(settings_.close_timeout, [this] { on_timeout(); });
}

WebSocket::WebSocket(const Network& network, WebSocketSettings settings,
                     WebSocketListener& listener)
    : impl_(std::make_unique<Impl>(network, std::move(settings), listener)) {}

WebSocket::~WebSocket() = default;

bool WebSocket::is_open() const noexcept {
  return impl_->is_open();
}

bool WebSocket::send_text(std::string_view text) {
  return impl_->send(Opcode::Text, text);
}

bool WebSocket::send_ping(std::string_view payload) {
  return payload.size() <= kControlBytesMax && impl_->send(Opcode::Ping, payload);
}

void WebSocket::close(std::uint16_t code, std::string_view reason) {
  impl_->close(code, reason);
}

std::size_t WebSocket::waiting_bytes() const noexcept {
  return impl_->connection().waiting_bytes();
}

std::uint64_t WebSocket::received_bytes_total() const noexcept {
  return impl_->connection().received_bytes_total();
}

std::uint64_t WebSocket::sent_bytes_total() const noexcept {
  return impl_->connection().sent_bytes_total();
}

}  // namespace fastrsi::net
