// Names: looked up elsewhere, one not waiting for another, and nobody waiting for one that hangs.
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "feeds/net/resolver.hpp"
#include "tests/catch.hpp"
#include "tests/net_server.hpp"

namespace fastrsi::net {
namespace {

using test::Client;
using test::Peer;
using test::Server;

// A door that look-ups wait at. Shared with threads that may outlive the test.
struct Gate {
  std::mutex mutex;
  std::condition_variable opened;
  bool is_open = false;

  void open() {
    const std::lock_guard lock(mutex);
    is_open = true;
    opened.notify_all();
  }
  void wait() {
    std::unique_lock lock(mutex);
    opened.wait(lock, [this] { return is_open; });
  }
};

LookUpResult loopback() {
  return {{parse_address("127.0.0.1")}, {}};
}

// Names that begin with "slow" wait at the gate.
LookUp gated(const std::shared_ptr<Gate>& gate) {
  return [gate](const std::string& name) {
    if (name.starts_with("slow")) gate->wait();
    return loopback();
  };
}

TEST_CASE("resolver: an address is its own answer, and told later", "[net]") {
  EventLoop loop;
  Resolver resolver(loop, {1, 1, [](const std::string&) -> LookUpResult { std::abort(); }});
  std::vector<std::string> found;
  const auto note = [&](const LookUpResult& result) {
    found.push_back(result.addresses.at(0).text());
    if (found.size() == 2) loop.stop();
  };
  resolver.look_up("10.2.3.4", note);
  resolver.look_up("2001:db8::1", note);
  CHECK(found.empty());
  loop.run();
  CHECK(found == std::vector<std::string>{"10.2.3.4", "2001:db8::1"});
}

TEST_CASE("resolver: a slow look-up delays nobody else", "[net]") {
  const auto gate = std::make_shared<Gate>();
  EventLoop loop;
  Resolver resolver(loop, {4, 256, gated(gate)});
  std::vector<std::string> order;
  for (const std::string name : {"slow1", "slow2", "quick"}) {
    resolver.look_up(name, [&, name](const LookUpResult&) {
      order.push_back(name);
      if (name == "quick") gate->open();
      if (order.size() == 3) loop.stop();
    });
  }
  loop.run();
  CHECK(order.at(0) == "quick");
}

TEST_CASE("resolver: one connection's stalled name does not stop another's messages", "[net]") {
  const auto gate = std::make_shared<Gate>();
  const Server server([](Peer& peer) {
    peer.accept_websocket();
    for (int i = 0; i < 100; ++i) {
      peer.send(Opcode::Text, std::to_string(i));
      peer.next();
    }
    peer.send(Opcode::Close, "");
    peer.next();
  });
  Client client({}, {16, 256, gated(gate)});
  struct Nobody final : WebSocketListener {
    void on_open() noexcept override {}
    void on_message(std::string_view, bool, std::int64_t) noexcept override {}
    void on_pong(std::string_view) noexcept override {}
    void on_closed(const Ended&) noexcept override {}
  } nobody;
  WebSocketSettings stalled;
  stalled.url = test::url_of("ws://slow.example/");
  const WebSocket waits({client.loop, client.resolver, client.tls}, stalled, nobody);
  client.then = [&client](const std::string& what) {
    if (what.starts_with("text:")) client.socket->send_text("next");
  };
  CHECK(client.end_of(server.url()).reason == EndReason::Closed);
  CHECK(client.said.size() == 102);
  gate->open();
}

TEST_CASE("resolver: a name that waits too long runs out of the connection's time", "[net]") {
  const auto gate = std::make_shared<Gate>();
  {
    Client client({}, {16, 256, gated(gate)});
    WebSocketSettings settings;
    settings.url = test::url_of("ws://slow.example/");
    settings.open_timeout = std::chrono::milliseconds(20);
    client.open(std::move(settings));
    client.run();
    CHECK(client.ended->reason == EndReason::Timeout);
    CHECK_THAT(client.ended->sentence, ContainsSubstring("its name is still looked up"));
    // The client and its loop go while the look-up still hangs.
  }
  gate->open();
}

TEST_CASE("resolver: more names than may wait are refused", "[net]") {
  const auto gate = std::make_shared<Gate>();
  EventLoop loop;
  Resolver resolver(loop, {1, 2, gated(gate)});
  std::map<EndReason, int> ends;
  int found = 0;
  int answers = 0;
  for (int i = 0; i < 10; ++i) {
    resolver.look_up("slow", [&](const LookUpResult& result) {
      if (result.addresses.empty()) ++ends[result.failure.reason];
      found += static_cast<int>(result.addresses.size());
      // All those that are refused are so before the first is found.
      if (++answers == 7) gate->open();
      if (answers == 10) loop.stop();
    });
  }
  loop.run();
  CHECK(ends.size() == 1);
  CHECK(ends[EndReason::ResolverBusy] >= 7);
  CHECK(found + ends[EndReason::ResolverBusy] == 10);
}

TEST_CASE("resolver: what is cancelled is never told", "[net]") {
  EventLoop loop;
  Resolver resolver(loop);
  bool told = false;
  const QueryId query = resolver.look_up("10.0.0.1", [&](const LookUpResult&) { told = true; });
  resolver.look_up("10.0.0.2", [&](const LookUpResult&) { loop.stop(); });
  resolver.cancel(query);
  resolver.cancel(QueryId::None);
  loop.run();
  CHECK_FALSE(told);
}

TEST_CASE("resolver: the system's look-up finds this machine, and no name that is none", "[net]") {
  CHECK_FALSE(system_look_up("localhost").addresses.empty());
  const LookUpResult none = system_look_up("no-such-name.invalid");
  CHECK(none.addresses.empty());
  CHECK((none.failure.reason == EndReason::NameUnknown ||
         none.failure.reason == EndReason::NameServerFailed));
  CHECK_THAT(none.failure.sentence, ContainsSubstring("no-such-name.invalid"));
}

TEST_CASE("connection: addresses are tried in turn until one answers", "[net]") {
  const Server server([](Peer& peer) {
    peer.accept_websocket();
    peer.send(Opcode::Close, "");
    peer.next();
  });
  // Nobody listens at the first two.
  const auto several = [](const std::string&) {
    return LookUpResult{
        {parse_address("127.0.0.2"), parse_address("::1"), parse_address("127.0.0.1")}, {}};
  };
  Client client({}, {16, 256, several});
  const Ended ended = client.end_of(server.url("ws", "feed.example"));
  INFO(ended.sentence);
  CHECK(ended.reason == EndReason::Closed);
}

}  // namespace
}  // namespace fastrsi::net
