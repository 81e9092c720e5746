// One table of what must not reach a terminal as it is.
#include "sinks/printable.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>

#include "engine/base/utf8.hpp"

namespace fastrsi {
namespace {

struct Range {
  char32_t first;
  char32_t last;
};

// Beyond ASCII. U+200C and U+200D, the joiners, are no members: Persian and Indic names are wrong
// without them.
constexpr std::array<Range, 9> kActing{{
    {0x0080, 0x009F},    // C1 controls
    {0x061C, 0x061C},    // Arabic letter mark
    {0x200B, 0x200B},    // zero width space
    {0x200E, 0x200F},    // left-to-right and right-to-left marks
    {0x2028, 0x202E},    // line and paragraph separators, embeddings and overrides
    {0x2060, 0x2064},    // word joiner and invisible operators
    {0x2066, 0x2069},    // isolates
    {0xFEFF, 0xFEFF},    // byte order mark
    {0xE0000, 0xE007F},  // tags
}};

bool acts(char32_t code) noexcept {
  return std::any_of(kActing.begin(), kActing.end(), [code](const Range& range) {
    return code >= range.first && code <= range.last;
  });
}

bool is_ascii_control(char32_t code) noexcept {
  return code < 0x20 || code == 0x7F;
}

}  // namespace

std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const Utf8Step step = first_utf8(text);
    const auto code = static_cast<std::uint32_t>(step.code);
    if (!step.valid || is_ascii_control(step.code)) {
      fmt::format_to(std::back_inserter(out), "\\x{:02x}", code);
    } else if (step.code == U'\\') {
      out += "\\\\";
    } else if (acts(step.code)) {
      fmt::format_to(std::back_inserter(out), "\\u{{{:x}}}", code);
    } else {
      out += text.substr(0, step.length);
    }
    text.remove_prefix(step.length);
  }
  return out;
}

}  // namespace fastrsi
