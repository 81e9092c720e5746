// What each name of a template stands for.
#include <fmt/format.h>

#include <chrono>
#include <string>

#include "engine/base/assert.hpp"
#include "sinks/text/numbers.hpp"
#include "sinks/text/sanitise.hpp"
#include "sinks/text/template.hpp"

namespace fastrsi {
namespace {

// One value a symbol, joined as the symbols are.
template <typename Value>
std::string of_each(const Digest& digest, Value&& value) {
  std::string out;
  for (const DigestSection& section : digest.sections) {
    for (const DigestEntry& entry : section.entries) {
      if (!out.empty()) out += " - ";
      out += value(entry);
    }
  }
  return out;
}

const DeliveryEvent& first_event(const Digest& digest) {
  return *digest.sections.front().entries.front().event;
}

// TradingView counts in minutes and writes a letter for all else.
std::string interval_of(Timeframe timeframe) {
  const auto seconds =
      std::chrono::duration_cast<std::chrono::seconds>(nominal_length(timeframe)).count();
  if (timeframe == Timeframe::D1) return "1D";
  if (timeframe == Timeframe::W1) return "1W";
  if (timeframe == Timeframe::Mo1) return "1M";
  return seconds < 60 ? fmt::format("{}S", seconds) : fmt::format("{}", seconds / 60);
}

std::string machine_value(TemplateName name, const Digest& digest) {
  switch (name) {
    case TemplateName::Ticker:
      return of_each(digest, [](const DigestEntry& entry) { return entry.name; });
    case TemplateName::Interval:
      return interval_of(digest.timeframe);
    case TemplateName::Close:
      return of_each(digest,
                     [](const DigestEntry& entry) { return price_text(entry.event->price.value); });
    case TemplateName::Timenow:
      return to_iso_seconds(digest.time);
    case TemplateName::Exchange:
      return sanitised_name(first_event(digest).venue);
    case TemplateName::Kind:
      return std::string(to_text(digest.kind));
    case TemplateName::Timeframe:
      return std::string(to_text(digest.timeframe));
    default:
      FASTRSI_ASSERT(false);
      return {};
  }
}

}  // namespace

std::string value_of(TemplateName name, const Digest& digest, const Envelope& envelope,
                     const Wording& wording) {
  switch (name) {
    case TemplateName::Signal:
      return wording.signal(digest.kind, Stage::Provisional);
    case TemplateName::Symbols:
      return of_each(digest, [&](const DigestEntry& entry) { return wording.name(entry.name); }) +
             wording.dropped(envelope);
    case TemplateName::TimeframeName:
      return wording.timeframe(digest.timeframe);
    case TemplateName::Price:
      return of_each(digest, [&](const DigestEntry& entry) {
        return wording.number(price_text(entry.event->price.value));
      });
    case TemplateName::Rsi:
      return of_each(digest, [&](const DigestEntry& entry) {
        return wording.number(rsi_text(shown_rsi(*entry.event)));
      });
    case TemplateName::Time:
      return wording.time(digest.time);
    case TemplateName::Count:
      return wording.number(fmt::to_string(digest.symbols));
    case TemplateName::Stage:
      return std::string(
          wording.lexicon().stages[static_cast<std::size_t>(digest.sections.front().stage)]);
    case TemplateName::Rule:
      return wording.name(sanitised_name(first_event(digest).rule));
    case TemplateName::Venue:
      return wording.name(sanitised_name(first_event(digest).venue));
    case TemplateName::Prefix:
      return std::string(wording.lexicon().prefix);
    case TemplateName::Alert:
      return wording.alert_lines(digest, envelope);
    case TemplateName::Part:
      return wording.number(fmt::to_string(envelope.part));
    case TemplateName::Parts:
      return wording.number(fmt::to_string(envelope.parts));
    case TemplateName::More:
      return envelope.dropped == 0 ? std::string() : wording.and_more(envelope.dropped);
    default:
      return machine_value(name, digest);
  }
}

}  // namespace fastrsi
