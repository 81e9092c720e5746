// Question: do sinks that are dead slow the engine? The time from a frame's first byte to its
// signal in the queue, with the journal at work on the other core: beside a webhook that never
// answers, one that answers 500 for ever, a log on a full disk and a journal on another, against
// without. A log that is well must have every record then.
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "bench/child.hpp"
#include "bench/engine_beside.hpp"
#include "bench/figure.hpp"
#include "tests/faulty_vfs.hpp"
#include "tests/scratch_folder.hpp"
#include "tools/config.hpp"
#include "tools/delivery_parts.hpp"
#include "tools/service/delivery_runner.hpp"
#include "tools/service/sink_runner.hpp"

namespace fastrsi::bench {
namespace {

// Of the child: 0 never answers, 1 fails for ever.
constexpr std::size_t kServers = 2;

int listener() {
  const int number = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const auto* const place = reinterpret_cast<const sockaddr*>(&address);
  require(bind(number, place, sizeof address) == 0 && listen(number, 64) == 0, "no port");
  return number;
}

int port_of(int listening) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  getsockname(listening, reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

// Takes every connection; says 500 to whoever has sent something to the second. Told so, it gives
// all of them up.
void serve(const std::array<int, kServers>& listening, int hear) {
  constexpr std::string_view kFails =
      "HTTP/1.1 500 no\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
  std::vector<pollfd> polled{{hear, POLLIN, 0}};
  for (const int number : listening) polled.push_back({number, POLLIN, 0});
  std::vector<bool> fails(polled.size(), false);
  while (poll(polled.data(), polled.size(), -1) >= 0) {
    if (char word = 0; polled[0].revents != 0) {
      if (read(hear, &word, 1) != 1) return;
      for (std::size_t i = 1 + kServers; i < polled.size(); ++i) close(polled[i].fd);
      polled.resize(1 + kServers);
      fails.resize(1 + kServers);
      continue;
    }
    for (std::size_t i = 1; i <= kServers; ++i) {
      if (polled[i].revents == 0) continue;
      polled.push_back({accept(polled[i].fd, nullptr, nullptr), POLLIN, 0});
      fails.push_back(i == 2);
    }
    std::array<char, 4096> bytes;
    for (std::size_t i = 1 + kServers; i < polled.size(); ++i) {
      if (polled[i].revents == 0) continue;
      const bool is_over = read(polled[i].fd, bytes.data(), bytes.size()) <= 0;
      if (!is_over && !fails[i]) continue;
      if (!is_over && write(polled[i].fd, kFails.data(), kFails.size()) < 0) return;
      close(std::exchange(polled[i].fd, -1));  // poll passes over such, and so does close
    }
  }
}

std::string webhook(const char* name, int port) {
  return fmt::format(R"(
[[sink]]
type = "push"
service = "webhook"
name = "{}"
url = "http://127.0.0.1:{}/"
allow_private = true
rate = ["1000/1s"]
group_wait = "0s"
group_interval = "0s"
)",
                     name, port);
}

std::string log_sink(const char* name, const std::string& path) {
  return fmt::format("[[sink]]\ntype = \"log\"\nname = \"{}\"\nformat = \"json\"\npath = \"{}\"\n",
                     name, path);
}

class DeadSinks final : public Figure {
 public:
  DeadSinks()
      : servers_{listener(), listener()},
        server_([this](int hear, int) { serve(servers_, hear); }),
        engine_(folder_.path("state")) {
    engine_.start([] {});
    const ConfigResult read = parse_config(
        log_sink("well", folder_.path("log")) + webhook("silent", port_of(servers_[0])) +
            webhook("fails", port_of(servers_[1])) + log_sink("full", "/dev/full"),
        "sinks");
    require(read.errors.empty(), "the sinks' configuration has errors");
    sinks_ = read.config.sinks;
    // The market is of long ago.
    for (SinkConfig& sink : sinks_) sink.delivery.rules.expires = std::chrono::hours{24 * 36'500};
  }
  ~DeadSinks() override { engine_.stop(); }

  std::vector<Question> questions() const override {
    return {{"", "tick to signal, dead sinks and disks / none, p99", Better::Lower, 1.10}};
  }

  void prove() override { beside_dead_ones(); }

  void round(std::vector<Reading>& readings) override {
    double quiet = 0.0;
    double beside = 0.0;
    turns_.each([&](std::size_t side) {
      (side == 0 ? quiet : beside) = side == 0 ? beside_the_well_one() : beside_dead_ones();
    });
    readings.push_back({beside / quiet, beside, quiet});
  }

 private:
  double beside_the_well_one() {
    std::vector<std::unique_ptr<RunningSink>> running;
    add(sinks_[0], running);
    return p99_with(*running.front());
  }

  double beside_dead_ones() {
    std::vector<std::unique_ptr<RunningSink>> running;
    for (const SinkConfig& sink : sinks_) add(sink, running);
    disk_.fail(test::FaultyVfs::Write, 1, SQLITE_FULL, true);
    const double p99 = p99_with(*running.front());
    const std::uint64_t failures = disk_.failures();
    disk_.heal();
    require(failures > failures_, "the journal's disk was never full");
    failures_ = failures;
    for (const auto& sink : running) sink->stop();
    server_.tell('d');  // nobody waits for an answer any more
    require(running.back()->status().failed > 0, "a full disk took a record");
    require(running[1]->status().delivery->sink.live > 0, "who never answers has had a message");
    return p99;
  }

  // With every record in the log that is well when it returns.
  double p99_with(const RunningSink& well) {
    const double p99 = engine_.p99_of_frames();
    const std::uint64_t newest = engine_.recorder().window().newest();
    spin_until([&] { return well.cursor() >= newest; });
    return p99;
  }

  // Their threads stay on the other core.
  void add(const SinkConfig& sink, std::vector<std::unique_ptr<RunningSink>>& running) {
    stay_on(kOtherCore);
    const WantsList all = [](const std::string&) { return true; };
    if (is_delivery(sink.type)) {
      running.push_back(std::make_unique<DeliveryRunner>(sink, engine_.recorder(), silences_, all,
                                                         make_transports(sink)));
    } else {
      running.push_back(std::make_unique<SinkRunner>(sink, engine_.recorder(), silences_, all));
    }
  }

  const test::ScratchFolder folder_;
  const std::array<int, kServers> servers_;
  Child server_;          // before any thread is there
  test::FaultyVfs disk_;  // before the journal, whose disk it is
  std::uint64_t failures_ = 0;
  EngineBeside engine_;
  Silences silences_;
  std::vector<SinkConfig> sinks_;
  Turns turns_{2};
};

std::unique_ptr<Figure> make_dead_sinks(std::string& why_not) {
  return has_two_cores(why_not) ? std::make_unique<DeadSinks>() : nullptr;
}

}  // namespace

std::vector<FigureEntry> dead_sink_figures() {
  return {{"dead sinks", make_dead_sinks}};
}

}  // namespace fastrsi::bench
