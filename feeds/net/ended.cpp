#include "feeds/net/ended.hpp"

#include <array>

namespace fastrsi::net {

std::string_view name_of(EndReason reason) noexcept {
  static constexpr std::array<std::string_view, kEndReasons> kNames{
      "closed",         "closed-by-us",    "lost",
      "protocol-error", "message-too-big", "name-unknown",
      "name-server",    "resolver-busy",   "connect-refused",
      "connect-failed", "timeout",         "proxy-refused",
      "proxy-failed",   "tls-expired",     "tls-not-yet-valid",
      "tls-wrong-host", "tls-self-signed", "tls-unknown-issuer",
      "tls-wrong-pin",  "tls-too-old",     "tls-not-tls",
      "tls-closed",     "tls-failed",      "redirect",
      "refused",        "plain-http",      "answer-is-tls",
      "answer-cut",     "answer-too-long", "answer-wrong",
  };
  static_assert(!kNames.back().empty());
  return kNames[static_cast<std::size_t>(reason)];
}

}  // namespace fastrsi::net
