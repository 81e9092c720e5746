// How one sink words its messages. The names in comments are the keys of a [[sink]] (DELIVERY.md,
// section 12).
#pragma once

#include <cstdint>
#include <string>

#include "sinks/text/language.hpp"

namespace fastrsi {

enum class Digits : std::uint8_t { Latin, Native };
// Isolate: marks that keep the words of a line in their order where two reading directions meet.
enum class Bidi : std::uint8_t { None, Isolate };
enum class Prefix : std::uint8_t {
  Seed,       // "Alert: " in every language, as the expert advisor has it
  Localised,  // the language's own word
  None,
};
enum class Layout : std::uint8_t {
  Line,  // "Alert: Buy signal - BTCUSDT - ETHUSDT"
  List,  // a line a symbol, with its price and RSI
};

struct TextSettings {
  Language language = Language::English;  // language
  NameStyle names = NameStyle::Alert;     // names
  Digits digits = Digits::Latin;          // digits
  Bidi bidi = Bidi::Isolate;              // bidi
  Prefix prefix = Prefix::Localised;      // prefix
  Layout layout = Layout::Line;           // layout
  std::string zone = "UTC";               // zone
  std::string text_template;              // template; empty: the language's own text
};

}  // namespace fastrsi
