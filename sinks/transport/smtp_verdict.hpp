// The classification table (DELIVERY.md, section 3): from how a transfer ended and what was said
// to what became of each recipient. Pure.
#pragma once

#include <cstddef>
#include <string>

#include "sinks/delivery/transport.hpp"
#include "sinks/transport/curl_faults.hpp"
#include "sinks/transport/smtp_talk.hpp"

namespace fastrsi::transport {

// How libcurl ended it.
struct SmtpEnd {
  CurlFault fault;                  // of connection and TLS; or nothing
  bool is_ok = false;               // CURLE_OK
  bool is_login_denied = false;     // CURLE_LOGIN_DENIED
  bool is_unauthenticated = false;  // we stopped it: a password was set and the server took none
  bool wants_token = false;         // xoauth2
  bool is_timeout = false;
  std::size_t octets_given = 0;  // to libcurl; the dot cannot have gone out before all are
  std::size_t octets = 0;
  std::string words;  // libcurl's own
};

// Texts are as the server wrote them: whoever calls cleans them. `recipients` are those that were
// tried; 0 for a probe, which has one answer all the same.
SendAnswer judge_smtp(const SmtpEnd& end, const SmtpTalk& talk, std::size_t recipients);

}  // namespace fastrsi::transport
