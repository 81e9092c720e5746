// A rule made ready to run: settings, label, and from when on each of its conditions can be
// evaluated.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "engine/market/record.hpp"
#include "engine/settings.hpp"

namespace fastrsi {

// What the conditions of one (rule, symbol, timeframe) read: r(n)[k] with flat values already
// priced by the profile.
struct RuleValues {
  double d0, d1, d2;  // default period at bars 0, 1, 2
  double f0, fl;      // first period at bars 0 and L
  double s0, sl;      // second period at bars 0 and L
};

// Immutable after construction; signals point at its label.
struct Rule {
  explicit Rule(const RuleSettings& rule_settings);

  RuleSettings settings;
  RuleLabel label;
  double flat_value;  // what a flat series is worth by profile
  std::array<std::uint64_t, kKindCount>
      gate;                  // closed bars from which each kind is warm (DECISIONS.md, D13)
  std::uint64_t first_gate;  // the smallest of them
  KindSet firing_kinds;      // kinds that may fire; none when automatic sending is off or a scan

  // True when one of the rule's globs matches "venue:symbol".
  bool matches(std::string_view full_name) const;

  // Kinds that are warm with this many bars closed (with bar 0 for evaluate = close, without it
  // while it is forming).
  KindSet known_at(std::uint64_t closed) const noexcept;

  // Kinds whose condition is true (SIGNALS.md, section 4).
  KindSet truths(const RuleValues& values) const noexcept;

  // Kinds an active condition of which hysteresis keeps active (DECISIONS.md, D15); none without
  // hysteresis.
  KindSet staying(const RuleValues& values) const noexcept;
};

// Closed bars before a period is warm: what the settings say, or ceil(9.21 n) + n + 1 (SIGNALS.md,
// section 3).
std::uint64_t warmup_bars(int setting, int period) noexcept;

}  // namespace fastrsi
