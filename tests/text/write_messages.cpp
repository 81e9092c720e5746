// Writes messages for tests in other languages: cases as JSON, one a line on standard input; the
// octets, one a line as a JSON string, on standard output. "" for a case that is refused, with the
// reason on standard error.
//
//   {"form":"mail","language":"fa","digits":"native","bidi":"isolate","zone":"UTC",
//    "from_name":"","subject_names":0,"template":"","kind":"buy","timeframe":"1h",
//    "symbols":["..."],"stages":["provisional"],"part":1,"parts":1,"dropped":0}
//
// Symbols are Latin-1 in the JSON, a character a byte, so that any bytes can be asked for.
#include <exception>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "sinks/text/composers.hpp"
#include "tests/text_events.hpp"

namespace fastrsi {
namespace {

using Json = nlohmann::json;

std::string bytes_of(const std::string& latin) {
  std::string out;
  for (std::string_view left = latin; !left.empty();) {
    const Utf8Step step = first_utf8(left);
    out += static_cast<char>(static_cast<unsigned char>(step.code));
    left.remove_prefix(step.length);
  }
  return out;
}

TextSettings text_settings(const Json& wanted) {
  TextSettings settings;
  settings.language = language_from_text(wanted.value("language", "en")).value();
  settings.digits = wanted.value("digits", "latin") == "native" ? Digits::Native : Digits::Latin;
  settings.bidi = wanted.value("bidi", "isolate") == "none" ? Bidi::None : Bidi::Isolate;
  settings.zone = wanted.value("zone", "UTC");
  settings.text_template = wanted.value("template", "");
  return settings;
}

std::unique_ptr<Composer> composer_of(const Json& wanted) {
  const std::string form = wanted.value("form", "mail");
  if (form == "telegram") return make_telegram_composer(text_settings(wanted));
  if (form == "ntfy") return make_ntfy_composer(text_settings(wanted));
  MailSettings settings;
  settings.text = text_settings(wanted);
  settings.form = form == "relay" ? MailForm::Relay : MailForm::Mime;
  settings.from = "rsi@example.org";
  settings.from_name = wanted.value("from_name", "");
  settings.reply_to = "desk@example.org";
  settings.to = {"trader@example.org", "second@example.org"};
  settings.copy_to = {"archive@example.org"};
  settings.subject_names = wanted.value("subject_names", std::size_t{0});
  return make_mail_composer(settings);
}

std::vector<DeliveryEvent> events_of(const Json& wanted) {
  const auto kind = kind_from_text(wanted.value("kind", "buy")).value();
  const auto timeframe = timeframe_from_text(wanted.value("timeframe", "1h")).value();
  std::vector<DeliveryEvent> events;
  for (const Json& symbol : wanted.at("symbols")) {
    events.push_back(make_delivery_event(bytes_of(symbol.get<std::string>()), kind, timeframe));
    DeliveryEvent& event = events.back();
    event.price = Price{61837.63 / static_cast<double>(events.size() * events.size())};
    event.price = Price{static_cast<double>(static_cast<int>(event.price.value * 100)) / 100};
    event.rsi.by_default = 54.0 + static_cast<double>(events.size() % 40);
  }
  const auto stages = wanted.value("stages", std::vector<std::string>{});
  for (std::size_t i = 0; i < std::min(stages.size(), events.size()); ++i) {
    if (stages[i] == "confirmed") events[i].stage = Stage::Confirmed;
    if (stages[i] == "retracted") events[i].stage = Stage::Retracted;
  }
  return events;
}

std::string written(const Json& wanted) {
  const auto envelope =
      make_envelope(wanted.value("part", std::size_t{1}), wanted.value("parts", std::size_t{1}),
                    wanted.value("dropped", std::size_t{0}));
  return composer_of(wanted)->compose(events_of(wanted), envelope);
}

}  // namespace
}  // namespace fastrsi

int main() {
  for (std::string line; std::getline(std::cin, line);) {
    std::string octets;
    try {
      octets = fastrsi::written(nlohmann::json::parse(line));
    } catch (const std::exception& error) {
      std::cerr << error.what() << '\n';
    }
    std::cout << nlohmann::json(octets).dump() << '\n' << std::flush;
  }
  return 0;
}
