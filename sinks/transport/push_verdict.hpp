// What a service's answer means (DELIVERY.md, section 5). Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sinks/delivery/transport.hpp"
#include "sinks/transport/http_post.hpp"
#include "sinks/transport/settings.hpp"

namespace fastrsi::transport {

struct PushVerdict {
  Outcome outcome = Outcome::EndpointFailure;
  std::string_view row;
  int code = 0;
  std::string text;  // as the service wrote it: whoever calls cleans it
  std::optional<std::chrono::milliseconds> retry_after;
  bool config_suspect = false;

  // What the service asks to be done at once, and once only.
  std::string moved_to;   // telegram: the chat has this id now
  bool as_plain = false;  // telegram: it cannot read the marks in the text
};

// `temporary`: further codes that are tried again.
PushVerdict judge_push(Service service, const HttpReply& reply,
                       const std::vector<int>& temporary = {});

}  // namespace fastrsi::transport
