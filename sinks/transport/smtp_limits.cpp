#include "sinks/transport/smtp_limits.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace fastrsi::transport {
namespace {

constexpr std::array<std::string_view, 11> kWords{"rate",      "rates",      "limit",    "limits",
                                                  "limited",   "quota",      "quotas",   "throttle",
                                                  "throttled", "throttling", "ratelimit"};
// "message size exceeds fixed limit" will exceed it tomorrow too; "line length limit" likewise.
constexpr std::array<std::string_view, 6> kOfTheMail{"size",   "large", "big",
                                                     "length", "long",  "recipients"};

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z');
}

template <std::size_t kCount>
bool says(const std::string& text, const std::array<std::string_view, kCount>& words) {
  std::size_t at = 0;
  while (at < text.size()) {
    std::size_t end = at;
    while (end < text.size() && is_letter(text[end])) ++end;
    const std::string_view word(text.data() + at, end - at);
    if (std::find(words.begin(), words.end(), word) != words.end()) return true;
    at = std::max(end, at + 1);
  }
  return false;
}

bool speaks_of_a_limit(const SmtpReply& reply) {
  std::string text = reply.text;
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return says(text, kWords) && !says(text, kOfTheMail);
}

// x.2.3 and x.3.4 (RFC 3463): the message is too long for the mailbox or the system.
bool is_of_size(const SmtpReply& reply) {
  return reply.enhanced.ends_with(".2.3") || reply.enhanced.ends_with(".3.4");
}

}  // namespace

bool is_quota(const SmtpReply& reply) {
  if (!reply.is(5)) return false;
  if (reply.code == 550 && reply.enhanced == "5.4.5") return true;
  if (reply.code == 552 && reply.enhanced == "5.2.2") return true;
  return !is_of_size(reply) && speaks_of_a_limit(reply);
}

bool is_rate(const SmtpReply& reply) {
  return reply.code == 421 && speaks_of_a_limit(reply);
}

}  // namespace fastrsi::transport
