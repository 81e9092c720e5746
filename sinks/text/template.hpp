// Texts of the user's own, with names in double braces:
//
//   template = *( literal | "{{" *" " name *" " "}}" )
//
//   {{signal}} {{symbols}} on {{timeframe}}: {{price}}, RSI {{rsi}}
//
// Plain substitution and nothing else: no formats, no conditions, no nesting, so that a template
// can neither fail nor grow beyond its values after it was read. Names of TradingView's alerts
// ({{ticker}} {{interval}} {{close}} {{timenow}} {{exchange}}) give what its own would.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "sinks/text/escape.hpp"
#include "sinks/text/wording.hpp"

namespace fastrsi {

inline constexpr std::size_t kTemplateBytesMax = 64 * 1024;
inline constexpr std::size_t kTemplateNamesMax = 64;  // places to fill, repeated ones counted

enum class TemplateName : std::uint8_t {
  Signal,         // Buy signal
  Symbols,        // BTCUSDT - ETHUSDT
  Timeframe,      // 1h
  TimeframeName,  // 1 hour
  Price,          // of each symbol, joined as the symbols are
  Rsi,            // likewise
  Time,           // of the latest signal, in the sink's zone
  Count,          // of symbols
  Kind,           // buy
  Stage,          // the language's word
  Rule,           //
  Venue,          //
  Prefix,         // Alert
  Alert,          // the whole line: Alert: Buy signal - BTCUSDT - ETHUSDT
  Part,           //
  Parts,          //
  More,           // and 3 more; nothing when no symbol was given up
  Ticker,         // TradingView's: the symbol as the venue has it
  Interval,       // 60 for 1h, 1D for 1d
  Close,          // the price in Latin digits
  Timenow,        // 2024-08-08T23:54:12Z
  Exchange,       // the venue
};

// Immutable after construction: any thread may call.
class TextTemplate {
 public:
  // Throws std::invalid_argument: "template:2:7: {{pirce}} is not known, did you mean {{price}}?"
  explicit TextTemplate(std::string_view source);

  // Literals stay as they are; values are escaped.
  std::string render(const Digest& digest, const Envelope& envelope, const Wording& wording,
                     Escape escape) const;

 private:
  struct Piece {
    std::string literal;  // before the name
    TemplateName name;
  };
  std::vector<Piece> pieces_;
  std::string tail_;
};

// The value of one name.
std::string value_of(TemplateName name, const Digest& digest, const Envelope& envelope,
                     const Wording& wording);

}  // namespace fastrsi
