// libcurl's easy handle as both transports need it: begun once, its TLS and proxy set the safe
// way, and thrown away after any error. 7.88's traps: SIGALRM (NOSIGNAL), proxies of the
// environment (PROXY ""), a system CA path beside a CA file (CAPATH).
#pragma once

#include <curl/curl.h>

#include <chrono>
#include <string>

#include "sinks/transport/settings.hpp"

namespace fastrsi::transport {

// Throws std::runtime_error when libcurl cannot be used, or is too old for what we ask of it.
void begin_curl();

// Owner and thread: one transport.
class CurlHandle {
 public:
  CurlHandle() = default;
  ~CurlHandle() { discard(); }
  CurlHandle(const CurlHandle&) = delete;
  CurlHandle& operator=(const CurlHandle&) = delete;

  // With no option of before; its connection stays. Null: no memory.
  CURL* fresh();
  // Closes the connection. After any error: libcurl would take a connection out of step for a good
  // one (DELIVERY.md, F13).
  void discard() noexcept;

 private:
  CURL* easy_ = nullptr;
};

// Verification as it must be, and what a transport may change of it.
void set_tls(CURL* easy, const TlsSettings& tls);
// Socks proxies look names up themselves: that is why there is one.
void set_proxy(CURL* easy, const std::string& proxy);

inline long in_ms(std::chrono::milliseconds time) {
  return static_cast<long>(time.count());
}

}  // namespace fastrsi::transport
