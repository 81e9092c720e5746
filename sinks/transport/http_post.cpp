#include "sinks/transport/http_post.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <ctime>
#include <memory>

#include "sinks/transport/address_guard.hpp"
#include "sinks/transport/rows.hpp"

namespace fastrsi::transport {
namespace {

using Headers = std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>;

// A connection that waited longer may be gone at its other end, and a POST on it in doubt.
constexpr long kIdleSecondsMax = 10;

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

std::string lower(std::string_view text) {
  std::string result{text};
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

bool append(Headers& list, const std::string& line) {
  curl_slist* const longer = curl_slist_append(list.get(), line.c_str());
  if (longer == nullptr) return false;
  static_cast<void>(list.release());
  list.reset(longer);
  return true;
}

}  // namespace

// For the callbacks.
struct HttpPoster::Transfer {
  static std::size_t on_read(char* room, std::size_t one, std::size_t count, void* self) noexcept {
    Transfer& transfer = *static_cast<Transfer*>(self);
    const std::size_t part = std::min(one * count, transfer.body.size() - transfer.given);
    std::memcpy(room, transfer.body.data() + transfer.given, part);
    transfer.given += part;
    return part;
  }

  // libcurl wants to begin again: on a connection that died it would send the message a second
  // time by itself, and nobody would know (F15).
  static int on_seek(void*, curl_off_t, int) noexcept { return CURL_SEEKFUNC_FAIL; }

  static std::size_t on_body(char* bytes, std::size_t one, std::size_t count, void* self) noexcept {
    Transfer& transfer = *static_cast<Transfer*>(self);
    try {
      std::string& body = transfer.reply.body;
      const std::size_t room = kHttpReplyBytesMax - body.size();
      body.append(bytes, std::min(room, one * count));
      return one * count <= room ? one * count : 0;
    } catch (const std::exception&) {
      return 0;
    }
  }

  static std::size_t on_header(char* bytes, std::size_t one, std::size_t count,
                               void* self) noexcept {
    Transfer& transfer = *static_cast<Transfer*>(self);
    try {
      return transfer.add_header({bytes, one * count}) ? one * count : 0;
    } catch (const std::exception&) {
      return 0;
    }
  }

  static curl_socket_t on_open(void* self, curlsocktype, curl_sockaddr* address) noexcept {
    Transfer& transfer = *static_cast<Transfer*>(self);
    if (!transfer.may_be_private && !is_public_address(address->addr)) {
      try {
        transfer.refused = to_text(address->addr);
      } catch (const std::exception&) {
      }
      return CURL_SOCKET_BAD;
    }
    return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
  }

  bool add_header(std::string_view line) {
    head_bytes += line.size();
    if (head_bytes > kHttpHeadBytesMax) return false;
    if (line.starts_with("HTTP/")) reply.headers.clear();
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return true;
    reply.headers.try_emplace(lower(trimmed(line.substr(0, colon))),
                              trimmed(line.substr(colon + 1)));
    return true;
  }

  std::string_view body;
  std::size_t given = 0;
  HttpReply reply;
  std::size_t head_bytes = 0;
  bool may_be_private = false;
  std::string refused;  // an address that was not connected to
  char words[CURL_ERROR_SIZE] = {};
};

void HttpPoster::prepare(CURL* easy, const HttpRequest& request, curl_slist* headers,
                         Transfer& transfer) {
  curl_easy_setopt(easy, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  // HTTP/2 has repeats of its own.
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, kIdleSecondsMax);
  curl_easy_setopt(easy, CURLOPT_USERAGENT, "fastrsi/" FASTRSI_VERSION);
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, in_ms(settings_.connect_within));
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, in_ms(settings_.answer_within));
  set_tls(easy, settings_.verification);
  set_proxy(easy, settings_.proxy);
  curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, &Transfer::on_open);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, &transfer);
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &Transfer::on_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfer);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &Transfer::on_header);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, &transfer);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer.words);
  if (request.method == HttpMethod::Connect) curl_easy_setopt(easy, CURLOPT_CONNECT_ONLY, 1L);
  if (request.method != HttpMethod::Post) return;
  curl_easy_setopt(easy, CURLOPT_POST, 1L);
  curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
  curl_easy_setopt(easy, CURLOPT_READFUNCTION, &Transfer::on_read);
  curl_easy_setopt(easy, CURLOPT_READDATA, &transfer);
  curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, &Transfer::on_seek);
  curl_easy_setopt(easy, CURLOPT_SEEKDATA, &transfer);
}

HttpReply HttpPoster::ask(const HttpRequest& request) {
  Transfer transfer;
  transfer.body = request.body;
  // A proxy may be on this machine; what lies behind it check_url has seen.
  transfer.may_be_private = settings_.allow_private || !settings_.proxy.empty();
  HttpReply& reply = transfer.reply;
  Headers headers(nullptr, &curl_slist_free_all);
  bool is_ready = append(headers, "Expect:");
  for (const std::string& line : request.headers) is_ready = is_ready && append(headers, line);
  CURL* const easy = handle_.fresh();
  if (easy == nullptr || !is_ready) {
    reply.fault = curl_fault(CURLE_OUT_OF_MEMORY, 0, false);
    reply.words = "libcurl cannot be used: no memory";
    return std::move(reply);
  }
  prepare(easy, request, headers.get(), transfer);
  const CURLcode code = curl_easy_perform(easy);
  long status = 0;
  long verified = 0;
  curl_off_t retry_after_s = 0;
  curl_off_t connected_us = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  curl_easy_getinfo(easy, CURLINFO_SSL_VERIFYRESULT, &verified);
  curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &retry_after_s);
  curl_easy_getinfo(easy, CURLINFO_CONNECT_TIME_T, &connected_us);
  reply.status = static_cast<int>(status);
  reply.received_s = static_cast<std::int64_t>(::time(nullptr));
  reply.retry_after = std::chrono::seconds{retry_after_s};
  if (const auto told = reply.headers.find("retry-after"); told != reply.headers.end()) {
    reply.retry_after = std::max(reply.retry_after, seconds_text(told->second));
  }
  if (code != CURLE_OK || request.method == HttpMethod::Connect) handle_.discard();
  if (code == CURLE_OK) return std::move(reply);
  reply.words = transfer.words[0] != '\0' ? transfer.words : curl_easy_strerror(code);
  if (reply.status != 0) return std::move(reply);
  // Before the last byte is given away no service can act on it: it knows the length.
  reply.may_have_arrived =
      request.method == HttpMethod::Post && transfer.given == request.body.size();
  if (!transfer.refused.empty()) {
    reply.fault = {row::kPrivateAddress, true};
    reply.words = "the address " + transfer.refused +
                  " is not of the public internet (mend: allow_private = true if it is yours)";
  } else if (!reply.may_have_arrived) {
    reply.fault = curl_fault(code, verified, connected_us > 0);
    if (reply.fault.row.empty()) reply.fault.row = row::kHttpDropped;
  }
  return std::move(reply);
}

}  // namespace fastrsi::transport
