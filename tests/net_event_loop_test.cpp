// The event loop over socket pairs: what a handler is told, and in which thread and order.
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "feeds/net/event_loop.hpp"
#include "tests/catch.hpp"

namespace fastrsi::net {
namespace {

using namespace std::chrono_literals;

std::array<int, 2> socket_pair() {
  std::array<int, 2> pair{};
  REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair.data()) == 0);
  return pair;
}

// Reads all there is; says what has happened.
struct Reader final : SocketHandler {
  explicit Reader(EventLoop& where) : loop(where) {}

  void on_readable() noexcept override {
    std::array<char, 64> bytes{};
    ssize_t count = 0;
    while ((count = read(socket->descriptor(), bytes.data(), bytes.size())) > 0) {
      text.append(bytes.data(), static_cast<std::size_t>(count));
    }
    if (count == 0) on_hang_up();
    if (text == until) loop.stop();
    if (close_when_read) socket.reset();
  }
  void on_writable() noexcept override {
    ++writable;
    loop.stop();
  }
  void on_hang_up() noexcept override {
    hung_up = true;
    socket.reset();
    loop.stop();
  }

  EventLoop& loop;
  std::unique_ptr<Socket> socket;
  std::string text;
  std::string until;
  bool close_when_read = false;
  bool hung_up = false;
  int writable = 0;
};

TEST_CASE("event loop: bytes are told", "[net]") {
  EventLoop loop;
  const auto [ours, theirs] = socket_pair();
  Reader reader(loop);
  reader.until = "hello";
  reader.socket = std::make_unique<Socket>(loop, ours, reader);
  REQUIRE(write(theirs, "hello", 5) == 5);
  loop.run();
  CHECK(reader.text == "hello");
}

TEST_CASE("event loop: room to write is told once for each time it is asked for", "[net]") {
  EventLoop loop;
  const auto [ours, theirs] = socket_pair();
  Reader reader(loop);
  reader.socket = std::make_unique<Socket>(loop, ours, reader);
  reader.socket->want_write();
  loop.run();
  CHECK(reader.writable == 1);
  close(theirs);
}

TEST_CASE("event loop: what came before a hang-up is read before it is told", "[net]") {
  EventLoop loop;
  const auto [ours, theirs] = socket_pair();
  Reader reader(loop);
  reader.socket = std::make_unique<Socket>(loop, ours, reader);
  REQUIRE(write(theirs, "last words", 10) == 10);
  close(theirs);
  loop.run();
  CHECK(reader.text == "last words");
  CHECK(reader.hung_up);
}

TEST_CASE("event loop: a socket may go inside its own handler, and is closed", "[net]") {
  EventLoop loop;
  const auto [ours, theirs] = socket_pair();
  Reader reader(loop);
  reader.close_when_read = true;
  reader.socket = std::make_unique<Socket>(loop, ours, reader);
  REQUIRE(write(theirs, "x", 1) == 1);
  // The other end hears of it.
  Reader end(loop);
  end.socket = std::make_unique<Socket>(loop, theirs, end);
  loop.run();
  CHECK(end.hung_up);
  CHECK_FALSE(reader.hung_up);
}

TEST_CASE("event loop: a socket may go outside its handler, and is closed", "[net]") {
  EventLoop loop;
  const auto [ours, theirs] = socket_pair();
  Reader reader(loop);
  reader.socket = std::make_unique<Socket>(loop, ours, reader);
  Reader end(loop);
  end.socket = std::make_unique<Socket>(loop, theirs, end);
  reader.socket.reset();
  loop.run();
  CHECK(end.hung_up);
  CHECK_FALSE(reader.hung_up);
}

TEST_CASE("event loop: a socket that is not wanted to be read waits", "[net]") {
  EventLoop loop;
  const auto [ours, theirs] = socket_pair();
  Reader reader(loop);
  reader.until = "later";
  reader.socket = std::make_unique<Socket>(loop, ours, reader);
  reader.socket->want_read(false);
  REQUIRE(write(theirs, "later", 5) == 5);
  bool was_empty = false;
  loop.call_after(5ms, [&] {
    was_empty = reader.text.empty();
    reader.socket->want_read(true);
  });
  loop.run();
  CHECK(was_empty);
  CHECK(reader.text == "later");
  close(theirs);
}

TEST_CASE("event loop: timers run in the order of their times, those cancelled never", "[net]") {
  EventLoop loop;
  std::vector<int> order;
  const auto now = EventLoop::Clock::now();
  loop.call_at(now + 4ms, [&] { order.push_back(3); });
  loop.call_at(now + 2ms, [&] { order.push_back(2); });
  const TimerId never = loop.call_at(now + 3ms, [&] { order.push_back(9); });
  loop.call_at(now + 1ms, [&] {
    order.push_back(1);
    loop.cancel(never);
  });
  loop.call_at(now + 5ms, [&] { loop.stop(); });
  loop.run();
  CHECK(order == std::vector{1, 2, 3});
  loop.cancel(never);
  loop.cancel(TimerId::None);
}

TEST_CASE("event loop: tasks of other threads run in its own, in their order", "[net]") {
  EventLoop loop;
  std::vector<int> order;
  const std::thread::id own = std::this_thread::get_id();
  std::thread other([&] {
    for (int i = 0; i < 100; ++i) {
      loop.post([&, i] {
        CHECK(std::this_thread::get_id() == own);
        order.push_back(i);
        if (i == 99) loop.stop();
      });
    }
  });
  loop.run();
  other.join();
  REQUIRE(order.size() == 100);
  CHECK(std::is_sorted(order.begin(), order.end()));
}

}  // namespace
}  // namespace fastrsi::net
