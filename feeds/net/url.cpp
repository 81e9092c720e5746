#include "feeds/net/url.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "feeds/net/ascii.hpp"

namespace fastrsi::net {
namespace {

constexpr std::size_t kUrlBytesMax = 4096;
constexpr std::size_t kHostBytesMax = 253;  // RFC 1035
constexpr std::size_t kLabelBytesMax = 63;

struct Scheme {
  std::string_view name;
  std::uint16_t port;
};
constexpr std::array<Scheme, 5> kSchemes{
    {{"ws", 80}, {"wss", 443}, {"http", 80}, {"https", 443}, {"socks5", 1080}}};

std::uint16_t port_of(std::string_view scheme) noexcept {
  for (const Scheme& known : kSchemes) {
    if (known.name == scheme) return known.port;
  }
  return 0;
}

// The text without escapes; nothing when one of them is none.
std::optional<std::string> decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out.push_back(text[i]);
      continue;
    }
    unsigned value = 0;
    if (i + 2 >= text.size()) return std::nullopt;
    const char* const end = text.data() + i + 3;
    if (std::from_chars(end - 2, end, value, 16).ptr != end) return std::nullopt;
    out.push_back(static_cast<char>(value));
    i += 2;
  }
  return out;
}

// Letters, digits, hyphens and (where the world has them) underscores, in labels.
bool is_host_name(std::string_view host) noexcept {
  if (host.empty() || host.size() > kHostBytesMax) return false;
  if (host.ends_with('.')) host.remove_suffix(1);
  std::size_t label = 0;
  char before = '.';
  for (const char c : host) {
    if (c == '.') {
      if (label == 0 || before == '-') return false;
      label = 0;
    } else {
      if (!is_alnum(c) && c != '_' && (c != '-' || label == 0)) return false;
      if (++label > kLabelBytesMax) return false;
    }
    before = c;
  }
  return label > 0 && before != '-';
}

bool only_digits_and_dots(std::string_view host) noexcept {
  return std::all_of(host.begin(), host.end(), [](char c) { return is_digit(c) || c == '.'; });
}

class Parser {
 public:
  Parser(std::string_view text, bool with_credentials)
      : text_(text), with_credentials_(with_credentials) {}

  std::variant<Url, UrlError> parse() {
    if (text_.empty()) return error("it is empty");
    if (text_.size() > kUrlBytesMax) return error("it is longer than 4096 bytes");
    for (const char c : text_) {
      const auto byte = static_cast<unsigned char>(c);
      if (byte <= ' ' || byte >= 0x7F) return error("it has a character that must be %-escaped");
    }
    if (const char* wrong = parse_parts()) return error(wrong);
    return std::move(url_);
  }

 private:
  // Says what is wrong; nullptr when nothing is.
  const char* parse_parts() {
    const std::size_t colon = text_.find("://");
    if (colon == std::string_view::npos) return "it does not begin with ws:// or wss://";
    url_.scheme = lower(text_.substr(0, colon));
    url_.port = port_of(url_.scheme);
    if (url_.port == 0) return "its scheme is none of ws, wss, http, https, socks5";
    std::string_view rest = text_.substr(colon + 3);
    if (rest.find('#') != std::string_view::npos) return "it has a fragment (#)";
    const std::size_t end = std::min(rest.find_first_of("/?"), rest.size());
    url_.target = rest.substr(end);
    if (!url_.target.starts_with('/')) url_.target.insert(0, "/");
    rest = rest.substr(0, end);
    if (const std::size_t at = rest.rfind('@'); at != std::string_view::npos) {
      if (!with_credentials_) return "it has a user name or password, which do not belong there";
      if (const char* wrong = parse_credentials(rest.substr(0, at))) return wrong;
      rest.remove_prefix(at + 1);
    }
    return parse_host(rest);
  }

  const char* parse_credentials(std::string_view text) {
    const std::size_t colon = std::min(text.find(':'), text.size());
    const auto user = decoded(text.substr(0, colon));
    const auto password = decoded(text.substr(std::min(colon + 1, text.size())));
    if (!user || !password) return "its user name or password has a % that is no escape";
    url_.user = *user;
    url_.password = *password;
    return nullptr;
  }

  const char* parse_host(std::string_view text) {
    std::string_view host = text;
    std::string_view port;
    if (text.starts_with('[')) {
      const std::size_t end = text.find(']');
      if (end == std::string_view::npos) return "its IPv6 address has no closing bracket";
      host = text.substr(1, end - 1);
      port = text.substr(end + 1);
      in6_addr address{};
      if (inet_pton(AF_INET6, std::string(host).c_str(), &address) != 1) {
        return "what stands in its brackets is no IPv6 address";
      }
    } else {
      const std::size_t colon = std::min(text.find(':'), text.size());
      host = text.substr(0, colon);
      port = text.substr(colon);
      if (host.empty()) return "it has no host";
      in_addr address{};
      const bool is_v4 = inet_pton(AF_INET, std::string(host).c_str(), &address) == 1;
      if (!is_v4 && (!is_host_name(host) || only_digits_and_dots(host))) {
        return "its host is neither a name nor an address (an IPv6 address stands in brackets)";
      }
    }
    url_.host = lower(host);
    return parse_port(port);
  }

  const char* parse_port(std::string_view text) {
    if (text.empty()) return nullptr;
    std::uint16_t port = 0;
    const char* const end = text.data() + text.size();
    const auto result = std::from_chars(text.data() + 1, end, port);
    if (text.front() != ':' || result.ec != std::errc{} || result.ptr != end || port == 0) {
      return "its port is no number from 1 to 65535";
    }
    url_.port = port;
    return nullptr;
  }

  UrlError error(std::string_view what) const {
    // Without credentials and query, however long: errors are logged.
    std::string shown(text_);
    if (const std::size_t at = shown.rfind('@'); at != std::string::npos) {
      const std::size_t scheme = shown.find("://");
      shown.replace(0, at, scheme < at ? shown.substr(0, scheme + 3) + "..." : "...");
    }
    if (const std::size_t query = shown.find('?'); query != std::string::npos) {
      shown.replace(query + 1, std::string::npos, "...");
    }
    return {"the URL '" + shown.substr(0, 200) + "' cannot be used: " + std::string(what)};
  }

  const std::string_view text_;
  const bool with_credentials_;
  Url url_;
};

}  // namespace

std::string Url::authority() const {
  std::string text = host.find(':') == std::string::npos ? host : "[" + host + "]";
  if (port != port_of(scheme)) text += ":" + std::to_string(port);
  return text;
}

std::variant<Url, UrlError> parse_url(std::string_view text, bool with_credentials) {
  return Parser(text, with_credentials).parse();
}

bool is_ip_literal(const std::string& host) noexcept {
  std::array<unsigned char, sizeof(in6_addr)> address{};
  return inet_pton(AF_INET, host.c_str(), address.data()) == 1 ||
         inet_pton(AF_INET6, host.c_str(), address.data()) == 1;
}

}  // namespace fastrsi::net
