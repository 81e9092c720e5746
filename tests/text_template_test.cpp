// Templates: known names alone, values by the sink's settings, errors that say where and what.
#include "sinks/text/template.hpp"

#include <string>

#include "tests/catch.hpp"
#include "tests/text_events.hpp"

namespace fastrsi {
namespace {

std::string rendered(const std::string& source, const std::vector<DeliveryEvent>& events,
                     const TextSettings& settings = {}, Escape escape = Escape::None,
                     const Envelope& envelope = make_envelope()) {
  return TextTemplate(source).render(make_digest(events), envelope, Wording(settings), escape);
}

std::string refusal_of_template(const std::string& source) {
  try {
    TextTemplate parsed(source);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "accepted";
}

}  // namespace

TEST_CASE("template: every name has its value", "[text]") {
  const std::vector<DeliveryEvent> one{make_delivery_event("BTCUSDT", Kind::Buy, Timeframe::H1)};
  for (const auto& [name, value] :
       std::vector<std::pair<std::string, std::string>>{{"signal", "Buy signal"},
                                                        {"symbols", "BTCUSDT"},
                                                        {"timeframe", "1h"},
                                                        {"timeframe_name", "1 hour"},
                                                        {"price", "61837.63"},
                                                        {"rsi", "54.00"},
                                                        {"time", "2024-08-08 23:54:12 UTC"},
                                                        {"count", "1"},
                                                        {"kind", "buy"},
                                                        {"stage", "provisional"},
                                                        {"rule", "tars"},
                                                        {"venue", "binance"},
                                                        {"prefix", "Alert"},
                                                        {"alert", "Alert: Buy signal - BTCUSDT"},
                                                        {"part", "1"},
                                                        {"parts", "1"},
                                                        {"more", ""},
                                                        {"ticker", "BTCUSDT"},
                                                        {"interval", "60"},
                                                        {"close", "61837.63"},
                                                        {"timenow", "2024-08-08T23:54:12Z"},
                                                        {"exchange", "binance"}}) {
    INFO(name);
    CHECK(rendered("[{{" + name + "}}]", one) == "[" + value + "]");
    CHECK(rendered("{{ " + name + "  }}", one) == value);
  }
}

TEST_CASE("template: intervals are TradingView's", "[text]") {
  for (const auto& [timeframe, interval] :
       std::vector<std::pair<Timeframe, std::string>>{{Timeframe::S30, "30S"},
                                                      {Timeframe::M1, "1"},
                                                      {Timeframe::H4, "240"},
                                                      {Timeframe::D1, "1D"},
                                                      {Timeframe::W1, "1W"},
                                                      {Timeframe::Mo1, "1M"}}) {
    CHECK(rendered("{{interval}}", {make_delivery_event("A", Kind::Buy, timeframe)}) == interval);
  }
}

TEST_CASE("template: several symbols give their values in one order", "[text]") {
  auto events = make_delivery_events({"BTCUSDT", "ETHUSDT"});
  events[1].price = Price{2500.5};
  CHECK(rendered("{{symbols}}|{{price}}|{{count}}|{{ticker}}", events) ==
        "BTCUSDT - ETHUSDT|61837.63 - 2500.5|2|BTCUSDT - ETHUSDT");
  CHECK(rendered("{{symbols}}, {{more}}", events, {}, Escape::None, make_envelope(1, 1, 3)) ==
        "BTCUSDT - ETHUSDT … +3, and 3 more");
}

TEST_CASE("template: values are escaped by the sink, and are no templates themselves", "[text]") {
  const auto events = make_delivery_events({"<b>\"{{price}}\" & Co"});
  CHECK(rendered("<i>{{symbols}}</i>", events, {}, Escape::Html) ==
        "<i>&lt;b&gt;&quot;{{price}}&quot; &amp; Co</i>");
  CHECK(rendered(R"({"ticker":"{{ticker}}"})", events, {}, Escape::Json) ==
        R"({"ticker":"<b>\"{{price}}\" & Co"})");
}

TEST_CASE("template: numbers for people are native where asked for, machines' never", "[text]") {
  TextSettings settings;
  settings.language = Language::Persian;
  settings.digits = Digits::Native;
  settings.bidi = Bidi::None;
  const auto events = make_delivery_events({"BTCUSDT"});
  CHECK(rendered("{{price}} {{rsi}} {{timeframe_name}} {{close}} {{interval}} {{timenow}}", events,
                 settings) == "۶۱۸۳۷٫۶۳ ۵۴٫۰۰ ۱ دقیقه 61837.63 1 2024-08-08T23:54:12Z");
}

TEST_CASE("template: a signal has the name that the settings ask for", "[text]") {
  TextSettings settings;
  settings.language = Language::Persian;
  settings.names = NameStyle::Formula;
  CHECK(rendered("{{signal}}", make_delivery_events({"A"}), settings) == "کراس رو به بالا (خرید)");
}

TEST_CASE("template: an error names the place, the word and what was meant", "[text]") {
  CHECK_THAT(refusal_of_template("a\nRSI {{pirce}}"),
             ContainsSubstring("template:2:5: {{pirce}} is not known, did you mean {{price}}?"));
  CHECK_THAT(refusal_of_template("{{Symbol}}"), ContainsSubstring("did you mean {{symbols}}?"));
  CHECK_THAT(refusal_of_template("{{tf}}"), ContainsSubstring("did you mean {{timeframe}}?"));
  CHECK_THAT(refusal_of_template("{{TIMENOW}}"), ContainsSubstring("did you mean {{timenow}}?"));
  CHECK_THAT(refusal_of_template("{{volume}}"), !ContainsSubstring("did you mean"));
  CHECK_THAT(refusal_of_template("{{volume}}"), ContainsSubstring("Known: signal symbols"));
  CHECK_THAT(refusal_of_template("ک {{open"),
             ContainsSubstring("template:1:3: {{ is not followed by"));
  CHECK_THAT(refusal_of_template("{{}}"), ContainsSubstring("{{ is not followed by"));
  CHECK_THAT(refusal_of_template("{{price:1000000d}}"), ContainsSubstring("{{ is not followed by"));
  CHECK_THAT(refusal_of_template("{{plot(\"RSI\")}}"), ContainsSubstring("{{ is not followed by"));
  CHECK(refusal_of_template("}} { } {x} {0:1000d}") == "accepted");
}

TEST_CASE("template: sizes and characters have their limits", "[text]") {
  CHECK(refusal_of_template(std::string(kTemplateBytesMax, 'x')) == "accepted");
  CHECK_THAT(refusal_of_template(std::string(kTemplateBytesMax + 1, 'x')),
             ContainsSubstring("at most 65536"));
  std::string many;
  for (std::size_t i = 0; i < kTemplateNamesMax; ++i) many += "{{rsi}}";
  CHECK(refusal_of_template(many) == "accepted");
  CHECK_THAT(refusal_of_template(many + "{{rsi}}"), ContainsSubstring("is name 65, at most 64"));
  CHECK_THAT(refusal_of_template("ab\x1b"),
             ContainsSubstring("template:1:3: the control character 1B"));
  CHECK_THAT(refusal_of_template("\u202E"), ContainsSubstring("202E"));
  CHECK_THAT(refusal_of_template("\xFF"), ContainsSubstring("no UTF-8"));
  CHECK(refusal_of_template("a\tb\nc") == "accepted");
}

}  // namespace fastrsi
