#include "sinks/text/address.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "engine/base/utf8.hpp"
#include "sinks/text/units.hpp"

namespace fastrsi {
namespace {

constexpr std::size_t kDomainBytesMax = 253;
constexpr std::size_t kLabelBytesMax = 63;

// A text from a configuration as an error may show it: nothing in it acts.
std::string shown(std::string_view text) {
  std::string out;
  for (const char c : text.substr(0, 80)) {
    const auto byte = static_cast<unsigned char>(c);
    out += byte < 0x20 || byte == 0x7F ? fmt::format("\\x{:02x}", byte) : std::string(1, c);
  }
  return '"' + out + '"';
}

[[noreturn]] void refuse(std::string_view field, std::string_view text, std::string_view why) {
  throw std::invalid_argument(fmt::format("{}: {} {}", field, shown(text), why));
}

bool is_control(char c) noexcept {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7F;
}

bool is_alphanumeric(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// RFC 5322's atext and the dot.
bool is_local(char c) noexcept {
  constexpr std::string_view kOthers = "!#$%&'*+-/=?^_`{|}~.";
  return is_alphanumeric(c) || kOthers.find(c) != std::string_view::npos;
}

bool is_ascii(std::string_view text) noexcept {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

void check_local(std::string_view field, std::string_view address, std::string_view local) {
  if (local.empty()) refuse(field, address, "has nothing before its @: write name@example.org");
  if (local.size() > kLocalPartBytesMax) {
    refuse(field, address, "has more than 64 bytes before its @: no server takes it");
  }
  if (!is_ascii(local)) {
    refuse(field, address,
           "has letters beyond ASCII before its @: few servers take it, use another");
  }
  if (!std::all_of(local.begin(), local.end(), is_local)) {
    refuse(field, address, "has characters before its @ that need quoting: use another address");
  }
  const bool dots =
      local.front() == '.' || local.back() == '.' || local.find("..") != std::string_view::npos;
  if (dots) refuse(field, address, "has a dot at an end or two in a row before its @");
}

bool is_label(std::string_view label) noexcept {
  return !label.empty() && label.size() <= kLabelBytesMax && label.front() != '-' &&
         label.back() != '-' && std::all_of(label.begin(), label.end(), [](char c) {
           return is_alphanumeric(c) || c == '-';
         });
}

bool is_refused_in_name(const Utf8Step& step) noexcept {
  const char32_t code = step.code;
  return !step.valid || code < 0x20 || (code >= 0x7F && code <= 0x9F) || code == 0x061C ||
         code == 0x200B || code == 0x200E || code == 0x200F || (code >= 0x2028 && code <= 0x202E) ||
         (code >= 0x2060 && code <= 0x206F) || code == 0xFEFF ||
         (code >= 0xE0000 && code <= 0xE0FFF);
}

}  // namespace

std::string_view domain_of(std::string_view address) noexcept {
  return address.substr(address.rfind('@') + 1);
}

void check_domain(std::string_view field, std::string_view domain) {
  if (!is_ascii(domain)) {
    refuse(field, domain, "has letters beyond ASCII: write the domain in its xn-- form");
  }
  bool good = !domain.empty() && domain.size() <= kDomainBytesMax;
  for (std::size_t from = 0; good && from <= domain.size();) {
    const std::size_t dot = std::min(domain.find('.', from), domain.size());
    good = is_label(domain.substr(from, dot - from));
    from = dot + 1;
  }
  if (!good) refuse(field, domain, "is no domain: write one such as example.org");
}

void check_address(std::string_view field, std::string_view address) {
  if (address.empty()) refuse(field, address, "is empty: write name@example.org");
  if (std::any_of(address.begin(), address.end(), is_control)) {
    refuse(field, address, "has a control character or a line end: take it out");
  }
  if (address.find(' ') != std::string_view::npos)
    refuse(field, address, "has a space: take it out");
  if (address.find_first_of("<>") != std::string_view::npos) {
    refuse(field, address,
           "has an angle bracket: write the address alone, names have their own key");
  }
  if (address.size() > kAddressBytesMax) refuse(field, address, "has more than 254 bytes");
  if (std::count(address.begin(), address.end(), '@') != 1) {
    refuse(field, address, "does not have exactly one @: write name@example.org");
  }
  check_local(field, address, address.substr(0, address.find('@')));
  check_domain(field, domain_of(address));
}

void check_display_name(std::string_view field, std::string_view name) {
  for (std::string_view left = name; !left.empty();) {
    const Utf8Step step = first_utf8(left);
    if (is_refused_in_name(step)) {
      refuse(field, name, "has a control character, a line end or a byte that is no UTF-8");
    }
    left.remove_prefix(step.length);
  }
  const std::size_t characters = length_in(SizeUnit::CodePoints, name);
  if (characters > kDisplayNameCharactersMax) {
    refuse(field, name, fmt::format("has {} characters, at most 70: shorten it", characters));
  }
}

}  // namespace fastrsi
