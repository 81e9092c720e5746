// fastrsi rsi: RSI of a CSV's column, to compare with a chart.
#include <fmt/format.h>

#include <cmath>
#include <cstdio>
#include <fstream>
#include <optional>
#include <string_view>

#include "engine/base/decimal.hpp"
#include "engine/rsi.hpp"
#include "engine/rule.hpp"
#include "tools/commands.hpp"

namespace fastrsi {
namespace {

std::string_view trimmed(std::string_view text) {
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
  return trimmed(row.substr(0, row.find(',')));
}

std::optional<std::size_t> column_named(std::string_view header, std::string_view name) {
  for (std::size_t column = 0;; ++column) {
    const std::optional<std::string_view> cell = cell_at(header, column);
    if (!cell) return std::nullopt;
    if (*cell == name) return column;
  }
}

std::optional<Profile> profile_named(std::string_view name) {
  if (name == "mt5") return Profile::Mt5;
  if (name == "tradingview") return Profile::TradingView;
  if (name == "talib") return Profile::TaLib;
  return std::nullopt;
}

int fail(const std::string& message) {
  print_error(message);
  return kExitFailed;
}

}  // namespace

int run_rsi(const RsiCommand& command) {
  RuleSettings settings;
  const std::optional<Profile> profile = profile_named(command.profile);
  if (!profile || command.period < kPeriodMin || command.period > kPeriodMax) {
    print_error(fmt::format("wants --period {} to {} and --profile mt5, tradingview or talib",
                            kPeriodMin, kPeriodMax));
    return kExitWrongUse;
  }
  settings.profile = *profile;
  const double flat = Rule(settings).flat_value;
  std::ifstream file(command.file);
  std::string line;
  if (!file || !std::getline(file, line))
    return fail(command.file + ": cannot be read, or is empty (give a CSV of bars)");
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  const std::string_view header =
      std::string_view(line).substr(line.starts_with(kByteOrderMark) ? 3 : 0);
  const std::optional<std::size_t> column = column_named(header, command.column);
  if (!column) {
    return fail(fmt::format("{}:1: no column \"{}\" in \"{}\" (choose one with --column)",
                            command.file, command.column, trimmed(header)));
  }
  LanePeriods periods;
  periods.n[0] = command.period;
  LaneBlock block;
  fmt::print("index,close,rsi\n");
  for (std::uint64_t index = 0; std::getline(file, line); ++index) {
    if (trimmed(line).empty()) continue;
    const std::optional<std::string_view> cell = cell_at(line, *column);
    const std::optional<double> price = cell ? parse_decimal(*cell) : std::nullopt;
    if (!price)
      return fail(fmt::format("{}:{}: no number in column \"{}\"", command.file, index + 2,
                              command.column));
    const double value = commit(block, periods, *price)[0];
    if (block.closed <= static_cast<std::uint64_t>(command.period)) {
      fmt::print("{},{},\n", index, *price);
    } else {
      fmt::print("{},{},{}\n", index, *price, std::isnan(value) ? flat : value);
    }
  }
  return kExitDone;
}

}  // namespace fastrsi
