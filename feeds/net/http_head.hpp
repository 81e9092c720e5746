// The head of an HTTP/1.1 message (RFC 9112): its first line and its header fields. For the
// WebSocket handshake, for proxies, and for servers that answer either.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace fastrsi::net {

inline constexpr std::size_t kHttpHeadBytesMax = 16U * 1024;

struct HttpField {
  std::string name;
  std::string value;
};

struct HttpHead {
  // Of an answer: 101 and what follows it. Of a request: GET and its target.
  int status = 0;
  std::string reason;
  std::string method;
  std::string target;
  std::vector<HttpField> fields;

  // The field's value, or nullptr; names have no case. The first, where there are several.
  const std::string* find(std::string_view name) const noexcept;
  // Whether one of the comma-separated tokens of these fields is `token`, which has no case.
  bool has_token(std::string_view name, std::string_view token) const noexcept;
};

enum class HttpHeadState { Whole, Short, TooLong, Wrong };

// Reads the head that `bytes` begins with; `used` is its length with the empty line.
HttpHeadState parse_http_answer(std::string_view bytes, HttpHead& out, std::size_t& used);
HttpHeadState parse_http_request(std::string_view bytes, HttpHead& out, std::size_t& used);

// Whether it can be a value that goes into a header: no line ends, no other control characters.
bool is_field_value(std::string_view text) noexcept;

}  // namespace fastrsi::net
