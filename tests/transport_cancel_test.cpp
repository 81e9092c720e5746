// What a transport has under way ends when it is cancelled, though time-outs are an hour (of a
// password's program half a minute): one that goes on hangs, and the test's own limit ends it.
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "sinks/transport/transports.hpp"
#include "tests/catch.hpp"
#include "tests/scratch_folder.hpp"

namespace fastrsi::transport {
namespace {

constexpr std::chrono::hours kAnHour{1};

// Takes connections on this machine, and says nothing.
class SilentServer {
 public:
  SilentServer() : listening_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof(address);
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    REQUIRE(::bind(listening_, any, length) == 0);
    REQUIRE(::listen(listening_, 4) == 0);
    REQUIRE(::getsockname(listening_, any, &length) == 0);
    port_ = ntohs(address.sin_port);
  }
  ~SilentServer() {
    ::close(taken_);
    ::close(listening_);
  }
  SilentServer(const SilentServer&) = delete;
  SilentServer& operator=(const SilentServer&) = delete;

  std::uint16_t port() const { return port_; }
  void wait_for_a_client() { taken_ = ::accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC); }

 private:
  const int listening_;
  int taken_ = -1;
  std::uint16_t port_ = 0;
};

// A program that tells that it runs, does something for ever, and does not listen to SIGTERM.
class EndlessProgram {
 public:
  explicit EndlessProgram(std::string does = "exec sleep 3600") : does_(std::move(does)) {
    REQUIRE(::mkfifo(fifo_.c_str(), 0600) == 0);
  }

  std::vector<std::string> words() const {
    return {"/bin/sh", "-c", "trap '' TERM; echo >" + fifo_ + "; " + does_};
  }
  void wait_until_it_runs() const {
    std::string line;
    std::getline(std::ifstream(fifo_), line);
  }

 private:
  const std::string does_;
  const test::ScratchFolder folder_;
  const std::string fifo_ = folder_.path("runs");
};

template <class IsUnderWay>
SendAnswer cancelled(Transport& transport, IsUnderWay is_under_way) {
  SendAnswer answer;
  std::thread thread([&] {
    answer = transport.send({"m1", R"({"text": "x"})", {"a@example.test"}});
  });
  is_under_way();
  transport.cancel();
  thread.join();
  return answer;
}

SmtpSettings patient_smtp(std::uint16_t port) {
  SmtpSettings settings;
  settings.name = "patient";
  settings.host = "127.0.0.1";
  settings.port = port;
  settings.tls = SmtpTls::None;
  settings.from = "rsi@example.test";
  settings.connect_within = settings.whole_within = kAnHour;
  settings.reply_within = settings.dot_within = kAnHour;
  return settings;
}

}  // namespace

TEST_CASE("cancel: a stop ends a POST that nobody answers", "[transport]") {
  SilentServer server;
  PushSettings settings;
  settings.name = "patient";
  settings.service = Service::Webhook;
  settings.url.text = "http://127.0.0.1:" + std::to_string(server.port()) + "/";
  settings.http.allow_private = true;
  settings.http.connect_within = settings.http.answer_within = kAnHour;
  const auto transport = make_push_transport(settings);
  const SendAnswer answer = cancelled(*transport, [&] { server.wait_for_a_client(); });
  CHECK(answer.targets.at(0).outcome != Outcome::Done);
}

TEST_CASE("cancel: a stop ends a mail to a server that does not greet", "[transport]") {
  SilentServer server;
  const auto transport = make_smtp_transport(patient_smtp(server.port()));
  const SendAnswer answer = cancelled(*transport, [&] { server.wait_for_a_client(); });
  CHECK(answer.targets.at(0).outcome == Outcome::EndpointFailure);
}

TEST_CASE("cancel: a stop ends a program that does not end, silent or not", "[transport]") {
  for (const char* const does : {"exec sleep 3600", "while :; do echo x; done"}) {
    const EndlessProgram program(does);
    const auto transport = make_exec_transport({"patient", program.words(), kAnHour});
    const SendAnswer answer = cancelled(*transport, [&] { program.wait_until_it_runs(); });
    CHECK(answer.targets.at(0).outcome == Outcome::InDoubt);
    CHECK(answer.targets.at(0).text == "killed: the service stops");
  }
}

TEST_CASE("cancel: after a stop no program is started", "[transport]") {
  const test::ScratchFolder folder;
  const auto transport =
      make_exec_transport({"late", {"/bin/touch", folder.path("touched")}, kAnHour});
  transport->cancel();
  transport->send({"m1", "{}", {"a@example.test"}});
  CHECK_FALSE(std::ifstream(folder.path("touched")).good());
}

TEST_CASE("cancel: a stop ends a password's program that does not end", "[transport]") {
  SilentServer server;
  const EndlessProgram program;
  SmtpSettings settings = patient_smtp(server.port());
  settings.user = "u";
  settings.password.command = program.words();
  const auto transport = make_smtp_transport(settings);
  const SendAnswer answer = cancelled(*transport, [&] { program.wait_until_it_runs(); });
  CHECK(answer.targets.at(0).outcome == Outcome::AuthFailure);
  CHECK(answer.targets.at(0).text.find("was killed: the service stops") != std::string::npos);
}

}  // namespace fastrsi::transport
