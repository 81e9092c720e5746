// Mails: what is refused before a first one is written, what headers look like, that the same
// message has the same octets. That others read them is tests/text/mail_test.py's to show.
#include <rapidcheck.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "sinks/text/address.hpp"
#include "sinks/text/composers.hpp"
#include "sinks/text/mime.hpp"
#include "sinks/text/sanitise.hpp"
#include "tests/catch.hpp"
#include "tests/text_events.hpp"

namespace fastrsi {
namespace {

MailSettings good_settings() {
  MailSettings settings;
  settings.from = "rsi@example.org";
  settings.from_name = "Signals";
  settings.to = {"trader@example.org"};
  return settings;
}

std::string refusal_of(const MailSettings& settings) {
  try {
    make_mail_composer(settings);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "accepted";
}

std::string from_base64(std::string_view text) {
  std::string out;
  unsigned bits = 0;
  int have = 0;
  for (const char c : text) {
    if (c == '=') break;
    unsigned value = 0;
    if (c >= 'A' && c <= 'Z')
      value = static_cast<unsigned>(c - 'A');
    else if (c >= 'a' && c <= 'z')
      value = static_cast<unsigned>(c - 'a') + 26;
    else if (c >= '0' && c <= '9')
      value = static_cast<unsigned>(c - '0') + 52;
    else
      value = c == '+' ? 62 : 63;
    bits = (bits << 6U) | value;
    have += 6;
    if (have >= 8) {
      have -= 8;
      out += static_cast<char>((bits >> static_cast<unsigned>(have)) & 0xFFU);
    }
  }
  return out;
}

// RFC 2047 read the other way: words apart by white space alone are joined.
std::string decoded(std::string_view value) {
  if (value.find("=?") != 0) return std::string(value);
  std::string out;
  for (std::size_t at = value.find("=?"); at != std::string_view::npos; at = value.find("=?", at)) {
    const std::size_t end = value.find("?=", at + 10);
    REQUIRE(value.substr(at, 10) == "=?UTF-8?B?");
    CHECK(end + 2 - at <= 75);
    const std::string word = from_base64(value.substr(at + 10, end - at - 10));
    for (std::string_view left = word; !left.empty();) {  // no character is split between words
      REQUIRE(first_utf8(left).valid);
      left.remove_prefix(first_utf8(left).length);
    }
    out += word;
    at = end + 2;
  }
  return out;
}

}  // namespace

TEST_CASE("address: what may stand in a header, and what may not", "[text]") {
  for (const std::string good : {"a@b", "first.last+tag@mail.example.org", "o'neil@example.org",
                                 "x@xn--mgba3gch31f.example"}) {
    CHECK_NOTHROW(check_address("to", good));
  }
  for (const auto& [bad, why] : std::vector<std::pair<std::string, std::string>>{
           {"", "is empty"},
           {"a@b\r\nBcc: x@y", "control character"},
           {std::string("a\0@b", 4), "control character"},
           {"a b@c", "has a space"},
           {"<a@b>", "angle bracket"},
           {"a@b@c", "exactly one @"},
           {"example.org", "exactly one @"},
           {"@example.org", "nothing before its @"},
           {"a@", "is no domain"},
           {"a@b..c", "is no domain"},
           {"a@-b", "is no domain"},
           {"a@مثال.example", "xn-- form"},
           {"کاربر@example.org", "beyond ASCII"},
           {".a@b", "a dot at an end"},
           {"a,c@b", "need quoting"},
           {std::string(65, 'a') + "@b", "more than 64"},
           {"a@" + std::string(254, 'b'), "more than 254"}}) {
    INFO(bad);
    CHECK_THROWS_WITH(check_address("to", bad), ContainsSubstring(why) && ContainsSubstring("to:"));
  }
}

TEST_CASE("mail: every setting that reaches a header is checked, and named", "[text]") {
  using Change = void (*)(MailSettings&);
  const std::string evil = "a@b\r\nBcc: evil@example.org";
  CHECK(refusal_of(good_settings()) == "accepted");
  for (const auto& [field, change] : std::vector<std::pair<std::string, Change>>{
           {"from:", [](MailSettings& s) { s.from = "a@b\r\nX: y"; }},
           {"from_name:", [](MailSettings& s) { s.from_name = "a\r\nX: y"; }},
           {"from_name:", [](MailSettings& s) { s.from_name = "a\u202Eb"; }},
           {"from_name:", [](MailSettings& s) { s.from_name = "\xFF"; }},
           {"reply_to:", [](MailSettings& s) { s.reply_to = "a@b\nX: y"; }},
           {"to:", [](MailSettings& s) { s.to.push_back("a@b\r\nX: y"); }},
           {"cc:", [](MailSettings& s) { s.cc = {"a@b\r\nX: y"}; }},
           {"copy_to:", [](MailSettings& s) { s.copy_to = {"a@b\r\nX: y"}; }},
           {"domain:", [](MailSettings& s) { s.domain = "b>\r\nX: y"; }},
           {"subject_names:", [](MailSettings& s) { s.subject_names = 6; }},
           {"symbols_max:", [](MailSettings& s) { s.symbols_max = 0; }},
           {"zone", [](MailSettings& s) { s.text.zone = "Nowhere/Land"; }}}) {
    MailSettings settings = good_settings();
    change(settings);
    CHECK_THAT(refusal_of(settings), ContainsSubstring(field));
  }
}

TEST_CASE("mail: a sender's name has 70 characters, however many bytes", "[text]") {
  MailSettings settings = good_settings();
  std::string name;
  for (int i = 0; i < 70; ++i) name += "ک";
  settings.from_name = name;
  CHECK(refusal_of(settings) == "accepted");
  settings.from_name = name + "ک";
  CHECK_THAT(refusal_of(settings), ContainsSubstring("has 71 characters, at most 70"));
}

TEST_CASE("mail: headers are the ones named, in their order, and none is Bcc", "[text]") {
  MailSettings settings = good_settings();
  settings.reply_to = "desk@example.org";
  settings.copy_to = {"archive@example.org"};
  const auto events = make_delivery_events({"BTCUSDT", "ETHUSDT"}, Kind::Buy, Timeframe::H1);
  const auto mail = make_mail_composer(settings)->compose(events, make_envelope());
  const std::string head = mail.substr(0, mail.find("\r\n\r\n"));
  CHECK(head ==
        "Date: Thu, 08 Aug 2024 23:54:20 +0000\r\n"
        "From: \"Signals\" <rsi@example.org>\r\n"
        "Reply-To: desk@example.org\r\n"
        "To: trader@example.org\r\n"
        "Subject: [fastrsi] Buy signal (2) 1h\r\n"
        "Message-ID: <abcdefghijklmnopqrstuvwxyz@example.org>\r\n"
        "References: <2024-08-08.buy.1h@example.org>\r\n"
        "Auto-Submitted: auto-generated\r\n"
        "X-Fastrsi-Signal: buy; timeframe=1h; symbols=2; part=1/1\r\n"
        "MIME-Version: 1.0\r\n"
        "Content-Type: multipart/alternative;\r\n"
        " boundary=\"fastrsiabcdefghijklmnopqrstuvwxyz\"");
  CHECK(mail.find("archive@example.org") == std::string::npos);
}

TEST_CASE("mail: without recipients to show it says so", "[text]") {
  MailSettings settings = good_settings();
  settings.to.clear();
  const auto mail =
      make_mail_composer(settings)->compose(make_delivery_events({"A"}), make_envelope());
  CHECK(mail.find("\r\nTo: undisclosed-recipients:;\r\n") != std::string::npos);
}

TEST_CASE("mail: the same message has the same octets, lines are short and end with CRLF",
          "[text]") {
  CHECK(rc::check("octets", [] {
    MailSettings settings = good_settings();
    settings.text.language =
        *rc::gen::element(Language::English, Language::Persian, Language::Urdu, Language::Hindi);
    settings.subject_names = *rc::gen::inRange<std::size_t>(0, 6);
    const auto names = *rc::gen::nonEmpty<std::vector<std::string>>();
    const auto events = make_delivery_events(names, Kind::PhaseUp);
    const auto first = make_mail_composer(settings)->compose(events, make_envelope());
    const auto again = make_mail_composer(settings)->compose(events, make_envelope());
    RC_ASSERT(first == again);
    std::size_t line = 0;
    for (std::size_t i = 0; i < first.size(); ++i) {
      const auto byte = static_cast<unsigned char>(first[i]);
      RC_ASSERT(byte < 0x80);
      RC_ASSERT((byte >= 0x20 && byte != 0x7F) || byte == '\r' || byte == '\n');
      if (byte == '\r') RC_ASSERT(first.at(i + 1) == '\n');
      if (byte == '\n') {
        RC_ASSERT(first[i - 1] == '\r');
        line = 0;
      } else {
        RC_ASSERT(++line <= 78U);
      }
    }
  }));
}

TEST_CASE("mime: encoded words read back to what was written", "[text]") {
  CHECK(rc::check("encoded words", [] {
    std::string text = *rc::gen::element<std::string>("", "کد ", "خ", "😀", "a") +
                       sanitised_name(*rc::gen::string<std::string>()) +
                       *rc::gen::element<std::string>("ی", "ééééééééééééé", "😀😀😀😀😀😀");
    text += text + text;
    const std::size_t used = *rc::gen::inRange<std::size_t>(0, 80);
    const std::string value = encoded_words(text, used);
    RC_ASSERT(decoded(value.substr(value.find("=?") == std::string::npos ? 0 : value.find("=?"))) ==
              text);
  }));
  CHECK(encoded_words("plain text", 9) == "plain text");
  CHECK(encoded_words("=?x", 9) == "=?UTF-8?B?PT94?=");
}

TEST_CASE("mime: base64 is RFC 4648's", "[text]") {
  for (const auto& [plain, encoded] : std::vector<std::pair<std::string, std::string>>{
           {"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foobar", "Zm9vYmFy"}}) {
    CHECK(base64(plain) == encoded);
  }
}

TEST_CASE("mail: a relay is posted everything, the copies as bcc", "[text]") {
  MailSettings settings = good_settings();
  settings.form = MailForm::Relay;
  settings.copy_to = {"archive@example.org"};
  settings.text.language = Language::Persian;
  const auto json = nlohmann::json::parse(
      make_mail_composer(settings)->compose(make_delivery_events({"BTCUSDT"}), make_envelope()));
  CHECK(json["from"] == "rsi@example.org");
  CHECK(json["from_name"] == "Signals");
  CHECK(json["to"] == nlohmann::json::array({"trader@example.org"}));
  CHECK(json["cc"] == nlohmann::json::array());
  CHECK(json["bcc"] == nlohmann::json::array({"archive@example.org"}));
  CHECK(json["reply_to"].get<std::string>().empty());
  CHECK(json["message_id"] == "<abcdefghijklmnopqrstuvwxyz@example.org>");
  CHECK(json["subject"] ==
        "\u200F[fastrsi] سیگنال خرید (\u2068"
        "1\u2069) \u2068"
        "1m\u2069");
  CHECK(json["html"].get<std::string>().find("<bdi>\u2068BTCUSDT\u2069</bdi>") !=
        std::string::npos);
  CHECK(json.size() == 10);
}

TEST_CASE("mail: HTML of 250 symbols is shorter than what web mailers cut", "[text]") {
  MailSettings settings = good_settings();
  settings.form = MailForm::Relay;
  settings.text.language = Language::Persian;
  settings.text.digits = Digits::Native;
  std::vector<std::string> symbols;
  symbols.reserve(250);
  for (int i = 0; i < 250; ++i) symbols.push_back("SYMBOL" + std::to_string(100 + i) + "USDT");
  const auto json = nlohmann::json::parse(
      make_mail_composer(settings)->compose(make_delivery_events(symbols), make_envelope()));
  const auto html = json["html"].get<std::string>();
  CHECK(html.size() < 102'400);
  for (const std::string& symbol : symbols) REQUIRE(count_of(html, symbol) == 1);
}

TEST_CASE("mail: HTML has no markup but ours", "[text]") {
  MailSettings settings = good_settings();
  settings.form = MailForm::Relay;
  const auto html_of = [&](const std::string& symbol) {
    return nlohmann::json::parse(make_mail_composer(settings)->compose(
        make_delivery_events({symbol}), make_envelope()))["html"]
        .get<std::string>();
  };
  const std::string html = html_of("<img src=x onerror=\"a('b')\">&");
  CHECK(html.find("<img") == std::string::npos);
  CHECK(html.find("&lt;img src=x onerror=&quot;a(&#39;b&#39;)&quot;&gt;&amp;") !=
        std::string::npos);
  CHECK(html.find("http") == std::string::npos);
  settings.text.text_template = "<script>{{symbols}}\nRSI < 30";
  const std::string own = html_of("<b>");
  CHECK(own.find("&lt;script&gt;&lt;b&gt;<br>\nRSI &lt; 30<br>") != std::string::npos);
}

}  // namespace fastrsi
