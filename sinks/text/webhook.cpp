// For programs: a message with every field of its events, as the records have them (SIGNALS.md,
// section 6).
//
//   {"version":1,"mid":"...","kind":"buy","signal":"Buy signal","timeframe":"1h",
//    "text":"Alert: Buy signal - BTCUSDT","part":1,"parts":1,"dropped":0,"sent":"<ISO>",
//    "events":[{"id","seq","stage","rule","kind","venue","symbol","timeframe","bar_open","time",
//               "price","rsi":{"default","first","second"},"priority","expires"}]}
//
// Names are the venue's own bytes as JSON; what is no UTF-8 is U+FFFD. Numbers that are not finite
// are null. `mid` is the Idempotency-Key, `text` the alert line, in the sink's language.
#include <fmt/format.h>

#include <array>
#include <cmath>
#include <optional>
#include <stdexcept>

#include "sinks/text/composers.hpp"
#include "sinks/text/escape.hpp"
#include "sinks/text/fitting.hpp"
#include "sinks/text/template.hpp"
#include "sinks/text/wording.hpp"
#include "sinks/text/zone.hpp"

namespace fastrsi {
namespace {

constexpr std::size_t kBodyBytesMin = 4 * 1024;
constexpr std::array<std::string_view, 4> kPriorities{"low", "normal", "high", "critical"};

TextSettings as_machines_read(TextSettings settings) {
  settings.bidi = Bidi::None;
  return settings;
}

std::string json_number(double value) {
  return std::isfinite(value) ? fmt::format("{}", value) : "null";
}

std::string json_of(const DeliveryEvent& event) {
  std::string out = fmt::format(R"({{"id":{},"seq":{},"stage":"{}","rule":{},"kind":"{}",)",
                                json_string(event.signal_id), event.seq, to_text(event.stage),
                                json_string(event.rule), to_text(event.kind));
  out += fmt::format(R"("venue":{},"symbol":{},"timeframe":"{}","bar_open":"{}","time":"{}",)",
                     json_string(event.venue), json_string(event.symbol), to_text(event.timeframe),
                     to_iso_seconds(event.bar_open), to_iso_ns(event.time));
  out += fmt::format(R"("price":{},"rsi":{{"default":{},"first":{},"second":{}}},)",
                     json_number(event.price.value), json_number(event.rsi.by_default),
                     json_number(event.rsi.by_first), json_number(event.rsi.by_second));
  return out + fmt::format(R"("priority":"{}","expires":"{}"}})",
                           kPriorities[static_cast<std::size_t>(event.priority)],
                           to_iso_seconds(time_from_wall_ms(event.expires)));
}

class WebhookComposer final : public Composer {
 public:
  explicit WebhookComposer(const WebhookSettings& settings)
      : wording_(as_machines_read(settings.text)),
        bytes_max_(settings.body_bytes_max),
        events_max_(settings.events_max) {
    if (bytes_max_ < kBodyBytesMin) {
      throw std::invalid_argument(fmt::format("body_bytes_max: {} is too small, write at least {}",
                                              bytes_max_, kBodyBytesMin));
    }
    if (events_max_ == 0) throw std::invalid_argument("events_max: 0 sends nothing, write 1");
    if (!settings.text.text_template.empty()) template_.emplace(settings.text.text_template);
  }

  std::size_t fit(std::span<const DeliveryEvent> events, const Envelope& envelope) const override {
    const Envelope wide = widest(envelope);
    return longest_fit(events, events_max_, [&](std::span<const DeliveryEvent> some) {
      return compose(some, wide).size() <= bytes_max_;
    });
  }

  std::string compose(std::span<const DeliveryEvent> events,
                      const Envelope& envelope) const override {
    const Digest digest = make_digest(events);
    if (template_) return template_->render(digest, envelope, wording_, Escape::Json);
    std::string out =
        fmt::format(R"({{"version":1,"mid":{},"kind":"{}","signal":{},"timeframe":"{}","text":{},)",
                    json_string(envelope.mid), to_text(digest.kind),
                    json_string(wording_.signal(digest.kind, Stage::Provisional)),
                    to_text(digest.timeframe), json_string(wording_.alert_lines(digest, envelope)));
    out += fmt::format(R"("part":{},"parts":{},"dropped":{},"sent":"{}","events":[)", envelope.part,
                       envelope.parts, envelope.dropped,
                       to_iso_seconds(time_from_wall_ms(envelope.frozen)));
    for (std::size_t i = 0; i < events.size(); ++i) {
      out.append(i > 0 ? "," : "").append(json_of(events[i]));
    }
    return out.append("]}");
  }

 private:
  const Wording wording_;
  const std::size_t bytes_max_;
  const std::size_t events_max_;
  std::optional<TextTemplate> template_;
};

}  // namespace

std::unique_ptr<Composer> make_webhook_composer(const WebhookSettings& settings) {
  return std::make_unique<WebhookComposer>(settings);
}

}  // namespace fastrsi
