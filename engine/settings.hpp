// What a rule and an engine can be told. Defaults stand beside each field, its key in its comment;
// tools/ maps TOML onto these.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/units.hpp"
#include "engine/market/record.hpp"
#include "engine/market/timeframe.hpp"

namespace fastrsi {

enum class Evaluate : std::uint8_t { Forming, Close };
enum class ApplyTo : std::uint8_t { Close, Open, High, Low, Median, Typical, Weighted };
enum class Profile : std::uint8_t { Mt5, TradingView, TaLib };
enum class EmptyBars : std::uint8_t { Skip, Carry };
enum class TrendRule : std::uint8_t { TwoBack, Both, Monotone };
enum class OncePer : std::uint8_t { Bar, None };
enum class AutoMode : std::uint8_t { Edge, Scan };

inline constexpr int kWarmupAuto = 0;
inline constexpr int kPeriodMin = 2;
inline constexpr int kPeriodMax = 1000;
inline constexpr int kShardsMax = 256;

// One [[rule]] (INTERFACE.md, section 2).
struct RuleSettings {
  std::string name = "tars";                 // name
  std::vector<std::string> symbols = {"*"};  // symbols: globs over venue:symbol
  std::vector<Timeframe> timeframes = {Timeframe::M1, Timeframe::H1, Timeframe::D1};  // timeframes
  Evaluate evaluate = Evaluate::Forming;                                              // evaluate
  ApplyTo apply_to = ApplyTo::Close;                                                  // apply_to
  Profile profile = Profile::Mt5;                                                     // profile
  int warmup_bars = kWarmupAuto;                        // warmup_bars: auto, or closed bars
  EmptyBars empty_bars = EmptyBars::Skip;               // empty_bars
  int period_default = 14;                              // rsi.default
  int period_first = 2;                                 // rsi.first
  int period_second = 12;                               // rsi.second
  double level_middle = 50.0;                           // levels.middle
  double level_overbought = 70.0;                       // levels.overbought
  double level_oversold = 30.0;                         // levels.oversold
  int cross_lookback = 1;                               // cross.lookback: 1 or 2
  bool cross_filter = false;                            // cross.filter
  TrendRule trend_rule = TrendRule::TwoBack;            // trend.rule
  OncePer once_per = OncePer::Bar;                      // edge.once_per
  double hysteresis = 0.0;                              // edge.hysteresis, RSI points
  Nanoseconds cooldown{0};                              // edge.cooldown
  Nanoseconds repeat_every{0};                          // edge.repeat_every; 0: never
  KindSet first_load_kinds = kAllKinds;                 // first_load.kinds
  std::vector<std::string> first_load_sinks = {"log"};  // first_load.sinks
  bool auto_enabled = true;                             // auto.enabled
  AutoMode auto_mode = AutoMode::Edge;                  // auto.mode
  Nanoseconds auto_every = std::chrono::minutes{5};     // auto.every
  KindSet auto_kinds = kAllKinds;                       // auto.kinds
};

// [engine]
struct EngineSettings {
  int shards = 1;                                      // shards; 0: one per core
  Nanoseconds grace = std::chrono::milliseconds{250};  // grace
  Nanoseconds silence = std::chrono::seconds{10};      // silence
  bool flip_bands = true;          // not a key: tests and benchmarks switch it off
  std::size_t ring_ticks = 16;     // not a key: newest ticks kept readable a symbol, a power of two
  std::size_t symbols_max = 4096;  // not a key: symbols of one shard
};

}  // namespace fastrsi
