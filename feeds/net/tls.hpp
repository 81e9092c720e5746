// TLS on top of a socket (OpenSSL 3): what a side trusts or shows, and streams of it. TLS 1.2 and
// 1.3, no renegotiation, no compression.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "feeds/net/byte_stream.hpp"

namespace fastrsi::net {

struct TlsSettings {
  // Certificates to trust, PEM. Empty: those of the system.
  std::string ca_file;
  // SHA-256 of the public key (SubjectPublicKeyInfo) of the server's certificate, in base64, as
  // curl's --pinnedpubkey has it, with or without "sha256//". It is asked for on top of all else.
  // openssl x509 -pubkey -noout | openssl pkey -pubin -outform der | openssl dgst -sha256 -binary
  // | base64
  std::string pin;
};

// What a client trusts, and the sessions it can resume, one a server: the next connection to it
// saves a round trip and the check of its certificates. Owner: one shard, before its connections.
// Thread: its own.
class TlsClient {
 public:
  // Throws std::runtime_error when the CA file or the pin cannot be used.
  explicit TlsClient(const TlsSettings& settings);
  ~TlsClient();
  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;

  // `host` is the name or address that the certificate must be for, `port` is for messages and
  // tells servers of one host apart.
  std::unique_ptr<ByteStream> connect(int descriptor, const std::string& host, std::uint16_t port);

  // Connections whose handshake was a resumption.
  std::uint64_t resumed_total() const noexcept;

  struct Impl;

 private:
  std::unique_ptr<Impl> impl_;
};

struct TlsServerSettings {
  std::string certificate_file;  // PEM: the server's, then those in between
  std::string key_file;
};

// What a server shows. Owner: a server, before its connections. Thread: its own.
class TlsServer {
 public:
  // Throws std::runtime_error when the certificate or the key cannot be used.
  explicit TlsServer(const TlsServerSettings& settings);
  ~TlsServer();
  TlsServer(const TlsServer&) = delete;
  TlsServer& operator=(const TlsServer&) = delete;

  // Shows another certificate from the next connection on; throws as the constructor does, and then
  // nothing changes.
  void reload(const TlsServerSettings& settings);
  std::unique_ptr<ByteStream> accept(int descriptor);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace fastrsi::net
