// GET over HTTP and HTTPS: the one door to libcurl. A request is answered, fails in words or is
// interrupted, and takes no longer and no more memory than it may. Redirects are not followed, and
// the environment's proxies do not count: where bytes come from is the configuration's to say.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "feeds/live/pace.hpp"

namespace fastrsi::live {

inline constexpr std::size_t kHttpBodyBytesMax = 64U * 1024 * 1024;
inline constexpr std::size_t kHttpHeaderBytesMax = 64U * 1024;

struct HttpSettings {
  std::string proxy;    // http://user:password@host:port or socks5://...; names are its to look up
  std::string ca_file;  // PEM; empty: the system's
  std::string pin;      // SHA-256 of the server's public key in base64, "sha256//" or not before it
  Clock::duration connect_within = std::chrono::seconds{10};
  Clock::duration answer_within = std::chrono::seconds{30};  // all of it
  std::size_t body_bytes_max = kHttpBodyBytesMax;            // unpacked
};

struct HttpAnswer {
  int status = 0;
  std::map<std::string, std::string, std::less<>> headers;  // names in lower case
  std::string body;
  std::chrono::seconds retry_after{0};  // 0: not told
  std::string error;                    // why there is no whole answer; empty: there is one
  bool is_stopped = false;              // the error is stop()
};

// Owner: whoever asks. Thread: one at a time; stop() from any.
class HttpClient {
 public:
  // Throws std::runtime_error when libcurl cannot be used.
  explicit HttpClient(HttpSettings settings);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  HttpAnswer get(const std::string& url);
  // A request under way ends at once, and later ones do not begin.
  void stop() noexcept;

 private:
  struct Impl;
  struct Transfer;

  // Constant after construction.
  const HttpSettings settings_;
  const std::unique_ptr<Impl> impl_;
  // Written by stop(), read by get().
  std::atomic<bool> stopped_{false};
};

}  // namespace fastrsi::live
