// The words messages are made of, in four languages (DELIVERY.md, section 8.1): one table a
// language, all of one shape, so that a language lacks no word.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "engine/market/record.hpp"

namespace fastrsi {

enum class Language : std::uint8_t { English, Persian, Urdu, Hindi };
inline constexpr std::size_t kLanguageCount = 4;

// The expert advisor names a signal in three places, not always alike.
enum class NameStyle : std::uint8_t { Settings, Formula, Alert };

std::string_view to_text(Language language) noexcept;  // "fa"
std::optional<Language> language_from_text(std::string_view text) noexcept;

struct SignalNames {
  std::string_view settings;
  std::string_view formula;
  std::string_view alert;
};

// "1 minute", "5 minutes".
struct UnitWords {
  std::string_view one;
  std::string_view many;
};

// What stands in place of the digits and signs of a Latin number.
struct NumberSigns {
  char32_t zero;  // the nine others follow it
  std::string_view decimal;
  std::string_view group;
  std::string_view percent;
};

// Immutable, compiled in.
struct Lexicon {
  bool right_to_left;
  std::array<SignalNames, kKindCount> signals;  // in the order of Kind
  std::string_view prefix;                      // "Alert", without the colon
  std::array<UnitWords, 6> units;               // second minute hour day week month
  std::array<std::string_view, 3> stages;       // in the order of Stage
  std::array<std::string_view, 5> qualities;    // in the order of Quality
  std::array<std::string_view, 2> reasons;      // in the order of ListReason
  // Headings of a table.
  std::string_view symbol;
  std::string_view price;
  std::string_view rsi;
  std::string_view time;
  std::string_view timeframe;
  // "and {} more": the number takes the place of the braces.
  std::string_view and_more;
  // "{} symbols"
  UnitWords symbols;
  NumberSigns native;
};

const Lexicon& lexicon_of(Language language) noexcept;

std::string_view signal_name(Language language, Kind kind,
                             NameStyle style = NameStyle::Alert) noexcept;

// One table a file.
extern const Lexicon kEnglish;
extern const Lexicon kPersian;
extern const Lexicon kUrdu;
extern const Lexicon kHindi;

}  // namespace fastrsi
