// Names from outside, lengths, escapes and isolates: what no message may carry, whatever the name.
#include "sinks/text/sanitise.hpp"

#include <rapidcheck.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "engine/base/utf8.hpp"
#include "sinks/text/escape.hpp"
#include "sinks/text/limited.hpp"
#include "sinks/text/units.hpp"
#include "sinks/text/wording.hpp"
#include "tests/catch.hpp"
#include "tests/text_events.hpp"

namespace fastrsi {
namespace {

// Any bytes, and often those that act.
std::string any_symbol_name() {
  return *rc::gen::map(
      rc::gen::container<std::vector<std::string>>(rc::gen::oneOf(
          rc::gen::element<std::string>("A", "7", " ", "\u202E", "\u2068", "\u2069", "\u200F",
                                        "\u200C", "\n", "\r", "\x1b[31m", "\x80", "\xE2\x80", "ک",
                                        "ی", "म", "😀", "<b>", "&", "\"", "'", "\\", "@all",
                                        "\U000E0041", "\u2028", "{{price}}", "=?UTF-8?B?"),
          rc::gen::map(rc::gen::arbitrary<char>(), [](char c) { return std::string(1, c); }))),
      [](const std::vector<std::string>& pieces) {
        std::string out;
        for (const std::string& piece : pieces) out += piece;
        return out;
      });
}

bool is_clean(std::string_view text) {
  while (!text.empty()) {
    const Utf8Step step = first_utf8(text);
    const char32_t c = step.code;
    if (!step.valid || c < 0x20 || (c >= 0x7F && c <= 0x9F)) return false;
    if (c == 0x061C || c == 0x200B || c == 0x200E || c == 0x200F || c == 0xFEFF) return false;
    if (c >= 0x2028 && c <= 0x202E) return false;
    if (c >= 0x2060 && c <= 0x206F) return false;
    if (c >= 0xE0000 && c <= 0xE0FFF) return false;
    text.remove_prefix(step.length);
  }
  return true;
}

}  // namespace

TEST_CASE("sanitise: ordinary names stay byte for byte", "[text]") {
  for (const std::string name : {"BTCUSDT", "XBT/USD", "شاخص کل (هم وزن)6", "کهاروس", "निफ्टी 50",
                                 "می\u200Cشود", "क्\u200Dष", "^GSPC", "😀"}) {
    CHECK(sanitised_name(name) == name);
  }
}

TEST_CASE("sanitise: what acts instead of being seen goes", "[text]") {
  CHECK(sanitised_name("BTC\u202EUSDT\u2069\u200F") == "BTCUSDT");
  CHECK(sanitised_name("BTC\r\nBcc: x\x1b\x7F") == "BTCBcc: x");
  CHECK(sanitised_name("A\u0085\u2028\u2029\u200B\uFEFF\u2060\U000E0042"
                       "B") == "AB");
  CHECK(sanitised_name("B\u200CTC\u200D") == "BTC");
  CHECK(sanitised_name("می\u200C") == "می");
  CHECK(sanitised_name("\xFF"
                       "A\xE2\x80") ==
        "\uFFFD"
        "A\uFFFD\uFFFD");
  CHECK(sanitised_name("") == "?");
  CHECK(sanitised_name("\u202E\n") == "?");
}

TEST_CASE("sanitise: a long name ends with an ellipsis, within its limit", "[text]") {
  const std::string whole(kNameCharactersMax, 'A');
  CHECK(sanitised_name(whole) == whole);
  CHECK(sanitised_name(whole + "A") == whole.substr(1) + "…");
  CHECK(sanitised_name(whole + "\u202E") == whole);
}

TEST_CASE("sanitise: of any bytes a clean name is left, and twice is once", "[text]") {
  CHECK(rc::check("clean and idempotent", [] {
    const std::string name = any_symbol_name();
    const std::string clean = sanitised_name(name);
    RC_ASSERT(is_clean(clean));
    RC_ASSERT(!clean.empty());
    RC_ASSERT(length_in(SizeUnit::CodePoints, clean) <= kNameCharactersMax);
    RC_ASSERT(sanitised_name(clean) == clean);
  }));
}

TEST_CASE("units: a text is as long as its reader counts", "[text]") {
  const std::string text = "aک😀";
  CHECK(length_in(SizeUnit::Bytes, text) == 7);
  CHECK(length_in(SizeUnit::Utf16, text) == 4);
  CHECK(length_in(SizeUnit::CodePoints, text) == 3);
  CHECK(first_code_points(text, 2) == "aک");
  CHECK(first_code_points(text, 9) == text);
}

TEST_CASE("escape: what a syntax acts upon is written so that it is seen", "[text]") {
  const std::string text = "<a href='x'>\"&\"</a>";
  CHECK(escaped(Escape::Html, text) == "&lt;a href=&#39;x&#39;&gt;&quot;&amp;&quot;&lt;/a&gt;");
  CHECK(escaped(Escape::Telegram, text) == "&lt;a href='x'&gt;\"&amp;\"&lt;/a&gt;");
  CHECK(escaped(Escape::Slack, "<!channel> & *") == "&lt;!channel&gt; &amp; *");
  CHECK(escaped(Escape::Markdown, "A_B*[x](y)") == "A\\_B\\*\\[x\\](y)");
  CHECK(escaped(Escape::Markdown, "@All @107") == "@\u200BAll @107");
  CHECK(escaped(Escape::Json, "a\"\\\n\x01\xFF") == "a\\\"\\\\\\n\\u0001\uFFFD");
  CHECK(escaped(Escape::None, text) == text);
}

TEST_CASE("escape: JSON strings read back", "[text]") {
  CHECK(rc::check("json_string reads back", [] {
    const std::string name = sanitised_name(any_symbol_name()) + "\"\\\n\t\x01";
    RC_ASSERT(nlohmann::json::parse(json_string(name)).get<std::string>() == name);
    // Bytes that are no UTF-8 do not spoil the document.
    RC_ASSERT(nlohmann::json::accept(json_string(any_symbol_name())));
  }));
}

TEST_CASE("isolates: what a cut left open is closed in its line", "[text]") {
  CHECK(with_isolates_closed("a\u2068b") == "a\u2068b\u2069");
  CHECK(with_isolates_closed("a\u2068b\nc\u2069") == "a\u2068b\u2069\nc");
  CHECK(with_isolates_closed("\u2069\u2068\u2068x") == "\u2068\u2068x\u2069\u2069");
  CHECK(with_isolates_closed("\u2068x\u2069") == "\u2068x\u2069");
}

TEST_CASE("limited: a cut text is within its limit, balanced, and as long as may be", "[text]") {
  CHECK(rc::check("cut", [] {
    const std::string text = "\u2068" + sanitised_name(any_symbol_name()) + "\u2069 & \u2068" +
                             sanitised_name(any_symbol_name()) + "\u2069" + std::string(50, '<');
    const auto unit = *rc::gen::element(SizeUnit::Bytes, SizeUnit::Utf16, SizeUnit::CodePoints);
    const SizeLimit limit{unit, *rc::gen::inRange<std::size_t>(16, 80)};
    const auto escape = *rc::gen::element(Escape::None, Escape::Telegram, Escape::Html);
    const std::string cut = cut_and_escaped(text, limit, escape);
    RC_ASSERT(fits(limit, cut));
    RC_ASSERT(isolates_are_balanced(cut));
    // Another character, an ellipsis in bytes, and marks to close would not have gone in.
    RC_ASSERT(length_in(unit, cut) + 16 > limit.most);
  }));
}

}  // namespace fastrsi
