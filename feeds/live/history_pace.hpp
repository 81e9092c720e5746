// How fast a venue's REST interface may be asked. Requests weigh what the venue says they weigh,
// its limit holds in every stretch of its window, and what it says itself rules: how much is used
// by anybody at this address, when to come back, that the address is banned. Times are passed in.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>

#include "engine/base/units.hpp"
#include "feeds/live/http_client.hpp"
#include "feeds/live/pace.hpp"
#include "feeds/venues.hpp"

namespace fastrsi::live {

// What is waited for, and how long.
struct HistoryTimes {
  Clock::duration retry_first_max = std::chrono::milliseconds{500};  // doubles with each failure
  Clock::duration retry_longest = std::chrono::seconds{30};
  Clock::duration too_fast_pause = std::chrono::seconds{60};  // where no Retry-After says it
  Clock::duration banned_pause = std::chrono::minutes{10};    // likewise
  Clock::duration late_bar_pause = std::chrono::seconds{1};  // before the newest is asked for again
  Clock::duration patience = std::chrono::minutes{2};        // a job waits no longer for a pause
};

// A Retry-After is believed up to here.
inline constexpr Clock::duration kPauseMax = std::chrono::hours{7 * 24};

enum class HistoryVerdict : std::uint8_t {
  Good,     // read the body
  Refused,  // read the body for the reason, and do not ask again
  TooFast,  // ask again after the pause
  Banned,   // likewise
  Failed,   // likewise: the venue's own trouble, or none of its bytes came
};

// Owner: a history source. Thread: its own.
class HistoryPace {
 public:
  HistoryPace(const RestFacts& rest, const HistoryTimes& times, std::uint64_t seed);

  // The earliest time from `now` on at which a request of this weight may go.
  Clock::time_point earliest(int weight, Clock::time_point now) const;
  void take(int weight, Clock::time_point at);

  // What an answer's status and headers say. After a Good one whose body is no good, or says that
  // we were too fast, failed() or too_fast() is called as well.
  HistoryVerdict answered(const HttpAnswer& answer, Clock::time_point now, ExchangeTime venue_now);
  void failed(Clock::time_point now);
  void too_fast(Clock::time_point now);
  // The last answer's body was sound too: pauses begin anew.
  void went_well() noexcept { backoff_.reset(); }

  // Nothing may be asked before; in the past when nothing is in the way.
  Clock::time_point paused_until() const noexcept { return paused_until_; }

 private:
  struct Taken {
    Clock::time_point at;
    std::int64_t weight;
  };

  std::int64_t used(Clock::time_point now) const;
  void heed_headers(const HttpAnswer& answer, Clock::time_point now, ExchangeTime venue_now);
  void pause(Clock::duration time, Clock::time_point now);

  // Constant after construction.
  const RestFacts rest_;
  const HistoryTimes times_;
  // Changed by requests and answers.
  Backoff backoff_;
  std::deque<Taken> taken_;  // oldest first, no older than the window
  Clock::time_point paused_until_{};
};

}  // namespace fastrsi::live
