#include "sinks/text/escape.hpp"

#include <fmt/format.h>

#include <array>
#include <iterator>

#include "engine/base/utf8.hpp"

namespace fastrsi {
namespace {

constexpr std::string_view kMarkdownActs = "\\`*_~|[]<>#";
// After an at sign in Mattermost these call a whole channel; Discord is told so by a field.
constexpr std::array<std::string_view, 4> kCallingWords{"channel", "all", "here", "everyone"};
constexpr std::string_view kZeroWidthSpace = "\u200B";

std::string_view reference_of(char c, bool with_quotes) noexcept {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return with_quotes ? "&quot;" : "";
    case '\'':
      return with_quotes ? "&#39;" : "";
    default:
      return {};
  }
}

std::string with_references(std::string_view text, bool with_quotes) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    const std::string_view reference = reference_of(c, with_quotes);
    if (reference.empty()) {
      out += c;
    } else {
      out += reference;
    }
  }
  return out;
}

char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool calls_somebody(std::string_view after_at) noexcept {
  for (const std::string_view word : kCallingWords) {
    if (after_at.size() < word.size()) continue;
    bool same = true;
    for (std::size_t i = 0; i < word.size(); ++i) same = same && lower(after_at[i]) == word[i];
    if (same) return true;
  }
  return false;
}

std::string as_markdown(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (kMarkdownActs.find(text[i]) != std::string_view::npos) out += '\\';
    out += text[i];
    if (text[i] == '@' && calls_somebody(text.substr(i + 1))) out += kZeroWidthSpace;
  }
  return out;
}

void append_json(std::string& out, char32_t code) {
  switch (code) {
    case U'"':
      out += "\\\"";
      return;
    case U'\\':
      out += "\\\\";
      return;
    case U'\n':
      out += "\\n";
      return;
    case U'\r':
      out += "\\r";
      return;
    case U'\t':
      out += "\\t";
      return;
    default:
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<std::uint32_t>(code));
  }
}

std::string as_json(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const Utf8Step step = first_utf8(text);
    if (!step.valid) {
      out += "\uFFFD";
    } else if (step.code < 0x20 || step.code == 0x7F || step.code == U'"' || step.code == U'\\') {
      append_json(out, step.code);
    } else {
      out += text.substr(0, step.length);
    }
    text.remove_prefix(step.length);
  }
  return out;
}

}  // namespace

std::string escaped(Escape escape, std::string_view text) {
  switch (escape) {
    case Escape::Html:
      return with_references(text, true);
    case Escape::Telegram:
    case Escape::Slack:
      return with_references(text, false);
    case Escape::Json:
      return as_json(text);
    case Escape::Markdown:
      return as_markdown(text);
    case Escape::None:
      break;
  }
  return std::string(text);
}

std::string json_string(std::string_view text) {
  return '"' + as_json(text) + '"';
}

}  // namespace fastrsi
