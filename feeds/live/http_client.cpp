// libcurl 7.88's traps: SIGALRM for time-outs (NOSIGNAL), proxies of the environment (PROXY ""), a
// system CA path beside a CA file (CAPATH), a look-up that is waited for at the end (QUICK_EXIT), a
// handle that remembers a failure (thrown away).
#include "feeds/live/http_client.hpp"

#include <curl/curl.h>

#include <stdexcept>
#include <string_view>
#include <utility>

#include "feeds/venue_texts.hpp"

namespace fastrsi::live {
namespace {

// One poll; stop() ends it before.
constexpr int kPollMs = 1000;

void begin_curl() {
  static const CURLcode kBegun = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (kBegun != CURLE_OK) {
    throw std::runtime_error(std::string{"libcurl cannot be used: "} + curl_easy_strerror(kBegun));
  }
}

long milliseconds(Clock::duration time) {
  return static_cast<long>(std::chrono::duration_cast<std::chrono::milliseconds>(time).count());
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

// Names are looked up by the proxy: that is why there is one.
std::string proxy_of(std::string text) {
  constexpr std::string_view kLocal = "socks5://";
  if (text.starts_with(kLocal)) text.replace(0, kLocal.size(), "socks5h://");
  return text;
}

std::string pin_of(const std::string& pin) {
  return pin.starts_with("sha256//") ? pin : "sha256//" + pin;
}

// Without the query, which may be long: for messages.
std::string place_of(const std::string& url) {
  return url.substr(0, url.find('?'));
}

}  // namespace

struct HttpClient::Impl {
  Impl() {
    begin_curl();
    multi = curl_multi_init();
    if (multi == nullptr) throw std::runtime_error("libcurl cannot be used: no memory");
  }
  ~Impl() {
    if (easy != nullptr) curl_easy_cleanup(easy);
    curl_multi_cleanup(multi);
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  void prepare(const HttpSettings& settings, const std::string& url, Transfer& transfer) const;

  CURLM* multi = nullptr;
  CURL* easy = nullptr;  // kept while all goes well: it holds the connection
};

// One request under way, for the callbacks.
struct HttpClient::Transfer {
  explicit Transfer(std::size_t most) : body_bytes_max(most) {}

  static std::size_t on_body(char* bytes, std::size_t one, std::size_t count, void* self) noexcept {
    Transfer& transfer = *static_cast<Transfer*>(self);
    try {
      return transfer.add_body({bytes, one * count}) ? one * count : 0;
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

  bool add_body(std::string_view bytes) {
    if (bytes.size() > body_bytes_max - answer.body.size()) {
      refusal = "the answer is longer than " + std::to_string(body_bytes_max) + " bytes";
      return false;
    }
    answer.body.append(bytes);
    return true;
  }

  bool add_header(std::string_view line) {
    header_bytes += line.size();
    if (header_bytes > kHttpHeaderBytesMax) {
      refusal =
          "the answer's head is longer than " + std::to_string(kHttpHeaderBytesMax) + " bytes";
      return false;
    }
    // An interim answer (100) has a head of its own.
    if (line.starts_with("HTTP/")) answer.headers.clear();
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return true;
    answer.headers.try_emplace(venue::lower_case(trimmed(line.substr(0, colon))),
                               trimmed(line.substr(colon + 1)));
    return true;
  }

  const std::size_t body_bytes_max;
  HttpAnswer answer;
  std::size_t header_bytes = 0;
  std::string refusal;
  char words[CURL_ERROR_SIZE] = {};
};

// libcurl copies the texts.
void HttpClient::Impl::prepare(const HttpSettings& settings, const std::string& url,
                               Transfer& transfer) const {
  curl_easy_reset(easy);
  curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
  curl_easy_setopt(easy, CURLOPT_USERAGENT, "fastrsi/" FASTRSI_VERSION);
  curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, milliseconds(settings.connect_within));
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, milliseconds(settings.answer_within));
  curl_easy_setopt(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
  if (!settings.ca_file.empty()) {
    curl_easy_setopt(easy, CURLOPT_CAINFO, settings.ca_file.c_str());
    curl_easy_setopt(easy, CURLOPT_CAPATH, static_cast<char*>(nullptr));
  }
  const std::string pin = settings.pin.empty() ? std::string{} : pin_of(settings.pin);
  if (!pin.empty()) curl_easy_setopt(easy, CURLOPT_PINNEDPUBLICKEY, pin.c_str());
  curl_easy_setopt(easy, CURLOPT_PROXY, proxy_of(settings.proxy).c_str());
  curl_easy_setopt(easy, CURLOPT_NOPROXY, "");
  curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &Transfer::on_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfer);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &Transfer::on_header);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, &transfer);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer.words);
}

HttpClient::HttpClient(HttpSettings settings)
    : settings_(std::move(settings)), impl_(std::make_unique<Impl>()) {}

HttpClient::~HttpClient() = default;

void HttpClient::stop() noexcept {
  stopped_.store(true, std::memory_order_release);  // pairs with the acquire in get()
  curl_multi_wakeup(impl_->multi);
}

HttpAnswer HttpClient::get(const std::string& url) {
  Transfer transfer(settings_.body_bytes_max);
  HttpAnswer& answer = transfer.answer;
  if (impl_->easy == nullptr) impl_->easy = curl_easy_init();
  CURL* const easy = impl_->easy;
  if (easy == nullptr) {
    answer.error = "libcurl cannot be used: no memory";
    return answer;
  }
  impl_->prepare(settings_, url, transfer);

  CURLcode code = CURLE_OK;
  curl_multi_add_handle(impl_->multi, easy);
  for (int running = 1; running > 0;) {
    if (stopped_.load(std::memory_order_acquire)) {  // pairs with the release in stop()
      answer.is_stopped = true;
      code = CURLE_ABORTED_BY_CALLBACK;
      break;
    }
    const CURLMcode done = curl_multi_perform(impl_->multi, &running);
    if (done != CURLM_OK) {
      transfer.refusal = curl_multi_strerror(done);
      code = CURLE_FAILED_INIT;
      break;
    }
    if (running > 0) curl_multi_poll(impl_->multi, nullptr, 0, kPollMs, nullptr);
  }
  int left = 0;
  while (const CURLMsg* const message = curl_multi_info_read(impl_->multi, &left)) {
    if (message->msg == CURLMSG_DONE) code = message->data.result;
  }
  long status = 0;
  curl_off_t retry_after = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &retry_after);
  curl_multi_remove_handle(impl_->multi, easy);
  answer.status = static_cast<int>(status);
  answer.retry_after = std::chrono::seconds{retry_after};
  if (code == CURLE_OK) return std::move(answer);
  curl_easy_cleanup(std::exchange(impl_->easy, nullptr));
  const std::string why = answer.is_stopped           ? "interrupted"
                          : !transfer.refusal.empty() ? transfer.refusal
                          : transfer.words[0] != '\0' ? std::string{transfer.words}
                                                      : std::string{curl_easy_strerror(code)};
  answer.error = place_of(url) + ": " + why;
  answer.body.clear();
  return std::move(answer);
}

}  // namespace fastrsi::live
