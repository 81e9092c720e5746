// One SMTP transfer through libcurl, with the guards that libcurl 7.88 needs (DELIVERY.md, section
// 3): F6 no mail without the login that was asked for, F13 no handle used again after an error,
// F14 a clean-up that does not wait.
#pragma once

#include <cstddef>
#include <cstdint>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sinks/transport/curl_handle.hpp"
#include "sinks/transport/settings.hpp"
#include "sinks/transport/smtp_talk.hpp"
#include "sinks/transport/smtp_verdict.hpp"

namespace fastrsi::transport {

// What goes out. Without recipients it is a probe: NOOP after the login (F18).
struct SmtpMail {
  std::string_view octets;
  std::vector<std::string> recipients;  // checked
};

struct SmtpResult {
  SmtpEnd end;
  SmtpTalk talk;
  bool was_reused = false;  // on a connection of an earlier transfer
};

// A connection to one port of a server. Owner and thread: one transport.
class SmtpConnection {
 public:
  // `settings` must outlive it and be checked.
  SmtpConnection(const SmtpSettings& settings, std::stop_token stop)
      : settings_(settings), handle_(std::move(stop)) {}

  SmtpResult transfer(const std::string& host, std::uint16_t port, const SmtpMail& mail,
                      std::string_view password);
  void close() noexcept { handle_.discard(); }

 private:
  struct Transfer;

  bool is_implicit(std::uint16_t port) const;
  void set_connection(CURL* easy, const std::string& host, std::uint16_t port, Transfer& transfer);
  void set_login(CURL* easy, std::string_view password);
  static void set_mail(CURL* easy, const SmtpMail& mail, curl_slist* recipients,
                       const std::string& from);

  const SmtpSettings& settings_;
  CurlHandle handle_;
  std::uint16_t port_ = 0;         // that the handle's connection goes to
  bool is_authenticated_ = false;  // that connection
};

}  // namespace fastrsi::transport
