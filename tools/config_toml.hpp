// A TOML text as plain values that know where they stand: what the reader works on, so that one
// file alone includes the TOML library.
#pragma once

#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace fastrsi {

// Line and column, from 1, in characters.
struct TextPosition {
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  friend auto operator<=>(const TextPosition&, const TextPosition&) = default;
};

enum class TomlType : std::uint8_t { Text, Whole, Number, Flag, Date, Time, DateTime, List, Table };

struct TomlMember;

// One value with all below it. Only the field of its type means anything.
struct TomlNode {
  TomlType type = TomlType::Table;
  TextPosition at;
  std::string text;
  std::int64_t whole = 0;
  double number = 0.0;
  bool flag = false;
  std::chrono::year_month_day date{};
  std::vector<TomlNode> items;
  std::vector<TomlMember> members;  // in the order of their names
};

struct TomlMember {
  std::string name;
  TextPosition at;
  TomlNode value;
};

// The member of a table, or nullptr.
const TomlNode* member_of(const TomlNode& table, std::string_view name) noexcept;

// Brackets within brackets, and dots within one key. The library frees its tree by recursion, so a
// deep one would end the stack; no configuration needs more than 3.
inline constexpr std::size_t kTomlDepthMax = 16;

// `message` is empty when the text is TOML; else `at` says where it stops being that.
struct TomlResult {
  TomlNode root;
  TextPosition at;
  std::string message;
  std::string hint;
};
TomlResult parse_toml(std::string_view text);

// A value as an error message shows it: `the text "14"`, `5`, `a table`.
std::string describe(const TomlNode& node);

// A text in the quotes of TOML, on one line, that reads back to the same bytes.
std::string toml_quoted(std::string_view text);

// A text as a message quotes it: cut after 40 characters, nothing that moves a cursor.
std::string shown(std::string_view text);

}  // namespace fastrsi
