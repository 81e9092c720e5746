// URLs of connections: ws, wss, http, https, and socks5 for a proxy (RFC 3986, without the parts
// that make no sense there).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace fastrsi::net {

struct Url {
  std::string scheme;  // in lower case
  std::string user;    // percent-decoded, as is the password
  std::string password;
  std::string host;  // in lower case; an IPv6 address without its brackets
  std::uint16_t port = 0;
  std::string target;  // path and query, from '/'; as it was written

  bool is_tls() const noexcept { return scheme == "wss" || scheme == "https"; }
  // For the Host header and for messages: brackets where they must be, the port where it is not the
  // scheme's own.
  std::string authority() const;
};

// What is wrong with it, in words.
struct UrlError {
  std::string sentence;
};

// User and password only where `with_credentials`: in the URL of a feed they would end up in logs.
std::variant<Url, UrlError> parse_url(std::string_view text, bool with_credentials = false);

// 127.0.0.1 or ::1: nothing to look up.
bool is_ip_literal(const std::string& host) noexcept;

}  // namespace fastrsi::net
