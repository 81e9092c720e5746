// What must outlive the process of one sink's delivery, as rows, and the changes that a step of it
// makes to them (DELIVERY.md, section 7.6). A driver commits the changes before their effect leaves
// the machine; a restart builds everything anew from the rows.
//
// Targets, endpoints and buckets go by name, never by their place in a list: a configuration that
// was changed meanwhile must not send one person's message to another.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <variant>
#include <vector>

#include "sinks/delivery/message.hpp"
#include "sinks/delivery/transport.hpp"

namespace fastrsi {

enum class EventState : std::uint8_t { Collecting, Frozen, Done, Dead, Expired, Dropped };
std::string_view to_text(EventState state) noexcept;
constexpr bool is_live(EventState state) noexcept {
  return state == EventState::Collecting || state == EventState::Frozen;
}

enum class TargetState : std::uint8_t { Wait, InFlight, Done, Dead, Expired };
std::string_view to_text(TargetState state) noexcept;
constexpr bool is_live(TargetState state) noexcept {
  return state == TargetState::Wait || state == TargetState::InFlight;
}

// A group: what is collected into one digest.
struct GroupKey {
  Kind kind = Kind::Buy;
  Timeframe timeframe = Timeframe::M1;
  Stage stage = Stage::Provisional;
  friend bool operator==(const GroupKey&, const GroupKey&) = default;
  friend bool operator<(const GroupKey& a, const GroupKey& b) noexcept {
    return std::tie(a.kind, a.timeframe, a.stage) < std::tie(b.kind, b.timeframe, b.stage);
  }
};

struct EventRow {
  std::uint64_t place = 0;  // the order in which events were taken; over all groups
  DeliveryEvent event;
  EventState state = EventState::Collecting;
  std::string mid;  // of its message, from Frozen on
};
// An event's later states; the rest of its row stays.
struct EventMove {
  std::string key;
  EventState state = EventState::Frozen;
  std::string mid;
  WallMs at = 0;
};
struct MessageRow {
  std::string mid;
  std::uint64_t place = 0;  // of its first event
  GroupKey group;
  Priority priority = Priority::Normal;
  WallMs frozen = 0;
  WallMs expires = 0;
  std::size_t part = 1;
  std::size_t parts = 1;
  bool silent = false;
  std::string octets;
};
// No target waits any more. The octets go, unless a dead letter needs them.
struct MessageEnd {
  std::string mid;
  WallMs at = 0;
  bool keep_octets = false;
};
struct TargetRow {
  std::string mid;
  std::string target;
  TargetState state = TargetState::Wait;
  WallMs due = 0;
  std::uint32_t attempts = 0;
  bool in_doubt = false;
  int last_code = 0;
  std::string last_text;
};
struct GroupRow {
  GroupKey group;
  WallMs last_sent = 0;          // 0: never
  std::size_t part = 0;          // of the digest under way; 0: none is
  std::size_t parts = 0;         //
  std::uint64_t last_place = 0;  // of the digest's last event
  std::size_t dropped = 0;       // given up since the last digest
};
struct LimiterRow {
  std::string bucket;
  std::int64_t tat_us = 0;
};
struct PauseRow {
  std::string endpoint;
  WallMs until = 0;
  std::uint32_t step = 0;  // pauses in a row
};
struct StampRow {
  std::int64_t slot = 0;
  WallMs at = 0;
  std::int64_t count = 0;  // 0: the row goes
};
struct BreakerRow {
  std::string endpoint;
  std::uint32_t failures = 0;  // in a row
  std::uint32_t step = 0;      // openings in a row
  WallMs until = 0;            // 0: closed
  bool refused = false;        // by its credentials
};
struct NotifiedRow {
  std::string key;
  WallMs until = 0;  // 0: the row goes
};
struct TallyRow {
  std::string name;
  std::uint64_t count = 0;
};
struct DeadRow {
  std::string mid;
  std::string target;
  std::string reason;
  WallMs at = 0;
  int code = 0;
  std::string text;
};
// It was sent once more, or given up for good.
struct DeadGone {
  std::string mid;
  std::string target;
};
// What became of one attempt: for `why`.
struct AttemptRow {
  std::string mid;
  std::string target;
  WallMs at = 0;
  std::string endpoint;
  Outcome outcome = Outcome::Done;
  int code = 0;
  std::string text;
};
struct CursorRow {
  std::uint64_t seq = 0;
};

using DeliveryChange =
    std::variant<EventRow, EventMove, MessageRow, MessageEnd, TargetRow, GroupRow, LimiterRow,
                 PauseRow, StampRow, BreakerRow, NotifiedRow, TallyRow, DeadRow, DeadGone,
                 AttemptRow, CursorRow>;
using DeliveryChanges = std::vector<DeliveryChange>;

// All live rows of one sink, as a restart reads them.
struct DeliveryRows {
  std::vector<EventRow> events;      // live ones
  std::vector<MessageRow> messages;  // with a live target
  std::vector<TargetRow> targets;    // all of these messages
  std::vector<GroupRow> groups;
  std::vector<LimiterRow> limiters;
  std::vector<PauseRow> pauses;
  std::vector<StampRow> stamps;
  std::vector<BreakerRow> breakers;
  std::vector<NotifiedRow> notified;
  std::vector<TallyRow> tallies;
  std::uint64_t cursor = 0;
  bool known = false;  // whether the sink has been here before
};

}  // namespace fastrsi
