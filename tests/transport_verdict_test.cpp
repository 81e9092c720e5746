// What is pure in the transports: replies read, answers judged, addresses checked, texts for
// people.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <set>
#include <string>
#include <vector>

#include "engine/base/utf8.hpp"
#include "sinks/transport/address_guard.hpp"
#include "sinks/transport/diagnosis.hpp"
#include "sinks/transport/presets.hpp"
#include "sinks/transport/push_request.hpp"
#include "sinks/transport/push_verdict.hpp"
#include "sinks/transport/secret.hpp"
#include "sinks/transport/smtp_address.hpp"
#include "sinks/transport/smtp_limits.hpp"
#include "sinks/transport/smtp_verdict.hpp"
#include "tests/catch.hpp"

namespace fastrsi::transport {
namespace {

bool is_public(const char* text) {
  sockaddr_storage storage{};
  in_addr v4{};
  if (::inet_pton(AF_INET, text, &v4) == 1) {
    auto& address = reinterpret_cast<sockaddr_in&>(storage);
    address.sin_family = AF_INET;
    address.sin_addr = v4;
  } else {
    auto& address = reinterpret_cast<sockaddr_in6&>(storage);
    address.sin6_family = AF_INET6;
    REQUIRE(::inet_pton(AF_INET6, text, &address.sin6_addr) == 1);
  }
  return is_public_address(reinterpret_cast<const sockaddr&>(storage));
}

SmtpReply reply(int code, const char* enhanced, const char* text) {
  return {code, enhanced, text};
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const Utf8Step step = first_utf8(text);
    if (!step.valid) return false;
    text.remove_prefix(step.length);
  }
  return true;
}

SendAnswer answer_with(std::string_view row) {
  SendAnswer answer;
  answer.row = row;
  return answer;
}

}  // namespace

TEST_CASE("transport: addresses that are not of the public internet are known", "[transport]") {
  for (const char* const text : {"0.0.0.0",
                                 "10.1.2.3",
                                 "100.64.0.1",
                                 "100.127.255.255",
                                 "127.0.0.1",
                                 "127.255.255.255",
                                 "169.254.169.254",
                                 "172.16.0.1",
                                 "172.31.255.255",
                                 "192.0.0.1",
                                 "192.168.1.1",
                                 "198.18.0.1",
                                 "198.19.255.255",
                                 "224.0.0.1",
                                 "239.1.1.1",
                                 "240.0.0.1",
                                 "255.255.255.255",
                                 "::",
                                 "::1",
                                 "::ffff:127.0.0.1",
                                 "::ffff:10.0.0.1",
                                 "::127.0.0.1",
                                 "fe80::1",
                                 "fc00::1",
                                 "fdff::1",
                                 "fec0::1",
                                 "ff02::1",
                                 "64:ff9b::7f00:1",
                                 "64:ff9b::a00:1",
                                 "2002:7f00:1::1",
                                 "2002:c0a8:101::1",
                                 "2001::1",
                                 "2001:db8::1",
                                 "100::1"}) {
    CAPTURE(text);
    CHECK_FALSE(is_public(text));
  }
  for (const char* const text :
       {"1.1.1.1",        "9.255.255.255",    "11.0.0.1",        "100.63.255.255",
        "100.128.0.0",    "126.255.255.255",  "128.0.0.1",       "169.253.255.255",
        "172.15.255.255", "172.32.0.0",       "192.167.255.255", "198.17.255.255",
        "198.20.0.0",     "223.255.255.255",  "2606:4700::1111", "2a00:1450::1",
        "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1", "2001:4860::8888"}) {
    CAPTURE(text);
    CHECK(is_public(text));
  }
}

TEST_CASE("transport: a talk knows which command got which reply", "[transport]") {
  SmtpTalk talk;
  CHECK(talk.step() == SmtpStep::Connect);
  talk.heard("220-one\r\n220 two\r\n");
  CHECK(talk.is_greeted());
  talk.sent("EHLO me\r\n");
  talk.heard("250-a\r\n");
  CHECK(talk.pending().code == 0);
  talk.heard("250 b\r\n");
  CHECK(talk.pending().text == "a b");
  talk.sent("AUTH PLAIN AGNhbmFyeQBjYW5hcnk=\r\n");
  talk.heard("334 Y2FuYXJ5\r\n");
  talk.sent("Y2FuYXJ5\r\n");
  talk.heard("235 2.7.0 ok\r\n");
  CHECK(talk.is_authenticated());
  talk.sent("MAIL FROM:<a@b.c>\r\n");
  talk.heard("250 2.1.0 ok\r\n");
  talk.sent("RCPT TO:<x@b.c>\r\n");
  talk.heard("550-5.1.1 no\r\n550 5.1.1 such user\r\n");
  talk.sent("RCPT TO:<y@b.c>\r\n");
  CHECK(talk.recipient(0).code == 550);
  CHECK(talk.recipient(0).enhanced == "5.1.1");
  CHECK(talk.recipient(0).text == "no such user");
  CHECK(talk.recipient(1).code == 0);
  CHECK(talk.recipient(2).code == 0);
  std::string all;
  for (const std::string& line : talk.transcript()) all += line + "\n";
  CHECK(all.find("canary") == std::string::npos);
  CHECK(all.find("Y2FuYXJ5") == std::string::npos);
  CHECK(all.find("AGNh") == std::string::npos);
  CHECK(all.find("> AUTH PLAIN ***\n< 334 ***\n> ***\n< 235 2.7.0 ok\n") != std::string::npos);
}

TEST_CASE("transport: 235 outside of a login is none", "[transport]") {
  SmtpTalk talk;
  talk.heard("220 x\r\n");
  talk.sent("EHLO me\r\n");
  talk.heard("235 fooled you\r\n");
  CHECK_FALSE(talk.is_authenticated());
}

TEST_CASE("transport: an enhanced code is read when it is one", "[transport]") {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"550 5.1.1 x", "5.1.1"}, {"550 5.1.1", "5.1.1"}, {"550 5.123.45 x", "5.123.45"},
      {"550 4.1.1 x", ""},      {"550 5.1 x", ""},      {"550 5.1.1x", ""},
      {"550 5.1234.1 x", ""},   {"550 5..1 x", ""},     {"550 x 5.1.1", ""},
      {"550 5.1.1.1 x", ""},    {"550 ", ""},           {"550", ""}};
  for (const auto& [line, enhanced] : cases) {
    CAPTURE(line);
    SmtpTalk talk;
    talk.heard(line + "\r\n");
    CHECK(talk.last().code == 550);
    CHECK(talk.last().enhanced == enhanced);
  }
}

TEST_CASE("transport: a limit of the account is no fault of the mail", "[transport]") {
  CHECK(is_quota(reply(550, "5.4.5", "Daily user sending limit exceeded.")));
  CHECK(is_quota(reply(552, "5.2.2", "Over quota")));
  CHECK(is_quota(reply(554, "5.7.0", "Sending RATE too high")));
  CHECK(is_quota(reply(550, "", "You have reached a limit for sending mail")));
  CHECK_FALSE(is_quota(reply(552, "5.3.4", "Message size exceeds fixed limit")));
  CHECK_FALSE(is_quota(reply(552, "", "Message size exceeds limit")));
  CHECK_FALSE(is_quota(reply(550, "5.7.1", "Unlimited delivery is corporate only")));
  CHECK_FALSE(is_quota(reply(450, "4.2.1", "rate limit")));
  CHECK(is_rate(reply(421, "4.7.28", "Rate limit reached")));
  CHECK_FALSE(is_rate(reply(421, "4.3.2", "Shutting down")));
}

TEST_CASE("transport: hosts and ports are read, and ports follow from tls", "[transport]") {
  const auto check = [](std::string_view text, std::string_view host, std::uint16_t port) {
    const HostPort split = split_host(text);
    CHECK(split.host == host);
    CHECK(split.port == port);
  };
  check("a.test", "a.test", 0);
  check("a.test:587", "a.test", 587);
  check("::1", "::1", 0);
  check("[::1]:25", "::1", 25);
  check("[::1]", "::1", 0);
  for (const char* const bad : {"", "a:", "a:0", "a:65536", "a:x", "[::1", "[::1]25", "a b", "a/b",
                                "a\r\nb", "a@b", "a?b", "a:25x", "[]:25"}) {
    CAPTURE(bad);
    CHECK_THROWS_AS(split_host(bad), std::runtime_error);
  }
  using Ports = std::vector<std::uint16_t>;
  CHECK(ports_of(0, SmtpTls::Auto) == Ports{465, 587, 25});
  CHECK(ports_of(0, SmtpTls::StartTls) == Ports{587, 25});
  CHECK(ports_of(0, SmtpTls::Implicit) == Ports{465});
  CHECK(ports_of(0, SmtpTls::None) == Ports{25});
  CHECK(ports_of(2525, SmtpTls::Auto) == Ports{2525});
  CHECK(is_loopback("127.9.9.9"));
  CHECK(is_loopback("::1"));
  CHECK(is_loopback("localhost"));
  CHECK_FALSE(is_loopback("localhost.evil.test"));
  CHECK_FALSE(is_loopback("128.0.0.1"));
}

TEST_CASE("transport: seconds are read as services write them", "[transport]") {
  using std::chrono::milliseconds;
  CHECK(seconds_text("3") == milliseconds{3000});
  CHECK(seconds_text("0.35") == milliseconds{350});
  CHECK(seconds_text("99999999999") == std::chrono::hours{24 * 7});
  for (const char* const bad :
       {"", "x", "-1", "1x", "nan", "inf", "Wed, 21 Oct 2015 07:28:00 GMT"}) {
    CHECK(seconds_text(bad) == milliseconds{0});
  }
}

TEST_CASE("transport: marks and entities are taken out of Telegram's text", "[transport]") {
  CHECK(without_marks("<b>A &amp; B</b> &lt;x&gt; &quot;q&quot;") == "A & B <x> \"q\"");
  CHECK(without_marks("a < b") == "a ");
  CHECK(without_marks("&unknown; &") == "&unknown; &");
  CHECK(without_marks("").empty());
}

// RFC 4231's second case has this key and text; ours has the time before it, so the digest is from
// `printf '1700000000.{}' | openssl dgst -sha256 -hmac Jefe`.
TEST_CASE("transport: a signature is what openssl says", "[transport]") {
  CHECK(signature("Jefe", 1700000000, "{}") ==
        "t=1700000000,v1=d3793e2b4103edfbd98cc19591832f5fad701d413db9fcae0ae7dab8184ed207");
}

TEST_CASE("transport: a secret is found in every form in which it may come back", "[transport]") {
  Redactor redactor;
  redactor.add("canary \"pass\"/+");
  for (const char* const text :
       {"canary \"pass\"/+", "canary \\\"pass\\\"/+", "canary%20%22pass%22%2F%2B",
        "canary%20%22pass%22%2f%2b", "canary%20%22pass%22/%2B", "Y2FuYXJ5ICJwYXNzIi8r"}) {
    CAPTURE(text);
    CHECK(redactor.clean(std::string{"a "} + text + " b") == "a *** b");
  }
  redactor.add("pass \xc3\xa9\xf0\x9f\x94\x91\"x");
  for (const char* const text :
       {"pass \xc3\xa9\xf0\x9f\x94\x91\"x", "pass \\u00e9\\ud83d\\udd11\\\"x",
        "pass \\u00E9\\uD83D\\uDD11\\\"x", "pass \\\\u00e9\\\\ud83d\\\\udd11\\\\\\\"x"}) {
    CAPTURE(text);
    CHECK(redactor.clean(std::string{"a "} + text + " b") == "a *** b");
  }
  CHECK(redactor.clean("nothing of it") == "nothing of it");
  CHECK(redactor.line("\x1b[31m\r\n") == "\\x1b[31m\\x0d\\x0a");
  CHECK(redactor.line(std::string(600, 'x')).size() == 500);
  CHECK(redactor.line("xx\xd8\xb3", 3) == "xx");
}

TEST_CASE("transport: every row has its sentence in every language", "[transport]") {
  std::set<std::string> seen;
  for (const std::string_view language : {"en", "fa", "ur", "hi"}) {
    for (const row::Word word : row::kAll) {
      CAPTURE(std::string{word}, std::string{language});
      const std::string text = diagnosis(answer_with(word), "", language);
      CHECK(text != diagnosis(answer_with("no such row"), "", language));
      CHECK(text.size() > 15);
      CHECK(is_utf8(text));
      CHECK(seen.insert(text).second);
    }
  }
  CHECK(row_texts_en().size() == row::kAll.size());
  CHECK(row_texts_fa().size() == row::kAll.size());
  CHECK(row_texts_ur().size() == row::kAll.size());
  CHECK(row_texts_hi().size() == row::kAll.size());
  CHECK(diagnosis(answer_with(row::kOk), "", "xx") == diagnosis(answer_with(row::kOk), "", "en"));
}

TEST_CASE("transport: the great providers' own ways are told", "[transport]") {
  const auto text = [](std::string_view word, std::string_view host) {
    return diagnosis(answer_with(word), host, "en");
  };
  CHECK(text(row::kAuthRefused, "smtp.gmail.com").find("app password") != std::string::npos);
  CHECK(text(row::kAuthRefused, "smtp.mail.yahoo.com").find("app password") != std::string::npos);
  CHECK(text(row::kAuthRefused, "smtp.office365.com").find("xoauth2") != std::string::npos);
  CHECK(text(row::kAuthRefused, "mail.example.org").find("app password") == std::string::npos);
  CHECK(text(row::kQuota, "smtp.gmail.com").find("500") != std::string::npos);
  CHECK(text(row::kDns, "smtp.gmail.com") == text(row::kDns, ""));
}

TEST_CASE("transport: a preset fills in what is left open", "[transport]") {
  REQUIRE(find_preset("office365") != nullptr);
  CHECK(find_preset("hotmail") == nullptr);
  SmtpSettings settings;
  apply(*find_preset("office365"), settings);
  CHECK(settings.host == "smtp.office365.com");
  CHECK(settings.port == 587);
  CHECK(settings.auth == SmtpAuth::XOAuth2);
  settings = {};
  settings.host = "mine.test";
  settings.auth = SmtpAuth::Plain;
  apply(*find_preset("gmail"), settings);
  CHECK(settings.host == "mine.test");
  CHECK(settings.auth == SmtpAuth::Plain);
  CHECK(find_preset("gmail")->recipients_a_day == 480);
}

}  // namespace fastrsi::transport
