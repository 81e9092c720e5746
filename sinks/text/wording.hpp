// Puts a digest into the words of one sink: its language, digits, reading direction and zone.
// Plain text throughout: what a channel's syntax needs is escaped by whoever puts it there.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "sinks/text/digest.hpp"
#include "sinks/text/text_settings.hpp"
#include "sinks/text/zone.hpp"

namespace fastrsi {

inline constexpr std::string_view kRightToLeftMark = "\u200F";
inline constexpr std::string_view kIsolate = "\u2068";     // first strong isolate
inline constexpr std::string_view kIsolateEnd = "\u2069";  // pop directional isolate

// A text in two pieces: channels show the heading in bold where they can.
struct WordedText {
  std::string heading;
  std::string rest;
};

// Immutable after construction: any thread may call.
class Wording {
 public:
  // Throws std::invalid_argument for a zone that is not known.
  explicit Wording(const TextSettings& settings);

  const Lexicon& lexicon() const noexcept { return lexicon_; }
  const TextZone& zone() const noexcept { return zone_; }
  Language language() const noexcept { return settings_.language; }

  // One word or value, isolated where the reading direction asks for it.
  std::string name(std::string_view name) const;
  std::string number(std::string_view number) const;
  std::string time(ExchangeTime time) const;
  std::string timeframe(Timeframe timeframe) const;  // "5 minutes"
  std::string code(Timeframe timeframe) const;       // "5m"

  // The same without isolates: for where the markup isolates.
  std::string bare_number(std::string_view number) const;
  std::string bare_time(ExchangeTime time) const;

  // "Buy signal", and "Buy signal (retracted)" for what is not provisional.
  std::string signal(Kind kind, Stage stage) const;
  // "Alert: Buy signal (2/3)"
  std::string heading(const Digest& digest, const DigestSection& section,
                      const Envelope& envelope) const;
  // " - BTCUSDT - ETHUSDT"
  std::string joined(const DigestSection& section) const;
  // " … +3", or nothing.
  std::string dropped(const Envelope& envelope) const;
  std::string and_more(std::size_t count) const;
  // "Alert: Buy signal - BTCUSDT - ETHUSDT", a line a stage.
  std::string alert_lines(const Digest& digest, const Envelope& envelope) const;
  // "Buy signal (2) 1h": of notifications; a mail's subject after its tag.
  std::string title(const Digest& digest, const Envelope& envelope) const;
  // What a chat is sent, in the layout of the settings.
  WordedText text(const Digest& digest, const Envelope& envelope) const;

  // Starts a line the right way round.
  std::string_view line_start() const noexcept;

 private:
  std::string isolated(std::string text) const;
  std::string part_marker(const Envelope& envelope) const;
  std::string list(const DigestSection& section) const;
  std::string values(const DeliveryEvent& event) const;

  const TextSettings settings_;
  const Lexicon& lexicon_;  // compiled in
  const TextZone zone_;
};

// The RSI a person is shown: of the rule's default period.
double shown_rsi(const DeliveryEvent& event) noexcept;

// Ends every isolate in the line it began in, and takes away ends without a beginning: what a cut
// may have left open.
std::string with_isolates_closed(std::string_view text);

}  // namespace fastrsi
