// fastrsi rsi: RSI of a CSV's column, to compare with a chart.
#include <fmt/format.h>

#include <cerrno>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string_view>
#include <system_error>

#include "engine/base/decimal.hpp"
#include "engine/rsi.hpp"
#include "engine/rule.hpp"
#include "sinks/printable.hpp"
#include "tools/commands.hpp"

namespace fastrsi {
namespace {

constexpr std::string_view kUtf8Mark = "\xEF\xBB\xBF";

std::string_view trimmed_cell(std::string_view text) {
  while (!text.empty() && (text.back() == '\r' || text.back() == ' ' || text.back() == '"'))
    text.remove_suffix(1);
  while (!text.empty() && (text.front() == ' ' || text.front() == '"')) text.remove_prefix(1);
  return text;
}

// The cell at `column`; nothing when the row is shorter.
std::optional<std::string_view> cell_at(std::string_view row, std::size_t column) {
  for (; column > 0; --column) {
    const std::size_t comma = row.find(',');
    if (comma == std::string_view::npos) return std::nullopt;
    row.remove_prefix(comma + 1);
  }
  return trimmed_cell(row.substr(0, row.find(',')));
}

std::optional<std::size_t> column_named(std::string_view header, std::string_view name) {
  for (std::size_t column = 0;; ++column) {
    const std::optional<std::string_view> cell = cell_at(header, column);
    if (!cell) return std::nullopt;
    if (*cell == name) return column;
  }
}

Profile profile_named(std::string_view name) {
  if (name == "tradingview") return Profile::TradingView;
  if (name == "talib") return Profile::TaLib;
  return Profile::Mt5;
}

int fail(const std::string& message) {
  print_error(message);
  return kExitFailed;
}

// Why the file's first line cannot be had; nothing when it can.
std::string open_header(const std::string& path, std::ifstream& file, std::string& line) {
  file.open(path);
  if (!file) return std::generic_category().message(errno) + " (name a CSV file that can be read)";
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) return "is a directory (name a CSV file)";
  if (!std::getline(file, line)) return "is empty (give a CSV of bars below a header line)";
  if (line.starts_with(kUtf8Mark)) line.erase(0, kUtf8Mark.size());
  return {};
}

// A header as an error shows it: it may be anything, of any length.
std::string header_shown(std::string_view header) {
  constexpr std::size_t kBytesMax = 100;
  const std::string text = printable(header.substr(0, kBytesMax));
  return header.size() > kBytesMax ? text + "..." : text;
}

}  // namespace

int run_rsi(const RsiCommand& command) {
  RuleSettings settings;
  settings.profile = profile_named(command.profile);
  const double flat = Rule(settings).flat_value;
  std::ifstream file;
  std::string line;
  if (const std::string fault = open_header(command.file, file, line); !fault.empty()) {
    return fail(command.file + ": " + fault);
  }
  const std::optional<std::size_t> column = column_named(line, command.column);
  if (!column) {
    return fail(fmt::format("{}:1: no column \"{}\" in \"{}\" (choose one with --column)",
                            command.file, command.column, header_shown(trimmed_cell(line))));
  }
  LanePeriods periods;
  periods.n[0] = command.period;
  LaneBlock block;
  print_text("index,close,rsi\n");
  std::uint64_t index = 0;
  for (std::uint64_t number = 2; std::getline(file, line); ++number) {
    if (trimmed_cell(line).empty()) continue;
    const std::optional<std::string_view> cell = cell_at(line, *column);
    const std::optional<double> price = cell ? parse_decimal(*cell) : std::nullopt;
    if (!price) {
      return fail(
          fmt::format("{}:{}: no number in column \"{}\" (mend the row; those above it are "
                      "done)",
                      command.file, number, command.column));
    }
    const double value = commit(block, periods, *price)[0];
    const bool has_value = block.closed > static_cast<std::uint64_t>(command.period);
    print_text(has_value
                   ? fmt::format("{},{},{}\n", index, *price, std::isnan(value) ? flat : value)
                   : fmt::format("{},{},\n", index, *price));
    ++index;
  }
  return kExitDone;
}

}  // namespace fastrsi
