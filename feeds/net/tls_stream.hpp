// One TLS connection over a descriptor, either role; TlsClient and TlsServer make them.
//
// OpenSSL would ask the socket twice for each record, or (reading ahead) move what it has read for
// each. So it reads from a buffer of ours, which one recv fills.
#pragma once

#include <openssl/ssl.h>

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include "feeds/net/byte_stream.hpp"
#include "feeds/net/tls_failure.hpp"

namespace fastrsi::net {

struct SslDeleter {
  void operator()(SSL* ssl) const noexcept { SSL_free(ssl); }
  void operator()(SSL_CTX* context) const noexcept { SSL_CTX_free(context); }
};
using SslPtr = std::unique_ptr<SSL, SslDeleter>;
using SslContextPtr = std::unique_ptr<SSL_CTX, SslDeleter>;

// What both roles set. Throws std::runtime_error when OpenSSL has no memory.
SslContextPtr make_ssl_context(const SSL_METHOD* method);

class TlsStream : public ByteStream {
 public:
  // `ssl` knows its role; `peer` names the other side in messages.
  TlsStream(SslPtr ssl, int descriptor, std::string peer);
  ~TlsStream() override;
  TlsStream(const TlsStream&) = delete;
  TlsStream& operator=(const TlsStream&) = delete;

  IoStatus handshake() noexcept override;
  IoResult read(std::span<char> room) noexcept override;
  IoResult write(std::string_view bytes) noexcept override;
  bool has_unread() const noexcept override;
  void shut_down() noexcept override;
  const Ended& failure() const noexcept override { return failure_; }

 protected:
  // Called once, when the handshake is done; false when the other side is not good enough, and why
  // was given to refuse().
  virtual bool accept_peer() noexcept { return true; }
  virtual void handshake_failed() noexcept {}
  void refuse(Ended why) noexcept { failure_ = std::move(why); }
  SSL* ssl() const noexcept { return ssl_.get(); }
  const std::string& peer() const noexcept { return peer_; }

 private:
  // OpenSSL's door to the descriptor.
  static BIO_METHOD* bio_method() noexcept;
  static int bio_read(BIO* bio, char* to, int most) noexcept;
  static int bio_write(BIO* bio, const char* from, int count) noexcept;
  static long bio_control(BIO* bio, int command, long number, void* pointer) noexcept;
  bool fill() noexcept;
  IoStatus status_of(int result) noexcept;

  const std::string peer_;
  const SslPtr ssl_;
  const int descriptor_;
  Ended failure_;
  TlsWitness witness_;
  bool open_ = false;
  // The last recv gave less than there was room for: another one would only say so.
  bool drained_ = false;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::array<char, 32 * 1024> received_;
};

}  // namespace fastrsi::net
