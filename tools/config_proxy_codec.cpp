#include "tools/config_proxy_codec.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <random>
#include <string_view>
#include <variant>

#include "feeds/net/proxy.hpp"

namespace fastrsi {
namespace {

constexpr std::string_view kSchemeEnd = "://";

// user:password of "scheme://user:password@host:port", as written.
struct Credentials {
  std::size_t begin = 0;
  std::size_t size = 0;
};
Credentials credentials_in(std::string_view address) {
  const std::size_t scheme = address.find(kSchemeEnd);
  if (scheme == address.npos) return {};
  const std::size_t begin = scheme + kSchemeEnd.size();
  const std::size_t end = std::min(address.find_first_of("/?#", begin), address.size());
  const std::size_t at = address.substr(0, end).rfind('@');
  if (at == address.npos || at < begin) return {};
  return {begin, at - begin};
}

// In words that have nothing of the password; empty: it is good.
std::string proxy_fault(std::string_view address) {
  const auto parsed = net::parse_proxy(address);
  if (const auto* error = std::get_if<net::UrlError>(&parsed)) return error->sentence;
  const Credentials credentials = credentials_in(address);
  const std::size_t host = credentials.size > 0 ? credentials.begin + credentials.size + 1
                                                : address.find(kSchemeEnd) + kSchemeEnd.size();
  // Behind an IPv6 address. Usual ports differ: 80 for some, 1080 for others.
  const std::string_view place = address.substr(host);
  const std::size_t bracket = place.rfind(']');
  const std::size_t colon = place.find(':', bracket == place.npos ? 0 : bracket);
  return colon == place.npos ? "it has no port" : std::string{};
}

}  // namespace

std::uint32_t mark_of(const std::string& secret) {
  static const std::uint64_t kSalt = std::random_device{}();
  const std::size_t hash = std::hash<std::string>{}(std::to_string(kSalt) + secret);
  return static_cast<std::uint32_t>(hash);
}

std::optional<std::string> ProxyCodec::read(const TomlNode& node, const ValueReader& reader) const {
  if (node.type != TomlType::Text) {
    reader.wrong(node, "expected " + allowed());
    return std::nullopt;
  }
  if (node.text.empty()) return node.text;
  if (const std::string fault = proxy_fault(node.text); !fault.empty()) {
    const bool has_mend = fault.find("(mend") != fault.npos;
    reader.wrong(node, fault, has_mend ? "" : allowed());
    return std::nullopt;
  }
  return node.text;
}

std::string ProxyCodec::write(const std::string& value) const {
  const Credentials credentials = credentials_in(value);
  const std::string_view both = std::string_view{value}.substr(credentials.begin, credentials.size);
  if (both.empty()) return toml_quoted(value);
  // A user without a password is a token, most likely.
  const std::size_t colon = both.find(':');
  const bool has_password = colon != both.npos && colon + 1 < both.size();
  const std::string_view secret = has_password ? both.substr(colon + 1) : both.substr(0, colon);
  std::string shown = value;
  shown.replace(static_cast<std::size_t>(secret.data() - value.data()), secret.size(),
                fmt::format("a-secret-mark-{:08x}", mark_of(std::string{secret})));
  return toml_quoted(shown);
}

}  // namespace fastrsi
