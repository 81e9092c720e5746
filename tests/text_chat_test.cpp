// Chats, notifications, alerts, the log's form and webhooks: golden messages, and limits held
// whatever the symbols are.
#include <rapidcheck.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "sinks/text/composers.hpp"
#include "sinks/text/sanitise.hpp"
#include "tests/catch.hpp"
#include "tests/text_events.hpp"

namespace fastrsi {
namespace {

using Json = nlohmann::json;

// A channel as its own documentation has it: the field that is limited, and how it counts.
struct Channel {
  std::string name;
  std::function<std::unique_ptr<Composer>(const TextSettings&)> make;
  std::string field;
  std::size_t limit;
  bool bytes;
};

std::vector<Channel> channels() {
  return {{"telegram", make_telegram_composer, "text", 4096, false},
          {"ntfy", make_ntfy_composer, "message", 4095, true},
          {"discord", make_discord_composer, "content", 2000, false},
          {"slack", make_slack_composer, "text", 35'000, false},
          {"mattermost", make_mattermost_composer, "text", 4000, false},
          {"pushover", make_pushover_composer, "message", 1024, false},
          {"gotify", make_gotify_composer, "message", 16'384, true},
          {"desktop", make_desktop_composer, "body", 1024, false}};
}

TextSettings any_settings() {
  TextSettings settings;
  settings.language =
      *rc::gen::element(Language::English, Language::Persian, Language::Urdu, Language::Hindi);
  settings.digits = *rc::gen::element(Digits::Latin, Digits::Native);
  settings.bidi = *rc::gen::element(Bidi::None, Bidi::Isolate);
  settings.prefix = *rc::gen::element(Prefix::Seed, Prefix::Localised, Prefix::None);
  settings.layout = *rc::gen::element(Layout::Line, Layout::List);
  settings.text_template = *rc::gen::element<std::string>(
      "", "", "{{symbols}}\n{{price}} {{time}} ({{part}}/{{parts}})", "{{alert}} {{more}}");
  return settings;
}

// A name that can be found again: a number between letters no other text has, and whatever acts.
std::string name_of(std::size_t i, const std::string& noise) {
  return noise + "QJ" + std::to_string(i) + "JQ";
}

std::vector<DeliveryEvent> any_events(std::size_t most) {
  const Kind kind = static_cast<Kind>(*rc::gen::inRange(0, 8));
  const auto timeframe = static_cast<Timeframe>(*rc::gen::inRange(0, 25));
  const std::size_t count = *rc::gen::inRange<std::size_t>(1, most);
  const auto noises = *rc::gen::container<std::vector<std::string>>(
      8, rc::gen::element<std::string>("", "", "ک", "<b>", "&amp;", "\u2068\u202E", "\xFF", "_*_",
                                       "😀😀😀", "शाखा", "\"\n", "@all "));
  std::vector<DeliveryEvent> events;
  for (std::size_t i = 0; i < count; ++i) {
    events.push_back(make_delivery_event(name_of(i, noises[i % noises.size()]), kind, timeframe));
    if (i % 7 == 3) events.back().stage = Stage::Retracted;
    events.back().price = Price{0.1 * static_cast<double>(i * i + 1)};
  }
  return events;
}

// As the engine cuts: what fits, then the rest.
std::vector<std::vector<DeliveryEvent>> cut(const Composer& composer,
                                            std::vector<DeliveryEvent> events) {
  std::vector<std::vector<DeliveryEvent>> parts;
  while (!events.empty()) {
    const std::size_t n = composer.fit(events, make_envelope(parts.size() + 1));
    RC_ASSERT(n >= 1U);
    RC_ASSERT(n <= events.size());
    const auto end = events.begin() + static_cast<std::ptrdiff_t>(n);
    parts.emplace_back(events.begin(), end);
    events.erase(events.begin(), end);
  }
  return parts;
}

TextSettings in_language(Language language, Digits digits = Digits::Latin) {
  TextSettings settings;
  settings.language = language;
  settings.digits = digits;
  return settings;
}

}  // namespace

TEST_CASE("telegram: golden messages in four languages", "[text]") {
  const auto events = make_delivery_events({"BTCUSDT", "A&B"}, Kind::Buy, Timeframe::M5);
  const auto text_in = [&](const TextSettings& settings) {
    return make_telegram_composer(settings)->compose(events, make_envelope());
  };
  CHECK(text_in(in_language(Language::English)) ==
        R"({"text":"<b>Alert: Buy signal</b> - BTCUSDT - A&amp;B\n5 minutes · )"
        R"(2024-08-08 23:54:12 UTC","parse_mode":"HTML","disable_notification":false,)"
        R"("link_preview_options":{"is_disabled":true}})");
  CHECK(Json::parse(text_in(in_language(Language::Persian)))["text"] ==
        "<b>\u200Fهشدار: سیگنال خرید</b> - \u2068BTCUSDT\u2069 - \u2068A&amp;B\u2069\n"
        "\u200F\u2068"
        "5\u2069 دقیقه · \u2068"
        "2024-08-08 23:54:12 UTC\u2069");
  CHECK(Json::parse(text_in(in_language(Language::Urdu, Digits::Native)))["text"] ==
        "<b>\u200Fانتباہ: خریداری کا سگنل</b> - \u2068BTCUSDT\u2069 - \u2068A&amp;B\u2069\n"
        "\u200F\u2068۵\u2069 منٹ · \u2068۲۰۲۴-۰۸-۰۸ ۲۳:۵۴:۱۲ UTC\u2069");
  CHECK(Json::parse(text_in(in_language(Language::Hindi)))["text"] ==
        "<b>अलर्ट: खरीद संकेत</b> - BTCUSDT - A&amp;B\n5 मिनट · 2024-08-08 23:54:12 UTC");
}

TEST_CASE("ntfy: golden messages, for one symbol with its values", "[text]") {
  const auto events = make_delivery_events({"BTCUSDT"}, Kind::Rising, Timeframe::H1);
  CHECK(make_ntfy_composer(in_language(Language::English))->compose(events, make_envelope()) ==
        R"({"title":"RSI rising trend (1) 1h","message":"Alert: RSI rising trend - BTCUSDT\n)"
        R"(1 hour · 2024-08-08 23:54:12 UTC · 61837.63 · RSI 54.00","priority":3,)"
        R"("tags":["chart_with_upwards_trend","rising","1h"]})");
  const Json persian =
      Json::parse(make_ntfy_composer(in_language(Language::Persian, Digits::Native))
                      ->compose(events, make_envelope()));
  CHECK(persian["title"] ==
        "روند صعودی آر اس آی (\u2068۱\u2069) \u2068"
        "1h\u2069");
  CHECK(persian["message"] ==
        "\u200Fهشدار: روند صعودی آر اس آی - \u2068BTCUSDT\u2069\n"
        "\u200F\u2068۱\u2069 ساعت · \u2068۲۰۲۴-۰۸-۰۸ ۲۳:۵۴:۱۲ UTC\u2069 · "
        "\u2068۶۱۸۳۷٫۶۳\u2069 · RSI \u2068۵۴٫۰۰\u2069");
}

TEST_CASE("chat: each service's fields are its own", "[text]") {
  auto events = make_delivery_events({"BTC_USDT"});
  events[0].priority = Priority::Critical;
  const TextSettings settings;
  const auto posted = [&](const auto& make) {
    return Json::parse(make(settings)->compose(events, make_envelope()));
  };
  const Json discord = posted(make_discord_composer);
  CHECK(discord["allowed_mentions"] == Json::parse(R"({"parse":[]})"));
  CHECK(discord["content"].get<std::string>().find("**Alert: Buy signal** - BTC\\_USDT") == 0);
  CHECK(posted(make_slack_composer).size() == 1);
  CHECK(posted(make_mattermost_composer).size() == 1);
  const Json pushover = posted(make_pushover_composer);
  CHECK(pushover["priority"] == 2);
  CHECK(pushover["retry"] == 60);
  CHECK(pushover["expire"] == 3600);
  CHECK(pushover["timestamp"] == 1'723'161'260);
  const Json gotify = posted(make_gotify_composer);
  CHECK(gotify["priority"] == 10);
  CHECK(gotify["extras"]["client::display"]["contentType"] == "text/plain");
  CHECK(posted(make_ntfy_composer)["priority"] == 5);
  events[0].priority = Priority::Low;
  CHECK(posted(make_telegram_composer)["disable_notification"] == true);
  CHECK(posted(make_pushover_composer)["priority"] == -1);
  CHECK_FALSE(posted(make_pushover_composer).contains("retry"));
}

TEST_CASE("chat: a list has a line a symbol", "[text]") {
  TextSettings settings;
  settings.layout = Layout::List;
  settings.zone = "Asia/Tehran";
  auto events = make_delivery_events({"BTCUSDT", "ETHUSDT"});
  events[1].price = Price{0.00001};
  events[1].rsi.by_default = std::numeric_limits<double>::quiet_NaN();
  const Json json = Json::parse(make_gotify_composer(settings)->compose(events, make_envelope()));
  CHECK(json["message"] ==
        "Alert: Buy signal\nBTCUSDT  61837.63 · RSI 54.00\n"
        "ETHUSDT  0.00001 · RSI -\n1 minute · 2024-08-09 03:24:12 +03:30");
}

TEST_CASE("chat: stages stand apart, and alike names say their venue", "[text]") {
  auto events = make_delivery_events({"A", "B", "B", "A", "B"});
  events[1].stage = Stage::Retracted;
  events[2].venue = "okx";
  const Json json = Json::parse(make_slack_composer({})->compose(events, make_envelope(2, 3, 4)));
  CHECK(json["text"] ==
        "*Alert: Buy signal (2/3)* - A - okx:B - binance:B\n"
        "Alert: Buy signal (retracted) (2/3) - binance:B … +4\n"
        "1 minute · 2024-08-08 23:54:12 UTC");
}

TEST_CASE("chat: messages keep their limit, and every symbol stands in one of them once",
          "[text]") {
  for (const Channel& channel : channels()) {
    INFO(channel.name);
    CHECK(rc::check(channel.name, [&] {
      const TextSettings settings = any_settings();
      const auto composer = channel.make(settings);
      const auto events = any_events(900);
      const auto parts = cut(*composer, events);
      std::string all;
      const std::size_t dropped = *rc::gen::inRange<std::size_t>(0, 10'000'000);
      for (std::size_t i = 0; i < parts.size(); ++i) {
        const auto octets =
            composer->compose(parts[i], make_envelope(i + 1, parts.size(), dropped));
        const auto text = Json::parse(octets)[channel.field].get<std::string>();
        RC_ASSERT((channel.bytes ? text.size() : utf16_units(text)) <= channel.limit);
        RC_ASSERT(isolates_are_balanced(text));
        all += text + "\n";
      }
      for (std::size_t i = 0; i < events.size(); ++i) {
        RC_ASSERT(count_of(all, name_of(i, "")) == 1U);
      }
    }));
  }
}

TEST_CASE("chat: a message is cut where it must be and not much before", "[text]") {
  std::vector<std::string> symbols;
  for (std::size_t i = 0; i < 2'000; ++i) symbols.push_back("SYM" + std::to_string(i));
  const auto events = make_delivery_events(symbols);
  for (const Channel& channel : channels()) {
    if (channel.name == "slack" || channel.name == "gotify") continue;
    INFO(channel.name);
    const auto composer = channel.make({});
    const std::size_t n = composer->fit(events, make_envelope());
    const auto length = [&](std::size_t count) {
      const std::span<const DeliveryEvent> some(events.data(), count);
      return Json::parse(composer->compose(some, make_envelope()))[channel.field]
          .get<std::string>()
          .size();
    };
    CHECK(length(n) + 60 > channel.limit);
    CHECK(length(n) <= channel.limit);
  }
}

TEST_CASE("chat: one event beyond the limit is cut and stays within it", "[text]") {
  TextSettings settings = in_language(Language::Persian);
  settings.text_template = std::string(20'000, '<') + "{{symbols}}";
  const std::vector<DeliveryEvent> events{make_delivery_event("BTCUSDT")};
  for (const Channel& channel : channels()) {
    INFO(channel.name);
    const auto composer = channel.make(settings);
    CHECK(composer->fit(events, make_envelope()) == 1);
    const auto text =
        Json::parse(composer->compose(events, make_envelope()))[channel.field].get<std::string>();
    CHECK((channel.bytes ? text.size() : utf16_units(text)) <= channel.limit);
    if (channel.limit < 20'000) CHECK(text.find("…") != std::string::npos);
  }
}

TEST_CASE("telegram: the plain text is the message without its markup", "[text]") {
  CHECK(telegram_plain_text("<b>Alert: X</b> - A&amp;B &lt;b&gt; &amp;lt;") ==
        "Alert: X - A&B <b> &lt;");
}

}  // namespace fastrsi
