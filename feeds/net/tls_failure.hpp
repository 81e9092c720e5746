// Why TLS did not come about, in words. OpenSSL knows it as numbers, and some of it (a server that
// speaks HTTP, or TLS 1.1 only) is best told from the first bytes that came.
#pragma once

#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "feeds/net/ended.hpp"

namespace fastrsi::net {

// What is remembered of a connection for the sake of messages. Owner: a stream.
struct TlsWitness {
  std::array<char, 16> first_bytes{};  // of the other side
  std::size_t first_count = 0;
  int system_error = 0;  // of the socket, other than "would block"
  bool ended = false;    // the other side has closed the socket

  void saw(std::string_view bytes) noexcept;
};

// A certificate was refused with this X509_V_ERR; `refused` is the one at fault, `shown` the
// server's own.
Ended certificate_failure(int error, X509* refused, X509* shown, const std::string& peer,
                          const std::string& host);
// Every other failure of a handshake. Takes OpenSSL's queued errors.
Ended tls_handshake_failure(const TlsWitness& witness, const std::string& peer);
// Of a connection that was open. Takes OpenSSL's queued errors.
Ended tls_failure(const TlsWitness& witness, const std::string& peer);

}  // namespace fastrsi::net
