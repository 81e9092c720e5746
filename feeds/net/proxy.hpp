// The way through a proxy, said before all else on a connection: HTTP CONNECT (RFC 9110, section
// 9.3.6) with basic authentication, or SOCKS5 (RFC 1928) with user and password (RFC 1929). The
// proxy looks the name up. It moves no bytes itself.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "feeds/net/ended.hpp"
#include "feeds/net/url.hpp"

namespace fastrsi::net {

// http://user:password@host:port or socks5://...
std::variant<Url, UrlError> parse_proxy(std::string_view text);

// Owner: one connection.
class ProxyTalk {
 public:
  enum class State : std::uint8_t { Short, Done, Failed };

  // `proxy` came from parse_proxy().
  ProxyTalk(const Url& proxy, std::string host, std::uint16_t port);

  // What is to be sent now; empty afterwards.
  std::string take_output() noexcept;
  // More of what the proxy says. Short: send what there is to send, then read on.
  State take(std::string_view bytes);
  // The proxy has cut the connection: says what that means.
  void cut();
  const Ended& failure() const noexcept { return failure_; }

 private:
  enum class Step : std::uint8_t { Http, SocksMethod, SocksPassword, SocksRequest };

  State take_http();
  State take_method();
  State take_password();
  State take_reply();
  State request_by_socks();
  State done_after(std::size_t bytes);
  State fail(EndReason reason, const std::string& what);

  const Url proxy_;
  const std::string host_;
  const std::uint16_t port_;
  Step step_;
  std::string output_;
  std::string received_;
  Ended failure_;
};

}  // namespace fastrsi::net
