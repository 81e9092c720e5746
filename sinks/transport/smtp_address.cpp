#include "sinks/transport/smtp_address.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <stdexcept>

namespace fastrsi::transport {
namespace {

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7f;
}

bool is_high(char c) {
  return static_cast<unsigned char>(c) >= 0x80;
}

std::uint16_t port_of(std::string_view text, std::string_view whole) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size() || port == 0) {
    throw std::runtime_error("host \"" + std::string{whole} +
                             "\": the port is no number from 1 to 65535");
  }
  return port;
}

}  // namespace

std::string address_fault(std::string_view address) {
  constexpr std::string_view kForbidden = "<>()[],;:\\\"";
  if (address.empty()) return "is empty";
  if (std::any_of(address.begin(), address.end(), is_control)) return "has a control character";
  if (address.find(' ') != std::string_view::npos) return "has a space";
  if (address.find_first_of(kForbidden) != std::string_view::npos) {
    return "has one of < > ( ) [ ] , ; : \\ \"";
  }
  if (address.size() > kAddressBytesMax) return "is longer than 254 bytes";
  const std::size_t at = address.find('@');
  if (at == std::string_view::npos) return "has no @";
  if (address.find('@', at + 1) != std::string_view::npos) return "has more than one @";
  const std::string_view local = address.substr(0, at);
  const std::string_view domain = address.substr(at + 1);
  if (local.empty()) return "has nothing before the @";
  if (local.size() > kLocalPartBytesMax) return "has more than 64 bytes before the @";
  if (domain.empty()) return "has nothing after the @";
  if (domain.starts_with('.') || domain.ends_with('.') || domain.starts_with('-') ||
      domain.find("..") != std::string_view::npos) {
    return "has no domain after the @";
  }
  if (std::any_of(local.begin(), local.end(), is_high)) {
    return "has letters before the @ that are not ASCII";
  }
  return {};
}

std::string host_fault(std::string_view host) {
  if (host.empty()) return "is empty";
  if (host.size() > 253) return "is longer than 253 bytes";
  for (const char c : host) {
    if (is_control(c)) return "has a control character";
    if (std::string_view{" /\\@?#%<>\"'"}.find(c) != std::string_view::npos) {
      return "has a character that no host name has";
    }
  }
  return {};
}

HostPort split_host(std::string_view text) {
  HostPort split;
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) {
      throw std::runtime_error("host \"" + std::string{text} + "\": the ] is missing");
    }
    split.host = text.substr(1, end - 1);
    const std::string_view rest = text.substr(end + 1);
    if (!rest.empty() && rest[0] != ':') {
      throw std::runtime_error("host \"" + std::string{text} + "\": after ] comes :port");
    }
    if (!rest.empty()) split.port = port_of(rest.substr(1), text);
  } else if (std::count(text.begin(), text.end(), ':') == 1) {
    const std::size_t colon = text.find(':');
    split.host = text.substr(0, colon);
    split.port = port_of(text.substr(colon + 1), text);
  } else {
    split.host = text;
  }
  if (const std::string fault = host_fault(split.host); !fault.empty()) {
    throw std::runtime_error("host \"" + std::string{text} + "\" " + fault);
  }
  return split;
}

bool is_loopback(std::string_view host) {
  if (host == "localhost") return true;
  const std::string text{host};
  in_addr v4{};
  if (::inet_pton(AF_INET, text.c_str(), &v4) == 1) return (ntohl(v4.s_addr) >> 24) == 127;
  in6_addr v6{};
  return ::inet_pton(AF_INET6, text.c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

std::vector<std::uint16_t> ports_of(std::uint16_t given, SmtpTls tls) {
  if (given != 0) return {given};
  switch (tls) {
    case SmtpTls::Auto:
      return {465, 587, 25};
    case SmtpTls::StartTls:
      return {587, 25};
    case SmtpTls::Implicit:
      return {465};
    case SmtpTls::None:
      return {25};
  }
  return {25};
}

}  // namespace fastrsi::transport
