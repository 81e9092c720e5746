// The files a configuration is made of: itself, and lists of symbols.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "tools/config.hpp"

namespace fastrsi {

struct TextFile {
  std::string text;
  std::string fault;  // why there is no text
  std::string hint;
};
// The whole of a file of at most `bytes_max`.
TextFile read_text_file(const std::string& path, std::size_t bytes_max);

// Nothing when `text` is UTF-8; else where it stops being that.
std::vector<ConfigError> check_utf8(std::string_view text, const std::string& name);

// A list of symbols, one a line; the byte order mark of other systems' editors, line ends of
// theirs, and spaces around a symbol are no part of it, spaces within are.
//
//   line = [spaces] [symbol] [spaces] ["#" anything]      (a # within a symbol belongs to it)
struct SymbolFile {
  std::vector<std::string> symbols;
  std::vector<ConfigError> errors;
  std::vector<ConfigError> warnings;
};
SymbolFile parse_symbol_file(std::string_view text, const std::string& name);

}  // namespace fastrsi
