// URLs of feeds and proxies: what is taken, and what is refused with which words.
#include <string>
#include <vector>

#include "feeds/net/proxy.hpp"
#include "feeds/net/url.hpp"
#include "tests/catch.hpp"

namespace fastrsi::net {
namespace {

Url good(std::string_view text, bool with_credentials = false) {
  const auto parsed = parse_url(text, with_credentials);
  INFO(text);
  REQUIRE(std::holds_alternative<Url>(parsed));
  return std::get<Url>(parsed);
}

std::string bad(std::string_view text) {
  const auto parsed = parse_url(text);
  INFO(text);
  REQUIRE(std::holds_alternative<UrlError>(parsed));
  return std::get<UrlError>(parsed).sentence;
}

TEST_CASE("url: its parts are found", "[net]") {
  const Url url = good("WSS://Stream.Binance.com:9443/stream?streams=btcusdt@trade/ethusdt@trade");
  CHECK(url.scheme == "wss");
  CHECK(url.host == "stream.binance.com");
  CHECK(url.port == 9443);
  CHECK(url.target == "/stream?streams=btcusdt@trade/ethusdt@trade");
  CHECK(url.is_tls());
  CHECK(url.authority() == "stream.binance.com:9443");
}

TEST_CASE("url: what is left out has its usual value", "[net]") {
  CHECK(good("ws://a").port == 80);
  CHECK(good("wss://a").port == 443);
  CHECK(good("http://a").port == 80);
  CHECK(good("https://a").port == 443);
  CHECK(good("ws://a").target == "/");
  CHECK(good("ws://a?b=c").target == "/?b=c");
  CHECK(good("wss://a:443/").authority() == "a");
  CHECK_FALSE(good("ws://a").is_tls());
}

TEST_CASE("url: addresses are hosts", "[net]") {
  CHECK(good("ws://127.0.0.1:8080/").host == "127.0.0.1");
  const Url v6 = good("ws://[::1]:8080/x");
  CHECK(v6.host == "::1");
  CHECK(v6.port == 8080);
  CHECK(v6.authority() == "[::1]:8080");
  CHECK(is_ip_literal("10.1.2.3"));
  CHECK(is_ip_literal("fe80::1"));
  CHECK_FALSE(is_ip_literal("a.b"));
}

TEST_CASE("url: what is none is refused, and said why", "[net]") {
  CHECK_THAT(bad(""), ContainsSubstring("empty"));
  CHECK_THAT(bad("stream.binance.com"), ContainsSubstring("does not begin with ws://"));
  CHECK_THAT(bad("ftp://a"), ContainsSubstring("scheme"));
  CHECK_THAT(bad("ws://"), ContainsSubstring("no host"));
  CHECK_THAT(bad("ws://a:0/"), ContainsSubstring("port"));
  CHECK_THAT(bad("ws://a:65536/"), ContainsSubstring("port"));
  CHECK_THAT(bad("ws://a:/"), ContainsSubstring("port"));
  CHECK_THAT(bad("ws://a:80x/"), ContainsSubstring("port"));
  CHECK_THAT(bad("ws://a b/"), ContainsSubstring("%-escaped"));
  CHECK_THAT(bad("ws://a/\r\nHost: b"), ContainsSubstring("%-escaped"));
  CHECK_THAT(bad("ws://\xC3\xA4/"), ContainsSubstring("%-escaped"));
  CHECK_THAT(bad("ws://a/#b"), ContainsSubstring("fragment"));
  CHECK_THAT(bad("ws://[::1/"), ContainsSubstring("bracket"));
  CHECK_THAT(bad("ws://[1.2.3.4]/"), ContainsSubstring("IPv6"));
  CHECK_THAT(bad("ws://" + std::string(5000, 'a')), ContainsSubstring("4096"));
  for (const std::string host :
       {"-a", "a-", "a..b", ".a", "a_!", "1.2.3.4.5", "256.1.1.1", "::1"}) {
    CHECK_THAT(bad("ws://" + host + "/"), ContainsSubstring("host") || ContainsSubstring("port"));
  }
  CHECK_THAT(bad("ws://" + std::string(64, 'a') + "/"), ContainsSubstring("host"));
}

TEST_CASE("url: a password is refused in a feed's URL, and never repeated", "[net]") {
  const std::string said = bad("wss://me:secret@host/");
  CHECK_THAT(said, ContainsSubstring("password"));
  CHECK_THAT(said, !ContainsSubstring("secret"));
}

TEST_CASE("url: what a query holds is not repeated in an error", "[net]") {
  for (const std::string text : {"wss://a/ws?token=secret#x", "wss://me:se?cret@a/", "x?secret"}) {
    const std::string said = bad(text);
    CHECK_THAT(said, !ContainsSubstring("cret"));
    CHECK_THAT(said, ContainsSubstring("..."));
  }
}

TEST_CASE("proxy: its URL may have a user and a password", "[net]") {
  const auto parsed = parse_proxy("socks5://me:p%40ss%3A@proxy.lan:1081");
  REQUIRE(std::holds_alternative<Url>(parsed));
  const Url& url = std::get<Url>(parsed);
  CHECK(url.user == "me");
  CHECK(url.password == "p@ss:");
  CHECK(url.authority() == "proxy.lan:1081");
  CHECK(std::get<Url>(parse_proxy("socks5://h")).port == 1080);
  for (const std::string text :
       {"https://h", "ws://h", "h:80", "http://a%3Ab:c@h", "http://%g@h"}) {
    INFO(text);
    CHECK(std::holds_alternative<UrlError>(parse_proxy(text)));
  }
}

}  // namespace
}  // namespace fastrsi::net
