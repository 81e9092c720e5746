#include "sinks/text/wording.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "sinks/text/numbers.hpp"

namespace fastrsi {
namespace {

constexpr std::string_view kSeparator = " \u00B7 ";  // a middle dot

// The unit of a timeframe's name, as Lexicon::units has them.
std::size_t unit_of(std::string_view letters) noexcept {
  constexpr std::array<std::string_view, 6> kUnits{"s", "m", "h", "d", "w", "mo"};
  return static_cast<std::size_t>(std::find(kUnits.begin(), kUnits.end(), letters) -
                                  kUnits.begin());
}

bool is_all_ascii(std::string_view text) noexcept {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

std::string with_number(std::string_view pattern, std::string_view number) {
  const std::size_t place = pattern.find("{}");
  std::string out(pattern.substr(0, place));
  return out.append(number).append(pattern.substr(place + 2));
}

}  // namespace

double shown_rsi(const DeliveryEvent& event) noexcept {
  return event.rsi.by_default;
}

std::string with_isolates_closed(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  std::size_t open = 0;
  const auto close = [&] {
    for (; open > 0; --open) out += kIsolateEnd;
  };
  for (std::size_t i = 0; i < text.size();) {
    const std::string_view three = text.substr(i, 3);
    if (three == kIsolateEnd && open == 0) {
      i += 3;
      continue;
    }
    if (text[i] == '\n') close();
    if (three == kIsolate) ++open;
    if (three == kIsolateEnd) --open;
    out += text[i++];
  }
  close();
  return out;
}

Wording::Wording(const TextSettings& settings)
    : settings_(settings), lexicon_(lexicon_of(settings.language)), zone_(settings.zone) {}

std::string Wording::isolated(std::string text) const {
  if (settings_.bidi == Bidi::None) return text;
  return std::string(kIsolate).append(text).append(kIsolateEnd);
}

// In a line that runs from left to right a name of plain ASCII needs no marks.
std::string Wording::name(std::string_view name) const {
  if (!lexicon_.right_to_left && is_all_ascii(name)) return std::string(name);
  return isolated(std::string(name));
}

std::string Wording::bare_number(std::string_view number) const {
  if (settings_.digits == Digits::Latin) return std::string(number);
  return native_number(number, settings_.language);
}

std::string Wording::number(std::string_view number) const {
  std::string text = bare_number(number);
  return lexicon_.right_to_left ? isolated(std::move(text)) : text;
}

std::string Wording::bare_time(ExchangeTime time) const {
  const std::string text = zone_.seconds(time);
  return settings_.digits == Digits::Latin ? text : native_digits(text, settings_.language);
}

std::string Wording::time(ExchangeTime time) const {
  std::string text = bare_time(time);
  return lexicon_.right_to_left ? isolated(std::move(text)) : text;
}

std::string Wording::code(Timeframe timeframe) const {
  std::string text(to_text(timeframe));
  return lexicon_.right_to_left ? isolated(std::move(text)) : text;
}

std::string Wording::timeframe(Timeframe timeframe) const {
  const std::string_view code = to_text(timeframe);
  const std::size_t digits = code.find_first_not_of("0123456789");
  const UnitWords& words = lexicon_.units[unit_of(code.substr(digits))];
  const std::string_view count = code.substr(0, digits);
  return number(count).append(" ").append(count == "1" ? words.one : words.many);
}

std::string Wording::signal(Kind kind, Stage stage) const {
  std::string text(signal_name(settings_.language, kind, settings_.names));
  if (stage == Stage::Provisional) return text;
  return text.append(" (").append(lexicon_.stages[static_cast<std::size_t>(stage)]).append(")");
}

std::string Wording::part_marker(const Envelope& envelope) const {
  if (envelope.parts <= 1) return {};
  std::string out = " (";
  out += number(fmt::format("{}/{}", envelope.part, envelope.parts));
  return out.append(")");
}

std::string Wording::heading(const Digest& digest, const DigestSection& section,
                             const Envelope& envelope) const {
  std::string out(line_start());
  if (settings_.prefix == Prefix::Seed) out += "Alert: ";
  if (settings_.prefix == Prefix::Localised) out.append(lexicon_.prefix).append(": ");
  return out.append(signal(digest.kind, section.stage)).append(part_marker(envelope));
}

std::string Wording::joined(const DigestSection& section) const {
  std::string out;
  for (const DigestEntry& entry : section.entries) out.append(" - ").append(name(entry.name));
  return out;
}

std::string Wording::dropped(const Envelope& envelope) const {
  if (envelope.dropped == 0) return {};
  return " \u2026 " + number("+" + fmt::to_string(envelope.dropped));
}

std::string Wording::and_more(std::size_t count) const {
  return with_number(lexicon_.and_more, number(fmt::to_string(count)));
}

std::string Wording::alert_lines(const Digest& digest, const Envelope& envelope) const {
  std::string out;
  for (const DigestSection& section : digest.sections) {
    if (!out.empty()) out += '\n';
    out.append(heading(digest, section, envelope)).append(joined(section));
  }
  return out.append(dropped(envelope));
}

std::string Wording::title(const Digest& digest, const Envelope& envelope) const {
  std::string out = signal(digest.kind, digest.sections.front().stage);
  out.append(" (").append(number(fmt::to_string(digest.symbols))).append(") ");
  return out.append(code(digest.timeframe)).append(part_marker(envelope));
}

std::string Wording::values(const DeliveryEvent& event) const {
  std::string out = number(price_text(event.price.value));
  out.append(kSeparator).append(lexicon_.rsi).append(" ");
  return out.append(number(rsi_text(shown_rsi(event))));
}

std::string Wording::list(const DigestSection& section) const {
  std::string out;
  for (const DigestEntry& entry : section.entries) {
    out.append("\n").append(line_start()).append(name(entry.name)).append("  ");
    out.append(values(*entry.event));
  }
  return out;
}

WordedText Wording::text(const Digest& digest, const Envelope& envelope) const {
  WordedText out;
  for (const DigestSection& section : digest.sections) {
    std::string heading_here = heading(digest, section, envelope);
    if (out.heading.empty()) {
      out.heading = std::move(heading_here);
    } else {
      out.rest.append("\n").append(heading_here);
    }
    out.rest += settings_.layout == Layout::List ? list(section) : joined(section);
  }
  out.rest.append(dropped(envelope)).append("\n").append(line_start());
  out.rest.append(timeframe(digest.timeframe)).append(kSeparator).append(time(digest.time));
  if (settings_.layout == Layout::Line && digest.symbols == 1) {
    out.rest.append(kSeparator).append(values(*digest.sections.front().entries.front().event));
  }
  return out;
}

std::string_view Wording::line_start() const noexcept {
  const bool marked = lexicon_.right_to_left && settings_.bidi == Bidi::Isolate;
  return marked ? kRightToLeftMark : std::string_view();
}

}  // namespace fastrsi
