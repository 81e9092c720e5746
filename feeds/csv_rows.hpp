// Rows of trade and bar CSV files.
//
//   file   = [header] *row              fields apart by ",", a field may stand in double quotes
//   trade  = time, price, qty, [id], [symbol] and any other columns, in the header's order
//   bar    = time, open, high, low, close, [symbol] and any other columns
//
// The header's names decide (kNames in the source lists the synonyms; case does not matter). A date
// column may have its clock in a column "ms_since_midnight" or "..._utc". A price column named
// "..._x10000" holds ten thousandths (any power of ten). Without a header only Binance's public
// data are known, told apart by the number of columns and by which hold times and booleans:
//
//   klines     open time, O, H, L, C, volume, close time, ...      12 columns
//   aggTrades  id, price, qty, first id, last id, time, bool [, bool]   7 or 8
//   trades     id, price, qty, quote qty, time, bool [, bool]           6 or 7
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "feeds/capture.hpp"

namespace fastrsi {

inline constexpr std::size_t kCsvColumnsMax = 64;

// A row's fields, without quotes and without the blanks around them.
struct CsvRow {
  std::array<std::string_view, kCsvColumnsMax> fields;
  std::size_t count = 0;  // 0: not a row

  std::string_view operator[](std::size_t index) const noexcept { return fields[index]; }
};
CsvRow split_csv_row(std::string_view line) noexcept;

enum class CsvColumn : std::uint8_t {
  Time,
  DayMilliseconds,
  Symbol,
  Price,
  Quantity,
  Id,
  Open,
  High,
  Low,
  Close,
};
inline constexpr std::size_t kCsvColumnKinds = 10;

// Where a file's columns stand.
struct CsvLayout {
  static constexpr std::size_t kAbsent = kCsvColumnsMax;

  LineKind kind = LineKind::Trade;                       // Trade or Bar
  std::size_t columns = 0;                               // every row has exactly so many
  std::array<std::size_t, kCsvColumnKinds> at;           // by CsvColumn; kAbsent
  std::array<std::uint8_t, kCsvColumnKinds> decimals{};  // n of a price column "..._x10^n"

  CsvLayout() { at.fill(kAbsent); }
  std::size_t index(CsvColumn column) const noexcept {
    return at[static_cast<std::size_t>(column)];
  }
  bool has(CsvColumn column) const noexcept { return index(column) != kAbsent; }
};

// The layout a header names, or nothing when the line is no such header; `why` then says what is
// missing, when the line looks like a header at all.
std::optional<CsvLayout> layout_from_header(std::string_view line, std::string& why);

// The layout of a file of Binance's public data without a header, from its first row.
std::optional<CsvLayout> layout_from_binance_row(std::string_view line);

// Sets kind, symbol (where the layout has a column), tick or bar of `out`. Returns what is wrong
// with the row, nullptr when nothing is.
const char* read_csv_row(const CsvLayout& layout, std::string_view line, CaptureLine& out) noexcept;

// The symbol a file without a symbol column is about: "BTCUSDT" of Binance's
// "BTCUSDT-1m-2021-11.csv.gz" and its like, else the whole name without folder and endings.
std::string symbol_from_file_name(std::string_view path);

}  // namespace fastrsi
