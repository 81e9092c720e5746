// One sink's delivery: takes events, gathers them into messages, and says which attempt to make
// next (DELIVERY.md, section 7). It is pure: time is an argument, answers are given in, and what
// must be durable comes out as changes. It opens nothing, waits for nothing and reads no clock.
//
//   offer() ... -> take_changes(), commit
//   next()      -> take_changes(), commit, then send the attempt -> answer() -> take_changes(), ...
//
// The changes must be durable before the attempt is made: a crash at any point then finds each
// event in its place, at most marked as in doubt.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sinks/delivery/backoff.hpp"
#include "sinks/delivery/endpoints.hpp"
#include "sinks/delivery/frozen.hpp"
#include "sinks/delivery/groups.hpp"
#include "sinks/delivery/limiter.hpp"
#include "sinks/delivery/message_id.hpp"
#include "sinks/delivery/quiet_hours.hpp"
#include "sinks/delivery/quota.hpp"
#include "sinks/delivery/repeat.hpp"
#include "sinks/delivery/tally.hpp"

namespace fastrsi {

// What to send, where. Good until the next call.
struct DeliveryAttempt {
  std::size_t endpoint = 0;  // its place in the settings
  std::string_view mid;
  std::string_view octets;
  std::vector<std::string_view> targets;
};

struct DeliveryStatus {
  Tallies tallies;
  std::size_t live_events = 0;
  std::size_t live = 0;     // events and deliveries: at most live_most
  std::size_t queue = 0;    // messages that are sealed and not done
  WallMs oldest_live = 0;   // created; 0: there is none
  WallMs paused_until = 0;  // 0: an endpoint may be used now
  std::optional<std::int64_t> quota_left;
  WallMs last_success = 0;    // of this process
  std::string last_error;     // likewise
  bool config_error = false;  // an endpoint refuses our credentials
  struct Endpoint {
    std::string name;
    Endpoints::Breaker breaker = Endpoints::Breaker::Closed;
    WallMs open_until = 0;
    WallMs paused_until = 0;
  };
  std::vector<Endpoint> endpoints;
};

// Owner: a driver, which must keep `composer` alive. Thread: the driver's.
class DeliverySink {
 public:
  // Builds on what a restart finds in the rows; what was under way is in doubt. Throws
  // std::runtime_error, with the mend, for settings that cannot be used.
  DeliverySink(const DeliverySettings& settings, const Composer& composer, Sha256Hex sha256,
               DeliveryRows rows, WallMs now);

  // One event of the journal. Its key, and its expiry where it has none, are set here.
  void offer(DeliveryEvent event, WallMs now);
  // Every event of the journal up to `seq` has been offered.
  void passed(std::uint64_t seq);
  // The next attempt, if one may be made now; there is none under way. The driver sends it once
  // the changes are durable.
  std::optional<DeliveryAttempt> next(WallMs now);
  // What became of the attempt; returns the same message for the next endpoint when this one
  // failed and `may_fail_over`.
  std::optional<DeliveryAttempt> answer(const SendAnswer& answer, WallMs now,
                                        bool may_fail_over = true);
  // The first moment at which next() may have something new to say; INT64_MAX: none by itself.
  WallMs wake_at(WallMs now) const;
  // A dead letter, sent once more. False when there is no room, or it waits already.
  bool requeue(MessageRow message, const std::string& target, WallMs now);

  DeliveryChanges take_changes();
  bool is_under_way() const noexcept { return flight_.has_value(); }
  std::uint64_t cursor() const noexcept { return cursor_; }
  DeliveryStatus status(WallMs now) const;
  const DeliverySettings& settings() const noexcept { return settings_; }

 private:
  struct Flight {
    std::string mid;
    std::vector<std::size_t> targets;  // places in the message's
    std::size_t endpoint = 0;
    std::vector<bool> tried;     // endpoints
    std::size_t rejections = 0;  // of the sender, by endpoints tried
    std::int64_t quota_slot = 0;
  };
  struct Candidate {
    Priority priority = Priority::Low;
    bool open = false;  // a group that is still to be sealed
    std::uint64_t place = 0;
    std::string mid;
    GroupKey group;
  };

  // delivery_restore.cpp
  void restore(DeliveryRows& rows, WallMs now);
  void restore_targets(FrozenMessage& message, WallMs now);
  // delivery_sink.cpp
  void end_event(const std::string& key, EventState state, const std::string& mid, WallMs now);
  void expire(WallMs now);
  void expire_message(FrozenMessage& message, WallMs now);
  void finish(FrozenMessage& message, WallMs now);
  void end_target(TargetRow& target, TargetState state);
  void set_dead(TargetRow& target, std::string_view reason, WallMs now);
  // delivery_pick.cpp
  std::vector<Candidate> candidates(WallMs now, Priority least) const;
  bool make_room(std::size_t wanted, std::vector<std::uint64_t>& kept, WallMs now);
  void drop(std::uint64_t place, WallMs now);
  std::vector<std::uint64_t> sealable(const GroupKey& key, Priority least, WallMs now,
                                      bool& whole_group) const;
  FrozenMessage message_of(const std::vector<std::uint64_t>& places, Envelope& envelope);
  FrozenMessage* seal(const GroupKey& key, Priority least, QuietMode quiet, WallMs now);
  std::vector<std::uint64_t> part_of_digest(GroupRow& row, std::vector<std::uint64_t> places,
                                            bool whole_group, Envelope& envelope) const;
  std::vector<DeliveryEvent> events_at(const std::vector<std::uint64_t>& places) const;
  bool begin(FrozenMessage& message, std::size_t endpoint, WallMs now);
  DeliveryAttempt attempt();
  // delivery_answer.cpp
  void note_endpoint(const SendAnswer& answer, WallMs now);
  bool settle(TargetRow& target, const TargetAnswer& answer, WallMs now);
  void put_off(TargetRow& target, const TargetAnswer& answer, const SendAnswer& whole, WallMs now);
  void log_attempt(const TargetRow& target, const TargetAnswer& answer, WallMs now);

  // Constant after construction.
  const DeliverySettings settings_;
  const Composer& composer_;
  const Sha256Hex sha256_;
  const QuietTable quiet_;

  Groups groups_;
  FrozenMessages frozen_;
  NotifiedKeys notified_;
  RateLimiter limiter_;
  RecipientQuota quota_;
  Endpoints endpoints_;
  Jitter jitter_;
  Tallies tallies_;
  DeliveryChanges changes_;
  std::optional<Flight> flight_;
  std::uint64_t next_place_ = 1;
  std::size_t live_ = 0;  // events and targets that have not come to their end
  std::uint64_t cursor_ = 0;
  WallMs last_success_ = 0;
  std::string last_error_;
};

}  // namespace fastrsi
