// fastrsi rsi: RSI of a CSV's column, to compare with a chart.
#include <fmt/format.h>

#include <algorithm>
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
#include "feeds/csv_rows.hpp"
#include "sinks/printable.hpp"
#include "tools/commands.hpp"

namespace fastrsi {
namespace {

constexpr std::string_view kUtf8Mark = "\xEF\xBB\xBF";

std::string_view without_line_end(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

// The cell at `column`; nothing when the row is shorter, or none.
std::optional<std::string_view> cell_at(std::string_view line, std::size_t column) {
  const CsvRow row = split_csv_row(without_line_end(line));
  return column < row.count ? std::optional(row[column]) : std::nullopt;
}

std::optional<std::size_t> column_named(std::string_view header, std::string_view name) {
  const CsvRow row = split_csv_row(without_line_end(header));
  const auto end = row.fields.begin() + static_cast<std::ptrdiff_t>(row.count);
  const auto found = std::find(row.fields.begin(), end, name);
  if (found == end) return std::nullopt;
  return static_cast<std::size_t>(found - row.fields.begin());
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
                            command.file, command.column, header_shown(without_line_end(line))));
  }
  LanePeriods periods;
  periods.n[0] = command.period;
  LaneBlock block;
  print_text("index,close,rsi\n");
  std::uint64_t index = 0;
  for (std::uint64_t number = 2; std::getline(file, line); ++number) {
    if (without_line_end(line).empty()) continue;
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
