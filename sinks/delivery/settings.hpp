// What one sink is asked to do with its signals (DELIVERY.md, sections 7 and 12). Plain values,
// the key of each in its comment; the texts they are written in are read here too.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/market/record.hpp"

#include "sinks/delivery/message.hpp"

namespace fastrsi {

using Milliseconds = std::chrono::milliseconds;

// Limits that no setting moves.
inline constexpr std::size_t kDeliveryLiveMost = 1'000'000;   // max_live may not be more
inline constexpr std::size_t kNotifiedMost = 500'000;         // keys remembered; the oldest then go
inline constexpr std::size_t kOctetsHeldMost = 32ULL << 20U;  // of frozen messages of one sink
inline constexpr std::size_t kAnswerTextMost = 500;           // of a server's words
inline constexpr Milliseconds kExpiryLeast = std::chrono::minutes{5};
inline constexpr Milliseconds kExpiryMost = std::chrono::hours{24};

// A token bucket: n in each period, `burst` of them at once.
struct Rate {
  std::int64_t count = 1;
  Milliseconds period = std::chrono::seconds{1};
  std::int64_t burst = 1;
  friend bool operator==(const Rate&, const Rate&) = default;
};
// "10/1m", "1/1s+3". Nothing when it is not of that form.
std::optional<Rate> parse_rate(std::string_view text) noexcept;
std::string to_text(const Rate& rate);

// Recipients in a rolling period; the reserve is for priority high and above.
struct Quota {
  std::int64_t most = 0;  // 0: no quota
  Milliseconds period = std::chrono::hours{24};
  int reserve_percent = 10;
  friend bool operator==(const Quota&, const Quota&) = default;
};
std::optional<Quota> parse_quota(std::string_view text) noexcept;  // "480/24h"

// "30s", "5m", "24h", "1d", "250ms".
std::optional<Milliseconds> parse_duration_ms(std::string_view text) noexcept;

enum class Repeat : std::uint8_t { OncePerBarClose, OncePerBar, Once, EveryScan, Interval };

enum class QuietMode : std::uint8_t {
  None,
  Hold,    // everything waits; one digest a group at the end
  Silent,  // sent without a sound
  Drop,    // what comes then is never sent
};
struct QuietHours {
  unsigned days = 0x7F;  // bit 0: Monday; the day on which they begin
  int from = 0;          // minutes of the day by the zone's clock
  int to = 0;            // at or before `from`: of the next day
  std::string zone = "UTC";
  QuietMode mode = QuietMode::Hold;
};
// "mon-sun", "mon,wed,sat-sun".
std::optional<unsigned> parse_days(std::string_view text) noexcept;
std::optional<int> parse_clock(std::string_view text) noexcept;  // "23:00", also "24:00"
std::optional<QuietMode> quiet_mode_from_text(std::string_view text) noexcept;

// Signals that matter more or less than others: those to which all of these apply.
struct PriorityRule {
  Priority level = Priority::High;
  KindSet kinds = kAllKinds;
  std::vector<std::string> symbols{"*"};     // globs
  std::vector<std::string> timeframes{"*"};  // globs
};

struct Backoff {
  Milliseconds base = std::chrono::seconds{5};
  Milliseconds cap = std::chrono::minutes{15};  // smtp: 30 minutes
  Milliseconds first_least = Milliseconds{0};   // smtp: a greylist wants 60 s
  std::uint32_t attempts_most = 30;             // then it is dead
};

struct DeliverySettings {
  std::string sink;                               // sink.name
  KindSet kinds = kAllKinds;                      // sink.kinds
  KindSet first_load_kinds = kAllKinds;           // sink.first_load: the eight other switches
  std::vector<Stage> stages{Stage::Provisional};  // sink.stages
  std::vector<std::string> symbols{"*"};          // sink.symbols: globs
  std::vector<std::string> exclude;               // sink.exclude: globs
  std::vector<std::string> timeframes{"*"};       // sink.timeframes: globs
  std::vector<PriorityRule> priorities;           // sink.priority: the first that fits says it
  Priority least = Priority::Low;                 // sink.least
  bool automatic = true;                          // sink.automatic: what fires by itself

  Repeat repeat = Repeat::OncePerBar;  // sink.repeat
  Milliseconds repeat_interval{0};     // of Repeat::Interval

  Milliseconds group_wait = std::chrono::seconds{30};     // sink.group_wait
  Milliseconds group_interval = std::chrono::minutes{5};  // sink.group_interval
  std::size_t symbols_most = 500;                         // sink.max_symbols: in one message
  std::optional<Milliseconds> expires;                    // sink.expires; none: "auto"

  std::vector<Rate> rates{Rate{}};        // sink.rate: all must allow
  Quota quota;                            // sink.quota
  std::vector<QuietHours> quiet;          // sink.quiet_hours
  Backoff backoff;                        //
  std::size_t live_most = 10'000;         // sink.max_live: events and deliveries together
  bool assume_sent = false;               // in doubt counts as sent
  bool dry_run = false;                   // sink.dry_run
  std::vector<std::string> targets;       // recipients, chats, topics; at least one
  std::vector<std::string> endpoints;     // names, the primary first; at least one
  std::vector<std::size_t> targets_most;  // a shipment, by endpoint; empty: 1 each
  std::uint64_t seed = 1;                 // of the jitter
};

// Throws std::runtime_error, with the mend, when they cannot be used.
void check(const DeliverySettings& settings);

}  // namespace fastrsi
