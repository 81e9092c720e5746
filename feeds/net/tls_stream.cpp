#include "feeds/net/tls_stream.hpp"

#include <openssl/err.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace fastrsi::net {

SslContextPtr make_ssl_context(const SSL_METHOD* method) {
  SslContextPtr context(SSL_CTX_new(method));
  if (!context) throw std::runtime_error("OpenSSL has no memory for TLS");
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  // What could not be written at once comes again from a buffer that may have moved.
  SSL_CTX_set_mode(context.get(),
                   SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  return context;
}

TlsStream::TlsStream(SslPtr ssl, int descriptor, std::string peer)
    : peer_(std::move(peer)), ssl_(std::move(ssl)), descriptor_(descriptor) {
  BIO* const bio = bio_method() == nullptr ? nullptr : BIO_new(bio_method());
  if (bio == nullptr) throw std::runtime_error("OpenSSL has no memory for a connection");
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl_.get(), bio, bio);
}

// OpenSSL takes a session for broken whose connection was freed without a goodbye.
TlsStream::~TlsStream() {
  if (!open_) return;
  SSL_set_quiet_shutdown(ssl_.get(), 1);
  SSL_shutdown(ssl_.get());
}

BIO_METHOD* TlsStream::bio_method() noexcept {
  static BIO_METHOD* const kMethod = [] {
    BIO_METHOD* const made =
        BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "fastrsi socket");
    if (made == nullptr) return made;
    BIO_meth_set_read(made, bio_read);
    BIO_meth_set_write(made, bio_write);
    BIO_meth_set_ctrl(made, bio_control);
    return made;
  }();
  return kMethod;
}

// Whether there are bytes now. Sets errno otherwise; 0: the end.
bool TlsStream::fill() noexcept {
  errno = EAGAIN;
  if (drained_) return false;
  const ssize_t count = recv(descriptor_, received_.data(), received_.size(), 0);
  if (count == 0) {
    errno = 0;
    witness_.ended = true;
  }
  if (count <= 0) return false;
  begin_ = 0;
  end_ = static_cast<std::size_t>(count);
  drained_ = end_ < received_.size();
  if (!open_) witness_.saw({received_.data(), end_});
  return true;
}

int TlsStream::bio_read(BIO* bio, char* to, int most) noexcept {
  auto* const stream = static_cast<TlsStream*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  if (stream->begin_ == stream->end_ && !stream->fill()) {
    if (errno == 0) return 0;
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) {
      BIO_set_retry_read(bio);
    } else {
      stream->witness_.system_error = errno;
    }
    return -1;
  }
  const std::size_t count =
      std::min(static_cast<std::size_t>(std::max(most, 0)), stream->end_ - stream->begin_);
  std::memcpy(to, stream->received_.data() + stream->begin_, count);
  stream->begin_ += count;
  return static_cast<int>(count);
}

int TlsStream::bio_write(BIO* bio, const char* from, int count) noexcept {
  auto* const stream = static_cast<TlsStream*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  const ssize_t written =
      send(stream->descriptor_, from, static_cast<std::size_t>(std::max(count, 0)), MSG_NOSIGNAL);
  if (written >= 0) return static_cast<int>(written);
  if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) {
    BIO_set_retry_write(bio);
  } else {
    stream->witness_.system_error = errno;
  }
  return -1;
}

long TlsStream::bio_control(BIO* bio, int command, long, void*) noexcept {
  const auto* const stream = static_cast<const TlsStream*>(BIO_get_data(bio));
  if (command == BIO_CTRL_FLUSH) return 1;
  // Whether a read of nothing means the end.
  if (command == BIO_CTRL_EOF) return stream->witness_.ended ? 1 : 0;
  return 0;
}

IoStatus TlsStream::status_of(int result) noexcept {
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      return IoStatus::WantRead;
    case SSL_ERROR_WANT_WRITE:
      return IoStatus::WantWrite;
    case SSL_ERROR_ZERO_RETURN:
      return IoStatus::End;
    default:
      return IoStatus::Failed;
  }
}

IoStatus TlsStream::handshake() noexcept {
  drained_ = false;
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_.get());
  IoStatus status = IoStatus::Ok;
  if (result != 1) status = status_of(result);
  if (status == IoStatus::WantRead || status == IoStatus::WantWrite) return status;
  if (status == IoStatus::Ok) {
    open_ = true;
    if (accept_peer()) return IoStatus::Ok;
  } else if (failure_.sentence.empty()) {
    failure_ = tls_handshake_failure(witness_, peer_);
  }
  handshake_failed();
  return IoStatus::Failed;
}

IoResult TlsStream::read(std::span<char> room) noexcept {
  drained_ = false;
  std::size_t done = 0;
  while (done < room.size()) {
    ERR_clear_error();
    std::size_t count = 0;
    const int result = SSL_read_ex(ssl_.get(), room.data() + done, room.size() - done, &count);
    if (result == 1) {
      done += count;
      continue;
    }
    const IoStatus status = status_of(result);
    if (status == IoStatus::Failed) failure_ = tls_failure(witness_, peer_);
    // What there is first, whatever comes after it.
    return {status == IoStatus::WantRead && done > 0 ? IoStatus::Ok : status, done};
  }
  return {IoStatus::Ok, done};
}

IoResult TlsStream::write(std::string_view bytes) noexcept {
  std::size_t done = 0;
  while (done < bytes.size()) {
    ERR_clear_error();
    std::size_t count = 0;
    const int result = SSL_write_ex(ssl_.get(), bytes.data() + done, bytes.size() - done, &count);
    if (result == 1) {
      done += count;
      continue;
    }
    const IoStatus status = status_of(result);
    if (status == IoStatus::Failed) failure_ = tls_failure(witness_, peer_);
    return {status, done};
  }
  return {IoStatus::Ok, done};
}

bool TlsStream::has_unread() const noexcept {
  return begin_ != end_ || SSL_pending(ssl_.get()) > 0;
}

void TlsStream::shut_down() noexcept {
  if (!open_) return;
  ERR_clear_error();
  SSL_shutdown(ssl_.get());
  ERR_clear_error();
}

}  // namespace fastrsi::net
