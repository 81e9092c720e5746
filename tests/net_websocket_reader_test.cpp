// The WebSocket reader against RFC 6455: the same events however the bytes are cut, in both roles,
// and nothing worse than an error whatever they are.
#include <algorithm>
#include <cstring>
#include <initializer_list>
#include <random>
#include <string>
#include <vector>

#include "feeds/net/websocket_reader.hpp"
#include "tests/catch.hpp"
#include "tests/net_frames.hpp"

namespace fastrsi::net {
namespace {

using Kind = WebSocketEvent::Kind;
using test::ConformanceCase;
using test::frame;

constexpr Role other(Role role) {
  return role == Role::Client ? Role::Server : Role::Client;
}

std::string event_text(const WebSocketEvent& event) {
  const std::string bytes(event.bytes);
  switch (event.kind) {
    case Kind::Message:
      return (event.text ? "text:" : "binary:") + bytes;
    case Kind::Ping:
      return "ping:" + bytes;
    case Kind::Pong:
      return "pong:" + bytes;
    case Kind::Close:
      return "close:" + std::to_string(event.code) + ":" + bytes;
    case Kind::Failure:
      return "fail:" + std::to_string(event.code) + (bytes.empty() ? " without a word" : "");
    default:
      return "none";
  }
}

void take_all(WebSocketReader& reader, std::vector<std::string>& events) {
  while (true) {
    const WebSocketEvent event = reader.next();
    if (event.kind == Kind::None) return;
    if (event.kind == Kind::Message) {
      // Readable, whatever it is: the address sanitizer would object.
      std::array<char, kReadPaddingBytes> behind{};
      std::memcpy(behind.data(), event.bytes.data() + event.bytes.size(), behind.size());
    }
    events.push_back(event_text(event));
  }
}

void add_bytes(WebSocketReader& reader, std::string_view bytes, std::vector<std::string>& events) {
  while (!bytes.empty()) {
    const std::span<char> room = reader.room();
    if (room.empty()) FAIL("no room to read to");
    const std::size_t count = std::min(room.size(), bytes.size());
    std::memcpy(room.data(), bytes.data(), count);
    reader.added(count);
    bytes.remove_prefix(count);
    take_all(reader, events);
  }
}

WebSocketReaderSettings reader_settings(Role role) {
  WebSocketReaderSettings settings;
  settings.role = role;
  settings.check_utf8 = true;
  return settings;
}

std::vector<std::string> events_of(Role role, const std::vector<std::string_view>& pieces) {
  WebSocketReader reader(reader_settings(role));
  std::vector<std::string> events;
  for (const std::string_view piece : pieces) add_bytes(reader, piece, events);
  return events;
}

// Each position of a short one; of a long one those near its ends, and some between.
std::vector<std::size_t> positions(std::size_t bytes) {
  std::vector<std::size_t> all;
  const std::size_t step = bytes <= 700 ? 1 : bytes / 40;
  for (std::size_t i = 1; i < bytes; ++i) {
    if (step == 1 || i < 20 || i + 20 > bytes || i % step == 0) all.push_back(i);
  }
  return all;
}

void check_case(Role role, const ConformanceCase& one, std::vector<std::string>& deviations) {
  const std::string_view bytes = one.bytes;
  const auto check = [&](const std::string& how, const std::vector<std::string>& events) {
    if (events != one.events) deviations.push_back(one.name + ", " + how);
  };
  check("whole", events_of(role, {bytes}));
  std::vector<std::string_view> single;
  for (std::size_t i = 0; i < bytes.size(); ++i) single.push_back(bytes.substr(i, 1));
  check("byte by byte", events_of(role, single));
  for (const std::size_t i : positions(bytes.size())) {
    check("split at " + std::to_string(i), events_of(role, {bytes.substr(0, i), bytes.substr(i)}));
  }
}

TEST_CASE("websocket reader: no deviation from RFC 6455, however the bytes are cut", "[net]") {
  for (const Role role : {Role::Client, Role::Server}) {
    const auto cases = test::conformance_cases(other(role));
    CHECK(cases.size() >= 150);
    std::vector<std::string> deviations;
    for (const ConformanceCase& one : cases) check_case(role, one, deviations);
    INFO("role " << (role == Role::Client ? "client" : "server"));
    CAPTURE(deviations);
    CHECK(deviations.empty());
  }
}

TEST_CASE("websocket reader: unchecked text is told as it came", "[net]") {
  WebSocketReader reader({});
  std::vector<std::string> events;
  add_bytes(reader, frame(Role::Server, 1, "\xFF"), events);
  // The reason of a close is looked at nevertheless.
  add_bytes(reader, frame(Role::Server, 8, test::close_payload(1000, "\xFF")), events);
  CHECK(events == std::vector<std::string>{"text:\xFF", "fail:1007"});
}

TEST_CASE("websocket reader: a whole message is not copied", "[net]") {
  WebSocketReader reader({});
  const std::string bytes = frame(Role::Server, 1, "in its place");
  const std::span<char> room = reader.room();
  std::memcpy(room.data(), bytes.data(), bytes.size());
  reader.added(bytes.size());
  const WebSocketEvent event = reader.next();
  CHECK(event.bytes == "in its place");
  CHECK(event.bytes.data() == room.data() + 2);
}

TEST_CASE("websocket reader: a message of 16 MiB is taken, and its memory given back", "[net]") {
  WebSocketReader reader({});
  const std::size_t before = reader.capacity_bytes();
  const std::string payload(kMessageBytesMax, 'x');
  std::vector<std::string> events;
  add_bytes(reader, frame(Role::Server, 2, payload), events);
  REQUIRE(events.size() == 1);
  CHECK(events[0].size() == payload.size() + 7);
  CHECK(reader.capacity_bytes() > payload.size());
  reader.room();
  CHECK(reader.capacity_bytes() == before);
}

TEST_CASE("websocket reader: fragments that fill 16 MiB are one message", "[net]") {
  WebSocketReader reader({});
  std::vector<std::string> events;
  const std::string part(1024 * 1024 - 1, 'p');
  add_bytes(reader, frame(Role::Server, 2, part, {.final = false}), events);
  for (int i = 0; i < 15; ++i) {
    add_bytes(reader, frame(Role::Server, 9, "between"), events);
    add_bytes(reader, frame(Role::Server, 0, part, {.final = false}), events);
  }
  add_bytes(reader, frame(Role::Server, 0, "end of sixteen!!"), events);
  REQUIRE(events.size() == 16);
  CHECK(events.back() == "binary:" + [&] {
    std::string whole;
    for (int i = 0; i < 16; ++i) whole += part;
    return whole + "end of sixteen!!";
  }());
}

TEST_CASE("websocket reader: a long length that is only claimed costs no memory", "[net]") {
  WebSocketReader reader({});
  std::vector<std::string> events;
  add_bytes(reader, frame(Role::Server, 2, "x", {.claim = kMessageBytesMax}), events);
  reader.room();
  CHECK(events.empty());
  CHECK(reader.capacity_bytes() <= 64 * 1024);
}

TEST_CASE("websocket reader: what came with the handshake's answer is kept", "[net]") {
  WebSocketReader reader({});
  std::vector<std::string> events;
  const std::string bytes = "the answer" + frame(Role::Server, 1, "first");
  const std::span<char> room = reader.room();
  std::memcpy(room.data(), bytes.data(), bytes.size());
  reader.added(bytes.size());
  CHECK(reader.unread() == bytes);
  reader.skip(10);
  take_all(reader, events);
  CHECK(events == std::vector<std::string>{"text:first"});
}

TEST_CASE("websocket reader: damaged bytes give the same events however they are cut", "[net]") {
  const auto seed = std::random_device{}();
  INFO("seed " << seed);
  std::mt19937 random(seed);
  const auto below = [&random](std::size_t count) {
    return std::uniform_int_distribution<std::size_t>(0, count - 1)(random);
  };
  const auto cases = test::conformance_cases(Role::Server);
  for (int round = 0; round < 3000; ++round) {
    std::string bytes;
    for (int i = 0; i < 4; ++i) {
      const std::string& more = cases[below(cases.size())].bytes;
      if (more.size() < 1000) bytes += more;
    }
    for (std::size_t i = below(4); i > 0 && !bytes.empty(); --i) {
      bytes[below(bytes.size())] = static_cast<char>(below(256));
    }
    if (bytes.empty()) continue;
    std::vector<std::string_view> pieces;
    for (std::string_view rest = bytes; !rest.empty();) {
      const std::size_t count = 1 + below(std::min<std::size_t>(rest.size(), 50));
      pieces.push_back(rest.substr(0, count));
      rest.remove_prefix(count);
    }
    REQUIRE(events_of(Role::Client, {bytes}) == events_of(Role::Client, pieces));
  }
}

TEST_CASE("websocket frame: what one side writes the other reads, at every length", "[net]") {
  for (const Role role : {Role::Client, Role::Server}) {
    FrameWriter writer(role);
    WebSocketReader reader(reader_settings(other(role)));
    std::vector<std::string> events;
    std::vector<std::string> wanted;
    for (const std::size_t n :
         std::initializer_list<std::size_t>{0, 1, 7, 125, 126, 127, 65535, 65536, 100'000}) {
      std::string bytes;
      const std::string payload(n, 'y');
      writer.append(bytes, Opcode::Text, payload);
      writer.append(bytes, Opcode::Binary, payload, false);
      writer.append(bytes, Opcode::Continuation, "end");
      add_bytes(reader, bytes, events);
      wanted.push_back("text:" + payload);
      wanted.push_back("binary:" + payload + "end");
    }
    std::string last;
    writer.append(last, Opcode::Ping, "p");
    // Cut between characters: 61 of two bytes are 122, and 123 fit.
    std::string reason;
    for (int i = 0; i < 100; ++i) reason += "ä";
    writer.append_close(last, 1001, reason);
    add_bytes(reader, last, events);
    wanted.push_back("ping:p");
    wanted.push_back("close:1001:" + reason.substr(0, 122));
    CHECK(events == wanted);
  }
}

TEST_CASE("websocket frame: each of a client's frames has another mask", "[net]") {
  FrameWriter writer(Role::Client);
  std::vector<std::string> masks;
  for (int i = 0; i < 200; ++i) {
    std::string bytes;
    writer.append(bytes, Opcode::Text, "");
    masks.push_back(bytes.substr(2, 4));
  }
  std::sort(masks.begin(), masks.end());
  const auto last = std::unique(masks.begin(), masks.end());
  // Two of 200 are alike once in 200,000 runs; four never.
  CHECK(last - masks.begin() > 196);
}

}  // namespace
}  // namespace fastrsi::net
