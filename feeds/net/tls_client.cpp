// What a client of TLS trusts, asks of a server, and remembers of it.
#include <openssl/err.h>
#include <openssl/sha.h>
#include <openssl/x509v3.h>

#include <array>
#include <map>
#include <stdexcept>
#include <utility>

#include "feeds/net/ascii.hpp"
#include "feeds/net/base64.hpp"
#include "feeds/net/tls.hpp"
#include "feeds/net/tls_stream.hpp"
#include "feeds/net/url.hpp"

namespace fastrsi::net {
namespace {

constexpr std::size_t kSessionsMax = 256;
constexpr std::size_t kPinLetters = 44;

struct SessionDeleter {
  void operator()(SSL_SESSION* session) const noexcept { SSL_SESSION_free(session); }
};
using SessionPtr = std::unique_ptr<SSL_SESSION, SessionDeleter>;

std::string pin_of(X509* certificate) {
  unsigned char* key = nullptr;
  const int length = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &key);
  if (length <= 0) return {};
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(key, static_cast<std::size_t>(length), digest.data());
  OPENSSL_free(key);
  return base64({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

std::string checked_pin(std::string_view pin) {
  constexpr std::string_view kPrefix = "sha256//";
  if (pin.starts_with(kPrefix)) pin.remove_prefix(kPrefix.size());
  const bool right = pin.empty() || (pin.size() == kPinLetters && pin.ends_with('='));
  if (right) return std::string(pin);
  throw std::runtime_error("the pin " + in_quotes(pin) +
                           " is no SHA-256 in base64 (mend: 44 letters that end in '=')");
}

std::string openssl_error() {
  const char* const text = ERR_reason_error_string(ERR_peek_last_error());
  ERR_clear_error();
  return text == nullptr ? "unknown error" : text;
}

}  // namespace

// Streams point into it.
struct TlsClient::Impl {
  SslContextPtr context;
  std::string pin;
  std::map<std::string, SessionPtr> sessions;  // by server
  std::uint64_t resumed = 0;

  void keep(const std::string& server, SessionPtr session) {
    if (sessions.size() >= kSessionsMax && sessions.count(server) == 0) {
      sessions.erase(sessions.begin());
    }
    sessions[server] = std::move(session);
  }
};

namespace {

class ClientStream final : public TlsStream {
 public:
  ClientStream(SslPtr ssl, int descriptor, std::string host, std::string server,
               TlsClient::Impl& client)
      : TlsStream(std::move(ssl), descriptor, std::move(server)),
        host_(std::move(host)),
        client_(client) {
    SSL_set_app_data(this->ssl(), this);
  }

  static int on_verify(int good, X509_STORE_CTX* store) noexcept {
    if (good == 1) return 1;
    auto* const stream = of(
        static_cast<SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx())));
    X509* const shown = X509_STORE_CTX_get0_cert(store);
    X509* const refused = X509_STORE_CTX_get_current_cert(store);
    stream->refuse(certificate_failure(X509_STORE_CTX_get_error(store),
                                       refused == nullptr ? shown : refused, shown, stream->peer(),
                                       stream->host_));
    return 0;
  }

  static int on_session(SSL* ssl, SSL_SESSION* session) noexcept {
    ClientStream* const stream = of(ssl);
    stream->client_.keep(stream->peer(), SessionPtr(session));
    return 1;  // it is ours now
  }

 private:
  static ClientStream* of(SSL* ssl) noexcept {
    return static_cast<ClientStream*>(SSL_get_app_data(ssl));
  }

  bool accept_peer() noexcept override {
    if (SSL_session_reused(ssl()) == 1) ++client_.resumed;
    if (client_.pin.empty()) return true;
    X509* const certificate = SSL_get0_peer_certificate(ssl());
    const std::string pin = certificate == nullptr ? "none" : pin_of(certificate);
    if (pin == client_.pin) return true;
    Ended why;
    why.reason = EndReason::TlsWrongPin;
    why.sentence = "the certificate of " + peer() + " has the key " + pin +
                   ", not the pinned one (mend: the pin, if the key was renewed)";
    refuse(std::move(why));
    return false;
  }

  void handshake_failed() noexcept override { client_.sessions.erase(peer()); }

  const std::string host_;
  TlsClient::Impl& client_;
};

}  // namespace

TlsClient::TlsClient(const TlsSettings& settings) : impl_(std::make_unique<Impl>()) {
  impl_->context = make_ssl_context(TLS_client_method());
  impl_->pin = checked_pin(settings.pin);
  SSL_CTX* const context = impl_->context.get();
  if (settings.ca_file.empty()) {
    SSL_CTX_set_default_verify_paths(context);
  } else if (SSL_CTX_load_verify_file(context, settings.ca_file.c_str()) != 1) {
    throw std::runtime_error("the CA file '" + settings.ca_file + "' cannot be used: " +
                             openssl_error() + " (mend: a readable file of PEM certificates)");
  }
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, ClientStream::on_verify);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL_STORE);
  SSL_CTX_sess_set_new_cb(context, ClientStream::on_session);
}

TlsClient::~TlsClient() = default;

std::uint64_t TlsClient::resumed_total() const noexcept {
  return impl_->resumed;
}

std::unique_ptr<ByteStream> TlsClient::connect(int descriptor, const std::string& host,
                                               std::uint16_t port) {
  SslPtr ssl(SSL_new(impl_->context.get()));
  if (!ssl) throw std::runtime_error("OpenSSL has no memory for a connection");
  SSL_set_connect_state(ssl.get());
  X509_VERIFY_PARAM* const wanted = SSL_get0_param(ssl.get());
  // A name is sent, so that one address can serve many; an address is not (RFC 6066, section 3).
  bool right = false;
  if (is_ip_literal(host)) {
    right = X509_VERIFY_PARAM_set1_ip_asc(wanted, host.c_str()) == 1;
  } else {
    X509_VERIFY_PARAM_set_hostflags(wanted, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    right = X509_VERIFY_PARAM_set1_host(wanted, host.c_str(), host.size()) == 1 &&
            SSL_set_tlsext_host_name(ssl.get(), host.c_str()) == 1;
  }
  if (!right) throw std::runtime_error("'" + host + "' cannot be the name of a TLS server");
  const std::string server = host + ":" + std::to_string(port);
  if (const auto found = impl_->sessions.find(server); found != impl_->sessions.end()) {
    SSL_set_session(ssl.get(), found->second.get());
  }
  return std::make_unique<ClientStream>(std::move(ssl), descriptor, host, server, *impl_);
}

}  // namespace fastrsi::net
