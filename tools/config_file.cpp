// Reads configuration files and lists of symbols from disk.
#include "tools/config_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <set>
#include <system_error>

#include "engine/base/utf8.hpp"
#include "tools/config_toml.hpp"
#include "tools/config_values.hpp"

namespace fastrsi {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kBlanks = " \t\r";

std::string_view trimmed(std::string_view text) noexcept {
  const std::size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

// A comment begins the line or follows a blank, so that a # within a name stays.
std::string_view without_comment(std::string_view line) noexcept {
  for (std::size_t i = 0; i < line.size(); ++i) {
    const bool free = i == 0 || kBlanks.find(line[i - 1]) != std::string_view::npos;
    if (line[i] == '#' && free) return line.substr(0, i);
  }
  return line;
}

}  // namespace

TextFile read_text_file(const std::string& path, std::size_t bytes_max) {
  std::error_code error;
  const std::filesystem::file_status status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status)) {
    if (error && error != std::errc::no_such_file_or_directory) {
      return {{}, "cannot be read: " + error.message(), {}};
    }
    return {{}, "does not exist", "\"fastrsi config default\" prints one to begin with"};
  }
  if (std::filesystem::is_directory(status)) return {{}, "is a directory, not a file", {}};
  std::ifstream file(path, std::ios::binary);
  if (!file) return {{}, std::string("cannot be read: ") + std::strerror(errno), {}};
  TextFile result;
  result.text.resize(bytes_max + 1);
  file.read(result.text.data(), static_cast<std::streamsize>(result.text.size()));
  if (file.bad()) return {{}, "cannot be read to its end", {}};
  result.text.resize(static_cast<std::size_t>(file.gcount()));
  if (result.text.size() > bytes_max) {
    return {{}, fmt::format("is larger than {} KiB", bytes_max / 1024), {}};
  }
  return result;
}

std::vector<ConfigError> check_utf8(std::string_view text, const std::string& name) {
  ConfigError at{name, 1, 1, "is not UTF-8", "save it as UTF-8"};
  while (!text.empty()) {
    const Utf8Step step = first_utf8(text);
    if (!step.valid) return {at};
    ++at.column;
    if (step.code == '\n') {
      ++at.line;
      at.column = 1;
    }
    text.remove_prefix(step.length);
  }
  return {};
}

SymbolFile parse_symbol_file(std::string_view text, const std::string& name) {
  SymbolFile result;
  result.errors = check_utf8(text, name);
  if (!result.errors.empty()) return result;
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  std::set<std::string_view> seen;
  for (std::uint32_t line = 1; !text.empty(); ++line) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view symbol = trimmed(without_comment(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (symbol.empty()) continue;
    const TextFault fault = check_symbol(symbol);
    if (!fault.what.empty()) {
      result.errors.push_back({name, line, 1, shown(symbol) + " " + fault.what, fault.hint});
    } else if (!seen.insert(symbol).second) {
      result.warnings.push_back({name, line, 1, shown(symbol) + " stands twice", "used once"});
    } else {
      result.symbols.emplace_back(symbol);
    }
  }
  if (result.symbols.empty() && result.errors.empty()) {
    result.errors.push_back({name, 0, 0, "holds no symbol", "one a line, # begins a comment"});
  }
  return result;
}

}  // namespace fastrsi
