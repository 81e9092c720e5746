// What one socket has asked its venue for, and what came of it. An ack is not believed where it
// proves nothing, data always is; what is not answered is asked for again.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "feeds/live/pace.hpp"
#include "feeds/venues.hpp"

namespace fastrsi::live {

// Refused symbols and the venue's reason. They are not asked for again until the list changes.
using Quarantine = std::map<std::string, std::string, std::less<>>;

enum class SymbolState : std::uint8_t {
  Wanted,     // not asked for yet
  Requested,  // no answer, no data
  Accepted,   // acknowledged, no data yet
  Live,       // data has come
  Refused,    // see the quarantine
};
std::string_view to_text(SymbolState state) noexcept;

// Owner: a link, one a socket. Thread: its own.
class Subscriptions {
 public:
  // `venue` and `quarantine` outlive it.
  Subscriptions(Venue& venue, Quarantine& quarantine);

  // The whole list: what is new is asked for, what is gone is given up.
  void want(const std::vector<std::string>& symbols);
  // Asks for a symbol anew, whatever its state.
  void renew(const std::string& symbol);
  // Puts a symbol into the quarantine, and takes back what was asked for.
  void give_up(const std::string& symbol, const std::string& reason);
  // The next message to send now; nothing when there is none, or it is too early.
  std::optional<std::string> next_message(Clock::time_point now);
  // Asks again for what has not been answered; false when that has not helped: this connection is
  // no good.
  bool check(Clock::time_point now);
  // When next_message() or check() will have something to do.
  Clock::time_point next_due(Clock::time_point now) const;

  // Of a frame that may be an answer. Symbols that were refused by it are in the quarantine.
  AnswerKind take_answer(const Answer& answer);
  void heard(const std::string& symbol);

  // Nothing is waiting for an answer any more.
  bool is_settled() const noexcept;
  std::optional<SymbolState> state(const std::string& symbol) const;
  std::size_t count(SymbolState state) const noexcept;

 private:
  struct Entry {
    SymbolState state = SymbolState::Wanted;
    Clock::time_point asked_at;
    int times_asked = 0;
    std::uint64_t request = 0;
  };
  struct Request {
    std::vector<std::string> symbols;
    bool is_unsubscribe = false;
  };

  void queue(std::vector<ControlMessage> messages, bool is_unsubscribe);
  void accept(const std::string& symbol);
  void refuse(const std::string& symbol, const std::string& reason);
  void refuse_all(const Request& request, const std::string& reason);

  Venue& venue_;
  Quarantine& quarantine_;
  Pace pace_;
  std::map<std::string, Entry, std::less<>> entries_;
  std::deque<std::pair<ControlMessage, bool>> queue_;  // and whether it is an unsubscribe
  std::map<std::uint64_t, Request> requests_;          // sent, unanswered; ids rise
  std::uint64_t next_id_ = 1;
};

}  // namespace fastrsi::live
