// From the octets a composer has frozen to the request of a service: its target, its secrets and
// its headers are added here (DELIVERY.md, section 5).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sinks/transport/http_post.hpp"
#include "sinks/transport/settings.hpp"

namespace fastrsi::transport {

// The secrets of one request, read out.
struct PushKeys {
  std::string_view url;
  std::string_view token;
  std::string_view password;
  std::string_view signing_key;
  std::map<std::string, std::string_view> headers;
};

struct PushLetter {
  std::string_view mid;
  std::string_view octets;
  std::vector<std::string_view> targets;  // one, but for the relay
  bool as_plain = false;                  // telegram: without its marks
  std::int64_t now_s = 0;                 // unix; goes into the signature
};

// Nothing when the octets are no JSON object where one belongs.
std::optional<HttpRequest> push_request(const PushSettings& settings, const PushKeys& keys,
                                        const PushLetter& letter);
// Sends nothing to anybody.
HttpRequest probe_request(const PushSettings& settings, const PushKeys& keys);

// Telegram's HTML without its tags and entities.
std::string without_marks(std::string_view html);
// "t=1700000000,v1=<hex of HMAC-SHA256 over t.body>".
std::string signature(std::string_view key, std::int64_t now_s, std::string_view body);

}  // namespace fastrsi::transport
