// Question: do sixty-four subscribers, one of them stopped and one that reads a byte a second, slow
// the engine? The time from a frame's first byte to its signal in the queue, with the journal and
// the socket at work on the other core: with the subscribers, against without. Every other
// subscriber must have got every record.
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <functional>
#include <thread>

#include "bench/child.hpp"
#include "bench/engine_beside.hpp"
#include "bench/figure.hpp"
#include "sinks/local_socket.hpp"
#include "tests/scratch_folder.hpp"

namespace fastrsi::bench {
namespace {

constexpr std::size_t kReaders = 62;

int subscribe_to(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  const int client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (connect(client, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return -1;
  constexpr std::string_view kSubscribe = "{\"cmd\":\"subscribe\"}\n";
  return write(client, kSubscribe.data(), kSubscribe.size()) > 0 ? client : -1;
}

// Records that begin in these bytes: no other line begins so. `rest` is the end of those before.
std::uint64_t count_records(std::string& rest, std::string_view bytes) {
  constexpr std::string_view kBegin = "{\"seq\":";
  rest.append(bytes);
  std::uint64_t count = 0;
  std::size_t at = 0;
  while ((at = rest.find(kBegin, at)) != std::string::npos) {
    at += kBegin.size();
    ++count;
  }
  rest.erase(0, rest.size() - std::min(rest.size(), kBegin.size() - 1));
  return count;
}

// Reads all of its clients; told 'd', it says how many records the one with the fewest has had.
void read_everything(const std::string& path, int hear, int tell) {
  std::vector<pollfd> polled(kReaders + 1);
  std::array<std::uint64_t, kReaders> records{};
  std::array<std::string, kReaders> rests;
  std::vector<char> bytes(1U << 18);
  char word = 0;
  while (read(hear, &word, 1) == 1) {
    if (word == 'c') {
      for (std::size_t i = 0; i < kReaders; ++i) polled[i] = {subscribe_to(path), POLLIN, 0};
      polled[kReaders] = {hear, POLLIN, 0};
      records.fill(0);
      rests.fill({});
      if (write(tell, &word, 1) != 1) return;
    }
    while (polled[kReaders].fd == hear) {
      poll(polled.data(), polled.size(), -1);
      for (std::size_t i = 0; i < kReaders; ++i) {
        if (polled[i].revents == 0) continue;
        const ssize_t count = read(polled[i].fd, bytes.data(), bytes.size());
        if (count > 0)
          records[i] += count_records(rests[i], {bytes.data(), static_cast<std::size_t>(count)});
      }
      if (polled[kReaders].revents == 0) continue;
      if (read(hear, &word, 1) != 1) return;
      if (word == '?') {
        const std::uint64_t fewest = *std::min_element(records.begin(), records.end());
        if (write(tell, &fewest, sizeof fewest) != sizeof fewest) return;
        continue;
      }
      for (std::size_t i = 0; i < kReaders; ++i) close(polled[i].fd);
      polled[kReaders].fd = -1;
      if (write(tell, &word, 1) != 1) return;
    }
  }
}

// One client that takes a byte a second.
void read_slowly(const std::string& path, int hear, int tell) {
  char word = 0;
  int client = -1;
  while (true) {
    pollfd told{hear, POLLIN, 0};
    if (poll(&told, 1, 1000) == 0) {
      char byte = 0;
      if (client >= 0 && read(client, &byte, 1) < 0) return;
      continue;
    }
    if (read(hear, &word, 1) != 1) return;
    if (word == 'c') client = subscribe_to(path);
    if (word == 'd') close(std::exchange(client, -1));
    if (write(tell, &word, 1) != 1) return;
  }
}

// Hands the window's records on, as the service does.
class WindowHost final : public LocalSocketHost {
 public:
  explicit WindowHost(const JournalWindow& window) : window_(window) {}
  Span span() override { return {window_.oldest(), window_.newest()}; }
  bool read(std::uint64_t after, std::size_t most, std::vector<SocketRecordPtr>& out) override {
    std::vector<PublishedPtr> entries;
    window_.read(after, most, entries);
    for (PublishedPtr& entry : entries) {
      const SocketRecord* record = &entry->record;
      out.emplace_back(std::move(entry), record);
    }
    return true;
  }
  bool command(std::uint64_t, const std::string&, const std::string&) override { return false; }

 private:
  const JournalWindow& window_;
};

class Subscribers final : public Figure {
 public:
  Subscribers()
      : path_(folder_.path("s")),
        reader_([this](int hear, int tell) { read_everything(path_, hear, tell); }),
        stopped_([this](int hear, int tell) { read_slowly(path_, hear, tell); }),
        slow_([this](int hear, int tell) { read_slowly(path_, hear, tell); }),
        engine_(folder_.path("state")) {
    host_ = std::make_unique<WindowHost>(engine_.recorder().window());
    LocalSocketSettings socket;
    socket.path = path_;
    socket_ = std::make_unique<LocalSocket>(socket, *host_);
    engine_.start([this] { socket_->wake(); });
    socket_thread_ = std::thread([this] {
      stay_on(kOtherCore);
      socket_->run();
    });
  }
  ~Subscribers() override {
    socket_->stop();
    socket_thread_.join();
    engine_.stop();
  }

  std::vector<Question> questions() const override {
    return {{"", "tick to signal, 64 subscribers / none, p99", Better::Lower, 1.10}};
  }

  void prove() override { with_subscribers(); }

  void round(std::vector<Reading>& readings) override {
    double quiet = 0.0;
    double subscribed = 0.0;
    turns_.each([&](std::size_t side) {
      (side == 0 ? quiet : subscribed) = side == 0 ? engine_.p99_of_frames() : with_subscribers();
    });
    readings.push_back({subscribed / quiet, subscribed, quiet});
  }

 private:
  double with_subscribers() {
    for (const Child* child : {&reader_, &stopped_, &slow_}) {
      child->tell('c');
      child->hear<char>();
    }
    spin_until([this] {
      const LocalSocketStatus status = socket_->status();
      return std::count_if(status.clients.begin(), status.clients.end(),
                           [](const auto& client) { return client.subscribed; }) == kReaders + 2;
    });
    stopped_.signal(SIGSTOP);
    const std::uint64_t before = engine_.recorder().window().newest();
    const double p99 = engine_.p99_of_frames();
    const std::uint64_t records = engine_.recorder().window().newest() - before;
    std::uint64_t fewest = 0;
    spin_until([&] {
      reader_.tell('?');
      fewest = reader_.hear<std::uint64_t>();
      return fewest >= records;
    });
    require(fewest == records, "a subscriber has more records than there are");
    stopped_.signal(SIGCONT);
    for (const Child* child : {&reader_, &stopped_, &slow_}) {
      child->tell('d');
      child->hear<char>();
    }
    return p99;
  }

  const test::ScratchFolder folder_;
  const std::string path_;
  // Before any thread is there.
  Child reader_;
  Child stopped_;
  Child slow_;
  EngineBeside engine_;
  std::unique_ptr<WindowHost> host_;
  std::unique_ptr<LocalSocket> socket_;
  std::thread socket_thread_;
  Turns turns_{2};
};

std::unique_ptr<Figure> make_subscribers(std::string& why_not) {
  return has_two_cores(why_not) ? std::make_unique<Subscribers>() : nullptr;
}

}  // namespace

std::vector<FigureEntry> subscriber_figures() {
  return {{"subscribers", make_subscribers}};
}

}  // namespace fastrsi::bench
