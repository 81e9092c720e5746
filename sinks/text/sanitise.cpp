#include "sinks/text/sanitise.hpp"

#include <algorithm>
#include <array>

#include "engine/base/utf8.hpp"

namespace fastrsi {
namespace {

struct Range {
  char32_t first;
  char32_t last;
};

// Ascending. Unicode's default ignorable characters but the emoji's variation selectors, its
// controls and separators, and what stands for annotations. The joiners have a rule of their own.
constexpr std::array<Range, 19> kRemoved{{
    {0x0000, 0x001F},    // C0
    {0x007F, 0x009F},    // DEL, C1
    {0x00AD, 0x00AD},    // soft hyphen
    {0x034F, 0x034F},    // grapheme joiner
    {0x061C, 0x061C},    // Arabic letter mark
    {0x115F, 0x1160},    // Hangul fillers
    {0x17B4, 0x17B5},    // Khmer inherent vowels
    {0x180B, 0x180F},    // Mongolian selectors
    {0x200B, 0x200B},    // zero width space
    {0x200E, 0x200F},    // left-to-right and right-to-left marks
    {0x2028, 0x202E},    // separators, embeddings, overrides
    {0x2060, 0x206F},    // word joiner, invisible operators, isolates, deprecated controls
    {0x3164, 0x3164},    // Hangul filler
    {0xFEFF, 0xFEFF},    // byte order mark
    {0xFFA0, 0xFFA0},    // halfwidth filler
    {0xFFF0, 0xFFFB},    // annotations
    {0x1BCA0, 0x1BCA3},  // shorthand controls
    {0x1D173, 0x1D17A},  // musical controls
    {0xE0000, 0xE0FFF},  // tags, more selectors
}};

constexpr char32_t kNoCharacter = 0;
constexpr std::string_view kReplacement = "\uFFFD";
constexpr std::string_view kEllipsis = "\u2026";

bool is_removed(char32_t code) noexcept {
  return std::any_of(kRemoved.begin(), kRemoved.end(), [code](const Range& range) {
    return code >= range.first && code <= range.last;
  });
}

bool is_joiner(char32_t code) noexcept {
  return code == 0x200C || code == 0x200D;
}

// Letters that joiners are written between: Arabic, and the Indic blocks.
bool takes_joiners(char32_t code) noexcept {
  return (code >= 0x0620 && code <= 0x06FF) || (code >= 0x0750 && code <= 0x077F) ||
         (code >= 0x08A0 && code <= 0x08FF) || (code >= 0x0900 && code <= 0x0DFF);
}

// The name character by character: `code` is what it is, `text` what stands in the message.
struct Character {
  char32_t code;
  std::string_view text;
};

Character first_of(std::string_view name, std::size_t& length) noexcept {
  const Utf8Step step = first_utf8(name);
  length = step.length;
  if (!step.valid) return {0xFFFD, kReplacement};
  return {step.code, name.substr(0, step.length)};
}

// What follows a joiner: the next character that is kept, joiners apart.
char32_t next_kept(std::string_view rest) noexcept {
  while (!rest.empty()) {
    std::size_t length = 0;
    const Character next = first_of(rest, length);
    if (!is_removed(next.code)) return next.code;
    rest.remove_prefix(length);
  }
  return kNoCharacter;
}

}  // namespace

std::string sanitised_name(std::string_view name) {
  std::string out;
  std::size_t characters = 0;
  std::size_t before_last = 0;  // where the last character that may stay begins
  char32_t previous = kNoCharacter;
  while (!name.empty()) {
    std::size_t length = 0;
    const Character each = first_of(name, length);
    name.remove_prefix(length);
    if (is_removed(each.code)) continue;
    if (is_joiner(each.code) && !(takes_joiners(previous) && takes_joiners(next_kept(name)))) {
      continue;
    }
    if (characters == kNameCharactersMax) {
      out.resize(before_last);
      out += kEllipsis;
      break;
    }
    before_last = out.size();
    out += each.text;
    previous = each.code;
    ++characters;
  }
  return out.empty() ? "?" : out;
}

}  // namespace fastrsi
