// The receivers that read with our own reader: bare, and our whole connection.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <span>

#include "bench/figure.hpp"
#include "bench/websocket_peer.hpp"
#include "feeds/net/websocket.hpp"
#include "feeds/net/websocket_handshake.hpp"

namespace fastrsi::bench {
namespace {

// Reads whatever it takes: bytes, or none at the end.
template <typename Read>
void receive(Read&& read, net::ClientHandshake& handshake, Tally& tally) {
  net::WebSocketReader reader({});
  bool open = false;
  while (!tally.is_done()) {
    const std::span<char> room = reader.room();
    const long count = static_cast<long>(read(room));
    require(count > 0, "the sender has gone early");
    reader.added(static_cast<std::size_t>(count));
    if (!open) {
      const auto state = handshake.take(reader.unread());
      require(state != net::ClientHandshake::State::Failed, "the handshake fails");
      if (state == net::ClientHandshake::State::Short) continue;
      reader.skip(handshake.used());
      open = true;
    }
    while (true) {
      const net::WebSocketEvent event = reader.next();
      if (event.kind != net::WebSocketEvent::Kind::Message) break;
      tally.take(event.bytes);
    }
  }
}

int connect_to(std::uint16_t port) {
  const int made = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  require(connect(made, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0,
          "the sender is not there");
  return made;
}

struct Listener final : net::WebSocketListener {
  Listener(net::EventLoop& where, Tally& to) : loop(where), tally(to) {}

  void on_open() noexcept override {}
  void on_message(std::string_view bytes, bool, std::int64_t) noexcept override {
    tally.take(bytes);
    if (tally.is_done()) loop.stop();
  }
  void on_pong(std::string_view) noexcept override {}
  void on_closed(const net::Ended&) noexcept override { loop.stop(); }

  net::EventLoop& loop;
  Tally& tally;
};

}  // namespace

void receive_bare(const Place& place, Tally& tally) {
  const int socket = connect_to(place.port);
  net::ClientHandshake handshake({"localhost", "/", {}, {}});
  const std::string& request = handshake.request();
  if (place.ca_file.empty()) {
    require(send(socket, request.data(), request.size(), MSG_NOSIGNAL) > 0, "nobody listens");
    receive([&](std::span<char> room) { return recv(socket, room.data(), room.size(), 0); },
            handshake, tally);
  } else {
    SSL_CTX* const context = SSL_CTX_new(TLS_client_method());
    SSL* const ssl = SSL_new(context);
    SSL_set_fd(ssl, socket);
    // Else it would ask the socket twice a record, and be beaten three times over.
    SSL_set_read_ahead(ssl, 1);
    require(SSL_connect(ssl) == 1, "TLS fails");
    SSL_write(ssl, request.data(), static_cast<int>(request.size()));
    receive(
        [&](std::span<char> room) {
          return SSL_read(ssl, room.data(), static_cast<int>(room.size()));
        },
        handshake, tally);
    SSL_free(ssl);
    SSL_CTX_free(context);
  }
  close(socket);
}

void receive_ours(const Place& place, Tally& tally) {
  net::EventLoop loop;
  net::Resolver resolver(loop);
  net::TlsClient tls({place.ca_file, {}});
  Listener listener(loop, tally);
  net::WebSocketSettings settings;
  settings.url.scheme = place.ca_file.empty() ? "ws" : "wss";
  settings.url.host = "127.0.0.1";
  settings.url.port = place.port;
  settings.url.target = "/";
  const net::WebSocket socket({loop, resolver, tls}, settings, listener);
  loop.run();
}

}  // namespace fastrsi::bench
