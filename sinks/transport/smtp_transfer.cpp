#include "sinks/transport/smtp_transfer.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <utility>

#include "sinks/transport/address_guard.hpp"
#include "sinks/transport/smtp_address.hpp"

namespace fastrsi::transport {
namespace {

// QUIT is not worth more. libcurl takes the time for its answer from the handle as it was when the
// transfer began (F14), so a transfer begins with this and turns to the real one at once.
constexpr long kQuitSeconds = 2;
// Servers close idle connections after five minutes or earlier.
constexpr long kSmtpIdleSecondsMax = 60;

using Recipients = std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>;

const char* mechanisms(SmtpAuth auth, SmtpTls tls) {
  switch (auth) {
    case SmtpAuth::Plain:
      return "AUTH=PLAIN";
    case SmtpAuth::Login:
      return "AUTH=LOGIN";
    case SmtpAuth::CramMd5:
      return "AUTH=CRAM-MD5";
    case SmtpAuth::XOAuth2:
      return "AUTH=XOAUTH2";
    default:
      break;
  }
  // Without TLS the password itself should not travel; within, it may, and more servers have it.
  return tls == SmtpTls::None ? "AUTH=PLAIN;AUTH=LOGIN;AUTH=CRAM-MD5" : "AUTH=PLAIN;AUTH=LOGIN";
}

std::string url_of(const std::string& host, std::uint16_t port, bool implicit,
                   const std::string& ehlo) {
  const bool is_v6 = host.find(':') != std::string::npos;
  std::string url = implicit ? "smtps://" : "smtp://";
  url += is_v6 ? "[" + host + "]" : host;
  url += ":" + std::to_string(port) + "/";
  for (const char c : ehlo) {
    url += c == '[' ? "%5B" : c == ']' ? "%5D" : std::string(1, c);
  }
  return url;
}

}  // namespace

// For the callbacks.
struct SmtpConnection::Transfer {
  static int on_debug(CURL*, curl_infotype kind, char* bytes, std::size_t size,
                      void* self) noexcept {
    Transfer& transfer = *static_cast<Transfer*>(self);
    try {
      transfer.take_real_time();
      if (kind == CURLINFO_HEADER_IN) transfer.talk.heard({bytes, size});
      if (kind == CURLINFO_HEADER_OUT) transfer.talk.sent({bytes, size});
    } catch (const std::exception&) {
      transfer.is_broken = true;
    }
    return 0;
  }

  static std::size_t on_read(char* room, std::size_t one, std::size_t count, void* self) noexcept {
    Transfer& transfer = *static_cast<Transfer*>(self);
    try {
      return transfer.give(room, one * count);
    } catch (const std::exception&) {
      return CURL_READFUNC_ABORT;
    }
  }

  // A password without TLS goes to this machine only, whatever the name stands for.
  static curl_socket_t on_open(void* self, curlsocktype, curl_sockaddr* address) noexcept {
    Transfer& transfer = *static_cast<Transfer*>(self);
    if (transfer.only_loopback && !is_loopback_address(address->addr)) {
      transfer.is_elsewhere = true;
      return CURL_SOCKET_BAD;
    }
    return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
  }

  void take_real_time() {
    if (std::exchange(has_real_time, true)) return;
    curl_easy_setopt(easy, CURLOPT_SERVER_RESPONSE_TIMEOUT, reply_seconds);
  }

  bool is_logged_in() const {
    return !wants_login || (talk.is_greeted() ? talk.is_authenticated() : was_authenticated);
  }

  // After 354. Here is the last moment to keep a mail back.
  std::size_t give(char* room, std::size_t size) {
    if (is_broken) return CURL_READFUNC_ABORT;
    if (!is_logged_in()) {
      is_unauthenticated = true;
      return CURL_READFUNC_ABORT;
    }
    talk.octets_begin();
    const std::size_t part = std::min(size, octets.size() - given);
    std::memcpy(room, octets.data() + given, part);
    given += part;
    if (given == octets.size()) {
      curl_easy_setopt(easy, CURLOPT_SERVER_RESPONSE_TIMEOUT, dot_seconds);
    }
    return part;
  }

  CURL* easy = nullptr;
  SmtpTalk talk;
  std::string_view octets;
  std::size_t given = 0;
  long reply_seconds = 60;
  long dot_seconds = 120;
  bool wants_login = false;
  bool was_authenticated = false;  // on this connection, by an earlier transfer
  bool only_loopback = false;
  bool has_real_time = false;
  bool is_unauthenticated = false;
  bool is_elsewhere = false;
  bool is_broken = false;
  char words[CURL_ERROR_SIZE] = {};
};

bool SmtpConnection::is_implicit(std::uint16_t port) const {
  return settings_.tls == SmtpTls::Implicit || (settings_.tls == SmtpTls::Auto && port == 465);
}

void SmtpConnection::set_connection(CURL* easy, const std::string& host, std::uint16_t port,
                                    Transfer& transfer) {
  const std::string url = url_of(host, port, is_implicit(port), settings_.ehlo_name);
  curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, kSmtpIdleSecondsMax);
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, in_ms(settings_.connect_within));
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, in_ms(settings_.whole_within));
  curl_easy_setopt(easy, CURLOPT_SERVER_RESPONSE_TIMEOUT, kQuitSeconds);
  curl_easy_setopt(
      easy, CURLOPT_USE_SSL,
      static_cast<long>(settings_.tls == SmtpTls::None ? CURLUSESSL_NONE : CURLUSESSL_ALL));
  set_tls(easy, settings_.verification);
  set_proxy(easy, settings_.proxy);
  curl_easy_setopt(easy, CURLOPT_VERBOSE, 1L);
  curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, &Transfer::on_debug);
  curl_easy_setopt(easy, CURLOPT_DEBUGDATA, &transfer);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, &Transfer::on_open);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, &transfer);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer.words);
}

void SmtpConnection::set_login(CURL* easy, std::string_view password) {
  if (settings_.auth == SmtpAuth::None || settings_.user.empty()) return;
  const std::string secret{password};
  curl_easy_setopt(easy, CURLOPT_USERNAME, settings_.user.c_str());
  if (settings_.auth == SmtpAuth::XOAuth2) {
    curl_easy_setopt(easy, CURLOPT_XOAUTH2_BEARER, secret.c_str());
  } else {
    curl_easy_setopt(easy, CURLOPT_PASSWORD, secret.c_str());
  }
  curl_easy_setopt(easy, CURLOPT_LOGIN_OPTIONS, mechanisms(settings_.auth, settings_.tls));
  curl_easy_setopt(easy, CURLOPT_SASL_IR, 1L);
}

void SmtpConnection::set_mail(CURL* easy, const SmtpMail& mail, curl_slist* recipients,
                              const std::string& from) {
  if (mail.recipients.empty()) {
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, "NOOP");
    curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    return;
  }
  curl_easy_setopt(easy, CURLOPT_MAIL_FROM, from.c_str());
  curl_easy_setopt(easy, CURLOPT_MAIL_RCPT, recipients);
#if LIBCURL_VERSION_NUM >= 0x080200
  curl_easy_setopt(easy, CURLOPT_MAIL_RCPT_ALLOWFAILS, 1L);
#else
  curl_easy_setopt(easy, CURLOPT_MAIL_RCPT_ALLLOWFAILS, 1L);
#endif
  curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
  curl_easy_setopt(easy, CURLOPT_READFUNCTION, &Transfer::on_read);
  curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(mail.octets.size()));
}

SmtpResult SmtpConnection::transfer(const std::string& host, std::uint16_t port,
                                    const SmtpMail& mail, std::string_view password) {
  if (port != port_) close();
  port_ = port;
  Transfer transfer;
  SmtpResult result;
  CURL* const easy = handle_.fresh();
  Recipients recipients(nullptr, &curl_slist_free_all);
  for (const std::string& recipient : mail.recipients) {
    curl_slist* const longer = curl_slist_append(recipients.get(), recipient.c_str());
    if (longer == nullptr) break;
    static_cast<void>(recipients.release());
    recipients.reset(longer);
  }
  if (easy == nullptr || (recipients == nullptr && !mail.recipients.empty())) {
    result.end.fault = curl_fault(CURLE_OUT_OF_MEMORY, 0, false);
    return result;
  }
  transfer.easy = easy;
  transfer.octets = mail.octets;
  transfer.reply_seconds = static_cast<long>(settings_.reply_within.count());
  transfer.dot_seconds = static_cast<long>(settings_.dot_within.count());
  transfer.wants_login = settings_.auth != SmtpAuth::None && !settings_.user.empty();
  transfer.was_authenticated = is_authenticated_;
  transfer.only_loopback =
      settings_.tls == SmtpTls::None && transfer.wants_login && !settings_.allow_insecure_auth;
  set_connection(easy, host, port, transfer);
  set_login(easy, password);
  set_mail(easy, mail, recipients.get(), settings_.from);
  curl_easy_setopt(easy, CURLOPT_READDATA, &transfer);

  CURLcode code = curl_easy_perform(easy);
  // A probe has no octets to be kept back: it is told afterwards.
  if (code == CURLE_OK && !transfer.is_logged_in()) transfer.is_unauthenticated = true;
  long verified = 0;
  curl_easy_getinfo(easy, CURLINFO_SSL_VERIFYRESULT, &verified);
  // Only so is there ever a socket that is connected: a time-out of TLS comes after it.
  curl_off_t connected_us = 0;
  curl_easy_getinfo(easy, CURLINFO_CONNECT_TIME_T, &connected_us);
  SmtpEnd& end = result.end;
  const bool is_connected = connected_us > 0 || !transfer.talk.exchanges().empty();
  end.fault = curl_fault(code, verified, is_connected);
  end.is_ok = code == CURLE_OK && !transfer.is_unauthenticated;
  end.is_login_denied = code == CURLE_LOGIN_DENIED;
  end.is_unauthenticated = transfer.is_unauthenticated;
  end.wants_token = settings_.auth == SmtpAuth::XOAuth2;
  end.is_timeout = code == CURLE_OPERATION_TIMEDOUT;
  end.octets_given = transfer.given;
  end.octets = mail.octets.size();
  if (code != CURLE_OK) end.words = transfer.words[0] ? transfer.words : curl_easy_strerror(code);
  if (transfer.is_elsewhere) {
    end.words = "the server is not on this machine, and the password would travel without TLS";
  }
  result.was_reused = !transfer.talk.is_greeted() && !transfer.talk.exchanges().empty();
  is_authenticated_ = transfer.wants_login && transfer.is_logged_in();
  if (code != CURLE_OK || transfer.is_unauthenticated) handle_.discard();
  result.talk = std::move(transfer.talk);
  return result;
}

}  // namespace fastrsi::transport
