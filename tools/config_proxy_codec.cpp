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
  // libcurl's word for socks5 where the proxy looks names up, as ours always does.
  constexpr std::string_view kRemote = "socks5h://";
  std::string common{address};
  if (address.starts_with(kRemote)) common.replace(0, kRemote.size(), "socks5://");
  const auto parsed = net::parse_proxy(common);
  if (const auto* error = std::get_if<net::UrlError>(&parsed)) return error->sentence;
  const Credentials credentials = credentials_in(common);
  const std::size_t host = credentials.size > 0 ? credentials.begin + credentials.size + 1
                                                : common.find(kSchemeEnd) + kSchemeEnd.size();
  const std::size_t bracket = common.rfind(']');
  const std::size_t colon = common.find(':', bracket == common.npos ? host : bracket);
  return colon == common.npos ? "it has no port" : std::string{};
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
  const std::size_t colon = both.find(':');
  if (colon == both.npos) return toml_quoted(value);
  std::string shown = value;
  shown.replace(credentials.begin + colon + 1, both.size() - colon - 1,
                fmt::format("a-secret-mark-{:08x}", mark_of(std::string{both.substr(colon + 1)})));
  return toml_quoted(shown);
}

}  // namespace fastrsi
