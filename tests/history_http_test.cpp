// The HTTP client: what it takes, what it refuses and in which words.
#include <string>
#include <thread>

#include "feeds/live/http_client.hpp"
#include "tests/catch.hpp"
#include "tests/net_certificates.hpp"
#include "tests/net_server.hpp"

using namespace fastrsi;
using namespace fastrsi::live;
using namespace fastrsi::net::test;
using namespace std::chrono_literals;

namespace {

// Answers each request on each connection with these bytes.
Server::Serve always(const std::string& answer) {
  return [answer](Peer& peer) {
    if (!peer.handshake()) return;
    while (!peer.read_head().empty()) peer.write(answer);
  };
}

std::string url_of(const Server& server, const std::string& scheme = "http") {
  return scheme + "://127.0.0.1:" + std::to_string(server.port()) + "/a?b=c";
}

HttpSettings trusting(const std::string& ca_file, const std::string& pin = {}) {
  HttpSettings settings;
  settings.ca_file = ca_file;
  settings.pin = pin;
  return settings;
}

const std::string kFine = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]";

}  // namespace

TEST_CASE("http: an answer comes with its headers by lower-case name", "[live_history]") {
  std::vector<std::string> requests;
  Server server([&](Peer& peer) {
    for (std::string head = peer.read_head(); !head.empty(); head = peer.read_head()) {
      requests.push_back(head);
      peer.write(
          "HTTP/1.1 429 Slow\r\nX-MBX-Used: 17 \r\nRetry-After: 12\r\nContent-Length: 4\r\n\r\n"
          "body");
    }
  });
  {
    HttpClient client({});
    for (int i = 0; i < 2; ++i) {
      const HttpAnswer answer = client.get(url_of(server));
      CHECK(answer.error.empty());
      CHECK(answer.status == 429);
      CHECK(answer.body == "body");
      CHECK(answer.headers.at("x-mbx-used") == "17");
      CHECK(answer.retry_after == 12s);
    }
  }
  server.finish();
  REQUIRE(requests.size() == 2);
  CHECK_THAT(requests[0], ContainsSubstring("GET /a?b=c HTTP/1.1\r\n"));
  CHECK_THAT(requests[0], ContainsSubstring("User-Agent: fastrsi/"));
}

TEST_CASE("http: an answer that is too long, cut or none at all is an error in words",
          "[live_history]") {
  HttpSettings settings;
  settings.body_bytes_max = 1000;
  settings.answer_within = 10s;
  const auto error_of = [&](const std::string& bytes) {
    const Server server([bytes](Peer& peer) {
      peer.read_head();
      peer.write(bytes);
    });
    HttpClient client(settings);
    const HttpAnswer answer = client.get(url_of(server));
    CHECK(answer.body.empty());
    return answer.error;
  };
  CHECK_THAT(error_of("HTTP/1.1 200 OK\r\n\r\n" + std::string(1001, 'x')),
             ContainsSubstring("longer than 1000 bytes"));
  CHECK_THAT(error_of("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort"),
             ContainsSubstring("127.0.0.1"));
  CHECK_THAT(error_of(""), ContainsSubstring("127.0.0.1"));
  CHECK_FALSE(error_of("\x16\x03\x01 what is this\r\n\r\n").empty());
  std::string head = "HTTP/1.1 200 OK\r\n";
  for (int i = 0; i < 100; ++i)
    head += "X-" + std::to_string(i) + ": " + std::string(1000, 'y') + "\r\n";
  CHECK_THAT(error_of(head + "Content-Length: 2\r\n\r\n[]"), ContainsSubstring("head is longer"));
}

TEST_CASE("http: nobody there, no such name, no such scheme: each has its words",
          "[live_history]") {
  HttpClient client({});
  std::string gone;
  {
    Server server(always(kFine));
    gone = url_of(server);
    server.finish();
  }
  CHECK_THAT(client.get(gone).error, ContainsSubstring("onnect"));
  CHECK_FALSE(client.get("http://name.invalid/").error.empty());
  CHECK_THAT(client.get("file:///etc/passwd").error, ContainsSubstring("file"));
}

TEST_CASE("http: a redirect is an answer like any other", "[live_history]") {
  const Server server(
      always("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"));
  HttpClient client({});
  const HttpAnswer answer = client.get(url_of(server));
  CHECK(answer.status == 302);
  CHECK(answer.headers.at("location") == "http://127.0.0.1:1/");
}

TEST_CASE("http: TLS is checked by authority, name and pin", "[live_history]") {
  const Authority authority;
  const Authority stranger;
  net::TlsServer right(authority.issue("right"));
  CertificateForm elsewhere;
  elsewhere.names = "DNS:elsewhere.example";
  net::TlsServer other_name(authority.issue("other", elsewhere));
  const auto get = [](net::TlsServer& tls, HttpSettings settings) {
    const Server server(always(kFine), &tls);
    HttpClient client(std::move(settings));
    return client.get(url_of(server, "https"));
  };
  const std::string ca = authority.ca_file();
  CHECK(get(right, trusting(ca)).body == "[]");
  CHECK(get(right, trusting(ca, authority.pin("right"))).body == "[]");
  CHECK(get(right, trusting(ca, "sha256//" + authority.pin("right"))).body == "[]");
  CHECK_THAT(get(right, trusting(ca, authority.pin("other"))).error,
             ContainsSubstring("public key"));
  // Another authority of the same name: the signature is wrong, and OpenSSL's own line says so
  // ("error:...:... routines::..."), whatever libcurl writes before it.
  CHECK_THAT(get(right, trusting(stranger.ca_file())).error, ContainsSubstring("routines::"));
  CHECK_THAT(get(right, {}).error, ContainsSubstring("certificate"));
  CHECK_THAT(get(other_name, trusting(ca)).error, ContainsSubstring("127.0.0.1"));
}

TEST_CASE("http: a proxy is the configuration's, never the environment's", "[live_history]") {
  std::string head;
  Server proxy([&](Peer& peer) {
    head = peer.read_head();
    peer.write(kFine);
  });
  {
    HttpSettings settings;
    settings.proxy = "http://me:secret@127.0.0.1:" + std::to_string(proxy.port());
    HttpClient client(settings);
    CHECK(client.get("http://name.invalid/a").body == "[]");
  }
  proxy.finish();
  CHECK_THAT(head, ContainsSubstring("GET http://name.invalid/a HTTP/1.1\r\n"));
  CHECK_THAT(head, ContainsSubstring("Proxy-Authorization: Basic bWU6c2VjcmV0"));
  const Server server(always(kFine));
  ::setenv("http_proxy", "http://127.0.0.1:1", 1);
  HttpClient client({});
  CHECK(client.get(url_of(server)).body == "[]");
  ::unsetenv("http_proxy");
}

TEST_CASE("http: stop ends a request under way, and those after it", "[live_history]") {
  HttpSettings settings;
  settings.answer_within = 1h;
  HttpClient client(settings);
  const Server server([&](Peer& peer) {
    peer.read_head();
    client.stop();
    peer.read_some();
  });
  const HttpAnswer answer = client.get(url_of(server));
  CHECK(answer.is_stopped);
  CHECK_FALSE(answer.error.empty());
  CHECK(client.get(url_of(server)).is_stopped);
}
