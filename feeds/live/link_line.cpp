#include "feeds/live/link_line.hpp"

#include <algorithm>
#include <utility>

namespace fastrsi::live {

static_assert(net::kReadPaddingBytes >= kFramePaddingBytes);

Link::Line::Line(Link& link, net::WebSocketSettings settings)
    : link_(link),
      subscriptions_(link.venue_, link.quarantine_),
      socket_(link.network_, std::move(settings), *this) {}

void Link::Line::on_open() noexcept {
  const Clock::time_point now = Clock::now();
  opened_at_ = heard_at_ = now;
  next_ping_ = now + link_.venue_.facts().ping.every;
  for (const std::string& greeting : link_.venue_.facts().greetings) socket_.send_text(greeting);
  subscriptions_.want(link_.symbols_);
  link_.on_open(*this);
}

void Link::Line::on_message(std::string_view bytes, bool, std::int64_t received_ns) noexcept {
  link_.answering_ = this;
  link_.listener_.on_frame(link_.settings_.number, bytes, received_ns);
  link_.answering_ = nullptr;
}

void Link::Line::on_closed(const net::Ended& why) noexcept {
  link_.on_closed(*this, why);
}

std::string Link::Line::serve(Clock::time_point now) {
  if (!is_open()) return {};
  while (auto message = subscriptions_.next_message(now)) {
    if (!socket_.send_text(*message)) return "it takes no more of what is sent";
  }
  if (!subscriptions_.check(now)) return "subscriptions stay without an answer";
  if (!keep_alive(now)) return "nothing has come for too long";
  const VenuePing& ping = link_.venue_.facts().ping;
  if (!ping.text.empty() && now >= next_ping_) {
    socket_.send_text(ping.text);
    next_ping_ = now + ping.every;
  }
  return {};
}

// Half the time without a byte: a ping, whose pong is one.
bool Link::Line::keep_alive(Clock::time_point now) {
  if (socket_.received_bytes_total() != heard_bytes_) {
    heard_bytes_ = socket_.received_bytes_total();
    heard_at_ = now;
    pinged_ = false;
  }
  const Clock::duration dead_after = link_.settings_.times.dead_after;
  if (now - heard_at_ >= dead_after) return false;
  if (now - heard_at_ >= dead_after / 2 && !pinged_) {
    pinged_ = true;
    socket_.send_ping("fastrsi");
  }
  return true;
}

Clock::time_point Link::Line::next_due(Clock::time_point now) const {
  if (!is_open()) return Clock::time_point::max();
  Clock::time_point due =
      std::min(subscriptions_.next_due(now), now + link_.settings_.times.dead_after / 10);
  if (!link_.venue_.facts().ping.text.empty()) due = std::min(due, next_ping_);
  return due;
}

}  // namespace fastrsi::live
