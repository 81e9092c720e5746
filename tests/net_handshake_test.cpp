// The WebSocket handshake, both sides, and the head of HTTP messages.
#include <string>
#include <vector>

#include "feeds/net/websocket_handshake.hpp"
#include "tests/catch.hpp"

namespace fastrsi::net {
namespace {

using HandshakeState = ClientHandshake::State;

HttpHead request_of(std::string_view bytes) {
  HttpHead head;
  std::size_t used = 0;
  REQUIRE(parse_http_request(bytes, head, used) == HttpHeadState::Whole);
  REQUIRE(used == bytes.size());
  return head;
}

std::string right_answer(const ClientHandshake& client) {
  return answer_handshake(request_of(client.request())).answer;
}

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  const std::size_t at = text.find(what);
  REQUIRE(at != std::string::npos);
  return text.replace(at, what.size(), with);
}

TEST_CASE("handshake: the key of RFC 6455 has its answer", "[net]") {
  CHECK(accept_of("dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST_CASE("handshake: both sides agree, however the answer is cut", "[net]") {
  ClientHandshake client({"h:81", "/a?b", {{"Origin", "https://o"}}, {}});
  const HttpHead request = request_of(client.request());
  CHECK(request.target == "/a?b");
  CHECK(*request.find("host") == "h:81");
  CHECK(*request.find("origin") == "https://o");
  const std::string answer = right_answer(client);
  for (std::size_t i = 0; i < answer.size(); ++i) {
    REQUIRE(client.take(std::string_view(answer).substr(0, i)) == HandshakeState::Short);
  }
  CHECK(client.take(answer + "frames") == HandshakeState::Done);
  CHECK(client.used() == answer.size());
}

TEST_CASE("handshake: each has its own key", "[net]") {
  const HandshakeSettings settings{"h", "/", {}, {}};
  CHECK(ClientHandshake(settings).request() != ClientHandshake(settings).request());
}

TEST_CASE("handshake: tokens have no case, and may be among others", "[net]") {
  ClientHandshake client({"h", "/", {}, {}});
  const std::string answer = right_answer(client);
  CHECK(client.take(replaced(answer, "Upgrade: websocket", "UPGRADE: WebSocket")) ==
        HandshakeState::Done);
  CHECK(client.take(replaced(answer, "Connection: Upgrade", "connection: keep-alive, upgrade")) ==
        HandshakeState::Done);
}

TEST_CASE("handshake: an answer that is not what was asked for is refused", "[net]") {
  ClientHandshake client({"h", "/", {}, {}});
  const std::string answer = right_answer(client);
  const auto why = [&](const std::string& text) {
    REQUIRE(client.take(text) == HandshakeState::Failed);
    CHECK(client.failure().reason == EndReason::AnswerWrong);
    return client.failure().sentence;
  };
  CHECK_THAT(why(replaced(answer, "Upgrade: websocket", "Upgrade: h2c")),
             ContainsSubstring("Upgrade: websocket"));
  CHECK_THAT(why(replaced(answer, "Connection: Upgrade", "Connection: close")),
             ContainsSubstring("Connection: Upgrade"));
  CHECK_THAT(why(replaced(answer, "Sec-WebSocket-Accept", "X")), ContainsSubstring("no Sec-"));
  CHECK_THAT(
      why(replaced(answer, "\r\n\r\n", "\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n")),
      ContainsSubstring("permessage-deflate"));
  CHECK_THAT(why(replaced(answer, "\r\n\r\n", "\r\nSec-WebSocket-Protocol: chat\r\n\r\n")),
             ContainsSubstring("chat"));
  CHECK_THAT(why(replaced(answer, "Upgrade: websocket", "no field")), ContainsSubstring("broken"));
}

TEST_CASE("handshake: a subprotocol that is asked for is demanded", "[net]") {
  ClientHandshake client({"h", "/", {}, "v2.stream"});
  const HttpHead request = request_of(client.request());
  CHECK(client.take(answer_handshake(request, "v2.stream").answer) == HandshakeState::Done);
  CHECK(client.take(answer_handshake(request).answer) == HandshakeState::Failed);
}

TEST_CASE("handshake: a field that would break the request is refused", "[net]") {
  using Fields = std::vector<HttpField>;
  for (const Fields& fields :
       {Fields{{"A", "b\r\nC: d"}}, Fields{{"A:", "b"}}, Fields{{"", "b"}}, Fields{{"A\n", "b"}}}) {
    CHECK_THROWS_AS(ClientHandshake({"h", "/", fields, {}}), std::invalid_argument);
  }
}

TEST_CASE("handshake: the server refuses what is no WebSocket request", "[net]") {
  const std::string good = ClientHandshake({"h", "/", {}, {}}).request();
  const auto status = [](const std::string& text) {
    return answer_handshake(request_of(text)).status;
  };
  CHECK(status(good) == 101);
  CHECK(status(replaced(good, "GET", "POST")) == 405);
  CHECK(status(replaced(good, "Upgrade: websocket", "Upgrade: h2c")) == 426);
  CHECK(status(replaced(good, "Version: 13", "Version: 8")) == 426);
  CHECK(status(replaced(good, "Sec-WebSocket-Key: ", "Sec-WebSocket-Key: x")) == 400);
  CHECK(status(replaced(good, "Host", "X")) == 400);
}

TEST_CASE("http head: what is none is told from what is not whole yet", "[net]") {
  HttpHead head;
  std::size_t used = 0;
  const auto answer = [&](std::string_view bytes) { return parse_http_answer(bytes, head, used); };
  CHECK(answer("") == HttpHeadState::Short);
  CHECK(answer("HTTP/1.1 200 OK\r\nA: b\r\n") == HttpHeadState::Short);
  CHECK(answer("HTTP/1.0 200\nA:  b \n\nbody") == HttpHeadState::Whole);
  CHECK(*head.find("a") == "b");
  CHECK(used == 21);
  CHECK(head.find("c") == nullptr);
  for (const std::string_view bad :
       {"HTTP/2 200 OK\r\n\r\n", "HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1 2000 OK\r\n\r\n",
        "HTTP/1.1 099 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        "HTTP/1.1 200 OK\r\n folded: x\r\n\r\n", "HTTP/1.1 200 OK\r\nA : b\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA: \x01\r\n\r\n", "\r\n\r\n"}) {
    INFO(bad);
    CHECK(answer(bad) == HttpHeadState::Wrong);
  }
  CHECK(answer(std::string(kHttpHeadBytesMax, 'x')) == HttpHeadState::TooLong);
  std::string many = "HTTP/1.1 200 OK\r\n";
  for (int i = 0; i < 129; ++i) many += "A: b\r\n";
  CHECK(answer(many + "\r\n") == HttpHeadState::Wrong);
}

}  // namespace
}  // namespace fastrsi::net
