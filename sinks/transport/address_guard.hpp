// Which addresses a service of the public internet can have (DELIVERY.md, section 10, "SSRF"):
// asked for each socket before it connects, when names are looked up already, so that no name can
// change its meaning in between.
#pragma once

#include <string>

struct sockaddr;

namespace fastrsi::transport {

// Not private, loopback, link-local, shared (CGNAT), multicast or reserved, nor one of those
// within an IPv6 address (mapped, 6to4, NAT64).
bool is_public_address(const sockaddr& address) noexcept;
bool is_loopback_address(const sockaddr& address) noexcept;
// For messages: "127.0.0.1".
std::string to_text(const sockaddr& address);

}  // namespace fastrsi::transport
