#include "bench/websocket_peer.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <ctime>
#include <utility>

#include "bench/figure.hpp"
#include "feeds/net/websocket_handshake.hpp"

namespace fastrsi::bench {
namespace {

struct SslDeleter {
  void operator()(SSL* ssl) const noexcept { SSL_free(ssl); }
};
using SslPtr = std::unique_ptr<SSL, SslDeleter>;

std::string answer_to(std::string_view request) {
  net::HttpHead head;
  std::size_t used = 0;
  if (net::parse_http_request(request, head, used) != net::HttpHeadState::Whole) return {};
  return net::answer_handshake(head).answer;
}

void send_all(int client, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = send(client, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

// Until the client goes.
void wait_for_end(int client) {
  std::array<char, 4096> room;
  while (recv(client, room.data(), room.size(), 0) > 0) {
  }
}

}  // namespace

std::int64_t thread_cpu_ns() noexcept {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

struct MessageSender::Context {
  Context() : ssl(SSL_CTX_new(TLS_server_method())) {}
  ~Context() { SSL_CTX_free(ssl); }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  SSL_CTX* const ssl;
};

MessageSender::MessageSender(std::string frames, std::vector<std::size_t> sizes,
                             const net::TlsServerSettings* tls)
    : frames_(std::move(frames)), sizes_(std::move(sizes)) {
  if (tls != nullptr) {
    context_ = std::make_unique<Context>();
    const bool right =
        SSL_CTX_use_certificate_chain_file(context_->ssl, tls->certificate_file.c_str()) == 1 &&
        SSL_CTX_use_PrivateKey_file(context_->ssl, tls->key_file.c_str(), SSL_FILETYPE_PEM) == 1;
    require(right, "the certificate cannot be used");
  }
  listening_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  require(bind(listening_, generic, length) == 0 && listen(listening_, 4) == 0 &&
              getsockname(listening_, generic, &length) == 0,
          "there is no port to be had");
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { work(); });
}

MessageSender::~MessageSender() {
  shutdown(listening_, SHUT_RDWR);
  thread_.join();
  close(listening_);
}

void MessageSender::work() {
  while (true) {
    const int client = accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) return;
    context_ ? serve_tls(client) : serve_plain(client);
    wait_for_end(client);
    close(client);
  }
}

void MessageSender::serve_plain(int client) const {
  std::array<char, 4096> room;
  const ssize_t count = recv(client, room.data(), room.size(), 0);
  if (count <= 0) return;
  send_all(client, answer_to({room.data(), static_cast<std::size_t>(count)}));
  send_all(client, frames_);
}

void MessageSender::serve_tls(int client) const {
  const SslPtr ssl(SSL_new(context_->ssl));
  SSL_set_fd(ssl.get(), client);
  if (SSL_accept(ssl.get()) != 1) return;
  std::array<char, 4096> room;
  const int count = SSL_read(ssl.get(), room.data(), room.size());
  if (count <= 0) return;
  const std::string answer = answer_to({room.data(), static_cast<std::size_t>(count)});
  // From now on it writes to memory, so that what is measured waits for no encryption.
  SSL_set0_wbio(ssl.get(), BIO_new(BIO_s_mem()));
  SSL_write(ssl.get(), answer.data(), static_cast<int>(answer.size()));
  std::size_t at = 0;
  for (const std::size_t size : sizes_) {
    SSL_write(ssl.get(), frames_.data() + at, static_cast<int>(size));
    at += size;
  }
  char* records = nullptr;
  const long bytes = BIO_get_mem_data(SSL_get_wbio(ssl.get()), &records);
  send_all(client, {records, static_cast<std::size_t>(bytes)});
}

}  // namespace fastrsi::bench
