// The local socket's protocol over real sockets: what a client sends and what it gets
// (INTERFACE.md, section 4).
#include "tests/local_socket.hpp"

#include "sinks/sha256.hpp"
#include "tests/catch.hpp"

namespace fastrsi {
namespace {

using Json = nlohmann::json;

const std::string kSubscribeAll = R"({"cmd":"subscribe","since":0})";

// Reads the records from `first` to `last`, each once and in order.
void check_records(SocketTestClient& client, std::uint64_t first, std::uint64_t last) {
  for (std::uint64_t seq = first; seq <= last; ++seq) {
    const auto record = client.json();
    if (record.value("seq", std::uint64_t{0}) != seq) {
      FAIL("wanted " << seq << ", got " << record.dump());
    }
  }
}

TEST_CASE("socket: a hash is the one of FIPS 180-4, and is compared whole", "[socket]") {
  const std::string hash = sha256_hex("abc");
  CHECK(hash == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(same_in_constant_time(hash, sha256_hex("abc")));
  CHECK_FALSE(same_in_constant_time(hash, sha256_hex("abd")));
  CHECK_FALSE(same_in_constant_time(hash, hash.substr(1)));
  CHECK_FALSE(same_in_constant_time(hash, ""));
}

TEST_CASE("socket: says hello first, with what there is", "[socket]") {
  FakeHost host;
  LocalSocketSettings settings = quiet_settings();
  settings.server = "fastrsi 0.1.0";
  RunningSocket running(host, settings);
  SocketTestClient empty(running.path());
  CHECK(empty.line() ==
        R"({"type":"hello","protocol":1,"server":"fastrsi 0.1.0","seq":0,"oldest":0})");
  host.add_many(5);
  host.forget_until(2);
  SocketTestClient client(running.path());
  CHECK(client.line() ==
        R"({"type":"hello","protocol":1,"server":"fastrsi 0.1.0","seq":5,"oldest":3})");
}

TEST_CASE("socket: every command gets one reply, in order", "[socket]") {
  FakeHost host;
  RunningSocket running(host);
  auto client = greeted(running.path());
  CHECK(
      client.send("{\"cmd\":\"ping\"}\n{\"cmd\":\"later\"}\n {\"cmd\" : \"now\" , \"n\":1}\r\n"
                  "{\"cmd\":\"ping\"}\n"));
  CHECK(client.line() == R"({"type":"reply","cmd":"ping","ok":true})");
  REQUIRE(running.waits_until([&](const auto&) { return host.waiting_for_later().size() == 1; }));
  running.socket().answer(999, "later", R"("ok":true)");
  running.socket().answer(host.waiting_for_later().front(), "later",
                          "\"ok\":false,\n\"error\":\"no\"");
  CHECK(client.line() == R"({"type":"reply","cmd":"later","ok":false, "error":"no"})");
  const Json now = client.json();
  CHECK(now["cmd"] == "now");
  CHECK(now["echo"]["n"] == 1);
  CHECK(client.line() == R"({"type":"reply","cmd":"ping","ok":true})");
  const Json unknown = client.ask(R"({"cmd":"buy"})");
  CHECK(unknown["type"] == "error");
  CHECK_THAT(unknown["error"].get<std::string>(),
             ContainsSubstring("unknown command buy") && ContainsSubstring("subscribe"));
}

TEST_CASE("socket: the answer for a client that is gone is passed over", "[socket]") {
  FakeHost host;
  RunningSocket running(host);
  {
    auto gone = greeted(running.path());
    gone.send("{\"cmd\":\"later\"}\n{\"cmd\":\"later\"}\n");
    REQUIRE(running.waits_until([&](const auto&) { return host.waiting_for_later().size() == 1; }));
  }
  const std::uint64_t number = host.waiting_for_later().front();
  running.socket().answer(number, "later", R"("ok":true)");
  // What it had said before it left still counts.
  REQUIRE(running.waits_until([&](const auto&) { return host.waiting_for_later().size() == 2; }));
  running.socket().answer(number, "later", R"("ok":true)");
  REQUIRE(running.waits_until([](const auto& status) { return status.clients.empty(); }));
  running.socket().answer(number, "later", R"("ok":true)");
  CHECK(greeted(running.path()).ask(R"({"cmd":"ping"})")["ok"] == true);
}

TEST_CASE("socket: what is no command is one clear error line, and counted", "[socket]") {
  FakeHost host;
  RunningSocket running(host);
  auto client = greeted(running.path());
  const std::vector<std::pair<std::string, std::string>> cases{
      {"", "not JSON"},
      {"hello", "not JSON"},
      {"{\"cmd\":\"ping\"", "not JSON"},
      {"[1,2]", "not a JSON object"},
      {"{}", "no \"cmd\""},
      {R"({"cmd":7})", "must be a string"},
      {R"({"cmd":"Rm -rf"})", "must be a word"},
      {"{\"cmd\":\"ping\",\"x\":\"\xff\"}", "not UTF-8"},
      {std::string("{\"cmd\":\"pi\0ng\"}", 15), "not JSON"},
      {std::string(60'000, '['), "nested deeper"},
      {R"({"cmd":"ping","x":)" + std::string(30, '[') + std::string(30, ']') + "}",
       "nested deeper"},
      {std::string(1U << 20U, 'x'), "at most 65536 bytes"},
      {std::string(kSocketLineBytesMax + 1, ' '), "at most 65536 bytes"},
  };
  for (const auto& [line, words] : cases) {
    std::thread sender([&client, text = line + "\n"] { client.send(text); });
    const Json answer = client.json();
    sender.join();
    CHECK(answer["type"] == "error");
    CHECK_THAT(answer["error"].get<std::string>(), ContainsSubstring(words));
  }
  const std::string longest(kSocketLineBytesMax - 14, ' ');
  CHECK(client.ask(R"({"cmd":"ping"})" + longest)["ok"] == true);
  CHECK(client.ask(R"({"cmd":"ping","brackets":"[[[[[[[[[[[[[[[[[[\"[[["})")["ok"] == true);
  CHECK(running.waits_until([&](const auto& status) { return status.errors == cases.size(); }));
}

TEST_CASE("socket: a subscription's words are checked", "[socket]") {
  FakeHost host;
  host.add_many(9);
  RunningSocket running(host);
  auto client = greeted(running.path());
  const std::vector<std::pair<std::string, std::string>> cases{
      {R"("since":-1)", "whole number"},
      {R"("since":1.5)", "whole number"},
      {R"("since":9223372036854775809)", "whole number"},
      {R"("since":99999999999999999999)", "whole number"},
      {R"("since":10)", "since 10 is beyond the newest seq 9"},
      {R"("kinds":"buy")", "kinds must be a list of strings"},
      {R"("kinds":[1])", "kinds must be a list of strings"},
      {R"("kinds":[])", "kinds is empty"},
      {R"("kinds":["buy","bye"])", "no such kind: bye (there are buy, sell"},
      {R"("timeframes":["1x"])", "no such timeframe: 1x"},
      {R"("stages":["final"])", "no such stage: final"},
      {R"("symbols":[""])", "a symbol is empty"},
      {R"("symbols":["a*a*a*a*a*"])", "more than 4 stars"},
      {R"("symbol":["BTC"])", "no member symbol"},
  };
  for (const auto& [members, words] : cases) {
    const Json answer = client.ask(R"({"cmd":"subscribe",)" + members + "}");
    CHECK(answer["type"] == "reply");
    CHECK(answer["cmd"] == "subscribe");
    CHECK(answer["ok"] == false);
    CHECK_THAT(answer["error"].get<std::string>(), ContainsSubstring(words));
  }
  CHECK_FALSE(running.socket().status().clients.at(0).subscribed);
}

TEST_CASE("socket: replays, then goes live without gap or repeat", "[socket]") {
  for (const bool fetches : {false, true}) {
    FakeHost host;
    host.fetches = fetches;
    host.add_many(2000);
    RunningSocket running(host);
    constexpr std::uint64_t kLast = 12'000;
    std::atomic<std::uint64_t> slowest{0};
    std::thread writer([&] {
      for (std::uint64_t seq = 2001; seq <= kLast; ++seq) {
        host.add();
        // Not so far ahead that a reader on a busy machine counts as slow.
        while (seq > 4000 && seq - slowest.load() > 1500) std::this_thread::yield();
      }
    });
    std::atomic<std::uint64_t> a{0};
    std::atomic<std::uint64_t> b{0};
    const auto follow = [&](std::uint64_t since, std::atomic<std::uint64_t>& seen) {
      auto client =
          greeted(running.path(), R"({"cmd":"subscribe","since":)" + std::to_string(since) + "}");
      for (std::uint64_t seq = since + 1; seq <= kLast; ++seq) {
        const auto record = client.json();
        if (record.value("seq", std::uint64_t{0}) != seq) break;
        seen.store(seq);
        slowest.store(std::min(a.load(), b.load()));
      }
      slowest.store(kLast);
    };
    std::thread first([&] { follow(0, a); });
    std::thread second([&] { follow(700, b); });
    first.join();
    second.join();
    writer.join();
    CHECK(a.load() == kLast);
    CHECK(b.load() == kLast);
  }
}

TEST_CASE("socket: without since only what comes from now on", "[socket]") {
  FakeHost host;
  host.add_many(10);
  RunningSocket running(host);
  auto client = greeted(running.path());
  CHECK(client.ask(R"({"cmd":"subscribe"})").dump() ==
        Json::parse(R"({"type":"reply","cmd":"subscribe","ok":true,"since":10})").dump());
  host.add();
  check_records(client, 11, 11);
  // A second subscription takes the first one's place.
  CHECK(client.ask(R"({"cmd":"subscribe","since":3,"kinds":null})")["since"] == 3);
  check_records(client, 4, 11);
}

TEST_CASE("socket: says how many records retention has taken", "[socket]") {
  FakeHost host;
  host.add_many(10);
  host.forget_until(6);
  RunningSocket running(host);
  auto client = greeted(running.path());
  const Json reply = client.ask(R"({"cmd":"subscribe","since":2})");
  CHECK(reply["ok"] == true);
  CHECK(reply["since"] == 2);
  CHECK(reply["missed"] == 4);
  check_records(client, 7, 10);
  CHECK_FALSE(client.ask(R"({"cmd":"subscribe","since":6})").contains("missed"));
}

TEST_CASE("socket: filters by kind, symbol, timeframe and stage, lists by the first and third",
          "[socket]") {
  FakeHost host;
  RunningSocket running(host);
  const auto add = [&](Kind kind, const std::string& symbol, Timeframe timeframe, Stage stage) {
    SocketRecord record;
    record.kind = kind;
    record.timeframe = timeframe;
    record.stage = stage;
    record.symbol = symbol;
    record.is_list = symbol.empty();
    host.add(record);
  };
  add(Kind::Buy, "binance:BTCUSDT", Timeframe::M1, Stage::Provisional);
  add(Kind::Sell, "binance:ETHUSDT", Timeframe::M1, Stage::Confirmed);
  add(Kind::Buy, "kraken:XBT/USD", Timeframe::H1, Stage::Confirmed);
  add(Kind::Buy, "", Timeframe::H1, Stage::Provisional);
  const std::vector<std::pair<std::string, std::vector<int>>> cases{
      {R"("kinds":["*"])", {1, 2, 3, 4}},
      {R"("kinds":["sell"])", {2}},
      {R"("kinds":["buy","sell"],"timeframes":["1h"])", {3, 4}},
      {R"("symbols":["binance:*"])", {1, 2, 4}},
      {R"("symbols":["*:XBT/*","binance:BTC*"])", {1, 3, 4}},
      {R"("stages":["confirmed"])", {2, 3, 4}},
      {R"("stages":["retracted"],"timeframes":["1m"])", {}},
  };
  for (const auto& [members, wanted] : cases) {
    auto client = greeted(running.path(), R"({"cmd":"subscribe","since":0,)" + members + "}");
    for (const int seq : wanted) CHECK(client.json().value("seq", 0) == seq);
    CHECK(client.ask(R"({"cmd":"ping"})")["cmd"] == "ping");
  }
}

TEST_CASE("socket: a half-closed client still gets records, one without subscription ends",
          "[socket]") {
  FakeHost host;
  RunningSocket running(host);
  auto reader = greeted(running.path());
  reader.send(kSubscribeAll);  // no line end: the end of input is one
  reader.end_input();
  CHECK(reader.json()["ok"] == true);
  host.add_many(3);
  check_records(reader, 1, 3);
  auto asker = greeted(running.path());
  asker.send("{\"cmd\":\"now\"}\n");
  asker.end_input();
  CHECK(asker.json()["cmd"] == "now");
  CHECK_FALSE(asker.line());
}

TEST_CASE("socket: heartbeats come to all, with our time and the newest seq", "[socket]") {
  FakeHost host;
  host.add_many(4);
  LocalSocketSettings settings = quiet_settings();
  settings.heartbeat = std::chrono::milliseconds{5};
  settings.now_ns = [] { return std::int64_t{1'723'161'253'937'085'768}; };
  RunningSocket running(host, settings);
  auto client = greeted(running.path());
  for (int i = 0; i < 3; ++i) {
    CHECK(client.line() ==
          R"({"type":"heartbeat","time":"2024-08-08T23:54:13.937085768Z","seq":4})");
  }
}

TEST_CASE("socket: a stop says bye after all that was said", "[socket]") {
  FakeHost host;
  host.add_many(3000);
  RunningSocket running(host);
  auto idle = greeted(running.path());
  auto reader = greeted(running.path(), kSubscribeAll);
  std::thread stopper([&] { running.stop(); });
  check_records(reader, 1, 3000);
  CHECK(reader.line() == R"({"type":"bye","reason":"stop"})");
  CHECK_FALSE(reader.line());
  CHECK(idle.line() == R"({"type":"bye","reason":"stop"})");
  CHECK_FALSE(idle.line());
  stopper.join();
}

}  // namespace
}  // namespace fastrsi
