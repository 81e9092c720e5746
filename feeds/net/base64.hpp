// Base64 (RFC 4648, section 4): keys of handshakes, credentials of proxies, pins of certificates.
#pragma once

#include <string>
#include <string_view>

namespace fastrsi::net {

std::string base64(std::string_view bytes);

}  // namespace fastrsi::net
