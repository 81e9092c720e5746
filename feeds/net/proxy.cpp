#include "feeds/net/proxy.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <array>
#include <utility>

#include "feeds/net/ascii.hpp"
#include "feeds/net/base64.hpp"
#include "feeds/net/http_head.hpp"

namespace fastrsi::net {
namespace {

constexpr std::size_t kSocksTextMax = 255;

// RFC 1928, section 6.
constexpr std::array<std::string_view, 9> kSocksReplies{
    "succeeded",           "general failure",       "not allowed by its rules",
    "network unreachable", "host unreachable",      "connection refused",
    "TTL expired",         "command not supported", "address type not supported"};

void append_text(std::string& out, std::string_view text) {
  out.push_back(static_cast<char>(text.size()));
  out.append(text);
}

std::string host_and_port(const std::string& host, std::uint16_t port) {
  const bool v6 = host.find(':') != std::string::npos;
  return (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

}  // namespace

std::variant<Url, UrlError> parse_proxy(std::string_view text) {
  if (text.find("://") == text.npos) {
    return UrlError{"a proxy's address begins with http:// or socks5://"};
  }
  // Others' word for socks5 where the proxy looks names up, as it always does for us.
  std::string common{text};
  if (text.starts_with("socks5h://")) common.erase(common.find('h'), 1);
  auto parsed = parse_url(common, true);
  const Url* const url = std::get_if<Url>(&parsed);
  if (url == nullptr) return parsed;
  if (url->scheme != "http" && url->scheme != "socks5") {
    return UrlError{"the proxy " + url->scheme + "://" + url->authority() +
                    " cannot be used (mend: http:// or socks5://)"};
  }
  if (url->target != "/") {
    return UrlError{"the proxy " + url->authority() + " has a path (mend: leave it out)"};
  }
  if (url->user.size() > kSocksTextMax || url->password.size() > kSocksTextMax) {
    return UrlError{"the user or password of the proxy " + url->authority() +
                    " is longer than 255 bytes"};
  }
  if (url->scheme == "http" && url->user.find(':') != std::string::npos) {
    return UrlError{"the user of the proxy " + url->authority() + " has a colon in it"};
  }
  return parsed;
}

ProxyTalk::ProxyTalk(const Url& proxy, std::string host, std::uint16_t port)
    : proxy_(proxy),
      host_(std::move(host)),
      port_(port),
      step_(proxy.scheme == "http" ? Step::Http : Step::SocksMethod) {
  if (step_ == Step::SocksMethod) {
    output_ =
        proxy_.user.empty() ? std::string("\x05\x01\x00", 3) : std::string("\x05\x02\x00\x02", 4);
    return;
  }
  const std::string target = host_and_port(host_, port_);
  output_ = "CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\n";
  if (!proxy_.user.empty()) {
    output_ += "Proxy-Authorization: Basic " + base64(proxy_.user + ":" + proxy_.password) + "\r\n";
  }
  output_ += "\r\n";
}

std::string ProxyTalk::take_output() noexcept {
  return std::exchange(output_, {});
}

ProxyTalk::State ProxyTalk::fail(EndReason reason, const std::string& what) {
  failure_.reason = reason;
  failure_.sentence = "the proxy " + proxy_.authority() + " " + what;
  return State::Failed;
}

void ProxyTalk::cut() {
  fail(EndReason::ProxyFailed, "cuts the connection before it is through");
}

ProxyTalk::State ProxyTalk::take(std::string_view bytes) {
  received_.append(bytes);
  if (step_ == Step::Http) return take_http();
  if (received_.size() < 2) return State::Short;
  switch (step_) {
    case Step::SocksMethod:
      return take_method();
    case Step::SocksPassword:
      return take_password();
    default:
      return take_reply();
  }
}

// The server beyond waits for us to speak: what comes with the answer is from nobody.
ProxyTalk::State ProxyTalk::done_after(std::size_t bytes) {
  if (received_.size() == bytes) return State::Done;
  return fail(EndReason::ProxyFailed, "sends more than its answer");
}

ProxyTalk::State ProxyTalk::take_http() {
  HttpHead head;
  std::size_t used = 0;
  switch (parse_http_answer(received_, head, used)) {
    case HttpHeadState::Short:
      return State::Short;
    case HttpHeadState::TooLong:
      return fail(EndReason::ProxyFailed, "answers with more than 16 KiB of header");
    case HttpHeadState::Wrong:
      return fail(EndReason::ProxyFailed, "answers no HTTP, but " + in_quotes(received_, 40));
    case HttpHeadState::Whole:
      break;
  }
  if (head.status >= 200 && head.status < 300) return done_after(used);
  failure_.http_status = head.status;
  const std::string said = "answers HTTP " + std::to_string(head.status) + " " +
                           in_quotes(head.reason) + " to CONNECT " + host_and_port(host_, port_);
  return fail(EndReason::ProxyRefused,
              said + (head.status == 407 ? " (mend: user and password in the proxy's URL)" : ""));
}

ProxyTalk::State ProxyTalk::take_method() {
  if (received_[0] != 5) {
    return fail(EndReason::ProxyFailed,
                "does not speak SOCKS5, but says " + in_quotes(received_, 40));
  }
  const auto method = static_cast<unsigned char>(received_[1]);
  received_.erase(0, 2);
  if (method == 0) return request_by_socks();
  if (method != 2 || proxy_.user.empty()) {
    return fail(EndReason::ProxyRefused,
                "accepts no way to log in that we have (mend: user and password in its URL)");
  }
  step_ = Step::SocksPassword;
  output_.push_back(1);
  append_text(output_, proxy_.user);
  append_text(output_, proxy_.password);
  return take({});
}

ProxyTalk::State ProxyTalk::take_password() {
  if (received_[0] != 1 || received_[1] != 0) {
    return fail(EndReason::ProxyRefused, "refuses the user or the password (mend: its URL)");
  }
  received_.erase(0, 2);
  return request_by_socks();
}

ProxyTalk::State ProxyTalk::request_by_socks() {
  step_ = Step::SocksRequest;
  output_.append("\x05\x01\x00", 3);
  std::array<char, 16> address{};
  if (inet_pton(AF_INET, host_.c_str(), address.data()) == 1) {
    output_.push_back(1);
    output_.append(address.data(), 4);
  } else if (inet_pton(AF_INET6, host_.c_str(), address.data()) == 1) {
    output_.push_back(4);
    output_.append(address.data(), 16);
  } else {
    output_.push_back(3);
    append_text(output_, host_);
  }
  output_.push_back(static_cast<char>(port_ >> 8));
  output_.push_back(static_cast<char>(port_ & 0xFF));
  return take({});
}

// 5, reply, 0, address type, address, port(2)
ProxyTalk::State ProxyTalk::take_reply() {
  if (received_[0] != 5) return fail(EndReason::ProxyFailed, "breaks off SOCKS5");
  const auto reply = static_cast<unsigned char>(received_[1]);
  if (reply != 0) {
    const std::string why = reply < kSocksReplies.size() ? std::string(kSocksReplies[reply])
                                                         : "error " + std::to_string(reply);
    return fail(EndReason::ProxyRefused,
                "does not connect to " + host_and_port(host_, port_) + ": " + why);
  }
  if (received_.size() < 5) return State::Short;
  std::size_t address = 0;
  switch (received_[3]) {
    case 1:
      address = 4;
      break;
    case 4:
      address = 16;
      break;
    case 3:
      address = 1 + static_cast<std::size_t>(static_cast<unsigned char>(received_[4]));
      break;
    default:
      return fail(EndReason::ProxyFailed, "answers with an address of no known type");
  }
  const std::size_t whole = 4 + address + 2;
  return received_.size() < whole ? State::Short : done_after(whole);
}

}  // namespace fastrsi::net
