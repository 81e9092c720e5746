// A whole WebSocket client against servers that do what exchanges do, and what they should not.
#include <sys/socket.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <string>
#include <vector>

#include "feeds/net/websocket_handshake.hpp"
#include "tests/catch.hpp"
#include "tests/net_frames.hpp"
#include "tests/net_server.hpp"

namespace fastrsi::net {
namespace {

using namespace std::chrono_literals;
using test::Client;
using test::Peer;
using test::Server;
using Said = std::vector<std::string>;

// The end of a client whose handshake is answered so.
Ended end_after_answer(const std::string& answer) {
  const Server server([&answer](Peer& peer) {
    peer.read_head();
    peer.write(answer);
  });
  Client client;
  return client.end_of(server.url());
}

TEST_CASE("websocket: messages, pings and a close come through in order", "[net]") {
  std::string pong;
  std::string echo;
  std::string request;
  Server server([&](Peer& peer) {
    request = peer.accept_websocket().target;
    peer.send(Opcode::Text, "one");
    peer.send(Opcode::Binary, "two");
    peer.send(Opcode::Text, "thr", false);
    peer.send(Opcode::Ping, "there?");
    peer.send(Opcode::Continuation, "ee");
    peer.send(Opcode::Pong, "unasked");
    pong = peer.next();
    std::string bytes;
    FrameWriter(Role::Server).append_close(bytes, 1012, "restart");
    peer.write(bytes);
    echo = peer.next();
  });
  Client client;
  const Ended ended = client.end_of(server.url());
  CHECK(client.said ==
        Said{"open", "text:one", "binary:two", "text:three", "pong:unasked", "closed"});
  CHECK(ended.reason == EndReason::Closed);
  CHECK(ended.close_code == 1012);
  CHECK_THAT(ended.sentence, ContainsSubstring("with code 1012: 'restart'"));
  server.finish();
  CHECK(pong == "pong:there?");
  CHECK(echo == "close:1012:");
  CHECK(request == "/stream?a=b");
}

TEST_CASE("websocket: what is sent arrives, and is counted", "[net]") {
  Said heard;
  Server server([&heard](Peer& peer) {
    peer.accept_websocket();
    for (int i = 0; i < 3; ++i) heard.push_back(peer.next());
    peer.send(Opcode::Pong, "p");
    heard.push_back(peer.next());
  });
  Client client;
  client.then = [&client](const std::string& what) {
    if (what == "open") {
      CHECK(client.socket->is_open());
      CHECK(client.socket->send_text("subscribe"));
      CHECK(client.socket->send_text(std::string(100'000, 'x')));
      CHECK(client.socket->send_ping("p"));
      CHECK_FALSE(client.socket->send_ping(std::string(126, 'x')));
    } else if (what == "pong:p") {
      CHECK(client.socket->sent_bytes_total() > 100'000);
      CHECK(client.socket->received_bytes_total() > 100);
      client.socket->close(1000, "done");
      CHECK_FALSE(client.socket->send_text("too late"));
    }
  };
  const Ended ended = client.end_of(server.url());
  CHECK(ended.reason == EndReason::ClosedByUs);
  CHECK(ended.close_code == 1000);
  server.finish();
  CHECK(heard ==
        Said{"text:subscribe", "text:" + std::string(100'000, 'x'), "ping:p", "close:1000:done"});
}

TEST_CASE("websocket: frames that come with the handshake's answer are not lost", "[net]") {
  const Server server([](Peer& peer) {
    HttpHead head;
    std::size_t used = 0;
    parse_http_request(peer.read_head(), head, used);
    peer.write(answer_handshake(head).answer + test::frame(Role::Server, 1, "first") +
               test::frame(Role::Server, 8, ""));
    peer.next();
  });
  Client client;
  client.end_of(server.url());
  CHECK(client.said == Said{"open", "text:first", "closed"});
}

TEST_CASE("websocket: all messages of a wake-up have one time, and times do not fall", "[net]") {
  static std::int64_t now = 1000;
  const Server server([](Peer& peer) {
    HttpHead head;
    std::size_t used = 0;
    parse_http_request(peer.read_head(), head, used);
    peer.write(answer_handshake(head).answer + test::frame(Role::Server, 1, "a") +
               test::frame(Role::Server, 1, "b"));
    // The client says when it has them.
    peer.next();
    peer.write(test::frame(Role::Server, 1, "c") + test::frame(Role::Server, 8, ""));
    peer.next();
  });
  Client client;
  client.then = [&client](const std::string& what) {
    if (what == "text:b") client.socket->send_text("go on");
  };
  WebSocketSettings settings;
  settings.url = server.url();
  settings.clock = []() noexcept { return ++now; };
  client.open(std::move(settings));
  client.run();
  REQUIRE(client.times.size() == 3);
  CHECK(client.times[0] == client.times[1]);
  CHECK(client.times[1] < client.times[2]);
}

TEST_CASE("websocket: it may be destroyed inside each of its calls", "[net]") {
  const Server server([](Peer& peer) {
    peer.accept_websocket();
    peer.send(Opcode::Text, "m");
    peer.send(Opcode::Pong, "p");
    peer.send(Opcode::Text, "n");
    peer.send(Opcode::Close, "");
    peer.next();
  });
  for (const std::string when : {"open", "text:m", "pong:p", "closed"}) {
    Client client;
    client.then = [&](const std::string& what) {
      if (what != when) return;
      client.socket.reset();
      client.loop.stop();
    };
    client.open(server.url());
    client.run();
    INFO("destroyed in " << when);
    CHECK(client.said.back() == when);
  }
}

TEST_CASE("websocket: one that is given up before it is open says so", "[net]") {
  const Server server([](Peer& peer) { peer.read_some(); });
  Client client;
  client.open(server.url());
  client.socket->close();
  CHECK(client.said.empty());
  client.run();
  CHECK(client.ended->reason == EndReason::ClosedByUs);
  CHECK(client.said == Said{"closed"});
}

TEST_CASE("websocket: each answer to the handshake that is none has its reason", "[net]") {
  const Ended redirect =
      end_after_answer("HTTP/1.1 302 Found\r\nLocation: https://login.example.org/\r\n\r\n");
  CHECK(redirect.reason == EndReason::Redirect);
  CHECK(redirect.location == "https://login.example.org/");
  CHECK_THAT(redirect.sentence, ContainsSubstring("https://login.example.org/"));

  const Ended busy = end_after_answer("HTTP/1.1 429 Slow down\r\nRetry-After: 17\r\n\r\n");
  CHECK(busy.reason == EndReason::Refused);
  CHECK(busy.http_status == 429);
  CHECK(busy.retry_after == std::chrono::seconds(17));

  CHECK(end_after_answer("HTTP/1.1 503 Gone\r\n\r\n").reason == EndReason::Refused);
  CHECK(end_after_answer("HTTP/1.1 200 OK\r\n\r\n<html>").reason == EndReason::PlainHttp);
  CHECK(end_after_answer("SSH-2.0-OpenSSH\r\n").reason == EndReason::AnswerWrong);
  CHECK(end_after_answer(std::string("\x15\x03\x01\x00\x02\x02\x46", 7)).reason ==
        EndReason::AnswerIsTls);
  CHECK(end_after_answer("").reason == EndReason::AnswerCut);
  CHECK(end_after_answer("HTTP/1.1 101 Sw").reason == EndReason::AnswerCut);
  CHECK(end_after_answer("HTTP/1.1 101 x\r\nX: " + std::string(20'000, 'x')).reason ==
        EndReason::AnswerTooLong);
  CHECK(end_after_answer("HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                         "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n")
            .reason == EndReason::AnswerWrong);
}

TEST_CASE("websocket: a broken frame ends it with the code that is sent", "[net]") {
  std::string heard;
  Server server([&heard](Peer& peer) {
    peer.accept_websocket();
    peer.write(test::frame(Role::Server, 3, "x"));
    heard = peer.next();
  });
  {
    Client client;
    const Ended ended = client.end_of(server.url());
    CHECK(ended.reason == EndReason::ProtocolError);
    CHECK(ended.close_code == 1002);
    CHECK_THAT(ended.sentence, ContainsSubstring("reserved opcode 3"));
  }
  server.finish();
  CHECK(heard.starts_with("close:1002:"));
}

TEST_CASE("websocket: a message that is too long ends it", "[net]") {
  const Server server([](Peer& peer) {
    peer.accept_websocket();
    peer.write(test::frame(Role::Server, 2, "x", {.claim = 17U << 20}));
    peer.next();
  });
  Client client;
  const Ended ended = client.end_of(server.url());
  CHECK(ended.reason == EndReason::MessageTooBig);
  CHECK(ended.close_code == 1009);
}

TEST_CASE("websocket: a connection that is cut is lost, and what came before it is not", "[net]") {
  for (const bool reset : {false, true}) {
    const Server server([reset](Peer& peer) {
      peer.accept_websocket();
      peer.send(Opcode::Text, "last");
      // The client says that it has it.
      peer.next();
      if (reset) peer.reset();
    });
    Client client;
    client.then = [&client](const std::string& what) {
      if (what == "text:last") client.socket->send_text("have it");
    };
    const Ended ended = client.end_of(server.url());
    CHECK(client.said == Said{"open", "text:last", "closed"});
    CHECK(ended.reason == EndReason::Lost);
    CHECK(ended.close_code == 1006);
  }
}

TEST_CASE("websocket: a port where nobody listens refuses", "[net]") {
  std::uint16_t port = 0;
  {
    port = Server([](Peer&) {}).port();
  }
  Client client;
  const Ended ended = client.end_of(test::url_of("ws://127.0.0.1:" + std::to_string(port)));
  CHECK(ended.reason == EndReason::ConnectRefused);
  CHECK_THAT(ended.sentence, ContainsSubstring("127.0.0.1"));
}

TEST_CASE("websocket: a server that is silent runs out of time", "[net]") {
  const Server server([](Peer& peer) { peer.read(100'000); });
  for (const char* const scheme : {"ws", "wss"}) {
    Client client;
    WebSocketSettings settings;
    settings.url = server.url(scheme);
    settings.open_timeout = 30ms;
    client.open(std::move(settings));
    client.run();
    CHECK(client.ended->reason == EndReason::Timeout);
  }
}

TEST_CASE("websocket: a server that does not answer a close is cut", "[net]") {
  const Server server([](Peer& peer) {
    peer.accept_websocket();
    peer.read(100'000);
  });
  Client client;
  client.then = [&client](const std::string& what) {
    if (what == "open") client.socket->close(1001);
  };
  WebSocketSettings settings;
  settings.url = server.url();
  settings.close_timeout = 20ms;
  client.open(std::move(settings));
  client.run();
  CHECK(client.ended->reason == EndReason::ClosedByUs);
  CHECK(client.ended->close_code == 1001);
}

TEST_CASE("websocket: what waits to be sent has a limit, and goes out when it is read", "[net]") {
  std::mutex mutex;
  std::condition_variable full;
  bool is_full = false;
  std::size_t heard = 0;
  Server server([&](Peer& peer) {
    peer.accept_websocket();
    {
      std::unique_lock lock(mutex);
      full.wait(lock, [&] { return is_full; });
    }
    while (peer.next().starts_with("text:")) ++heard;
  });
  Client client;
  std::size_t sent = 0;
  client.then = [&](const std::string& what) {
    if (what != "open") return;
    const std::string text(50'000, 's');
    client.loop.call_after(0ms, [&, text] {
      while (client.socket->send_text(text)) ++sent;
      CHECK(client.socket->waiting_bytes() > 0);
      CHECK(client.socket->waiting_bytes() <= 1024 * 1024);
      client.socket->close();
      const std::lock_guard lock(mutex);
      is_full = true;
      full.notify_one();
    });
  };
  CHECK(client.end_of(server.url()).reason == EndReason::ClosedByUs);
  CHECK(sent > 20);
  server.finish();
  CHECK(heard == sent);
}

TEST_CASE("websocket: a hot connection leaves the loop its turn", "[net]") {
  std::atomic<bool> enough{false};
  const Server server([&enough](Peer& peer) {
    peer.accept_websocket();
    const std::string many = [] {
      std::string bytes;
      while (bytes.size() < 1'000'000) bytes += test::frame(Role::Server, 1, "hot");
      return bytes;
    }();
    while (!enough) peer.write(many);
  });
  Client client;
  int ticks = 0;
  std::function<void()> tick = [&] {
    if (++ticks < 20) {
      client.loop.call_after(1ms, tick);
      return;
    }
    enough = true;
    client.socket.reset();
    client.loop.stop();
  };
  client.then = [&](const std::string& what) {
    if (what == "open") client.loop.call_after(1ms, tick);
    client.said.clear();
    client.times.clear();
  };
  client.open(server.url());
  client.run();
  CHECK(ticks == 20);
}

}  // namespace
}  // namespace fastrsi::net
