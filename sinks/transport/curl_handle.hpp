// libcurl's easy handle as both transports need it: begun once, its TLS and proxy set the safe
// way, and thrown away after any error. 7.88's traps: SIGALRM (NOSIGNAL), proxies of the
// environment (PROXY ""), a system CA path beside a CA file (CAPATH).
#pragma once

#include <curl/curl.h>

#include <chrono>
#include <memory>
#include <stop_token>
#include <string>
#include <utility>

#include "sinks/transport/settings.hpp"

namespace fastrsi::transport {

// Throws std::runtime_error when libcurl cannot be used, or is too old for what we ask of it.
void begin_curl();

// Owner and thread: one transport.
class CurlHandle {
 public:
  // Whatever is under way ends within a second of the stop, and a mail's QUIT two seconds later.
  explicit CurlHandle(std::stop_token stop) : stop_(std::move(stop)) {}
  ~CurlHandle() { discard(); }
  CurlHandle(const CurlHandle&) = delete;
  CurlHandle& operator=(const CurlHandle&) = delete;

  // With no option of before but those that every transfer has; its connection stays. Null: no
  // memory.
  CURL* fresh();
  // Closes the connection. After any error: libcurl would take a connection out of step for a good
  // one (DELIVERY.md, F13).
  void discard() noexcept;

 private:
  static int look_for_stop(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) noexcept;

  const std::stop_token stop_;
  CURL* easy_ = nullptr;
};

// Verification as it must be, and what a transport may change of it.
void set_tls(CURL* easy, const TlsSettings& tls);
// Socks proxies look names up themselves: that is why there is one.
void set_proxy(CURL* easy, const std::string& proxy);

// The password in a proxy's address, or a user without one, who is a token most likely: a redactor
// wants to know it.
std::string proxy_secret(const std::string& proxy);

using CurlUrl = std::unique_ptr<CURLU, decltype(&curl_url_cleanup)>;
// Null when it cannot be read.
CurlUrl parsed_url(const std::string& url, unsigned flags = 0);
// Empty when there is none.
std::string part_of(const CurlUrl& url, CURLUPart part, unsigned flags = 0);

inline long in_ms(std::chrono::milliseconds time) {
  return static_cast<long>(time.count());
}

}  // namespace fastrsi::transport
