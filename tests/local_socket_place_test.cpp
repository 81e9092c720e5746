// Where the local socket stands and who comes in by it: its file, its folder, users and consumers.
#include <grp.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cstdlib>
#include <fstream>

#include "sinks/sha256.hpp"
#include "tests/catch.hpp"
#include "tests/local_socket.hpp"

namespace fastrsi {
namespace {

using Json = nlohmann::json;

constexpr std::int64_t kNewYear2027 = 1'798'761'600'000'000'000;

std::uint32_t mode_of(const std::string& path) {
  struct stat found {};
  return ::lstat(path.c_str(), &found) == 0 ? found.st_mode & 07777U : 0U;
}

LocalSocketSettings settings_at(const std::string& path) {
  LocalSocketSettings settings = quiet_settings();
  settings.path = path;
  return settings;
}

// What is wrong with a place, or nothing.
std::string refusal(const LocalSocketSettings& settings) {
  FakeHost host;
  try {
    const LocalSocket socket(settings, host);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "";
}

// A socket file at which nobody listens.
void leave_stale(const std::string& path) {
  const int made = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  REQUIRE(::bind(made, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  ::close(made);
}

TEST_CASE("socket: its file has the mode asked for, whatever the umask, and goes with it",
          "[socket]") {
  const test::ScratchFolder folder;
  FakeHost host;
  for (const std::uint32_t mode : {0600U, 0666U}) {
    const mode_t before = ::umask(0);
    LocalSocketSettings settings = settings_at(folder.path("s"));
    settings.mode = mode;
    {
      const LocalSocket socket(settings, host);
      ::umask(before);
      CHECK(mode_of(settings.path) == mode);
    }
    CHECK(std::filesystem::is_empty(folder.path("")));
  }
}

TEST_CASE("socket: a stale file is replaced, anything else stays", "[socket]") {
  const test::ScratchFolder folder;
  FakeHost host;
  const std::string path = folder.path("s");
  leave_stale(path);
  CHECK(refusal(settings_at(path)).empty());
  CHECK_FALSE(std::filesystem::exists(path));

  std::ofstream(path) << "mine";
  CHECK_THAT(refusal(settings_at(path)), ContainsSubstring("is no socket; it stays as it is"));
  std::string kept;
  std::ifstream(path) >> kept;
  CHECK(kept == "mine");
  std::filesystem::remove(path);

  std::filesystem::create_symlink(folder.path("elsewhere"), path);
  CHECK_THAT(refusal(settings_at(path)), ContainsSubstring("is no socket"));
  CHECK(std::filesystem::is_symlink(path));
  std::filesystem::remove(path);
  CHECK(std::filesystem::is_empty(folder.path("")));
}

TEST_CASE("socket: a path at which another answers is left to it", "[socket]") {
  FakeHost host;
  RunningSocket running(host);
  CHECK_THAT(refusal(settings_at(running.path())), ContainsSubstring("another process answers on"));
  CHECK(greeted(running.path()).ask(R"({"cmd":"ping"})")["ok"] == true);
}

TEST_CASE("socket: at its end it unlinks no file but its own", "[socket]") {
  const test::ScratchFolder folder;
  FakeHost host;
  const std::string path = folder.path("s");
  {
    const LocalSocket socket(settings_at(path), host);
    std::filesystem::remove(path);
    leave_stale(path);
  }
  CHECK(std::filesystem::is_socket(path));
}

TEST_CASE("socket: a folder that others may write into is refused", "[socket]") {
  const test::ScratchFolder folder;
  const std::string inner = folder.path("inner");
  CHECK(refusal(settings_at(inner + "/s")).empty());
  CHECK(mode_of(inner) == 0700U);
  ::chmod(inner.c_str(), 0777);
  CHECK_THAT(refusal(settings_at(inner + "/s")), ContainsSubstring("others may write into"));
  ::chmod(inner.c_str(), 01777);
  CHECK(refusal(settings_at(inner + "/s")).empty());
  CHECK_THAT(refusal(settings_at(folder.path("a/b/s"))),
             ContainsSubstring("cannot make the folder"));
  std::ofstream(folder.path("file")) << "x";
  CHECK_THAT(refusal(settings_at(folder.path("file/s"))), ContainsSubstring("is no folder"));
  if (::geteuid() == 0) {
    REQUIRE(::chown(inner.c_str(), 65'534, 65'534) == 0);
    CHECK_THAT(refusal(settings_at(inner + "/s")), ContainsSubstring("belongs to user 65534"));
  }
}

TEST_CASE("socket: a path must fit, a group must be there", "[socket]") {
  const test::ScratchFolder folder;
  const std::string head = folder.path("");
  const std::string longest = head + std::string(107 - head.size(), 's');
  CHECK(refusal(settings_at(longest)).empty());
  CHECK_THAT(refusal(settings_at(longest + "s")), ContainsSubstring("108 bytes long"));
  CHECK_THAT(refusal(settings_at(head)), ContainsSubstring("is no path of a file"));
  LocalSocketSettings settings = settings_at(folder.path("s"));
  settings.group = "no-such-group";
  CHECK_THAT(refusal(settings), ContainsSubstring("there is no group no-such-group"));
  const group* const own = ::getgrgid(::getegid());
  if (own == nullptr) return;
  settings.group = own->gr_name;
  FakeHost host;
  const LocalSocket socket(settings, host);
  CHECK(mode_of(settings.path) == 0660U);
}

// The first line that a process of another user gets.
std::string greeting_of_user(const std::string& path, uid_t user, gid_t group) {
  int pipe[2];
  REQUIRE(::pipe(pipe) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    std::string text = "not connected";
    if (::setgroups(0, nullptr) == 0 && ::setgid(group) == 0 && ::setuid(user) == 0) {
      try {
        text = SocketTestClient(path).line().value_or("closed");
      } catch (const std::exception& error) {
        text = error.what();
      }
    }
    [[maybe_unused]] const ssize_t written = ::write(pipe[1], text.data(), text.size());
    ::_exit(0);
  }
  ::close(pipe[1]);
  std::string text(4096, '\0');
  const ssize_t count = ::read(pipe[0], text.data(), text.size());
  ::close(pipe[0]);
  ::waitpid(child, nullptr, 0);
  text.resize(count < 0 ? 0 : static_cast<std::size_t>(count));
  return text;
}

TEST_CASE("socket: lets in its own user, root, those listed and the group", "[socket]") {
  if (::geteuid() != 0) return;  // only root can be another user
  FakeHost host;
  LocalSocketSettings settings = quiet_settings();
  settings.mode = 0666;
  settings.users = {65'533};
  settings.group = "root";
  RunningSocket running(host, settings);
  std::filesystem::permissions(std::filesystem::path(running.path()).parent_path(),
                               std::filesystem::perms{0755});
  CHECK_THAT(greeting_of_user(running.path(), 65'533, 65'533), ContainsSubstring("hello"));
  CHECK_THAT(greeting_of_user(running.path(), 65'532, 0), ContainsSubstring("hello"));
  CHECK_THAT(greeting_of_user(running.path(), 0, 0), ContainsSubstring("hello"));
  CHECK_THAT(greeting_of_user(running.path(), 65'534, 65'534),
             ContainsSubstring("user 65534 may not connect"));
  CHECK(running.waits_until([](const auto& status) { return status.refused == 1; }));
}

LocalConsumer consumer(const std::string& name, const std::string& token) {
  return {name, sha256_hex(token), {}};
}

std::string login(const std::string& name, const std::string& token) {
  return R"({"cmd":"auth","name":")" + name + R"(","token":")" + token + "\"}";
}

TEST_CASE("socket: consumers log in with a token before anything else", "[socket]") {
  FakeHost host;
  LocalSocketSettings settings = quiet_settings();
  settings.consumers = {consumer("desk", "secret"), consumer("old", "secret"), {"none", "", {}}};
  settings.consumers[1].expires_ns = kNewYear2027;
  settings.now_ns = [] { return kNewYear2027; };
  RunningSocket running(host, settings);
  auto client = greeted(running.path());
  for (const std::string command : {"ping", "subscribe", "now"}) {
    const Json answer = client.ask(R"({"cmd":")" + command + "\"}");
    CHECK(answer["ok"] == false);
    CHECK_THAT(answer["error"].get<std::string>(), ContainsSubstring("log in first"));
  }
  for (const std::string& wrong : {login("desk", "wrong"), login("desks", "secret"),
                                   login("none", ""), login("desk", sha256_hex("secret"))}) {
    CHECK(client.ask(wrong)["error"] == "wrong name or token");
  }
  CHECK(client.ask(R"({"cmd":"auth","name":"desk"})")["ok"] == false);
  CHECK(client.ask(login("old", "secret"))["error"] ==
        "consumer old: its time ended on 2027-01-01");
  CHECK(client.ask(login("desk", "secret")).dump() ==
        Json::parse(R"({"type":"reply","cmd":"auth","ok":true})").dump());
  CHECK(client.ask(R"({"cmd":"subscribe"})")["ok"] == true);
  CHECK(running.waits_until(
      [](const auto& status) { return status.errors == 9 && status.clients[0].name == "desk"; }));
}

TEST_CASE("socket: after ten wrong log-ins a connection ends", "[socket]") {
  FakeHost host;
  LocalSocketSettings settings = quiet_settings();
  settings.consumers = {consumer("desk", "secret")};
  RunningSocket running(host, settings);
  auto client = greeted(running.path());
  for (int i = 0; i < 10; ++i) CHECK(client.ask(login("desk", "wrong"))["ok"] == false);
  CHECK(client.line() == R"({"type":"bye","reason":"auth"})");
  CHECK_FALSE(client.line());
}

TEST_CASE("socket: a consumer's end comes while it reads", "[socket]") {
  FakeHost host;
  std::atomic<std::int64_t> now{kNewYear2027 - 1};
  LocalSocketSettings settings = quiet_settings();
  settings.consumers = {consumer("desk", "secret"), consumer("lab", "other")};
  settings.consumers[0].expires_ns = kNewYear2027;
  settings.heartbeat = std::chrono::milliseconds{5};
  settings.now_ns = [&now] { return now.load(); };
  RunningSocket running(host, settings);
  auto desk = greeted(running.path(), login("desk", "secret"));
  auto lab = greeted(running.path(), login("lab", "other"));
  now = kNewYear2027;
  CHECK(desk.json_but_heartbeats().dump() == R"({"reason":"expired","type":"bye"})");
  CHECK_FALSE(desk.line());

  // The name stays with another token: whoever holds the old one is out.
  running.socket().set_consumers({consumer("lab", "other"), consumer("desk", "new")});
  auto again = greeted(running.path(), login("desk", "new"));
  running.socket().set_consumers({consumer("lab", "changed"), consumer("desk", "new")});
  CHECK(lab.json_but_heartbeats().dump() == R"({"reason":"consumer removed","type":"bye"})");
  again.send("{\"cmd\":\"ping\"}\n");
  CHECK(again.json_but_heartbeats()["cmd"] == "ping");
}

TEST_CASE("socket: has its default place in the user's own run folder", "[socket]") {
  CHECK(socket_path("/x/y") == "/x/y");
  const char* const before = std::getenv("XDG_RUNTIME_DIR");
  const std::string kept = before == nullptr ? "" : before;
  ::setenv("XDG_RUNTIME_DIR", "/some/where", 1);
  CHECK(socket_path("") == "/some/where/fastrsi.sock");
  ::unsetenv("XDG_RUNTIME_DIR");
  const std::string user = std::to_string(::getuid());
  const bool has_run = std::filesystem::is_directory("/run/user/" + user);
  CHECK(socket_path("") == (has_run ? "/run/user/" + user + "/fastrsi.sock"
                                    : "/tmp/fastrsi-" + user + "/fastrsi.sock"));
  if (before != nullptr) ::setenv("XDG_RUNTIME_DIR", kept.c_str(), 1);
}

}  // namespace
}  // namespace fastrsi
