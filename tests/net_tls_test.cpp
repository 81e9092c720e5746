// TLS between a client of ours and servers that are right or wrong: each refusal has its own
// reason, and its sentence says what is the matter.
#include <fcntl.h>
#include <openssl/ssl.h>

#include <string>
#include <vector>

#include "tests/catch.hpp"
#include "tests/net_certificates.hpp"
#include "tests/net_server.hpp"

namespace fastrsi::net {
namespace {

using test::Authority;
using test::CertificateForm;
using test::Client;
using test::Peer;
using test::Server;

void serve_a_message(Peer& peer) {
  peer.accept_websocket();
  peer.send(Opcode::Text, "hello");
  peer.send(Opcode::Close, "");
  peer.next();
}

// What a client that trusts the authority says of a server with such a certificate.
Ended refusal_of(const CertificateForm& form, const std::string& host = "127.0.0.1") {
  const Authority authority;
  TlsServer tls(authority.issue("server", form));
  const Server server(serve_a_message, &tls);
  Client client({authority.ca_file(), {}});
  return client.end_of(server.url("wss", host));
}

// A server that says `bytes` to whatever it hears.
Ended end_with_plain(const std::string& bytes) {
  const Server server([&bytes](Peer& peer) {
    peer.read_some();
    peer.write(bytes);
  });
  Client client;
  return client.end_of(server.url("wss"));
}

TEST_CASE("tls: messages come through from a server that is right", "[net]") {
  const Authority authority;
  TlsServer tls(authority.issue("server"));
  const Server server(serve_a_message, &tls);
  for (const char* const host : {"127.0.0.1", "localhost"}) {
    Client client({authority.ca_file(), {}});
    const Ended ended = client.end_of(server.url("wss", host));
    INFO(ended.sentence);
    CHECK(ended.reason == EndReason::Closed);
    CHECK(client.said == std::vector<std::string>{"open", "text:hello", "closed"});
  }
}

TEST_CASE("tls: a certificate that is not right is refused with its reason", "[net]") {
  const Ended expired = refusal_of({.ends_in_seconds = -60});
  CHECK(expired.reason == EndReason::TlsExpired);
  CHECK_THAT(expired.sentence, ContainsSubstring("has expired on 20"));

  const Ended early = refusal_of({.begins_in_seconds = 600});
  CHECK(early.reason == EndReason::TlsNotYetValid);
  CHECK_THAT(early.sentence, ContainsSubstring("is not valid before 20"));

  const Ended wrong = refusal_of({.names = "DNS:*.example.org,DNS:other.test,IP:10.0.0.1"});
  CHECK(wrong.reason == EndReason::TlsWrongHost);
  CHECK_THAT(wrong.sentence, ContainsSubstring("not for '127.0.0.1', but for '*.example.org', "
                                               "'other.test', 10.0.0.1"));

  const Ended name = refusal_of({.names = "DNS:other.test"}, "localhost");
  CHECK(name.reason == EndReason::TlsWrongHost);
  CHECK_THAT(name.sentence, ContainsSubstring("not for 'localhost', but for 'other.test'"));

  const Ended self = refusal_of({.signed_by_itself = true});
  CHECK(self.reason == EndReason::TlsSelfSigned);
  CHECK_THAT(self.sentence, ContainsSubstring("signed by itself"));
}

TEST_CASE("tls: an authority that is not trusted is named", "[net]") {
  const Authority authority;
  const Authority trusted;
  TlsServer tls(authority.issue("server"));
  const Server server(serve_a_message, &tls);
  for (const TlsSettings& settings : {TlsSettings{}, TlsSettings{trusted.ca_file(), {}}}) {
    Client client(settings);
    const Ended ended = client.end_of(server.url("wss"));
    CHECK(ended.reason == EndReason::TlsUnknownIssuer);
    CHECK_THAT(ended.sentence, ContainsSubstring("fastrsi test authority"));
  }
}

TEST_CASE("tls: a server that speaks TLS 1.1 only is told as such", "[net]") {
  const std::string hello(
      "\x16\x03\x02\x00\x2E\x02\x00\x00\x2A\x03\x02"
      "0123456789012345678901234567890\x30\x00\x00\x2F\x00\x00\x00\x00\x00\x00",
      51);
  const Ended answered = end_with_plain(hello);
  CHECK(answered.reason == EndReason::TlsTooOld);
  CHECK_THAT(answered.sentence, ContainsSubstring("speaks TLS 1.1 only"));

  // Alert 70: protocol_version.
  const Ended refused = end_with_plain(std::string("\x15\x03\x01\x00\x02\x02\x46", 7));
  CHECK(refused.reason == EndReason::TlsTooOld);
  CHECK_THAT(refused.sentence, ContainsSubstring("refuses TLS 1.2 and 1.3"));
}

TEST_CASE("tls: OpenSSL with TLS 1.1 at most is refused as too old", "[net]") {
  const Authority authority;
  const TlsServerSettings files = authority.issue("server");
  const Server server([&files](Peer& peer) {
    SSL_CTX* const context = SSL_CTX_new(TLS_server_method());
    SSL_CTX_set_max_proto_version(context, TLS1_1_VERSION);
    SSL_CTX_set_cipher_list(context, "ALL:@SECLEVEL=0");
    SSL_CTX_use_certificate_chain_file(context, files.certificate_file.c_str());
    SSL_CTX_use_PrivateKey_file(context, files.key_file.c_str(), SSL_FILETYPE_PEM);
    SSL* const ssl = SSL_new(context);
    fcntl(peer.descriptor(), F_SETFL, fcntl(peer.descriptor(), F_GETFL) & ~O_NONBLOCK);
    SSL_set_fd(ssl, peer.descriptor());
    SSL_accept(ssl);
    SSL_free(ssl);
    SSL_CTX_free(context);
  });
  Client client({authority.ca_file(), {}});
  const Ended ended = client.end_of(server.url("wss"));
  CHECK(ended.reason == EndReason::TlsTooOld);
  CHECK_THAT(ended.sentence, ContainsSubstring("TLS 1.1"));
}

TEST_CASE("tls: what is no TLS on the port is told as what it is", "[net]") {
  const Ended http = end_with_plain("HTTP/1.1 400 Bad Request\r\n\r\n");
  CHECK(http.reason == EndReason::TlsNotTls);
  CHECK_THAT(http.sentence, ContainsSubstring("plain HTTP"));
  const Ended other = end_with_plain("220 mail.example.org ESMTP\r\n");
  CHECK(other.reason == EndReason::TlsNotTls);
  CHECK_THAT(other.sentence, ContainsSubstring("220 mail"));
  const Ended cut = end_with_plain("");
  CHECK(cut.reason == EndReason::TlsClosed);
  const Ended alert = end_with_plain(std::string("\x15\x03\x03\x00\x02\x02\x28", 7));
  CHECK(alert.reason == EndReason::TlsFailed);
}

TEST_CASE("tls: a pin is asked for on top of the certificate", "[net]") {
  const Authority authority;
  TlsServer tls(authority.issue("server"));
  authority.issue("other");
  const Server server(serve_a_message, &tls);
  Client right({authority.ca_file(), authority.pin("server")});
  CHECK(right.end_of(server.url("wss")).reason == EndReason::Closed);
  Client prefixed({authority.ca_file(), "sha256//" + authority.pin("server")});
  CHECK(prefixed.end_of(server.url("wss")).reason == EndReason::Closed);
  Client wrong({authority.ca_file(), authority.pin("other")});
  const Ended ended = wrong.end_of(server.url("wss"));
  CHECK(ended.reason == EndReason::TlsWrongPin);
  CHECK_THAT(ended.sentence, ContainsSubstring(authority.pin("server")));
  CHECK_THROWS_WITH(Client({{}, "secret"}), ContainsSubstring("44 letters"));
  CHECK_THROWS_WITH(Client({"/nowhere/ca.pem", {}}), ContainsSubstring("/nowhere/ca.pem"));
}

TEST_CASE("tls: the second connection to a server resumes the session", "[net]") {
  const Authority authority;
  TlsServer tls(authority.issue("server"));
  const Server server(serve_a_message, &tls);
  Client client({authority.ca_file(), {}});
  // Each is opened in the last call of the one before it, and its loop goes on.
  std::vector<std::uint64_t> resumed;
  Client::Next next = [&] {
    resumed.push_back(client.tls.resumed_total());
    return resumed.size() < 3;
  };
  client.open_again(server.url("wss"), next);
  CHECK(client.ended->reason == EndReason::Closed);
  CHECK(resumed == std::vector<std::uint64_t>{0, 1, 2});
}

TEST_CASE("tls: a server shows its new certificate from the next connection on", "[net]") {
  const Authority authority;
  TlsServer tls(authority.issue("first"));
  const Server server(serve_a_message, &tls);
  // Its sessions are not those of the second client.
  Client before({authority.ca_file(), authority.pin("first")});
  CHECK(before.end_of(server.url("wss")).reason == EndReason::Closed);
  CHECK_THROWS_WITH(tls.reload({"/nowhere.pem", "/nowhere.key"}),
                    ContainsSubstring("/nowhere.pem"));
  tls.reload(authority.issue("second"));
  Client after({authority.ca_file(), authority.pin("second")});
  CHECK(after.end_of(server.url("wss")).reason == EndReason::Closed);
}

TEST_CASE("tls: a TLS port answers a plain client with what can be told", "[net]") {
  const Authority authority;
  TlsServer tls(authority.issue("server"));
  const Server server([](Peer&) {}, &tls);
  Client client;
  const Ended ended = client.end_of(server.url("ws"));
  CHECK((ended.reason == EndReason::AnswerIsTls || ended.reason == EndReason::AnswerCut));
}

TEST_CASE("tls: long messages and many small ones come through whole", "[net]") {
  const Authority authority;
  TlsServer tls(authority.issue("server"));
  std::string large(3'000'000, ' ');
  for (std::size_t i = 0; i < large.size(); ++i) large[i] = static_cast<char>('a' + i % 23);
  constexpr int kSmall = 20'000;
  const Server server(
      [&large](Peer& peer) {
        peer.accept_websocket();
        peer.send(Opcode::Text, large);
        for (int i = 0; i < kSmall; ++i) peer.send(Opcode::Text, std::to_string(i));
        peer.send(Opcode::Close, "");
        peer.next();
      },
      &tls);
  Client client({authority.ca_file(), {}});
  REQUIRE(client.end_of(server.url("wss")).reason == EndReason::Closed);
  REQUIRE(client.said.size() == kSmall + 3);
  CHECK(client.said[1] == "text:" + large);
  bool in_order = true;
  for (int i = 0; i < kSmall; ++i) {
    in_order &= client.said[static_cast<std::size_t>(i) + 2] == "text:" + std::to_string(i);
  }
  CHECK(in_order);
}

}  // namespace
}  // namespace fastrsi::net
