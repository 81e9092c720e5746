#include "sinks/text/mime.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "engine/base/assert.hpp"
#include "engine/base/utf8.hpp"

namespace fastrsi {
namespace {

constexpr std::string_view kLineEnd = "\r\n";
constexpr std::string_view kFold = "\r\n ";
constexpr std::size_t kLineCharacters = 76;
constexpr std::string_view kWordStart = "=?UTF-8?B?";
constexpr std::string_view kWordEnd = "?=";
constexpr std::size_t kWordCharactersMax = 75;  // RFC 2047, section 2

constexpr std::size_t base64_size(std::size_t octets) noexcept {
  return (octets + 2) / 3 * 4;
}

// Octets whose encoded word has at most `characters`.
constexpr std::size_t word_octets(std::size_t characters) noexcept {
  const std::size_t around = kWordStart.size() + kWordEnd.size();
  return characters < around + 8 ? 0 : (characters - around) / 4 * 3;
}
static_assert(word_octets(kWordCharactersMax) == 45);

bool is_plain(std::string_view text) noexcept {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
}

// No header of ours may begin another: all that goes out is checked once more here.
bool is_header_value(std::string_view value) noexcept {
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (value.substr(i, kFold.size()) == kFold) {
      i += kFold.size() - 1;
    } else if (value[i] < 0x20 || value[i] > 0x7E) {
      return false;
    }
  }
  return true;
}

std::string with_crlf(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 16);
  for (const char c : text) {
    if (c == '\n') out += '\r';
    out += c;
  }
  return out;
}

void append_part(std::string& out, std::string_view boundary, std::string_view type,
                 std::string_view body) {
  out.append("--").append(boundary).append(kLineEnd);
  out.append("Content-Type: ").append(type).append("; charset=utf-8").append(kLineEnd);
  out.append("Content-Transfer-Encoding: base64").append(kLineEnd).append(kLineEnd);
  out.append(base64_lines(with_crlf(body)));
}

// The longest beginning of whole code points within `octets`; at least one.
std::size_t whole_characters(std::string_view text, std::size_t octets) noexcept {
  std::size_t size = first_utf8(text).length;
  while (size < text.size()) {
    const std::size_t next = first_utf8(text.substr(size)).length;
    if (size + next > octets) break;
    size += next;
  }
  return size;
}

}  // namespace

std::string base64(std::string_view octets) {
  constexpr std::string_view kLetters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve(base64_size(octets.size()));
  for (std::size_t i = 0; i < octets.size(); i += 3) {
    const std::size_t have = std::min<std::size_t>(3, octets.size() - i);
    std::uint32_t bits = 0;
    for (std::size_t j = 0; j < 3; ++j) {
      bits = (bits << 8U) | (j < have ? static_cast<unsigned char>(octets[i + j]) : 0U);
    }
    for (std::size_t j = 0; j < 4; ++j) {
      out += j <= have ? kLetters[(bits >> (18U - 6U * j)) & 0x3FU] : '=';
    }
  }
  return out;
}

std::string base64_lines(std::string_view octets) {
  const std::string all = base64(octets);
  std::string out;
  out.reserve(all.size() + all.size() / kLineCharacters * 2 + 2);
  for (std::size_t i = 0; i < all.size(); i += kLineCharacters) {
    out.append(all, i, kLineCharacters).append(kLineEnd);
  }
  return out;
}

std::string encoded_words(std::string_view text, std::size_t used) {
  if (is_plain(text) && text.find("=?") == std::string_view::npos &&
      used + text.size() <= kLineCharacters) {
    return std::string(text);
  }
  std::string out;
  while (!text.empty()) {
    const std::size_t room = kLineCharacters > used ? kLineCharacters - used : 0;
    const std::size_t octets = word_octets(std::min(room, kWordCharactersMax));
    if (octets < 6 && used > 1) {  // no place for a word of use: begin a line
      out += kFold;
      used = 1;
      continue;
    }
    const std::size_t size = whole_characters(text, octets);
    out.append(kWordStart).append(base64(text.substr(0, size))).append(kWordEnd);
    text.remove_prefix(size);
    used = kLineCharacters;
  }
  return out;
}

std::string mailbox(std::string_view name, std::string_view address, std::size_t used) {
  if (name.empty()) return std::string(address);
  std::string out;
  const bool quotable = is_plain(name) && name.find("=?") == std::string_view::npos;
  if (quotable && used + name.size() + 2 <= kLineCharacters) {
    out += '"';
    for (const char c : name) {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
    out += '"';
  } else {
    out = encoded_words(name, used);
  }
  const bool full = !quotable || used + out.size() + address.size() + 3 > kLineCharacters;
  return out.append(full ? kFold : " ").append("<").append(address).append(">");
}

std::string address_list(const std::vector<std::string>& addresses, std::size_t used) {
  std::string out;
  for (const std::string& address : addresses) {
    if (!out.empty()) {
      out += ',';
      const bool full = used + 2 + address.size() > kLineCharacters;
      out += full ? kFold : " ";
      used = full ? 1 : used + 2;
    }
    out += address;
    used += address.size();
  }
  return out;
}

std::string mime_mail(const std::vector<MailHeader>& headers, std::string_view boundary,
                      std::string_view text, std::string_view html) {
  std::string out;
  for (const MailHeader& header : headers) {
    FASTRSI_ASSERT(is_header_value(header.value));
    out.append(header.name).append(": ").append(header.value).append(kLineEnd);
  }
  out.append("MIME-Version: 1.0").append(kLineEnd);
  out.append("Content-Type: multipart/alternative;").append(kFold);
  out.append("boundary=\"").append(boundary).append("\"").append(kLineEnd).append(kLineEnd);
  append_part(out, boundary, "text/plain", text);
  append_part(out, boundary, "text/html", html);
  return out.append("--").append(boundary).append("--").append(kLineEnd);
}

}  // namespace fastrsi
