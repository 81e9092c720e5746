// The plain text of a mail: a heading, then a line a symbol.
#include "sinks/text/mail_body.hpp"
#include "sinks/text/numbers.hpp"

namespace fastrsi {

std::string mail_text(const Digest& digest, const Envelope& envelope, const Wording& wording) {
  std::string out;
  for (const DigestSection& section : digest.sections) {
    out.append(wording.heading(digest, section, envelope)).append("\n");
    out.append(wording.line_start()).append(wording.timeframe(digest.timeframe)).append("\n\n");
    for (const DigestEntry& entry : section.entries) {
      const DeliveryEvent& event = *entry.event;
      out.append(wording.line_start()).append(wording.name(entry.name)).append("  ");
      out.append(wording.number(price_text(event.price.value))).append("  ");
      out.append(wording.lexicon().rsi).append(" ");
      out.append(wording.number(rsi_text(shown_rsi(event)))).append("  ");
      out.append(wording.time(event.time)).append("\n");
    }
    out += "\n";
  }
  if (envelope.dropped > 0) {
    out.append(wording.line_start()).append("… ").append(wording.and_more(envelope.dropped));
    out += "\n\n";
  }
  return out.append("-- \nfastrsi\n");
}

}  // namespace fastrsi
