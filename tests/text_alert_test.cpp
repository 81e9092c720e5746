// The expert advisor's own forms, byte for byte, and what programs are posted.
#include <rapidcheck.h>

#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "sinks/text/composers.hpp"
#include "tests/catch.hpp"
#include "tests/text_events.hpp"

namespace fastrsi {
namespace {

using Json = nlohmann::json;

AlertLineSettings alert_in(Language language) {
  AlertLineSettings settings;
  settings.text.language = language;
  // None of these may change a byte of the alert.
  settings.text.digits = Digits::Native;
  settings.text.bidi = Bidi::Isolate;
  settings.text.prefix = Prefix::Localised;
  return settings;
}

}  // namespace

TEST_CASE("alert: the line is the expert advisor's, byte for byte", "[text]") {
  const auto events = make_delivery_events({"کهاروس", "سفرب"}, Kind::Rising);
  CHECK(make_alert_line_composer(alert_in(Language::Persian))->compose(events, make_envelope()) ==
        "Alert: روند صعودی آر اس آی - کهاروس - سفرب");
  const auto spaced = make_delivery_events({"شاخص کل (هم وزن)6", "XBT/USD"}, Kind::Buy);
  CHECK(make_alert_line_composer(alert_in(Language::Persian))->compose(spaced, make_envelope()) ==
        "Alert: سیگنال خرید - شاخص کل (هم وزن)6 - XBT/USD");
  CHECK(make_alert_line_composer(alert_in(Language::English))->compose(spaced, make_envelope()) ==
        "Alert: Buy signal - شاخص کل (هم وزن)6 - XBT/USD");
}

TEST_CASE("alert: parts are numbered, repeats stand once, what was given up is counted", "[text]") {
  const auto events = make_delivery_events({"B", "A", "B"}, Kind::Sell);
  const auto composer = make_alert_line_composer(alert_in(Language::English));
  CHECK(composer->compose(events, make_envelope()) == "Alert: Sell signal - B - A");
  CHECK(composer->compose(events, make_envelope(2, 3)) == "Alert: Sell signal (2/3) - B - A");
  CHECK(composer->compose(events, make_envelope(1, 1, 12)) == "Alert: Sell signal - B - A … +12");
}

TEST_CASE("alert: what MetaTrader is sent has at most 255 UTF-16 units", "[text]") {
  CHECK(rc::check("255", [] {
    TextSettings settings;
    settings.language = *rc::gen::element(Language::English, Language::Persian, Language::Hindi);
    const auto composer = make_metatrader_composer(settings);
    std::vector<std::string> symbols;
    const int count = *rc::gen::inRange(1, 80);
    symbols.reserve(80);
    for (int i = 0; i < count; ++i) symbols.push_back("😀" + std::to_string(1000 + i));
    auto events = make_delivery_events(symbols, static_cast<Kind>(*rc::gen::inRange(0, 8)));
    const std::size_t n = composer->fit(events, make_envelope());
    const auto text = composer->compose(std::span(events).first(n), make_envelope(9, 12, 9'999));
    RC_ASSERT(utf16_units(text) <= 255U);
    RC_ASSERT(text.find("…") == text.find("… +9999"));
    // More than fits is cut, and within the limit all the same.
    RC_ASSERT(utf16_units(composer->compose(events, make_envelope())) <= 255U);
  }));
}

TEST_CASE("print: the log's form has its blocks, each line with time, name and chart", "[text]") {
  PrintSettings settings;
  settings.text.language = Language::Persian;
  settings.text.digits = Digits::Native;
  settings.chart = "EURUSD";
  settings.total_symbols = 131;
  const auto events = make_delivery_events({"کهاروس", "سفرب"}, Kind::Overbought, Timeframe::H1);
  const std::string start = "2024-08-08 23:54:12 UTC  TARS FAST RSI (EURUSD,1h) ";
  CHECK(make_print_composer(settings)->compose(events, make_envelope()) ==
        start + "=====TARS FAST RSI=====\n" + start + "totalSymbol : 131\n" + start +
            "=====INDEX END=====\n" + start + "=====RSI SIGNAL=====\n" + start +
            "سیگنال اشباع خرید\n" + start + "=====\n" + start + "کهاروس\n" + start + "سفرب");
}

TEST_CASE("print: a name from outside cannot begin a line", "[text]") {
  const auto events = make_delivery_events({"A\n2024 FAKE", "B\r\x1b[31m"});
  const auto text = make_print_composer({})->compose(events, make_envelope());
  CHECK(count_of(text, "\n") == 7);
  CHECK(text.find('\r') == std::string::npos);
  CHECK(text.find('\x1b') == std::string::npos);
}

TEST_CASE("webhook: every field of each event, names with their own bytes", "[text]") {
  auto events = make_delivery_events({"BTCUSDT", "a\"\xFF\u202E"});
  events[1].rsi.by_second = std::numeric_limits<double>::quiet_NaN();
  events[1].priority = Priority::High;
  const Json json = Json::parse(make_webhook_composer({})->compose(events, make_envelope(1, 2, 3)));
  CHECK(json["version"] == 1);
  CHECK(json["mid"] == std::string(kTestMid));
  CHECK(json["kind"] == "buy");
  CHECK(json["timeframe"] == "1m");
  CHECK(json["part"] == 1);
  CHECK(json["parts"] == 2);
  CHECK(json["dropped"] == 3);
  CHECK(json["sent"] == "2024-08-08T23:54:20Z");
  CHECK(json["text"] == "Alert: Buy signal (1/2) - BTCUSDT - a\"\uFFFD … +3");
  CHECK(json["events"][0] ==
        Json::parse(R"({"id":"tars/binance:BTCUSDT/1m/buy/2024-08-08T23:54:00Z/1",
      "seq":7,"stage":"provisional","rule":"tars","kind":"buy","venue":"binance","symbol":"BTCUSDT",
      "timeframe":"1m","bar_open":"2024-08-08T23:54:00Z","time":"2024-08-08T23:54:12.345000000Z",
      "price":61837.63,"rsi":{"default":54.0,"first":81.25,"second":55.1},"priority":"normal",
      "expires":"2024-08-08T23:59:12Z"})"));
  CHECK(json["events"][1]["symbol"] == "a\"\uFFFD\u202E");
  CHECK(json["events"][1]["rsi"]["second"].is_null());
  CHECK(json["events"][1]["priority"] == "high");
}

TEST_CASE("webhook: bodies keep their size, and a template is JSON whatever the names", "[text]") {
  WebhookSettings settings;
  settings.body_bytes_max = 8 * 1024;
  std::vector<std::string> symbols;
  symbols.reserve(200);
  for (int i = 0; i < 200; ++i) symbols.push_back("SYM" + std::to_string(i));
  const auto events = make_delivery_events(symbols);
  const auto composer = make_webhook_composer(settings);
  const std::size_t n = composer->fit(events, make_envelope());
  CHECK(n > 10);
  CHECK(composer->compose(std::span(events).first(n), make_envelope(2, 20, 5)).size() <= 8 * 1024);

  settings.events_max = 1;
  settings.text.text_template = R"({"ticker":"{{ticker}}","close":{{close}},"tf":"{{interval}}"})";
  const auto own = make_webhook_composer(settings);
  const auto odd = make_delivery_events({"\"},{\"\n\xFF", "B"});
  CHECK(own->fit(odd, make_envelope()) == 1);
  const Json json = Json::parse(own->compose(std::span(odd).first(1), make_envelope()));
  CHECK(json == Json::parse(R"({"ticker":"\"},{\"\uFFFD","close":61837.63,"tf":"1"})"));
}

TEST_CASE("webhook: settings that send nothing are refused by name", "[text]") {
  WebhookSettings small;
  small.body_bytes_max = 10;
  CHECK_THROWS_WITH(make_webhook_composer(small), ContainsSubstring("body_bytes_max: 10"));
  WebhookSettings none;
  none.events_max = 0;
  CHECK_THROWS_WITH(make_webhook_composer(none), ContainsSubstring("events_max: 0"));
}

}  // namespace fastrsi
