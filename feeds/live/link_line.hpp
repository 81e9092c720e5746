// One socket of a link, with what it has asked for. Part of link.cpp.
#pragma once

#include <memory>

#include "feeds/live/link.hpp"

namespace fastrsi::live {

// Owner: a link. Thread: the loop's.
class Link::Line final : public net::WebSocketListener {
 public:
  Line(Link& link, net::WebSocketSettings settings);

  void on_open() noexcept override;
  void on_message(std::string_view bytes, bool text, std::int64_t received_ns) noexcept override;
  void on_pong(std::string_view) noexcept override {}
  void on_closed(const net::Ended& why) noexcept override;

  // Sends what is due. Why the socket is no good any more; empty while it is.
  std::string serve(Clock::time_point now);
  Clock::time_point next_due(Clock::time_point now) const;

  bool is_open() const noexcept { return opened_at_.has_value(); }
  Clock::time_point opened_at() const { return *opened_at_; }
  bool is_settled() const noexcept { return is_open() && subscriptions_.is_settled(); }
  Subscriptions& subscriptions() noexcept { return subscriptions_; }
  const Subscriptions& subscriptions() const noexcept { return subscriptions_; }
  std::uint64_t received_bytes_total() const noexcept { return socket_.received_bytes_total(); }

 private:
  bool keep_alive(Clock::time_point now);

  Link& link_;
  Subscriptions subscriptions_;
  std::optional<Clock::time_point> opened_at_;
  Clock::time_point heard_at_;  // of the newest bytes, as far as serve() has seen
  std::uint64_t heard_bytes_ = 0;
  bool pinged_ = false;          // since then
  Clock::time_point next_ping_;  // the venue's own kind
  net::WebSocket socket_;        // the last: it uses all others
};

}  // namespace fastrsi::live
