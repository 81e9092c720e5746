#include "sinks/transport/curl_handle.hpp"

#include <stdexcept>
#include <string_view>
#include <utility>

namespace fastrsi::transport {

void begin_curl() {
  static const CURLcode kBegun = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (kBegun != CURLE_OK) {
    throw std::runtime_error(std::string{"libcurl cannot be used: "} + curl_easy_strerror(kBegun));
  }
}

CURL* CurlHandle::fresh() {
  if (easy_ == nullptr) {
    easy_ = curl_easy_init();
  } else {
    curl_easy_reset(easy_);
  }
  if (easy_ == nullptr) return nullptr;
  curl_easy_setopt(easy_, CURLOPT_NOSIGNAL, 1L);
  // A name that is being looked up is not waited for when a transfer ends.
  curl_easy_setopt(easy_, CURLOPT_QUICK_EXIT, 1L);
  curl_easy_setopt(easy_, CURLOPT_MAXCONNECTS, 1L);
  curl_easy_setopt(easy_, CURLOPT_XFERINFOFUNCTION, &CurlHandle::look_for_stop);
  curl_easy_setopt(easy_, CURLOPT_XFERINFODATA, this);
  curl_easy_setopt(easy_, CURLOPT_NOPROGRESS, 0L);
  return easy_;
}

// libcurl asks at least once a second.
int CurlHandle::look_for_stop(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) noexcept {
  return static_cast<const CurlHandle*>(self)->stop_.stop_requested() ? 1 : 0;
}

void CurlHandle::discard() noexcept {
  if (easy_ != nullptr) curl_easy_cleanup(std::exchange(easy_, nullptr));
}

void set_tls(CURL* easy, const TlsSettings& tls) {
  curl_easy_setopt(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, tls.verify ? 1L : 0L);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, tls.verify ? 2L : 0L);
  if (!tls.ca_file.empty()) {
    curl_easy_setopt(easy, CURLOPT_CAINFO, tls.ca_file.c_str());
    curl_easy_setopt(easy, CURLOPT_CAPATH, static_cast<char*>(nullptr));
  }
  if (tls.pin.empty()) return;
  const std::string pin = tls.pin.starts_with("sha256//") ? tls.pin : "sha256//" + tls.pin;
  curl_easy_setopt(easy, CURLOPT_PINNEDPUBLICKEY, pin.c_str());
}

void set_proxy(CURL* easy, const std::string& proxy) {
  constexpr std::string_view kLocal = "socks5://";
  const std::string text =
      proxy.starts_with(kLocal) ? "socks5h://" + proxy.substr(kLocal.size()) : proxy;
  curl_easy_setopt(easy, CURLOPT_PROXY, text.c_str());
  curl_easy_setopt(easy, CURLOPT_NOPROXY, "");
  curl_easy_setopt(easy, CURLOPT_HTTPPROXYTUNNEL, text.starts_with("http") ? 1L : 0L);
}

std::string proxy_secret(const std::string& proxy) {
  const CurlUrl url = parsed_url(proxy, CURLU_NON_SUPPORT_SCHEME);
  if (url == nullptr) return {};
  std::string password = part_of(url, CURLUPART_PASSWORD, CURLU_URLDECODE);
  return password.empty() ? part_of(url, CURLUPART_USER, CURLU_URLDECODE) : password;
}

CurlUrl parsed_url(const std::string& url, unsigned flags) {
  CurlUrl parsed(curl_url(), &curl_url_cleanup);
  if (parsed == nullptr) return parsed;
  if (curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), flags) != CURLUE_OK) parsed.reset();
  return parsed;
}

std::string part_of(const CurlUrl& url, CURLUPart part, unsigned flags) {
  char* text = nullptr;
  if (curl_url_get(url.get(), part, &text, flags) != CURLUE_OK) return {};
  std::string result{text};
  curl_free(text);
  return result;
}

}  // namespace fastrsi::transport
