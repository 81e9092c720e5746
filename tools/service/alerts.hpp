// What is wrong with the input, brought to a program of the user's: a symbol that is silent longer
// than it should be, one that the venue refuses, a connection that stays away. One message says
// what has begun and what is over; it is tried again until the program has taken it.
#pragma once

#include <chrono>
#include <functional>
#include <future>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "tools/config.hpp"

namespace fastrsi {

struct Trouble {
  std::string venue;
  std::string of;    // a symbol, or "connection 3"
  std::string kind;  // "stale": what goes on under one is no news
  std::string what;  // "stale for 90 s"
};

// Owner and thread: the service's main one.
class Alerts {
 public:
  using Clock = std::chrono::steady_clock;

  // `say` gets a line when the program fails.
  Alerts(AlertSettings settings, std::function<void(const std::string&)> say);

  // Whether look_at() may have something to do.
  bool is_due(Clock::time_point time) const noexcept {
    return !settings_.command.empty() && time >= next_;
  }
  // All that is wrong now; never waits for the program. Whoever calls has SIGPIPE ignored.
  void look_at(const std::vector<Trouble>& now, Clock::time_point time);

 private:
  struct Place {
    std::string venue, of, kind;
    friend bool operator==(const Place&, const Place&) = default;
    friend bool operator<(const Place& a, const Place& b) noexcept {
      return std::tie(a.venue, a.of, a.kind) < std::tie(b.venue, b.of, b.kind);
    }
  };
  using Known = std::map<Place, std::string>;  // what they are

  void take_end();
  std::string message(const Known& now) const;

  const AlertSettings settings_;
  const std::function<void(const std::string&)> say_;
  Known told_;
  Known before_;  // the message under way
  Clock::time_point next_ = Clock::time_point::min();
  std::future<std::string> running_;  // why the program failed; empty: it did not
};

}  // namespace fastrsi
