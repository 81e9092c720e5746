#include "feeds/net/http_head.hpp"

#include <algorithm>
#include <charconv>

#include "feeds/net/ascii.hpp"

namespace fastrsi::net {
namespace {

constexpr std::size_t kFieldsMax = 128;

bool is_token(std::string_view text) noexcept {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return is_alnum(c) || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}

// The next line without its end, which is CR LF or, from careless servers, LF.
std::string_view take_line(std::string_view& rest) noexcept {
  const std::size_t end = rest.find('\n');
  std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

// The head's length: behind the first empty line. 0: there is none yet.
std::size_t head_bytes(std::string_view bytes) noexcept {
  std::size_t begin = 0;
  while (true) {
    const std::size_t end = bytes.find('\n', begin);
    if (end == std::string_view::npos) return 0;
    if (begin > 0 && (end == begin || (end == begin + 1 && bytes[begin] == '\r'))) return end + 1;
    begin = end + 1;
  }
}

bool parse_fields(std::string_view rest, std::vector<HttpField>& fields) {
  while (true) {
    const std::string_view line = take_line(rest);
    if (line.empty()) return rest.empty();
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) return false;
    const std::string_view value = trimmed(line.substr(colon + 1));
    if (!is_field_value(value) || fields.size() == kFieldsMax) return false;
    fields.push_back({std::string(line.substr(0, colon)), std::string(value)});
  }
}

// HTTP/1.1 101 Switching Protocols
bool parse_status_line(std::string_view line, HttpHead& out) {
  if (!line.starts_with("HTTP/1.") || line.size() < 12 || line[8] != ' ') return false;
  const char* const end = line.data() + 12;
  if (std::from_chars(line.data() + 9, end, out.status).ptr != end) return false;
  if (out.status < 100 || (line.size() > 12 && line[12] != ' ')) return false;
  out.reason = trimmed(line.substr(12));
  return is_field_value(out.reason);
}

// GET /stream HTTP/1.1
bool parse_request_line(std::string_view line, HttpHead& out) {
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) return false;
  out.method = line.substr(0, first);
  out.target = line.substr(first + 1, last - first - 1);
  const bool printable =
      std::all_of(out.target.begin(), out.target.end(), [](char c) { return c > ' ' && c < 0x7F; });
  return is_token(out.method) && !out.target.empty() && printable &&
         line.substr(last + 1).starts_with("HTTP/1.");
}

HttpHeadState parse(std::string_view bytes, HttpHead& out, std::size_t& used,
                    bool (*parse_first)(std::string_view, HttpHead&)) {
  const std::size_t length = head_bytes(bytes.substr(0, kHttpHeadBytesMax));
  if (length == 0) {
    return bytes.size() < kHttpHeadBytesMax ? HttpHeadState::Short : HttpHeadState::TooLong;
  }
  std::string_view rest = bytes.substr(0, length);
  out = {};
  used = length;
  const std::string_view first = take_line(rest);
  const bool right = parse_first(first, out) && parse_fields(rest, out.fields);
  return right ? HttpHeadState::Whole : HttpHeadState::Wrong;
}

}  // namespace

const std::string* HttpHead::find(std::string_view name) const noexcept {
  for (const HttpField& field : fields) {
    if (same_letters(field.name, name)) return &field.value;
  }
  return nullptr;
}

bool HttpHead::has_token(std::string_view name, std::string_view token) const noexcept {
  for (const HttpField& field : fields) {
    if (!same_letters(field.name, name)) continue;
    std::string_view rest = field.value;
    while (!rest.empty()) {
      const std::size_t comma = std::min(rest.find(','), rest.size());
      if (same_letters(trimmed(rest.substr(0, comma)), token)) return true;
      rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
  }
  return false;
}

HttpHeadState parse_http_answer(std::string_view bytes, HttpHead& out, std::size_t& used) {
  return parse(bytes, out, used, parse_status_line);
}

HttpHeadState parse_http_request(std::string_view bytes, HttpHead& out, std::size_t& used) {
  return parse(bytes, out, used, parse_request_line);
}

bool is_field_value(std::string_view text) noexcept {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) >= ' ' && c != 0x7F) || c == '\t';
  });
}

}  // namespace fastrsi::net
