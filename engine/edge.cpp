#include "engine/edge.hpp"

#include <algorithm>

namespace fastrsi {
namespace {

KindSet and_of(KindSet a, KindSet b) noexcept {
  return static_cast<KindSet>(a & b);
}
KindSet without(KindSet a, KindSet b) noexcept {
  return static_cast<KindSet>(a & ~b);
}

Nanoseconds since(ExchangeTime then, ExchangeTime now) noexcept {
  return std::max(now - then, Nanoseconds{0});
}

bool edge_is_suppressed(const RuleSettings& settings, const EdgeState& state, std::size_t kind,
                        ExchangeTime time) noexcept {
  if (settings.once_per == OncePer::Bar && state.fired[kind] > 0) return true;
  const ExchangeTime last = state.last_firing[kind];
  return last != kNoExchangeTime && since(last, time) < settings.cooldown;
}

Nanoseconds repeat_wait(const RuleSettings& settings) noexcept {
  return std::max(settings.repeat_every, settings.cooldown);
}

bool repeat_is_due(const RuleSettings& settings, const EdgeState& state, std::size_t kind,
                   ExchangeTime time) noexcept {
  const ExchangeTime last = state.last_firing[kind];
  return last != kNoExchangeTime && since(last, time) >= repeat_wait(settings);
}

}  // namespace

Firings step(const Rule& rule, EdgeState& state, KindSet known, const RuleValues& values,
             ExchangeTime time) noexcept {
  const KindSet truth = and_of(rule.truths(values), known);
  const KindSet active = static_cast<KindSet>(truth | (state.active & rule.staying(values)));
  const KindSet risen =
      and_of(without(active, state.active), and_of(state.known, rule.firing_kinds));
  state.truth = truth;
  state.known = known;
  state.active = active;
  const bool repeating = rule.settings.repeat_every > Nanoseconds{0};
  const KindSet candidates = repeating ? and_of(active, rule.firing_kinds) : risen;
  Firings firings;
  for_each_kind(candidates, [&](std::size_t kind) {
    const auto bit = static_cast<KindSet>(1U << kind);
    if ((risen & bit) != 0) {
      if (edge_is_suppressed(rule.settings, state, kind, time)) return;
      firings.edges = static_cast<KindSet>(firings.edges | bit);
    } else {
      if (!repeat_is_due(rule.settings, state, kind, time)) return;
      firings.repeats = static_cast<KindSet>(firings.repeats | bit);
      if (state.fired[kind] < 64) state.repeated[kind] |= std::uint64_t{1} << state.fired[kind];
    }
    ++state.fired[kind];
    state.fired_kinds = static_cast<KindSet>(state.fired_kinds | bit);
    state.last_firing[kind] = time;
  });
  return firings;
}

// With hysteresis the way counts, and repeats go on whatever has fired.
KindSet asleep(const Rule& rule, const EdgeState& state) noexcept {
  const RuleSettings& settings = rule.settings;
  if (settings.hysteresis > 0.0 || settings.repeat_every > Nanoseconds{0}) return 0;
  const KindSet silent = without(kAllKinds, rule.firing_kinds);
  if (settings.once_per != OncePer::Bar) return silent;
  return static_cast<KindSet>(silent | state.fired_kinds);
}

void wake(EdgeState& state, KindSet truth) noexcept {
  state.truth = and_of(truth, state.known);
  state.active = state.truth;
}

ExchangeTime next_repeat(const Rule& rule, const EdgeState& state) noexcept {
  ExchangeTime due = kNeverExchangeTime;
  if (rule.settings.repeat_every <= Nanoseconds{0}) return due;
  for_each_kind(and_of(state.active, rule.firing_kinds), [&](std::size_t kind) {
    if (state.last_firing[kind] == kNoExchangeTime) return;
    due = std::min(due, state.last_firing[kind] + repeat_wait(rule.settings));
  });
  return due;
}

}  // namespace fastrsi
