// The invariants I1 to I18 of DELIVERY.md, section 7.5, as one who stands beside a delivery sees
// them: by what was offered, what reached the far side, what that answered, and the rows on the
// disk. It shares no code with the sink but the names of things.
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "sinks/delivery/settings.hpp"
#include "tests/delivery_fakes.hpp"
#include "tests/delivery_rows.hpp"

namespace fastrsi::test {

// What was sent off.
struct Flight {
  std::string mid;
  std::string octets;
  std::vector<std::string> targets;
  std::size_t endpoint = 0;
  bool first = true;  // not the same message handed on to the next endpoint
};

class DeliveryChecker {
 public:
  DeliveryChecker(const DeliverySettings& settings, std::size_t capacity);

  // An event was offered, and that is durable.
  void took(const DeliveryEvent& event, WallMs at);
  // It is durable that an attempt is made: from here on nobody can tell how far it got.
  void begun(const Flight& flight, const MemoryRows& rows);
  // Before the far side sees it; `rows` are what is durable then.
  void attempted(const Flight& flight, WallMs now, const MemoryRows& rows);
  void stored(const Flight& flight, std::size_t target);
  // The answer came, and what came of it is durable.
  void answered(const Flight& flight, const SendAnswer& answer, WallMs now, const MemoryRows& rows);
  // The process ended with the flight under way, or before its answer was durable.
  void crashed(const Flight& flight);
  void committed(const MemoryRows& rows);
  // Everything has come to its end.
  void ended(const MemoryRows& rows);

  const std::vector<std::string>& violations() const noexcept { return violations_; }
  std::size_t attempts() const noexcept { return starts_.size(); }

 private:
  struct Health {
    int failures = 0;
    int openings = 0;
    WallMs open_until = 0;
    bool refused = false;
    WallMs paused_until = 0;
  };
  struct Sent {
    WallMs at = 0;
    std::string mid;
    std::int64_t count = 0;
  };
  struct Reached {
    int stored = 0;
    bool done = false;
    bool in_doubt = false;
  };

  void say(const std::string& what);
  void check_message(const Flight& flight, const ReadMessage& message, WallMs now,
                     const MemoryRows& rows);
  void check_pace(const ReadMessage& message, const MemoryRows& rows);
  void check_rates(WallMs now);
  void check_quota(const Flight& flight, Priority priority, WallMs now);
  void check_endpoint(const Flight& flight, WallMs now);
  void check_inversion(Priority priority, WallMs now, const MemoryRows& rows);
  void check_quiet(Priority priority, WallMs now);
  void note_health(const Flight& flight, const SendAnswer& answer, WallMs now);
  void check_offers(const MemoryRows& rows);
  void check_sums(const MemoryRows& rows);
  void check_order(const MemoryRows& rows);
  void check_done(const MemoryRows& rows);
  bool is_quiet(WallMs now, QuietMode mode) const;

  const DeliverySettings settings_;
  const std::size_t capacity_;
  std::vector<std::string> violations_;
  std::vector<std::pair<DeliveryEvent, WallMs>> offers_;
  std::map<std::string, std::string> octets_;         // by mid
  std::map<std::string, std::string> message_of_;     // by event key
  std::map<std::string, std::size_t> first_attempt_;  // by event key
  std::map<GroupKey, WallMs> last_frozen_;
  std::map<std::pair<std::string, std::string>, Reached> reached_;
  std::map<std::size_t, Health> health_;
  std::vector<WallMs> starts_;
  std::vector<Sent> sent_;
  std::size_t tries_ = 0;
};

}  // namespace fastrsi::test
