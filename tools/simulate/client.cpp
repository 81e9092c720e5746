#include "tools/simulate/client.hpp"

namespace fastrsi::simulate {
namespace {

// Binance spot's own (2025): a ping each 20 s, and the end a minute after one without answer.
constexpr std::chrono::seconds kPingEvery{20};
constexpr std::chrono::seconds kPongWithin{60};
constexpr std::chrono::seconds kCloseWithin{5};

}  // namespace

Client::Client(net::EventLoop& loop, int descriptor, net::TlsServer* tls, std::uint64_t number,
               bool is_silent, ConnectionListener& listener, ClientHost& host)
    : host_(host), connection_(loop, descriptor, tls, number, is_silent, listener) {
  ping_at_ = Clock::now() + kPingEvery;
  pong_until_ = Clock::now() + kPingEvery + kPongWithin;
}

Subscribed Client::subscribe(const std::string& stream) {
  if (streams_.contains(stream)) return Subscribed::Alive;
  const Subscribed outcome = host_.add_subscription(*this, stream);
  if (outcome == Subscribed::Unknown) {
    unknown.push_back(stream);
    return outcome;
  }
  streams_.insert(stream);
  (outcome == Subscribed::Dead ? dead : added).push_back(stream);
  return outcome;
}

void Client::unsubscribe(const std::string& stream) {
  if (streams_.erase(stream) == 0) return;
  host_.remove_subscription(*this, stream);
  removed.push_back(stream);
}

std::vector<std::string> Client::streams() const {
  return {streams_.begin(), streams_.end()};
}

void Client::send(std::string_view text) {
  connection_.send(net::Opcode::Text, text);
}

void Client::refuse(std::string_view reason) {
  close(1008, reason);
}

void Client::close(std::uint16_t code, std::string_view reason) {
  for (const std::string& stream : streams_) host_.remove_subscription(*this, stream);
  streams_.clear();
  close_until_ = Clock::now() + kCloseWithin;
  connection_.close(code, reason);
}

bool Client::counts_too_many(int messages_a_second, Clock::time_point now) {
  if (now - second_ >= std::chrono::seconds(1)) {
    second_ = now;
    messages_ = 0;
  }
  return messages_a_second > 0 && ++messages_ > messages_a_second;
}

bool Client::keep_alive(Clock::time_point now) {
  if (now >= close_until_) return false;
  if (!connection_.is_websocket() || !connection_.is_open()) return true;
  if (connection_.pongs() != pongs_seen_) {
    pongs_seen_ = connection_.pongs();
    pong_until_ = now + kPingEvery + kPongWithin;
  }
  if (now >= pong_until_) return false;
  if (now < ping_at_) return true;
  ping_at_ = now + kPingEvery;
  connection_.send(net::Opcode::Ping, std::to_string(exchange_time_ns() / 1'000'000));
  connection_.flush();
  return true;
}

}  // namespace fastrsi::simulate
