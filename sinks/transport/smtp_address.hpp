// Addresses and servers' names as SMTP may carry them: libcurl checks none of them, and a line
// break in one would be a command of its own (DELIVERY.md, F17 and section 10).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sinks/transport/settings.hpp"

namespace fastrsi::transport {

inline constexpr std::size_t kAddressBytesMax = 254;  // RFC 5321, 4.5.3.1.3, without < and >
inline constexpr std::size_t kLocalPartBytesMax = 64;

// Why `address` cannot be a sender or recipient, in words; empty when it can.
std::string address_fault(std::string_view address);
// No control character, space or bracket: for host names and EHLO.
std::string host_fault(std::string_view host);

struct HostPort {
  std::string host;
  std::uint16_t port = 0;  // 0: not given
};
// "host", "host:port", "[::1]:port", "::1". Throws std::runtime_error in words.
HostPort split_host(std::string_view text);

// 127.0.0.0/8, ::1 and localhost, by what is written.
bool is_loopback(std::string_view host);

// The ports to try, in their order.
std::vector<std::uint16_t> ports_of(std::uint16_t given, SmtpTls tls);

}  // namespace fastrsi::transport
