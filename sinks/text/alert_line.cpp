// The expert advisor's alert, byte for byte: Alert: <signal> - sym - sym.
#include "sinks/text/composers.hpp"
#include "sinks/text/fitting.hpp"
#include "sinks/text/limited.hpp"
#include "sinks/text/wording.hpp"

namespace fastrsi {
namespace {

constexpr std::size_t kAlertEventsMax = 16 * 1024;
constexpr SizeLimit kMetatraderLimit{SizeUnit::Utf16, 255};

// Machines and greps read it: no marks, no digits but Latin ones.
TextSettings as_old_readers_want(TextSettings settings) {
  settings.bidi = Bidi::None;
  settings.digits = Digits::Latin;
  settings.prefix = Prefix::Seed;
  return settings;
}

class AlertLineComposer final : public Composer {
 public:
  explicit AlertLineComposer(const AlertLineSettings& settings)
      : wording_(as_old_readers_want(settings.text)), limit_(settings.limit) {}

  std::size_t fit(std::span<const DeliveryEvent> events, const Envelope& envelope) const override {
    const Envelope wide = widest(envelope);
    return longest_fit(events, kAlertEventsMax, [&](std::span<const DeliveryEvent> some) {
      return fits(limit_, wording_.alert_lines(make_digest(some), wide));
    });
  }

  std::string compose(std::span<const DeliveryEvent> events,
                      const Envelope& envelope) const override {
    const std::string text = wording_.alert_lines(make_digest(events), envelope);
    return fits(limit_, text) ? text : cut_and_escaped(text, limit_, Escape::None);
  }

 private:
  const Wording wording_;
  const SizeLimit limit_;
};

}  // namespace

std::unique_ptr<Composer> make_alert_line_composer(const AlertLineSettings& settings) {
  return std::make_unique<AlertLineComposer>(settings);
}

std::unique_ptr<Composer> make_metatrader_composer(const TextSettings& settings) {
  return make_alert_line_composer({settings, kMetatraderLimit});
}

}  // namespace fastrsi
