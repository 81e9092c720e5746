// The local socket under clients that do not read, that read too slowly, that talk too much and
// that are too many: they are cut or refused, and nobody else notices.
#include <sys/resource.h>

#include <cstdio>
#include <fstream>

#include "tests/catch.hpp"
#include "tests/local_socket.hpp"
#include "tests/sanitized.hpp"

namespace fastrsi {
namespace {

using Json = nlohmann::json;

const std::string kBye = R"({"type":"bye","reason":"slow"})";
const std::string kFromNow = R"({"cmd":"subscribe"})";

std::string since(std::uint64_t seq) {
  return R"({"cmd":"subscribe","since":)" + std::to_string(seq) + "}";
}

// Reads records from `next` on until the client is cut; returns the seq after the last one.
std::uint64_t read_until_bye(SocketTestClient& client, std::uint64_t next) {
  while (const auto line = client.line()) {
    if (*line == kBye) {
      CHECK_FALSE(client.line());
      CHECK(client.rest().empty());
      return next;
    }
    const Json record = Json::parse(*line);
    if (record.value("seq", std::uint64_t{0}) != next) FAIL("not " << next << ": " << *line);
    ++next;
  }
  FAIL("cut without a bye");
  return next;
}

TEST_CASE("socket: a client that does not read is told and cut, and resumes by since", "[socket]") {
  FakeHost host;
  RunningSocket running(host);
  auto stopped = greeted(running.path(), kFromNow);
  constexpr std::uint64_t kLast = 6000;
  // Slowly enough that it is never a batch behind: it stays live, and its buffer fills.
  for (std::uint64_t seq = 1; seq <= kLast; ++seq) {
    host.add();
    if (seq % 100 != 0) continue;
    REQUIRE(running.waits_until([seq](const auto& status) {
      const auto& clients = status.clients;
      return clients.empty() || !clients[0].subscribed || clients[0].next_after >= seq;
    }));
  }
  REQUIRE(running.waits_until([](const auto& status) { return status.clients.empty(); }));
  CHECK(running.socket().status().slow == 1);
  // Reading only now, when it is long cut, it finds whole lines and the bye.
  const std::uint64_t next = read_until_bye(stopped, 1);
  CHECK(next > 100);
  CHECK(next < kLast);
  auto again = greeted(running.path(), since(next - 1));
  for (std::uint64_t seq = next; seq <= kLast; ++seq) {
    if (again.json().value("seq", std::uint64_t{0}) != seq) FAIL("not " << seq);
  }
}

TEST_CASE("socket: half a buffer of which nothing is taken is slow too", "[socket]") {
  FakeHost host;
  host.add_many(6000);
  LocalSocketSettings settings = quiet_settings();
  settings.slow_after = std::chrono::milliseconds{200};
  RunningSocket running(host, settings);
  // A replay is paced: it waits in the journal and not in the buffer.
  auto replaying = greeted(running.path(), since(0));
  REQUIRE(running.waits_until([](const auto& status) { return status.slow == 1; }));
  CHECK(running.socket().status().records < 3000);
  CHECK(read_until_bye(replaying, 1) < 3000);
  // One that asks and does not read what it is told.
  auto asking = greeted(running.path());
  asking.send("{\"cmd\":\"big\"}\n{\"cmd\":\"now\"}\n");
  REQUIRE(running.waits_until([](const auto& status) { return status.slow == 2; }));
}

TEST_CASE("socket: a reply larger than the buffer reaches a subscriber, records go on behind it",
          "[socket]") {
  FakeHost host;
  RunningSocket running(host);
  auto client = greeted(running.path(), kFromNow);
  client.send("{\"cmd\":\"big\"}\n");
  REQUIRE(
      running.waits_until([](const auto& status) { return first_waiting(status) > (2U << 20U); }));
  host.add_many(50);
  CHECK(client.json()["big"].get<std::string>().size() == 3U << 20U);
  for (int seq = 1; seq <= 50; ++seq) CHECK(client.json().value("seq", 0) == seq);
  CHECK(running.socket().status().slow == 0);
}

TEST_CASE("socket: a record larger than the buffer arrives", "[socket]") {
  FakeHost host;
  host.pad = 2 * kSocketWaitingBytesMax;
  host.add();
  host.pad = 10;
  host.add();
  RunningSocket running(host);
  auto replaying = greeted(running.path(), since(0));
  auto live = greeted(running.path(), kFromNow);
  host.pad = 2 * kSocketWaitingBytesMax;
  host.add();
  for (int seq = 1; seq <= 3; ++seq) CHECK(replaying.json().value("seq", 0) == seq);
  CHECK(live.json().value("seq", 0) == 3);
}

TEST_CASE("socket: retention that overtakes a paced client cuts it, so that it asks anew",
          "[socket]") {
  FakeHost host;
  host.add_many(6000);
  RunningSocket running(host);
  auto client = greeted(running.path(), since(0));
  REQUIRE(running.waits_until(
      [](const auto& status) { return first_waiting(status) >= kSocketWaitingBytesMax / 2; }));
  host.forget_until(5990);
  const std::uint64_t next = read_until_bye(client, 1);
  CHECK(next < 5990);
  auto again = greeted(running.path());
  CHECK(again.ask(since(next - 1))["missed"] == 5990 - (next - 1));
  CHECK(again.json().value("seq", 0) == 5991);
}

TEST_CASE("socket: 64 subscribers, one stopped, one reading a byte at a time: the others get all",
          "[socket]") {
  FakeHost host;
  RunningSocket running(host);
  auto stopped = greeted(running.path(), kFromNow);
  auto dripping = greeted(running.path(), kFromNow);
  std::vector<SocketTestClient> others;
  others.reserve(62);
  for (int i = 0; i < 62; ++i) others.push_back(greeted(running.path(), kFromNow));
  constexpr std::uint64_t kLast = 4500;
  std::atomic<std::uint64_t> read{0};
  std::atomic<bool> done{false};
  std::thread writer([&] {
    for (std::uint64_t seq = 1; seq <= kLast; ++seq) {
      host.add();
      while (seq - read.load() > 300 && !done) std::this_thread::yield();
    }
  });
  std::thread drip([&] {
    // A byte for each record that the others have had.
    char byte = 0;
    std::uint64_t seen = 0;
    while (!done && ::recv(dripping.descriptor(), &byte, 1, MSG_DONTWAIT) != 0) {
      read.wait(seen);
      seen = read.load();
    }
  });
  std::uint64_t wrong = 0;
  for (std::uint64_t seq = 1; seq <= kLast && wrong == 0; ++seq) {
    for (SocketTestClient& client : others) {
      const auto line = client.line();
      const std::string wanted = "{\"seq\":" + std::to_string(seq) + ",";
      if (!line || line->compare(0, wanted.size(), wanted) != 0) wrong = seq;
    }
    read.store(seq);
    read.notify_all();
  }
  done = true;
  read.store(kLast + 1);
  read.notify_all();
  writer.join();
  drip.join();
  CHECK(wrong == 0);
  CHECK(running.waits_until([](const auto& status) { return status.slow == 2; }));
  CHECK(host.reads.load() < kLast * 4);
}

TEST_CASE("socket: the 65th client is refused in words, and has room when another goes",
          "[socket]") {
  FakeHost host;
  RunningSocket running(host);
  std::vector<SocketTestClient> clients;
  clients.reserve(64);
  for (int i = 0; i < 64; ++i) clients.push_back(greeted(running.path()));
  for (int i = 0; i < 6; ++i) {
    SocketTestClient refused(running.path());
    CHECK(refused.line() == R"({"type":"bye","reason":"too many clients"})");
    CHECK_FALSE(refused.line());
  }
  CHECK(running.waits_until([](const auto& status) { return status.refused == 6; }));
  clients.pop_back();
  CHECK(running.waits_until([](const auto& status) { return status.clients.size() == 63; }));
  greeted(running.path());
  for (SocketTestClient& client : clients) CHECK(client.ask(R"({"cmd":"ping"})")["ok"] == true);
}

TEST_CASE("socket: one that asks without end is listened to only as it reads", "[socket]") {
  FakeHost host;
  RunningSocket running(host);
  auto flooding = greeted(running.path());
  std::atomic<bool> sent{false};
  constexpr int kLines = 60'000;
  std::thread sender([&] {
    std::string lines;
    for (int i = 0; i < kLines; ++i) lines += "{\"cmd\":\"ping\"}\n";
    flooding.send(lines);
    sent = true;
  });
  REQUIRE(running.waits_until(
      [](const auto& status) { return first_waiting(status) >= kSocketWaitingBytesMax / 2; }));
  CHECK(first_waiting(running.socket().status()) < kSocketWaitingBytesMax);
  CHECK_FALSE(sent);
  CHECK(greeted(running.path()).ask(R"({"cmd":"ping"})")["ok"] == true);
  int answers = 0;
  while (answers < kLines && flooding.json().value("ok", false)) ++answers;
  CHECK(answers == kLines);
  sender.join();
}

constexpr bool kSanitized = FASTRSI_SANITIZED != 0;
constexpr std::size_t kKilobytesKept = 4096;

std::size_t open_descriptors() {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    ++count;
  }
  return count;
}

std::size_t resident_kilobytes() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    std::size_t value = 0;
    if (word == "VmRSS:" && status >> value) return value;
  }
  return 0;
}

TEST_CASE("socket: 10,000 connections in a row leave nothing behind", "[socket][slow]") {
  FakeHost host;
  host.add_many(100);
  RunningSocket running(host);
  auto reader = greeted(running.path(), kFromNow);
  const auto connect = [&](int count, std::uint64_t connects) {
    for (int i = 0; i < count; ++i) {
      SocketTestClient client(running.path());
      if (i % 3 == 0) client.send("{\"cmd\":\"subscribe\",\"since\":0}\n");
      if (i % 7 == 0) client.send(std::string(5000, 'j'));
      if (i % 5 == 0) client.line();
    }
    REQUIRE(running.waits_until([connects](const auto& status) {
      return status.connects == connects && status.clients.size() == 1;
    }));
  };
  connect(500, 501);
  const std::size_t descriptors = open_descriptors();
  const std::size_t kilobytes = resident_kilobytes();
  connect(10'000, 10'501);
  CHECK(open_descriptors() == descriptors);
  // Sanitizers keep what was freed for a while.
  if (!kSanitized) CHECK(resident_kilobytes() < kilobytes + kKilobytesKept);
  host.add();
  CHECK(reader.json().value("seq", 0) == 101);
}

// Until it goes, this process can open one descriptor and no more.
class OneDescriptorLeft {
 public:
  OneDescriptorLeft() {
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &before_) == 0);
    const int lowest = ::dup(0);
    ::close(lowest);
    rlimit few = before_;
    few.rlim_cur = static_cast<rlim_t>(lowest) + 1;
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &few) == 0);
  }
  ~OneDescriptorLeft() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  OneDescriptorLeft(const OneDescriptorLeft&) = delete;
  OneDescriptorLeft& operator=(const OneDescriptorLeft&) = delete;

 private:
  rlimit before_{};
};

TEST_CASE("socket: without a free descriptor connections wait, and none is lost", "[socket]") {
  // Its checks of objects need a descriptor themselves, and take its want for a bad object.
  if (kSanitized) return;
  FakeHost host;
  RunningSocket running(host);
  auto reader = greeted(running.path(), kFromNow);
  std::optional<SocketTestClient> waiting;
  {
    const OneDescriptorLeft scarce;
    waiting.emplace(running.path());
    host.add();
    CHECK(reader.json().value("seq", 0) == 1);
  }
  CHECK(waiting->json()["type"] == "hello");
}

}  // namespace
}  // namespace fastrsi
