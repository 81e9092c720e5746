#include "sinks/text/template.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <stdexcept>

#include "engine/base/utf8.hpp"

namespace fastrsi {
namespace {

struct NameRow {
  std::string_view word;
  TemplateName name;
};

constexpr std::array<NameRow, 22> kNames{{
    {"signal", TemplateName::Signal},       {"symbols", TemplateName::Symbols},
    {"timeframe", TemplateName::Timeframe}, {"timeframe_name", TemplateName::TimeframeName},
    {"price", TemplateName::Price},         {"rsi", TemplateName::Rsi},
    {"time", TemplateName::Time},           {"count", TemplateName::Count},
    {"kind", TemplateName::Kind},           {"stage", TemplateName::Stage},
    {"rule", TemplateName::Rule},           {"venue", TemplateName::Venue},
    {"prefix", TemplateName::Prefix},       {"alert", TemplateName::Alert},
    {"part", TemplateName::Part},           {"parts", TemplateName::Parts},
    {"more", TemplateName::More},           {"ticker", TemplateName::Ticker},
    {"interval", TemplateName::Interval},   {"close", TemplateName::Close},
    {"timenow", TemplateName::Timenow},     {"exchange", TemplateName::Exchange},
}};

// Words people bring from elsewhere, and what they mean by them.
constexpr std::array<NameRow, 12> kOtherWords{{
    {"symbol", TemplateName::Symbols},
    {"tickers", TemplateName::Ticker},
    {"names", TemplateName::Symbols},
    {"name", TemplateName::Signal},
    {"title", TemplateName::Signal},
    {"tf", TemplateName::Timeframe},
    {"period", TemplateName::Timeframe},
    {"value", TemplateName::Rsi},
    {"date", TemplateName::Time},
    {"now", TemplateName::Timenow},
    {"n", TemplateName::Count},
    {"message", TemplateName::Alert},
}};

constexpr std::size_t kShownWordBytes = 32;

std::string_view word_of(TemplateName name) noexcept {
  return std::find_if(kNames.begin(), kNames.end(),
                      [name](const NameRow& row) { return row.name == name; })
      ->word;
}

std::optional<TemplateName> find_name(std::string_view word) noexcept {
  for (const NameRow& row : kNames) {
    if (row.word == word) return row.name;
  }
  return std::nullopt;
}

// Letters that stand in both words, in order: enough to tell a slip of the finger from another
// word.
std::size_t common_letters(std::string_view a, std::string_view b) {
  std::vector<std::size_t> above(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (const char c : a) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = c == b[j - 1] ? above[j - 1] + 1 : std::max(above[j], row[j - 1]);
    }
    above.swap(row);
  }
  return above[b.size()];
}

std::string lower_name(std::string_view word) {
  std::string out(word);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

std::optional<TemplateName> meant_by(std::string_view word) {
  if (word.empty() || word.size() > kShownWordBytes) return std::nullopt;
  const std::string small = lower_name(word);
  if (const auto exact = find_name(small)) return exact;
  for (const NameRow& row : kOtherWords) {
    if (row.word == small) return row.name;
  }
  std::optional<TemplateName> best;
  std::size_t best_common = 0;
  for (const NameRow& row : kNames) {
    const std::size_t longer = std::max(row.word.size(), small.size());
    const std::size_t common = common_letters(row.word, small);
    if (common * 4 >= longer * 3 && common > best_common) {
      best = row.name;
      best_common = common;
    }
  }
  return best;
}

std::string place_of(std::string_view source, std::size_t at) {
  const std::string_view before = source.substr(0, at);
  const std::size_t line_break = before.rfind('\n');
  const std::string_view line =
      line_break == std::string_view::npos ? before : before.substr(line_break + 1);
  std::size_t column = 1;
  for (std::string_view left = line; !left.empty(); ++column) {
    left.remove_prefix(first_utf8(left).length);
  }
  return fmt::format("template:{}:{}: ", 1 + std::count(before.begin(), before.end(), '\n'),
                     column);
}

[[noreturn]] void refuse_template(std::string_view source, std::size_t at, const std::string& why) {
  throw std::invalid_argument(place_of(source, at) + why);
}

bool is_word(std::string_view word) noexcept {
  return !word.empty() && std::all_of(word.begin(), word.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.';
  });
}

[[noreturn]] void refuse_word(std::string_view source, std::size_t at, std::string_view word) {
  if (!is_word(word) || word.size() > kShownWordBytes) {
    refuse_template(source, at, "{{ is not followed by a name and }}: write {{signal}}");
  }
  std::string why = fmt::format("{{{{{}}}}} is not known", word);
  if (const auto meant = meant_by(word)) {
    why += fmt::format(", did you mean {{{{{}}}}}?", word_of(*meant));
  }
  why += " Known:";
  for (const NameRow& row : kNames) why.append(" ").append(row.word);
  refuse_template(source, at, why);
}

// Marks of direction are the sink's business: an override in a template would turn all that
// follows.
bool is_refused(const Utf8Step& step) noexcept {
  if (!step.valid) return true;
  if (step.code < 0x20) return step.code != U'\n' && step.code != U'\t';
  return (step.code >= 0x7F && step.code <= 0x9F) || (step.code >= 0x2028 && step.code <= 0x202E) ||
         (step.code >= 0x2066 && step.code <= 0x2069);
}

void check_characters(std::string_view source) {
  for (std::size_t at = 0; at < source.size();) {
    const Utf8Step step = first_utf8(source.substr(at));
    if (is_refused(step)) {
      refuse_template(source, at,
                      fmt::format("{} {:02X} must not stand in a template: take it out",
                                  step.valid ? "the control character" : "a byte that is no UTF-8,",
                                  static_cast<std::uint32_t>(step.code)));
    }
    at += step.length;
  }
}

std::string_view trimmed(std::string_view text) noexcept {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

}  // namespace

TextTemplate::TextTemplate(std::string_view source) {
  if (source.size() > kTemplateBytesMax) {
    throw std::invalid_argument(fmt::format("template: has {} bytes, at most {}: shorten it",
                                            source.size(), kTemplateBytesMax));
  }
  check_characters(source);
  std::size_t from = 0;
  for (;;) {
    const std::size_t open = source.find("{{", from);
    if (open == std::string_view::npos) break;
    const std::size_t close = source.find("}}", open + 2);
    if (close == std::string_view::npos) refuse_word(source, open, {});
    const std::string_view word = trimmed(source.substr(open + 2, close - open - 2));
    const auto name = find_name(word);
    if (!name) refuse_word(source, open, word);
    if (pieces_.size() == kTemplateNamesMax) {
      refuse_template(source, open,
                      fmt::format("is name {}, at most {}: leave some out", kTemplateNamesMax + 1,
                                  kTemplateNamesMax));
    }
    pieces_.push_back({std::string(source.substr(from, open - from)), *name});
    from = close + 2;
  }
  tail_ = source.substr(from);
}

std::string TextTemplate::render(const Digest& digest, const Envelope& envelope,
                                 const Wording& wording, Escape escape) const {
  std::string out;
  for (const Piece& piece : pieces_) {
    out.append(piece.literal);
    out.append(escaped(escape, value_of(piece.name, digest, envelope, wording)));
  }
  return out.append(tail_);
}

}  // namespace fastrsi
