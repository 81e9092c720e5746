// One HTTP request through libcurl, with the guards it needs (DELIVERY.md, sections 3 and 10): no
// hidden second POST (F15), no redirect, no proxy of the environment, no private address, an
// answer of bounded size. What it gives back says whether the request may have arrived.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sinks/transport/curl_faults.hpp"
#include "sinks/transport/curl_handle.hpp"
#include "sinks/transport/settings.hpp"

namespace fastrsi::transport {

inline constexpr std::size_t kHttpReplyBytesMax = 64 * std::size_t{1024};
inline constexpr std::size_t kHttpHeadBytesMax = 32 * std::size_t{1024};

enum class HttpMethod : std::uint8_t {
  Post,
  Get,
  Connect,  // nothing but the connection: for probes of services that have nothing harmless
};

struct HttpRequest {
  HttpMethod method = HttpMethod::Post;
  std::string url;
  std::string body;
  std::vector<std::string> headers;  // "Name: value"; no control character
};

struct HttpReply {
  int status = 0;                                           // 0: no answer
  std::map<std::string, std::string, std::less<>> headers;  // names in lower case
  std::string body;                                         // at most kHttpReplyBytesMax
  std::int64_t received_s = 0;                              // our wall clock, unix
  std::chrono::milliseconds retry_after{0};                 // of the header; 0: not told

  // When there is no answer:
  CurlFault fault;                // why it never arrived
  bool may_have_arrived = false;  // all of it was given away, and nothing came back
  std::string words;              // libcurl's, or ours
};

// A connection to one service. Owner and thread: one transport.
class HttpPoster {
 public:
  // `settings` must outlive it.
  HttpPoster(const HttpSettings& settings, std::stop_token stop)
      : settings_(settings), handle_(std::move(stop)) {}

  HttpReply ask(const HttpRequest& request);

 private:
  struct Transfer;

  void prepare(CURL* easy, const HttpRequest& request, curl_slist* headers, Transfer& transfer);

  const HttpSettings& settings_;
  CurlHandle handle_;
};

// Throws std::runtime_error, beginning with `what`, when `url` is none of http or https, or names a
// private address that is not allowed. For the start; HttpPoster looks at every connection.
void check_url(const std::string& what, const std::string& url, const HttpSettings& settings,
               bool has_secrets);
// "https://host/...": what may be shown of it.
std::string shown_url(std::string_view url);

// "3", "0.35": seconds, as services write them; 0 for anything else.
std::chrono::milliseconds seconds_text(std::string_view text);

}  // namespace fastrsi::transport
