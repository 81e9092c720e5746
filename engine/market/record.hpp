// What the engine says: signals and lists (SIGNALS.md, sections 4 to 6). Values only: a sink, a
// queue or a second machine can hold them without an engine.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/units.hpp"
#include "engine/market/symbol.hpp"
#include "engine/market/timeframe.hpp"

namespace fastrsi {

enum class Kind : std::uint8_t {
  Buy,
  Sell,
  Overbought,
  Oversold,
  Rising,
  Falling,
  PhaseUp,
  PhaseDown,
};
inline constexpr std::size_t kKindCount = 8;
enum class Stage : std::uint8_t { Provisional, Confirmed, Retracted };
enum class Quality : std::uint8_t { Complete, Gap, Late, Repaired, Partial };
enum class ListReason : std::uint8_t { FirstLoad, Scan };

std::string_view to_text(Kind kind) noexcept;          // "phase_up"
std::string_view to_title(Kind kind) noexcept;         // "Overbought": for people
std::string_view to_text(Stage stage) noexcept;        // "provisional"
std::string_view to_text(Quality quality) noexcept;    // "complete"
std::string_view to_text(ListReason reason) noexcept;  // "first_load"
std::optional<Kind> kind_from_text(std::string_view text) noexcept;

// A set of kinds: the eight switches of a rule or a sink.
using KindSet = std::uint8_t;
inline constexpr KindSet kAllKinds = 0xFF;
constexpr KindSet set_of(Kind kind) noexcept {
  return static_cast<KindSet>(1U << static_cast<unsigned>(kind));
}
constexpr bool contains(KindSet set, Kind kind) noexcept {
  return (set & set_of(kind)) != 0;
}

// visit(std::size_t kind) for each, in their order.
template <typename Visit>
void for_each_kind(KindSet set, Visit&& visit) {
  for (unsigned left = set; left != 0; left &= left - 1) {
    visit(static_cast<std::size_t>(std::countr_zero(left)));
  }
}

// What a record says of its rule. Immutable once made; lives as long as the engine that made it.
struct RuleLabel {
  std::string name;
  int default_period = 14;
  int first_period = 2;
  int second_period = 12;
};

// RSI values at bar 0; NaN where a period has no value so far.
struct RsiValues {
  double by_default = 0.0;
  double by_first = 0.0;
  double by_second = 0.0;
};

struct Signal {
  const RuleLabel* rule = nullptr;
  const Symbol* symbol = nullptr;
  ExchangeTime bar_open;
  ExchangeTime
      time;  // of the tick that fired it; for a firing or follow-up at a close, the bar's end
  ReceiveTime received;  // of the frame that caused it
  Price price;           // bar 0's close at that moment
  RsiValues rsi;
  std::uint32_t firing = 1;  // n of the id: counts the firings of this kind in this bar from 1
  Timeframe timeframe = Timeframe::M1;
  Kind kind = Kind::Buy;
  Stage stage = Stage::Provisional;
  Quality quality = Quality::Complete;
  bool repeat = false;
  // It became true while nobody was looking: found at the first look after a break in the input.
  bool offline = false;
};

// One list: the symbols for which a kind is true at `time`, names ascending by bytes, each once.
struct Snapshot {
  ListReason reason = ListReason::FirstLoad;
  const RuleLabel* rule = nullptr;
  Kind kind = Kind::Buy;
  Timeframe timeframe = Timeframe::M1;
  ExchangeTime time;
  std::vector<const Symbol*> symbols;
};

// "tars/binance:BTCUSDT/1m/buy/2024-08-08T23:54:00Z/1"
std::string signal_id(const Signal& signal);

// "2024-08-08T23:54:12.345000000Z", and without the fraction for bar opens.
std::string to_iso_ns(ExchangeTime time);
std::string to_iso_seconds(ExchangeTime time);

// The record as one JSON object without a line end, keys in the order of SIGNALS.md, section 6.
std::string to_json(const Signal& signal);
std::string to_json(const Snapshot& snapshot);

// The canonical order of an export: (time, rule, venue, symbol, timeframe, kind, stage), then
// firing. Names go by their bytes; timeframes, kinds and stages in the order of their enums.
bool canonical_less(const Signal& a, const Signal& b) noexcept;

}  // namespace fastrsi
