// The edge of each kind of one (rule, symbol, timeframe): unknown, inactive or active (SIGNALS.md,
// section 5).
#pragma once

#include <array>
#include <cstdint>

#include "engine/rule.hpp"

namespace fastrsi {

// What has fired in one bar.
struct BarFirings {
  KindSet kinds = 0;
  std::array<std::uint32_t, kKindCount> fired{};
  std::array<std::uint64_t, kKindCount> repeated{};
};

// Owner: one watch. A kind is unknown while its bit in `known` is clear.
struct EdgeState {
  KindSet known = 0;
  KindSet active = 0;
  KindSet truth = 0;        // section 4's conditions at the latest evaluation, without hysteresis;
                            // of a kind asleep perhaps older than the last price
  KindSet fired_kinds = 0;  // those with firings in the bar under evaluation
  std::array<std::uint32_t, kKindCount> fired{};  // how many
  std::array<ExchangeTime, kKindCount> last_firing;
  std::array<std::uint64_t, kKindCount>
      repeated{};  // bit n - 1: the bar's n-th firing was a repeat

  // Whether the n-th firing in this bar was a repeat; more than 64 in one bar are repeats.
  bool is_repeat(std::size_t kind, std::uint32_t n) const noexcept {
    return n > 64 || (repeated[kind] >> (n - 1) & 1U) != 0;
  }
  void begin_bar() noexcept {
    if (fired_kinds == 0) return;
    fired_kinds = 0;
    fired.fill(0);
    repeated.fill(0);
  }

  // Of the bar under evaluation; none are left.
  BarFirings take_firings() noexcept {
    const BarFirings firings{fired_kinds, fired, repeated};
    begin_bar();
    return firings;
  }
  // That bar is under evaluation again.
  void put_firings(const BarFirings& firings) noexcept {
    fired_kinds = firings.kinds;
    fired = firings.fired;
    repeated = firings.repeated;
  }

  EdgeState() noexcept { last_firing.fill(kNoExchangeTime); }
};

struct Firings {
  KindSet edges = 0;
  KindSet repeats = 0;
};

// One evaluation: moves every known kind to its truth and says which fire. Counts the firings it
// reports.
Firings step(const Rule& rule, EdgeState& state, KindSet known, const RuleValues& values,
             ExchangeTime time) noexcept;

// Kinds whose condition may flip without a firing, now or later in this bar, being lost or gained:
// those that have fired where a bar has one firing, and those that do not fire at all. Their truth
// is only needed again at the bar's end and in lists.
KindSet asleep(const Rule& rule, const EdgeState& state) noexcept;

// Takes over the truths of values that were not stepped through because only kinds asleep differ.
void wake(EdgeState& state, KindSet truth) noexcept;

// When the next repeat is due while nothing changes; kNeverExchangeTime when none will be.
ExchangeTime next_repeat(const Rule& rule, const EdgeState& state) noexcept;

}  // namespace fastrsi
