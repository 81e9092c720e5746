// Reads and writes the single values of the configuration.
#include "tools/config_codec.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/base/decimal.hpp"
#include "tools/did_you_mean.hpp"
#include "tools/duration.hpp"

namespace fastrsi {
namespace {

constexpr std::size_t kTokenDigits = 64;  // SHA-256 in hex

std::string range_text(std::string_view what, double min, double max) {
  return fmt::format("{} from {} to {}", what, min, max);
}

bool is_number(const TomlNode& node) noexcept {
  return node.type == TomlType::Whole || node.type == TomlType::Number;
}

// A number in quotes is the likeliest slip where one is asked for.
std::string number_hint(const TomlNode& node) {
  const bool quoted = node.type == TomlType::Text && !node.text.empty() &&
                      node.text.find_first_not_of("0123456789.-") == std::string::npos;
  return quoted ? "numbers stand without quotes" : "";
}

}  // namespace

std::string words_text(const std::vector<std::string_view>& words) {
  std::string text = words.size() == 1 ? "only " : "one of ";
  for (std::size_t i = 0; i < words.size(); ++i) {
    text += (i == 0 ? "" : ", ") + toml_quoted(words[i]);
  }
  return text;
}

std::string word_hint(std::string_view word, const std::vector<std::string_view>& words) {
  const std::string meant = did_you_mean(word, words);
  return meant.empty() ? words_text(words) : meant + " " + words_text(words);
}

const std::string* text_of(const TomlNode& node, const ValueReader& reader,
                           std::string_view expected) {
  if (node.type == TomlType::Text) return &node.text;
  reader.expected(node, expected);
  return nullptr;
}

std::optional<int> WholeCodec::read(const TomlNode& node, const ValueReader& reader) const {
  if (node.type == TomlType::Whole && node.whole >= min && node.whole <= max) {
    return static_cast<int>(node.whole);
  }
  reader.expected(node, allowed(), number_hint(node));
  return std::nullopt;
}

std::string WholeCodec::allowed() const {
  return range_text("a whole number", min, max);
}

std::string ClampedCodec::allowed() const {
  return fmt::format("{} or {}", min, max);
}

std::optional<int> ClampedCodec::read(const TomlNode& node, const ValueReader& reader) const {
  if (node.type != TomlType::Whole) {
    reader.expected(node, allowed(), number_hint(node));
    return std::nullopt;
  }
  const auto nearest = static_cast<int>(std::clamp<std::int64_t>(node.whole, min, max));
  if (node.whole != nearest) {
    reader.report.warning(
        node.at, fmt::format("{}: {} counts as {}", reader.name, node.whole, nearest), allowed());
  }
  return nearest;
}

std::string NumberCodec::allowed() const {
  return range_text("a number", min, max);
}

std::optional<double> NumberCodec::read(const TomlNode& node, const ValueReader& reader) const {
  // Written so that "nan" fails too.
  if (is_number(node) && node.number >= min && node.number <= max) return node.number;
  reader.expected(node, allowed(), number_hint(node));
  return std::nullopt;
}

std::string NumberCodec::write(double value) const {
  return fmt::format("{}", value);
}

std::optional<bool> FlagCodec::read(const TomlNode& node, const ValueReader& reader) const {
  if (node.type == TomlType::Flag) return node.flag;
  const bool quoted = node.type == TomlType::Text && (node.text == "true" || node.text == "false");
  reader.expected(node, allowed(), quoted ? "without quotes" : "");
  return std::nullopt;
}

std::string WordOrNumberCodec::allowed() const {
  const std::string_view number = whole ? "a whole number" : "a number";
  return fmt::format("\"{}\" or {}", word, range_text(number, min, max));
}

std::optional<double> WordOrNumberCodec::read(const TomlNode& node,
                                              const ValueReader& reader) const {
  if (node.type == TomlType::Text && node.text == word) return stands_for;
  const bool number = whole ? node.type == TomlType::Whole : is_number(node);
  if (number && node.number >= min && node.number <= max) return node.number;
  std::string hint = number_hint(node);
  if (hint.empty() && node.type == TomlType::Text) hint = did_you_mean(node.text, {word});
  reader.expected(node, allowed(), std::move(hint));
  return std::nullopt;
}

std::string WordOrNumberCodec::write(double value) const {
  return value == stands_for ? toml_quoted(word) : fmt::format("{}", value);
}

std::string DurationCodec::allowed() const {
  const Nanoseconds most = Nanoseconds::max();
  const std::string up_to = max == most ? "" : ", at most " + duration_text(max);
  const std::string_view least = min.count() > 0 ? ", above 0s" : "";
  return fmt::format("a duration such as \"5m\"{}{}", least, up_to);
}

std::optional<Nanoseconds> DurationCodec::read(const TomlNode& node,
                                               const ValueReader& reader) const {
  if (node.type != TomlType::Text) {
    const bool bare = node.type == TomlType::Whole && node.whole >= 0;
    reader.expected(
        node, allowed(),
        bare ? fmt::format("in quotes, with its unit: \"{}ms\" or \"{}s\"", node.whole, node.whole)
             : "");
    return std::nullopt;
  }
  DurationResult duration = parse_duration(node.text);
  if (!duration.value) {
    reader.wrong(node, shown(node.text) + " " + duration.why, std::move(duration.hint));
    return std::nullopt;
  }
  if (*duration.value >= min && *duration.value <= max) return duration.value;
  reader.expected(node, allowed());
  return std::nullopt;
}

std::string DurationCodec::write(Nanoseconds value) const {
  return toml_quoted(duration_text(value));
}

std::optional<std::string> TextCodec::read(const TomlNode& node, const ValueReader& reader) const {
  const std::string* text = text_of(node, reader, described);
  if (text == nullptr) return std::nullopt;
  TextFault fault = check(*text);
  if (fault.what.empty()) return *text;
  reader.wrong(node, shown(*text) + " " + fault.what, std::move(fault.hint));
  return std::nullopt;
}

std::optional<std::string> TextWordCodec::read(const TomlNode& node,
                                               const ValueReader& reader) const {
  const std::string* text = text_of(node, reader, allowed());
  if (text == nullptr) return std::nullopt;
  if (std::find(words.begin(), words.end(), *text) != words.end()) return *text;
  reader.wrong(node, shown(*text) + " is not known", word_hint(*text, words));
  return std::nullopt;
}

std::string TextWordCodec::allowed() const {
  return words_text(words);
}

std::optional<std::chrono::minutes> ClockCodec::read(const TomlNode& node,
                                                     const ValueReader& reader) const {
  const std::string* text = text_of(node, reader, allowed());
  if (text == nullptr) return std::nullopt;
  const std::string& t = *text;
  const bool formed = t.size() == 5 && decimal::is_digit(t[0]) && decimal::is_digit(t[1]) &&
                      t[2] == ':' && decimal::is_digit(t[3]) && decimal::is_digit(t[4]);
  if (formed) {
    const int hour = (t[0] - '0') * 10 + (t[1] - '0');
    const int minute = (t[3] - '0') * 10 + (t[4] - '0');
    if (hour < 24 && minute < 60) return std::chrono::minutes{hour * 60 + minute};
  }
  reader.expected(node, allowed(), "\"00:00\" to \"23:59\"");
  return std::nullopt;
}

std::string ClockCodec::write(std::chrono::minutes value) const {
  return fmt::format("\"{:02}:{:02}\"", value.count() / 60, value.count() % 60);
}

std::optional<std::uint32_t> FileModeCodec::read(const TomlNode& node,
                                                 const ValueReader& reader) const {
  const std::string* text = text_of(node, reader, allowed());
  if (text == nullptr) return std::nullopt;
  std::string_view digits = *text;
  if (digits.size() == 4 && digits.front() == '0') digits.remove_prefix(1);
  if (digits.size() == 3 && digits.find_first_not_of("01234567") == std::string_view::npos) {
    std::uint32_t mode = 0;
    for (const char c : digits) mode = mode * 8 + static_cast<std::uint32_t>(c - '0');
    return mode;
  }
  reader.expected(node, allowed());
  return std::nullopt;
}

std::string FileModeCodec::write(std::uint32_t value) const {
  return fmt::format("\"{:04o}\"", value);
}

std::optional<DateCodec::Value> DateCodec::read(const TomlNode& node,
                                                const ValueReader& reader) const {
  if (node.type == TomlType::Date && node.date.ok()) return Value{node.date};
  reader.expected(node, "a date such as 2027-01-01",
                  node.type == TomlType::Text ? "without quotes" : "");
  return std::nullopt;
}

std::string DateCodec::write(const Value& value) const {
  if (!value) return {};
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(value->year()),
                     static_cast<unsigned>(value->month()), static_cast<unsigned>(value->day()));
}

std::optional<std::string> TokenCodec::read(const TomlNode& node, const ValueReader& reader) const {
  const std::string* text = text_of(node, reader, "64 hex digits");
  if (text == nullptr) return std::nullopt;
  // Both say that the token is still to come: no hash equals an empty one, so nobody gets in.
  if (text->empty() || *text == "...") return std::string{};
  if (text->size() != kTokenDigits) {
    reader.wrong(node, fmt::format("expected 64 hex digits, found {} characters", text->size()),
                 "the SHA-256 of the token: printf %s TOKEN | sha256sum");
    return std::nullopt;
  }
  std::string lower = *text;
  for (char& c : lower) {
    if (c >= 'A' && c <= 'F') c = static_cast<char>(c - 'A' + 'a');
  }
  if (lower.find_first_not_of("0123456789abcdef") == std::string::npos) return lower;
  reader.wrong(node, "holds characters that are no hex digits", "0-9 and a-f");
  return std::nullopt;
}

}  // namespace fastrsi
