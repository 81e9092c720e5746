// The expert advisor's log:
//
//   block  = line("=====" program "=====") line("totalSymbol : " number) line("=====INDEX
//   END=====")
//            1*( line("=====RSI SIGNAL=====") line(signal) line("=====") 1*line(symbol) )
//   line   = time "  " program " (" chart "," timeframe ") " text LF
//
// The last line has no LF. A stage other than provisional stands in brackets after its signal.
#include <fmt/format.h>

#include "sinks/text/composers.hpp"
#include "sinks/text/fitting.hpp"
#include "sinks/text/sanitise.hpp"
#include "sinks/text/wording.hpp"

namespace fastrsi {
namespace {

constexpr std::size_t kPrintEventsMax = 2'000;

TextSettings as_the_expert_advisor(TextSettings settings) {
  settings.bidi = Bidi::None;
  settings.digits = Digits::Latin;
  return settings;
}

class PrintComposer final : public Composer {
 public:
  explicit PrintComposer(const PrintSettings& settings)
      : wording_(as_the_expert_advisor(settings.text)),
        program_(sanitised_name(settings.program)),
        chart_(sanitised_name(settings.chart)),
        total_symbols_(settings.total_symbols) {}

  // A log has no limit but ours.
  std::size_t fit(std::span<const DeliveryEvent> events,
                  const Envelope& /*envelope*/) const override {
    return std::min(events.size(), kPrintEventsMax);
  }

  std::string compose(std::span<const DeliveryEvent> events,
                      const Envelope& envelope) const override {
    const Digest digest = make_digest(events);
    const std::string start = fmt::format("{}  {} ({},{}) ", wording_.bare_time(digest.time),
                                          program_, chart_, to_text(digest.timeframe));
    std::string out;
    const auto line = [&](std::string_view text) {
      if (!out.empty()) out += '\n';
      out.append(start).append(text);
    };
    line(fmt::format("====={}=====", program_));
    line(fmt::format("totalSymbol : {}", total_symbols_));
    line("=====INDEX END=====");
    for (const DigestSection& section : digest.sections) {
      line("=====RSI SIGNAL=====");
      line(wording_.signal(digest.kind, section.stage));
      line("=====");
      for (const DigestEntry& entry : section.entries) line(entry.name);
    }
    if (envelope.dropped > 0) line(fmt::format("… +{}", envelope.dropped));
    return out;
  }

 private:
  const Wording wording_;
  const std::string program_;
  const std::string chart_;
  const std::size_t total_symbols_;
};

}  // namespace

std::unique_ptr<Composer> make_print_composer(const PrintSettings& settings) {
  return std::make_unique<PrintComposer>(settings);
}

}  // namespace fastrsi
