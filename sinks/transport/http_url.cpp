// Addresses of services, looked at when the program starts.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <charconv>
#include <cmath>
#include <cstring>
#include <stdexcept>

#include "sinks/transport/address_guard.hpp"
#include "sinks/transport/http_post.hpp"
#include "sinks/transport/smtp_address.hpp"

namespace fastrsi::transport {
namespace {

constexpr double kSecondsMax = 7 * 24 * 3600.0;

// Of an address that is written out; a name is nobody's before it is looked up.
bool is_private_literal(std::string host) {
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  sockaddr address{};
  if (::inet_pton(AF_INET, host.c_str(), &v4.sin_addr) == 1) {
    static_assert(sizeof(address) == sizeof(v4));
    std::memcpy(&address, &v4, sizeof(v4));
    return !is_public_address(address);
  }
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  if (::inet_pton(AF_INET6, host.c_str(), &v6.sin6_addr) != 1) return host == "localhost";
  return !is_public_address(reinterpret_cast<const sockaddr&>(v6));
}

}  // namespace

void check_url(const std::string& what, const std::string& url, const HttpSettings& settings,
               bool has_secrets) {
  const auto refuse = [&what](const std::string& why) {
    throw std::runtime_error(what + ": " + why);
  };
  for (const char c : url) {
    if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7f) {
      refuse("the address has a space or a control character");
    }
  }
  const CurlUrl parsed = parsed_url(url);
  if (parsed == nullptr) {
    refuse("the address cannot be read (mend: https://host/path)");
  }
  const std::string scheme = part_of(parsed, CURLUPART_SCHEME);
  if (scheme != "http" && scheme != "https") {
    refuse("the address begins with " + scheme + ":// (mend: https://)");
  }
  if (!part_of(parsed, CURLUPART_USER).empty()) {
    refuse("the address has a user in it (mend: user and password, or a header)");
  }
  const std::string host = part_of(parsed, CURLUPART_HOST);
  if (!settings.allow_private && is_private_literal(host)) {
    refuse(host + " is not of the public internet (mend: allow_private = true if it is yours)");
  }
  if (scheme == "http" && has_secrets && !settings.allow_private) {
    refuse(
        "a secret would travel without TLS (mend: https://, or allow_private = true on a network "
        "of your own)");
  }
}

std::string shown_url(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return "...";
  const std::size_t end = url.find_first_of("/?#", scheme + 3);
  return std::string{url.substr(0, end)} + (end == std::string_view::npos ? "" : "/...");
}

std::chrono::milliseconds seconds_text(std::string_view text) {
  double seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc{} || end != text.data() + text.size()) return {};
  if (!std::isfinite(seconds) || seconds <= 0) return {};
  return std::chrono::milliseconds{
      static_cast<std::int64_t>(std::ceil(std::min(seconds, kSecondsMax) * 1000.0))};
}

}  // namespace fastrsi::transport
