// What the tests of the local socket share: a host that keeps records in memory, the socket with
// its thread, and a client that waits for lines with a deadline, so that a line that never comes
// is a failure and not a test that hangs.
#pragma once

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "sinks/local_socket.hpp"
#include "tests/scratch_folder.hpp"

namespace fastrsi {

inline constexpr std::chrono::seconds kSocketTestDeadline{20};

// Records in memory, and commands: "now" is answered at once, "later" when the test says so.
class FakeHost final : public LocalSocketHost {
 public:
  Span span() override {
    const std::lock_guard lock(mutex_);
    if (records_.empty()) return {};
    return {records_.front()->seq, records_.back()->seq};
  }

  bool read(std::uint64_t after, std::size_t most, std::vector<SocketRecordPtr>& out) override {
    const std::lock_guard lock(mutex_);
    reads.fetch_add(1);
    if (fetches.load() && !records_.empty() && after < records_.back()->seq && fetched_ != after) {
      // Keeps what it was asked last, as a host with one fetch under way does.
      fetched_ = after;
      socket->wake();
      return false;
    }
    const auto first = std::upper_bound(
        records_.begin(), records_.end(), after,
        [](std::uint64_t seq, const SocketRecordPtr& record) { return seq < record->seq; });
    const auto there = static_cast<std::size_t>(records_.end() - first);
    out.insert(out.end(), first, first + static_cast<std::ptrdiff_t>(std::min(there, most)));
    return true;
  }

  bool command(std::uint64_t client, const std::string& cmd, const std::string& line) override {
    const std::lock_guard lock(mutex_);
    if (cmd == "now") socket->answer(client, cmd, R"("ok":true,"echo":)" + line);
    if (cmd == "big") socket->answer(client, cmd, big_body());
    if (cmd == "later") later_.push_back(client);
    return cmd == "now" || cmd == "later" || cmd == "big";
  }

  // Adds a record of the next seq.
  void add(SocketRecord record = {}) {
    {
      const std::lock_guard lock(mutex_);
      record.seq = ++newest_;
      if (record.line.empty()) {
        record.line = R"({"seq":)" + std::to_string(newest_) + R"(,"pad":")" +
                      std::string(pad.load(), 'x') + "\"}\n";
      }
      records_.push_back(std::make_shared<const SocketRecord>(std::move(record)));
    }
    if (socket != nullptr) socket->wake();
  }
  void add_many(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) add();
  }
  // Retention.
  void forget_until(std::uint64_t seq) {
    const std::lock_guard lock(mutex_);
    std::erase_if(records_, [seq](const auto& record) { return record->seq <= seq; });
  }
  std::vector<std::uint64_t> waiting_for_later() {
    const std::lock_guard lock(mutex_);
    return later_;
  }

  static std::string big_body() {
    return R"("ok":true,"big":")" + std::string(3U << 20U, 'b') + '"';
  }

  LocalSocket* socket = nullptr;
  std::atomic<bool> fetches{false};  // whether old records must be fetched first
  std::atomic<std::size_t> pad{340};
  std::atomic<std::uint64_t> reads{0};

 private:
  std::mutex mutex_;
  std::vector<SocketRecordPtr> records_;
  std::vector<std::uint64_t> later_;
  std::uint64_t newest_ = 0;
  std::optional<std::uint64_t> fetched_;
};

// Without heartbeats, unless the test is about them.
inline LocalSocketSettings quiet_settings() {
  LocalSocketSettings settings;
  settings.heartbeat = std::chrono::hours{1};
  return settings;
}

// The socket and its thread.
class RunningSocket {
 public:
  explicit RunningSocket(FakeHost& host, LocalSocketSettings settings = quiet_settings())
      : host_(host), path_(folder_.path("s")) {
    settings.path = path_;
    socket_ = std::make_unique<LocalSocket>(std::move(settings), host);
    host.socket = socket_.get();
    thread_ = std::thread([this] { socket_->run(); });
  }
  ~RunningSocket() {
    stop();
    host_.socket = nullptr;
  }
  RunningSocket(const RunningSocket&) = delete;
  RunningSocket& operator=(const RunningSocket&) = delete;

  void stop() {
    if (!thread_.joinable()) return;
    socket_->stop();
    thread_.join();
  }
  LocalSocket& socket() { return *socket_; }
  const std::string& path() const { return path_; }

  // Until it is true of the status, which is published at the end of each turn.
  bool waits_until(const std::function<bool(const LocalSocketStatus&)>& true_of) {
    return socket_->wait_until(true_of, std::chrono::steady_clock::now() + kSocketTestDeadline);
  }

 private:
  test::ScratchFolder folder_;
  FakeHost& host_;
  std::string path_;
  std::unique_ptr<LocalSocket> socket_;
  std::thread thread_;
};

// A client that reads line by line.
class SocketTestClient {
 public:
  explicit SocketTestClient(const std::string& path)
      : descriptor_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    if (::connect(descriptor_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
      ::close(descriptor_);
      throw std::runtime_error(std::string("connect: ") + std::strerror(errno));
    }
  }
  ~SocketTestClient() { close(); }
  SocketTestClient(SocketTestClient&& other) noexcept
      : descriptor_(std::exchange(other.descriptor_, -1)),
        text_(std::move(other.text_)),
        begin_(std::exchange(other.begin_, 0)) {}
  SocketTestClient& operator=(SocketTestClient&&) = delete;

  int descriptor() const { return descriptor_; }
  void close() {
    if (descriptor_ >= 0) ::close(descriptor_);
    descriptor_ = -1;
  }
  void end_input() { ::shutdown(descriptor_, SHUT_WR); }

  // False when the other side is gone.
  bool send(const std::string& text) {
    std::size_t sent = 0;
    while (sent < text.size()) {
      const ssize_t count =
          ::send(descriptor_, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return false;
      sent += static_cast<std::size_t>(count);
    }
    return true;
  }

  // The next line without its end; nothing when the other side has closed. Throws when neither
  // comes in time.
  std::optional<std::string> line() {
    while (true) {
      const std::size_t end = text_.find('\n', begin_);
      if (end != std::string::npos) {
        std::string found = text_.substr(begin_, end - begin_);
        begin_ = end + 1;
        return found;
      }
      text_.erase(0, std::exchange(begin_, 0));
      if (!receive()) return std::nullopt;
    }
  }
  // The next line as JSON; an empty object at the end.
  nlohmann::json json() {
    const auto text = line();
    return text ? nlohmann::json::parse(*text) : nlohmann::json::object();
  }
  nlohmann::json json_but_heartbeats() {
    auto found = json();
    while (found.value("type", "") == "heartbeat") found = json();
    return found;
  }
  // Sends a line and reads the answer.
  nlohmann::json ask(const std::string& text) {
    send(text + "\n");
    return json_but_heartbeats();
  }
  // What is left behind the last line end when the other side has closed.
  const std::string& rest() const { return text_; }

 private:
  bool receive() {
    pollfd ready{descriptor_, POLLIN, 0};
    const auto most = std::chrono::milliseconds(kSocketTestDeadline).count();
    if (::poll(&ready, 1, static_cast<int>(most)) == 0) throw std::runtime_error("no line in time");
    std::string bytes(64U * 1024, '\0');
    const ssize_t count = ::recv(descriptor_, bytes.data(), bytes.size(), 0);
    if (count <= 0) return false;
    text_.append(bytes, 0, static_cast<std::size_t>(count));
    return true;
  }

  int descriptor_;
  std::string text_;
  std::size_t begin_ = 0;
};

// A client that has read its hello and, with a `subscribe`, the reply.
inline SocketTestClient greeted(const std::string& path, const std::string& subscribe = "") {
  SocketTestClient client(path);
  if (client.json().value("type", "") != "hello") throw std::runtime_error("no hello");
  if (subscribe.empty()) return client;
  const auto reply = client.ask(subscribe);
  if (!reply.value("ok", false)) throw std::runtime_error("not subscribed: " + reply.dump());
  return client;
}

// What waits for the first client.
inline std::uint64_t first_waiting(const LocalSocketStatus& status) {
  return status.clients.empty() ? 0 : status.clients[0].waiting_bytes;
}

}  // namespace fastrsi
