// One of a venue's connections, kept alive for weeks: it subscribes and makes sure of it, notices
// when the other side has gone, comes back, and changes over to a new socket before the venue cuts
// the old one. What it brings are frames; who reads them is told when trades may be missing.
//
// Two sockets overlap at a change-over: both bring the same trades, whose ids tell them apart.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "feeds/live/pace.hpp"
#include "feeds/live/subscriptions.hpp"
#include "feeds/net/websocket.hpp"
#include "feeds/venues.hpp"

namespace fastrsi::live {

struct LinkTimes {
  Clock::duration open_within = std::chrono::seconds{10};
  Clock::duration dead_after = std::chrono::seconds{10};  // without a byte; half of it: a ping
  Clock::duration retry_first_max = std::chrono::milliseconds{250};
  Clock::duration retry_longest = std::chrono::seconds{30};
  Clock::duration good_after = std::chrono::seconds{3};      // with all answered: pauses begin anew
  Clock::duration change_before = std::chrono::minutes{10};  // the venue's own end
  Clock::duration overlap = std::chrono::seconds{2};         // of two sockets at a change-over
  Clock::duration settle_within = std::chrono::seconds{15};  // then the change-over goes on anyway
};

struct LinkSettings {
  std::uint32_t number = 0;
  net::Url url;
  std::optional<net::Url> proxy;
  LinkTimes times;
  std::uint64_t seed = 0;  // of the pauses
};

// Nothing here throws; a link is never destroyed inside.
class LinkListener {
 public:
  // `bytes` are followed by kFramePaddingBytes readable bytes.
  virtual void on_frame(std::uint32_t link, std::string_view bytes,
                        std::int64_t received_ns) noexcept = 0;
  virtual void on_up(std::uint32_t link) noexcept = 0;
  // Trades may be missing from here on.
  virtual void on_down(std::uint32_t link, const std::string& why) noexcept = 0;
  // For the log: one line.
  virtual void on_notice(std::uint32_t link, const std::string& line) noexcept = 0;

 protected:
  ~LinkListener() = default;
};

struct LinkStatus {
  std::uint32_t number = 0;
  bool is_up = false;
  std::size_t symbols = 0;
  std::size_t live = 0;  // data has come
  std::size_t refused = 0;
  std::size_t waiting = 0;  // asked for, without an answer
  std::uint64_t connects_total = 0;
  std::uint64_t failures_total = 0;
  std::uint64_t change_overs_total = 0;
  std::uint64_t received_bytes_total = 0;
  std::string last_error;
};

// Owner: a shard. Thread: the loop's.
class Link {
 public:
  // `network`, `venue`, `connects` and `listener` outlive it. Begins with start().
  Link(const net::Network& network, Venue& venue, ConnectPace& connects, LinkSettings settings,
       LinkListener& listener);
  ~Link();
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  void want(std::vector<std::string> symbols);
  void start();
  // What the parser calls an answer: ack, error, status.
  void take_answer(std::string_view frame);
  // A trade of the symbol has come since it was asked for.
  void heard(const std::string& symbol);
  // It should have traded by now: asks for it anew.
  void renew(const std::string& symbol);
  // The venue does not know it: given up, unless trades of it have come.
  void refuse(const std::string& symbol, const std::string& reason);
  // Opens another socket and changes over to it.
  void change_over(const std::string& why);

  const std::vector<std::string>& symbols() const noexcept { return symbols_; }
  const Quarantine& quarantine() const noexcept { return quarantine_; }
  std::optional<SymbolState> state(const std::string& symbol) const;
  LinkStatus status() const;
  bool is_up() const noexcept { return counts_.is_up; }
  // Up, and everything that was asked for has been answered.
  bool is_whole() const noexcept;

 private:
  class Line;

  void connect_later(Clock::duration pause);
  void connect();
  void on_open(Line& line);
  void on_closed(Line& line, const net::Ended& why);
  void finish_change_over();
  void serve();
  void serve_at(Clock::time_point when);
  void tell_refused();

  const net::Network network_;
  Venue& venue_;
  ConnectPace& connects_;
  const LinkSettings settings_;
  LinkListener& listener_;
  std::vector<std::string> symbols_;
  Quarantine quarantine_;
  std::set<std::string, std::less<>> told_;  // of the quarantine
  Backoff backoff_;
  std::unique_ptr<Line> line_;  // frames come from here
  std::unique_ptr<Line> next_;  // and soon from here instead
  Line* answering_ = nullptr;   // whose frame is being read
  std::optional<Clock::time_point> overlap_until_;
  net::TimerId connect_timer_ = net::TimerId::None;
  net::TimerId serve_timer_ = net::TimerId::None;
  LinkStatus counts_;
};

}  // namespace fastrsi::live
