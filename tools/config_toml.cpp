// The one door to toml++: its tree is copied into ours, and its exceptions end here.
#include "tools/config_toml.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "engine/base/utf8.hpp"

namespace fastrsi {
namespace {

constexpr std::size_t kShownCharacters = 40;
constexpr std::size_t kSyntaxCharacters = 160;

TextPosition position_of(const toml::source_region& region) noexcept {
  return {region.begin.line, region.begin.column};
}

// Follows strings and comments just well enough to count what nests. The library stops at the first
// mistake, and up to there both read the text the same way.
class DepthScan {
 public:
  // Where the text nests too deeply, if it does.
  std::optional<TextPosition> run(std::string_view text) {
    for (std::size_t i = 0; i < text.size();) {
      const std::size_t length = closing_ == 0 ? outside(text.substr(i)) : inside(text.substr(i));
      if (depth_ > kTomlDepthMax || dots_ > kTomlDepthMax) return at_;
      for (const char c : text.substr(i, length)) move(c);
      i += length;
    }
    return std::nullopt;
  }

 private:
  static constexpr char kComment = '\n';  // what ends a comment

  // Both return how many bytes they looked at.
  std::size_t outside(std::string_view rest) noexcept {
    const char c = rest.front();
    if (c == '[' || c == '{') ++depth_;
    if ((c == ']' || c == '}') && depth_ > 0) --depth_;
    if (c == '.') ++dots_;
    if (c == '=' || c == ',' || c == '\n') dots_ = 0;
    if (c == '#') closing_ = kComment;
    if (c != '"' && c != '\'') return 1;
    closing_ = c;
    triple_ = rest.size() >= 3 && rest[1] == c && rest[2] == c;
    return triple_ ? 3 : 1;
  }

  std::size_t inside(std::string_view rest) noexcept {
    const char c = rest.front();
    if (closing_ == '"' && c == '\\' && rest.size() >= 2) return 2;
    const bool ends_line = c == '\n' && !triple_;
    if (ends_line) dots_ = 0;
    if (closing_ == kComment || !triple_) {
      if (c == closing_ || ends_line) leave();
      return 1;
    }
    if (c != closing_) return 1;
    const std::size_t run = std::min(rest.find_first_not_of(c), rest.size());
    if (run < 3) return run;
    leave();
    return std::min<std::size_t>(run, 5);  // up to two quotes may stand before the closing three
  }

  void leave() noexcept {
    closing_ = 0;
    triple_ = false;
  }

  void move(char c) noexcept {
    if (c == '\n') {
      ++at_.line;
      at_.column = 1;
    } else if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80U) {
      ++at_.column;
    }
  }

  TextPosition at_{1, 1};
  std::size_t depth_ = 0;
  std::size_t dots_ = 0;
  char closing_ = 0;  // what ends the string or comment we are in; 0: in none
  bool triple_ = false;
};

std::chrono::year_month_day to_date(const toml::date& date) noexcept {
  return std::chrono::year_month_day{std::chrono::year{date.year}, std::chrono::month{date.month},
                                     std::chrono::day{date.day}};
}

TomlNode copy_node(const toml::node& from);

void copy_table(const toml::table& from, TomlNode& to) {
  to.type = TomlType::Table;
  to.members.reserve(from.size());
  for (const auto& [key, value] : from) {
    TomlMember member{std::string(key.str()), position_of(key.source()), copy_node(value)};
    if (member.value.at.line == 0) member.value.at = member.at;
    to.members.push_back(std::move(member));
  }
}

void copy_list(const toml::array& from, TomlNode& to) {
  to.type = TomlType::List;
  to.items.reserve(from.size());
  for (const toml::node& item : from) to.items.push_back(copy_node(item));
}

TomlNode copy_node(const toml::node& from) {
  TomlNode to;
  to.at = position_of(from.source());
  if (const auto* table = from.as_table()) {
    copy_table(*table, to);
  } else if (const auto* list = from.as_array()) {
    copy_list(*list, to);
  } else if (const auto* text = from.as_string()) {
    to.type = TomlType::Text;
    to.text = text->get();
  } else if (const auto* whole = from.as_integer()) {
    to.type = TomlType::Whole;
    to.whole = whole->get();
    to.number = static_cast<double>(to.whole);
  } else if (const auto* number = from.as_floating_point()) {
    to.type = TomlType::Number;
    to.number = number->get();
  } else if (const auto* flag = from.as_boolean()) {
    to.type = TomlType::Flag;
    to.flag = flag->get();
  } else if (const auto* date = from.as_date()) {
    to.type = TomlType::Date;
    to.date = to_date(date->get());
  } else {
    to.type = from.is_time() ? TomlType::Time : TomlType::DateTime;
  }
  return to;
}

// Moves a cursor, a line or the direction of what follows.
bool moves(char32_t code) noexcept {
  return code < 0x20 || (code >= 0x7F && code < 0xA0) || (code >= 0x202A && code <= 0x202E) ||
         (code >= 0x2066 && code <= 0x2069);
}

// Text of others for a message: nothing in it moves, and it is cut after so many characters.
std::string one_line(std::string_view text, std::size_t characters_max) {
  std::string out;
  for (std::size_t characters = 0; !text.empty(); ++characters) {
    if (characters == characters_max) return out + "...";
    const Utf8Step step = first_utf8(text);
    if (moves(step.code) || !step.valid) {
      out += fmt::format("\\u{:04X}", static_cast<std::uint32_t>(step.code));
    } else {
      out += text.substr(0, step.length);
    }
    text.remove_prefix(step.length);
  }
  return out;
}

std::string_view line_at(std::string_view text, std::uint32_t line) noexcept {
  for (; line > 1; --line) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return {};
    text.remove_prefix(end + 1);
  }
  return text.substr(0, text.find('\n'));
}

// "Error while parsing key-value pair: expected value" says the same without its first words.
std::string without_preamble(std::string_view description) {
  constexpr std::string_view kPreamble = "Error while parsing ";
  if (description.starts_with(kPreamble)) {
    const std::size_t colon = description.find(": ");
    if (colon != std::string_view::npos) description.remove_prefix(colon + 2);
  }
  return one_line(description, kSyntaxCharacters);
}

// The commonest slip: a word or an octal mode as a value, without its quotes.
std::string syntax_hint(std::string_view line) {
  if (std::count(line.begin(), line.end(), '"') % 2 == 1) return "a quote has no partner";
  const std::size_t equals = line.find('=');
  if (equals == std::string_view::npos) return {};
  const std::size_t begin = line.find_first_not_of(" \t[", equals + 1);
  if (begin == std::string_view::npos) return "a value is missing";
  const auto c = static_cast<unsigned char>(line[begin]);
  const std::string_view word = line.substr(begin, line.find_first_of(" \t\r,]#", begin) - begin);
  const bool letter = (c | 0x20U) >= 'a' && (c | 0x20U) <= 'z';
  const bool octal = c == '0' && word.find_first_not_of("01234567") == std::string_view::npos;
  const bool bare = word.find_first_of("\"'{}=") == std::string_view::npos;
  if (!(letter || octal) || !bare || word == "true" || word == "false") return {};
  // Not what stands there: it may be a password.
  const std::size_t key = line.find_first_not_of(" \t");
  return "text stands in quotes: " +
         one_line(line.substr(key, equals + 1 - key), kSyntaxCharacters) + " \"...\"";
}

// A number as TOML writes it; "{:#}" would do, but fmt 9 makes "1.0" of 1 and fmt 10 "1.".
std::string with_point(double number) {
  std::string text = fmt::format("{}", number);
  if (text.find_first_not_of("-0123456789") == std::string::npos) text += ".0";
  return text;
}

}  // namespace

const TomlNode* member_of(const TomlNode& table, std::string_view name) noexcept {
  for (const TomlMember& member : table.members) {
    if (member.name == name) return &member.value;
  }
  return nullptr;
}

TomlResult parse_toml(std::string_view text) {
  TomlResult result;
  if (const std::optional<TextPosition> at = DepthScan{}.run(text)) {
    result.at = *at;
    result.message = fmt::format("nested too deeply, {} levels are the most", kTomlDepthMax);
    return result;
  }
  try {
    const toml::table table = toml::parse(text);
    copy_table(table, result.root);
    result.root.at = {1, 1};
  } catch (const toml::parse_error& error) {
    result.at = position_of(error.source());
    result.message = "TOML syntax: " + without_preamble(error.description());
    result.hint = syntax_hint(line_at(text, result.at.line));
  }
  return result;
}

std::string describe(const TomlNode& node) {
  switch (node.type) {
    case TomlType::Text:
      return "the text " + shown(node.text);
    case TomlType::Whole:
      return std::to_string(node.whole);
    case TomlType::Number:
      return with_point(node.number);
    case TomlType::Flag:
      return node.flag ? "true" : "false";
    case TomlType::Date:
      return "a date";
    case TomlType::Time:
      return "a time of day";
    case TomlType::DateTime:
      return "a date with time";
    case TomlType::List:
      return "a list";
    case TomlType::Table:
      break;
  }
  return "a table";
}

std::string toml_quoted(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      quoted += '\\';
      quoted += c;
    } else if (byte < 0x20 || byte == 0x7F) {
      quoted += fmt::format("\\u{:04X}", byte);
    } else {
      quoted += c;
    }
  }
  return quoted + '"';
}

std::string shown(std::string_view text) {
  const std::string line = one_line(text, kShownCharacters);
  return '"' + line + '"';
}

}  // namespace fastrsi
