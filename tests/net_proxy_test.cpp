// Proxies: what is said to them byte by byte, and a WebSocket through each kind.
#include <string>
#include <vector>

#include "feeds/net/proxy.hpp"
#include "feeds/net/websocket_handshake.hpp"
#include "tests/catch.hpp"
#include "tests/net_server.hpp"

namespace fastrsi::net {
namespace {

using ProxyState = ProxyTalk::State;
using test::Client;
using test::Peer;
using test::Server;

Url proxy(std::string_view text) {
  return std::get<Url>(parse_proxy(text));
}

std::string bytes_of(std::initializer_list<int> values) {
  std::string bytes;
  for (const int value : values) bytes += static_cast<char>(value);
  return bytes;
}

// Says it byte by byte; the state after the last one.
ProxyState tell(ProxyTalk& talk, std::string_view bytes) {
  ProxyState state = ProxyState::Short;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    REQUIRE(state == ProxyState::Short);
    state = talk.take(bytes.substr(i, 1));
  }
  return state;
}

TEST_CASE("proxy: CONNECT is asked as RFC 9110 says, with credentials", "[net]") {
  ProxyTalk plain(proxy("http://h:3128"), "feed.example", 443);
  CHECK(plain.take_output() ==
        "CONNECT feed.example:443 HTTP/1.1\r\nHost: feed.example:443\r\n\r\n");
  CHECK(plain.take_output().empty());
  CHECK(tell(plain, "HTTP/1.1 200 Connection established\r\n\r\n") == ProxyState::Done);
  // The example of RFC 7617.
  ProxyTalk basic(proxy("http://Aladdin:open%20sesame@h"), "::1", 80);
  CHECK(basic.take_output() ==
        "CONNECT [::1]:80 HTTP/1.1\r\nHost: [::1]:80\r\n"
        "Proxy-Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n\r\n");
}

TEST_CASE("proxy: an HTTP proxy that refuses or is none is told as such", "[net]") {
  const auto end_of = [](const std::string& answer) {
    ProxyTalk talk(proxy("http://h"), "a", 1);
    REQUIRE(tell(talk, answer) == ProxyState::Failed);
    return talk.failure();
  };
  const Ended login = end_of("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
  CHECK(login.reason == EndReason::ProxyRefused);
  CHECK(login.http_status == 407);
  CHECK_THAT(login.sentence, ContainsSubstring("user and password"));
  CHECK(end_of("HTTP/1.1 502 Bad Gateway\r\n\r\n").reason == EndReason::ProxyRefused);
  CHECK(end_of("SSH-2.0\n\n").reason == EndReason::ProxyFailed);
  ProxyTalk more(proxy("http://h"), "a", 1);
  CHECK(more.take("HTTP/1.1 200 OK\r\n\r\nmore") == ProxyState::Failed);
  ProxyTalk lost(proxy("http://h"), "a", 1);
  CHECK(lost.take(std::string(20'000, 'x')) == ProxyState::Failed);
}

TEST_CASE("proxy: SOCKS5 is spoken as RFC 1928 and 1929 say", "[net]") {
  ProxyTalk talk(proxy("socks5://me:pw@h"), "feed.example", 0x1234);
  CHECK(talk.take_output() == bytes_of({5, 2, 0, 2}));
  CHECK(tell(talk, bytes_of({5, 2})) == ProxyState::Short);
  CHECK(talk.take_output() == bytes_of({1, 2, 'm', 'e', 2, 'p', 'w'}));
  CHECK(tell(talk, bytes_of({1, 0})) == ProxyState::Short);
  CHECK(talk.take_output() == bytes_of({5, 1, 0, 3, 12}) + "feed.example" + bytes_of({0x12, 0x34}));
  CHECK(tell(talk, bytes_of({5, 0, 0, 3, 2, 'a', 'b', 0, 80})) == ProxyState::Done);

  ProxyTalk address(proxy("socks5://h"), "10.0.0.1", 80);
  CHECK(address.take_output() == bytes_of({5, 1, 0}));
  CHECK(tell(address, bytes_of({5, 0})) == ProxyState::Short);
  CHECK(address.take_output() == bytes_of({5, 1, 0, 1, 10, 0, 0, 1, 0, 80}));
  CHECK(tell(address, bytes_of({5, 0, 0, 1, 1, 2, 3, 4, 0, 80})) == ProxyState::Done);
}

TEST_CASE("proxy: a SOCKS5 proxy that refuses or is none is told as such", "[net]") {
  const auto end_of = [](const std::string& answer) {
    ProxyTalk talk(proxy("socks5://me:pw@h"), "a", 1);
    REQUIRE(tell(talk, answer) == ProxyState::Failed);
    return talk.failure();
  };
  CHECK(end_of(bytes_of({5, 0xFF})).reason == EndReason::ProxyRefused);
  CHECK_THAT(end_of(bytes_of({5, 2, 1, 1})).sentence, ContainsSubstring("user or the password"));
  CHECK_THAT(end_of(bytes_of({5, 0, 5, 5})).sentence, ContainsSubstring("connection refused"));
  CHECK_THAT(end_of(bytes_of({5, 0, 5, 99})).sentence, ContainsSubstring("error 99"));
  CHECK(end_of("HT").reason == EndReason::ProxyFailed);
  CHECK(end_of(bytes_of({5, 0, 4, 0})).reason == EndReason::ProxyFailed);
  CHECK(end_of(bytes_of({5, 0, 5, 0, 0, 7, 1})).reason == EndReason::ProxyFailed);
}

// Behind the proxy the same connection is the server's.
void serve(Peer& peer) {
  peer.accept_websocket();
  peer.send(Opcode::Text, "through");
  peer.send(Opcode::Close, "");
  peer.next();
}

void check_through(const std::string& scheme, const Server::Serve& talk) {
  const Server server([&talk](Peer& peer) {
    talk(peer);
    serve(peer);
  });
  Client client;
  WebSocketSettings settings;
  // A name that only the proxy can know.
  settings.url = test::url_of("ws://feed.invalid/x");
  settings.proxy = proxy(scheme + "://me:pw@127.0.0.1:" + std::to_string(server.port()));
  client.open(std::move(settings));
  client.run();
  INFO(client.ended->sentence);
  CHECK(client.said == std::vector<std::string>{"open", "text:through", "closed"});
}

TEST_CASE("proxy: a WebSocket goes through both kinds, and they look its name up", "[net]") {
  check_through("http", [](Peer& peer) {
    peer.read_head();
    peer.write("HTTP/1.1 200 OK\r\n\r\n");
  });
  check_through("socks5", [](Peer& peer) {
    peer.read(4);
    peer.write(bytes_of({5, 2}));
    peer.read(7);
    peer.write(bytes_of({1, 0}));
    peer.read(5 + std::string_view("feed.invalid").size() + 2);
    peer.write(bytes_of({5, 0, 0, 1, 0, 0, 0, 0, 0, 0}));
  });
}

TEST_CASE("proxy: one that cuts the connection is named", "[net]") {
  const Server server([](Peer& peer) { peer.read_head(); });
  Client client;
  WebSocketSettings settings;
  settings.url = test::url_of("wss://feed.invalid/x");
  settings.proxy = proxy("http://127.0.0.1:" + std::to_string(server.port()));
  client.open(std::move(settings));
  client.run();
  CHECK(client.ended->reason == EndReason::ProxyFailed);
  CHECK_THAT(client.ended->sentence, ContainsSubstring("cuts the connection"));
}

}  // namespace
}  // namespace fastrsi::net
