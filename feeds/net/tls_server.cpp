// A server's side of TLS: the certificate it shows, which can be changed while connections live.
#include <openssl/err.h>

#include <stdexcept>
#include <utility>

#include "feeds/net/tls.hpp"
#include "feeds/net/tls_stream.hpp"

namespace fastrsi::net {
namespace {

constexpr std::string_view kSessionContext = "fastrsi";

[[noreturn]] void refuse(const std::string& what, const std::string& file) {
  const char* const text = ERR_reason_error_string(ERR_peek_last_error());
  std::string why = text == nullptr ? "unknown error" : text;
  ERR_clear_error();
  throw std::runtime_error("the " + what + " '" + file + "' cannot be used: " + why +
                           " (mend: a readable PEM file; key and certificate belong together)");
}

SslContextPtr make_context(const TlsServerSettings& settings) {
  SslContextPtr made = make_ssl_context(TLS_server_method());
  SSL_CTX* const context = made.get();
  if (SSL_CTX_use_certificate_chain_file(context, settings.certificate_file.c_str()) != 1) {
    refuse("certificate", settings.certificate_file);
  }
  if (SSL_CTX_use_PrivateKey_file(context, settings.key_file.c_str(), SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_check_private_key(context) != 1) {
    refuse("key", settings.key_file);
  }
  SSL_CTX_set_session_id_context(context,
                                 reinterpret_cast<const unsigned char*>(kSessionContext.data()),
                                 static_cast<unsigned>(kSessionContext.size()));
  return made;
}

}  // namespace

struct TlsServer::Impl {
  SslContextPtr context;
};

TlsServer::TlsServer(const TlsServerSettings& settings) : impl_(std::make_unique<Impl>()) {
  reload(settings);
}

TlsServer::~TlsServer() = default;

// Connections that live hold on to what they began with.
void TlsServer::reload(const TlsServerSettings& settings) {
  impl_->context = make_context(settings);
}

std::unique_ptr<ByteStream> TlsServer::accept(int descriptor) {
  SslPtr ssl(SSL_new(impl_->context.get()));
  if (!ssl) throw std::runtime_error("OpenSSL has no memory for a connection");
  SSL_set_accept_state(ssl.get());
  return std::make_unique<TlsStream>(std::move(ssl), descriptor, "the client");
}

}  // namespace fastrsi::net
