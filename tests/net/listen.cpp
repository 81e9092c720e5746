// Listens to a WebSocket and says what comes, a line an event, for tests with servers of others:
//   listen URL [CA_FILE|- [all]]     a text that begins with "echo " is sent back, or all are
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <variant>

#include "feeds/net/websocket.hpp"

namespace {

using namespace fastrsi::net;

// FNV-1a, so that a long message needs no long line.
std::uint64_t hash_of(std::string_view bytes) {
  std::uint64_t hash = 0xCBF29CE484222325U;
  for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3U;
  return hash;
}

struct Listener final : WebSocketListener {
  explicit Listener(EventLoop& where) : loop(where) {}

  void on_open() noexcept override { std::puts("open"); }
  void on_message(std::string_view bytes, bool text, std::int64_t) noexcept override {
    std::printf("%s %zu %016llx\n", text ? "text" : "binary", bytes.size(),
                static_cast<unsigned long long>(hash_of(bytes)));
    if (echo_all || bytes.starts_with("echo ")) socket->send_text(bytes);
  }
  void on_pong(std::string_view) noexcept override { std::puts("pong"); }
  void on_closed(const Ended& why) noexcept override {
    std::printf("closed %s %u %d %lld %s\n", std::string(name_of(why.reason)).c_str(),
                unsigned{why.close_code}, why.http_status,
                why.retry_after ? static_cast<long long>(why.retry_after->count()) : -1LL,
                why.sentence.c_str());
    loop.stop();
  }

  EventLoop& loop;
  WebSocket* socket = nullptr;
  bool echo_all = false;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  auto url = parse_url(argv[1]);
  if (const UrlError* const error = std::get_if<UrlError>(&url)) {
    std::fprintf(stderr, "%s\n", error->sentence.c_str());
    return 2;
  }
  EventLoop loop;
  Resolver resolver(loop);
  const std::string ca_file = argc > 2 ? argv[2] : "-";
  TlsClient tls({ca_file == "-" ? "" : ca_file, {}});
  Listener listener(loop);
  WebSocketSettings settings;
  settings.url = std::get<Url>(url);
  settings.check_utf8 = true;
  WebSocket socket({loop, resolver, tls}, settings, listener);
  listener.socket = &socket;
  listener.echo_all = argc > 3 && std::string_view(argv[3]) == "all";
  loop.run();
  return 0;
}
