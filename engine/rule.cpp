#include "engine/rule.hpp"

#include <fnmatch.h>

#include <algorithm>
#include <string>

namespace fastrsi {
namespace {

double flat_value_of(Profile profile) noexcept {
  switch (profile) {
    case Profile::Mt5:
      return 50.0;
    case Profile::TradingView:
      return 100.0;
    case Profile::TaLib:
      return 0.0;
  }
  return 50.0;
}

KindSet when(bool truth, Kind kind) noexcept {
  return truth ? set_of(kind) : KindSet{0};
}

std::array<std::uint64_t, kKindCount> gates_of(const RuleSettings& settings) {
  const auto lookback = static_cast<std::uint64_t>(settings.cross_lookback);
  // While bar 0 is forming, bar 1 is the newest closed one: each k costs one bar less.
  const std::uint64_t forming = settings.evaluate == Evaluate::Forming ? 1 : 0;
  const std::uint64_t by_default = warmup_bars(settings.warmup_bars, settings.period_default);
  const std::uint64_t by_cross =
      std::max(warmup_bars(settings.warmup_bars, settings.period_first),
               warmup_bars(settings.warmup_bars, settings.period_second));
  const std::uint64_t crossing = std::max(by_cross + lookback - forming,
                                          settings.cross_filter ? by_default : std::uint64_t{0});
  const std::uint64_t trend = by_default + 2 - forming;
  const std::uint64_t phase = by_default + lookback - forming;
  return {crossing, crossing, by_default, by_default, trend, trend, phase, phase};
}

}  // namespace

std::uint64_t warmup_bars(int setting, int period) noexcept {
  const auto n = static_cast<std::uint64_t>(period);
  if (setting != kWarmupAuto) return std::max(static_cast<std::uint64_t>(setting), n + 1);
  return (921 * n + 99) / 100 + n + 1;
}

Rule::Rule(const RuleSettings& rule_settings)
    : settings(rule_settings),
      label{settings.name, settings.period_default, settings.period_first, settings.period_second},
      flat_value(flat_value_of(settings.profile)),
      gate(gates_of(settings)),
      first_gate(*std::min_element(gate.begin(), gate.end())),
      firing_kinds(settings.auto_enabled && settings.auto_mode == AutoMode::Edge
                       ? settings.auto_kinds
                       : KindSet{0}) {}

bool Rule::matches(std::string_view full_name) const {
  const std::string name(full_name);
  return std::any_of(
      settings.symbols.begin(), settings.symbols.end(),
      [&](const std::string& glob) { return fnmatch(glob.c_str(), name.c_str(), 0) == 0; });
}

KindSet Rule::known_at(std::uint64_t closed) const noexcept {
  KindSet known = 0;
  for (std::size_t kind = 0; kind < kKindCount; ++kind) {
    if (closed >= gate[kind]) known = static_cast<KindSet>(known | (1U << kind));
  }
  return known;
}

KindSet Rule::truths(const RuleValues& v) const noexcept {
  const RuleSettings& s = settings;
  const bool low_enough = !s.cross_filter || v.d0 <= s.level_oversold;
  const bool high_enough = !s.cross_filter || v.d0 >= s.level_overbought;
  bool rising = v.d0 > v.d2;
  bool falling = v.d0 < v.d2;
  if (s.trend_rule == TrendRule::Both) {
    rising = rising && v.d0 > v.d1;
    falling = falling && v.d0 < v.d1;
  } else if (s.trend_rule == TrendRule::Monotone) {
    rising = v.d0 > v.d1 && v.d1 > v.d2;
    falling = v.d0 < v.d1 && v.d1 < v.d2;
  }
  const double before = s.cross_lookback == 1 ? v.d1 : v.d2;
  return static_cast<KindSet>(
      when(v.f0 > v.s0 && v.fl <= v.sl && low_enough, Kind::Buy) |
      when(v.f0 < v.s0 && v.fl >= v.sl && high_enough, Kind::Sell) |
      when(v.d0 > s.level_overbought, Kind::Overbought) |
      when(v.d0 < s.level_oversold, Kind::Oversold) | when(rising, Kind::Rising) |
      when(falling, Kind::Falling) |
      when(v.d0 > s.level_middle && before <= s.level_middle, Kind::PhaseUp) |
      when(v.d0 < s.level_middle && before >= s.level_middle, Kind::PhaseDown));
}

KindSet Rule::staying(const RuleValues& v) const noexcept {
  const double h = settings.hysteresis;
  if (!(h > 0.0)) return 0;
  return static_cast<KindSet>(when(v.f0 > v.s0 - h, Kind::Buy) | when(v.f0 < v.s0 + h, Kind::Sell) |
                              when(v.d0 > settings.level_overbought - h, Kind::Overbought) |
                              when(v.d0 < settings.level_oversold + h, Kind::Oversold) |
                              when(v.d0 > v.d2 - h, Kind::Rising) |
                              when(v.d0 < v.d2 + h, Kind::Falling) |
                              when(v.d0 > settings.level_middle - h, Kind::PhaseUp) |
                              when(v.d0 < settings.level_middle + h, Kind::PhaseDown));
}

}  // namespace fastrsi
