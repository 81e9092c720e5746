#include "feeds/csv_rows.hpp"

#include <algorithm>
#include <charconv>
#include <initializer_list>
#include <utility>

#include "engine/base/decimal.hpp"
#include "feeds/capture_time.hpp"

namespace fastrsi {
namespace {

constexpr std::int64_t kNsPerMillisecond = 1'000'000;
constexpr std::int64_t kMillisecondsPerDay = 86'400'000;
constexpr std::size_t kNumberTextMax = 64;

std::string_view trim(std::string_view text) noexcept {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// Takes the first field off `rest`; false when a quote does not close at the field's end.
bool take_field(std::string_view& rest, std::string_view& field, bool& last) noexcept {
  std::size_t end = 0;
  if (rest.starts_with('"')) {
    end = rest.find('"', 1);
    if (end == std::string_view::npos) return false;
    field = rest.substr(1, end - 1);
    ++end;
    if (end < rest.size() && rest[end] != ',') return false;
  } else {
    end = std::min(rest.find(','), rest.size());
    field = trim(rest.substr(0, end));
  }
  last = end == rest.size();
  rest.remove_prefix(last ? end : end + 1);
  return true;
}

struct ColumnName {
  std::string_view name;
  CsvColumn column;
};

// Of several columns of one meaning the file's first counts.
constexpr std::array kNames{
    ColumnName{"time", CsvColumn::Time},
    ColumnName{"timestamp", CsvColumn::Time},
    ColumnName{"date", CsvColumn::Time},
    ColumnName{"datetime", CsvColumn::Time},
    ColumnName{"time_seconds", CsvColumn::Time},
    ColumnName{"time_ms", CsvColumn::Time},
    ColumnName{"time_us", CsvColumn::Time},
    ColumnName{"time_ns", CsvColumn::Time},
    ColumnName{"time_utc", CsvColumn::Time},
    ColumnName{"open_time", CsvColumn::Time},
    ColumnName{"transact_time", CsvColumn::Time},
    ColumnName{"trade_time", CsvColumn::Time},
    ColumnName{"unix", CsvColumn::Time},
    ColumnName{"ms_since_midnight", CsvColumn::DayMilliseconds},
    ColumnName{"ms_since_midnight_utc", CsvColumn::DayMilliseconds},
    ColumnName{"symbol", CsvColumn::Symbol},
    ColumnName{"ticker", CsvColumn::Symbol},
    ColumnName{"pair", CsvColumn::Symbol},
    ColumnName{"instrument", CsvColumn::Symbol},
    ColumnName{"market", CsvColumn::Symbol},
    ColumnName{"price", CsvColumn::Price},
    ColumnName{"qty", CsvColumn::Quantity},
    ColumnName{"quantity", CsvColumn::Quantity},
    ColumnName{"size", CsvColumn::Quantity},
    ColumnName{"amount", CsvColumn::Quantity},
    ColumnName{"volume", CsvColumn::Quantity},
    ColumnName{"id", CsvColumn::Id},
    ColumnName{"trade_id", CsvColumn::Id},
    ColumnName{"agg_trade_id", CsvColumn::Id},
    ColumnName{"open", CsvColumn::Open},
    ColumnName{"high", CsvColumn::High},
    ColumnName{"low", CsvColumn::Low},
    ColumnName{"close", CsvColumn::Close},
};

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return result;
}

// "close_x10000" is "close" with 4 decimals; nothing when the tail is no power of ten.
std::uint8_t take_scale(std::string& name) {
  const std::size_t tail = name.rfind("_x1");
  if (tail == std::string::npos) return 0;
  const std::size_t zeros = name.size() - tail - 3;
  if (zeros == 0 || zeros > 12 || name.find_first_not_of('0', tail + 3) != std::string::npos)
    return 0;
  name.resize(tail);
  return static_cast<std::uint8_t>(zeros);
}

void note_column(CsvLayout& layout, std::string name, std::size_t index, std::string& why) {
  const std::uint8_t decimals = take_scale(name);
  const auto known = std::find_if(kNames.begin(), kNames.end(),
                                  [&name](const ColumnName& entry) { return entry.name == name; });
  if (known == kNames.end()) {
    if (name.starts_with("ms_since_midnight")) why = "the column " + name + " is not in UTC";
    return;
  }
  const auto kind = static_cast<std::size_t>(known->column);
  if (layout.at[kind] != CsvLayout::kAbsent) return;
  layout.at[kind] = index;
  layout.decimals[kind] = decimals;
}

bool has_all(const CsvLayout& layout, std::initializer_list<CsvColumn> columns) {
  return std::all_of(columns.begin(), columns.end(),
                     [&layout](CsvColumn column) { return layout.has(column); });
}

bool is_boolean(std::string_view field) {
  const std::string text = lower(field);
  return text == "true" || text == "false";
}

void place(CsvLayout& layout, std::initializer_list<std::pair<CsvColumn, std::size_t>> columns) {
  for (const auto& [column, index] : columns) layout.at[static_cast<std::size_t>(column)] = index;
}

std::optional<std::uint64_t> parse_number(std::string_view text) noexcept {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// FNV-1a: ids of venues that use text only have to differ.
std::uint64_t hash_text(std::string_view text) noexcept {
  std::uint64_t hash = 0xCBF29CE484222325U;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3U;
  return hash;
}

// The decimal with its point moved `decimals` to the left, rounded once.
std::optional<double> parse_scaled(std::string_view text, std::uint8_t decimals) noexcept {
  if (decimals == 0) return parse_decimal(text);
  std::array<char, kNumberTextMax> scaled{};
  if (text.size() > kNumberTextMax - 4 || text.find_first_of("eE") != std::string_view::npos) {
    return std::nullopt;
  }
  char* end = std::copy(text.begin(), text.end(), scaled.data());
  *end++ = 'e';
  *end++ = '-';
  end = std::to_chars(end, scaled.data() + scaled.size(), decimals).ptr;
  return parse_decimal({scaled.data(), static_cast<std::size_t>(end - scaled.data())});
}

std::optional<double> number_at(const CsvLayout& layout, const CsvRow& row,
                                CsvColumn column) noexcept {
  return parse_scaled(row[layout.index(column)], layout.decimals[static_cast<std::size_t>(column)]);
}

std::optional<std::int64_t> time_at(const CsvLayout& layout, const CsvRow& row) noexcept {
  const std::string_view text = row[layout.index(CsvColumn::Time)];
  if (!layout.has(CsvColumn::DayMilliseconds)) return parse_csv_time(text);
  const auto date = parse_csv_date(text);
  const auto milliseconds = parse_number(row[layout.index(CsvColumn::DayMilliseconds)]);
  if (!date || !milliseconds || *milliseconds >= kMillisecondsPerDay) return std::nullopt;
  return *date + static_cast<std::int64_t>(*milliseconds) * kNsPerMillisecond;
}

const char* read_trade(const CsvLayout& layout, const CsvRow& row, std::int64_t time,
                       Tick& tick) noexcept {
  const auto price = number_at(layout, row, CsvColumn::Price);
  const auto quantity = number_at(layout, row, CsvColumn::Quantity);
  if (!price || *price <= 0) return "the price is not finite and positive";
  if (!quantity || *quantity < 0) return "the quantity is not a number, or negative";
  tick = Tick{};
  tick.price = Price{*price};
  tick.quantity = Quantity{*quantity};
  tick.time = exchange_time_from_ns(time);
  tick.received = kNoReceiveTime;
  if (!layout.has(CsvColumn::Id)) return nullptr;
  const std::string_view id = row[layout.index(CsvColumn::Id)];
  tick.has_id = !id.empty();
  const std::optional<std::uint64_t> number = parse_number(id);
  tick.id = TradeId{number.value_or(hash_text(id))};
  tick.id_is_text = tick.has_id && !number;
  return nullptr;
}

const char* read_bar_row(const CsvLayout& layout, const CsvRow& row, std::int64_t time,
                         CsvBar& bar) noexcept {
  const auto open = number_at(layout, row, CsvColumn::Open);
  const auto high = number_at(layout, row, CsvColumn::High);
  const auto low = number_at(layout, row, CsvColumn::Low);
  const auto close = number_at(layout, row, CsvColumn::Close);
  if (!open || !high || !low || !close) return "a price is not a finite number";
  bar = CsvBar{exchange_time_from_ns(time), Price{*open}, Price{*high}, Price{*low}, Price{*close}};
  return nullptr;
}

}  // namespace

CsvRow split_csv_row(std::string_view line) noexcept {
  CsvRow row;
  bool last = false;
  while (!last) {
    if (row.count == kCsvColumnsMax || !take_field(line, row.fields[row.count], last)) return {};
    ++row.count;
  }
  return row;
}

std::optional<CsvLayout> layout_from_header(std::string_view line, std::string& why) {
  const CsvRow row = split_csv_row(line);
  if (row.count < 2) return std::nullopt;
  CsvLayout layout;
  layout.columns = row.count;
  for (std::size_t i = 0; i < row.count; ++i) note_column(layout, lower(trim(row[i])), i, why);
  if (!layout.has(CsvColumn::Time)) return std::nullopt;
  if (!why.empty()) return std::nullopt;
  if (has_all(layout, {CsvColumn::Open, CsvColumn::High, CsvColumn::Low, CsvColumn::Close})) {
    layout.kind = LineKind::Bar;
    return layout;
  }
  if (has_all(layout, {CsvColumn::Price, CsvColumn::Quantity})) {
    layout.kind = LineKind::Trade;
    return layout;
  }
  why = "its columns are neither time,price,qty nor time,open,high,low,close";
  return std::nullopt;
}

std::optional<CsvLayout> layout_from_binance_row(std::string_view line) {
  const CsvRow row = split_csv_row(line);
  const auto is_time = [&row](std::size_t index) {
    return parse_receive_time(row[index]).has_value();
  };
  CsvLayout layout;
  layout.columns = row.count;
  if (row.count == 12 && is_time(0) && is_time(6)) {
    layout.kind = LineKind::Bar;
    place(layout, {{CsvColumn::Time, 0},
                   {CsvColumn::Open, 1},
                   {CsvColumn::High, 2},
                   {CsvColumn::Low, 3},
                   {CsvColumn::Close, 4}});
    return layout;
  }
  if (row.count < 6 || row.count > 8 || !parse_number(row[0])) return std::nullopt;
  layout.kind = LineKind::Trade;
  place(layout, {{CsvColumn::Id, 0}, {CsvColumn::Price, 1}, {CsvColumn::Quantity, 2}});
  const bool aggregated = row.count > 6 && is_time(5) && is_boolean(row[6]);
  const bool single = row.count < 8 && is_time(4) && is_boolean(row[5]);
  if (aggregated == single) return std::nullopt;
  place(layout, {{CsvColumn::Time, aggregated ? 5 : 4}});
  return layout;
}

const char* read_csv_row(const CsvLayout& layout, std::string_view line,
                         CaptureLine& out) noexcept {
  const CsvRow row = split_csv_row(line);
  if (row.count != layout.columns) return "not as many columns as the first line";
  const auto time = time_at(layout, row);
  if (!time) return "the time cannot be read";
  if (layout.has(CsvColumn::Symbol)) {
    out.symbol = row[layout.index(CsvColumn::Symbol)];
    if (out.symbol.empty()) return "the symbol is empty";
  }
  out.kind = layout.kind;
  return layout.kind == LineKind::Bar ? read_bar_row(layout, row, *time, out.bar)
                                      : read_trade(layout, row, *time, out.tick);
}

std::string symbol_from_file_name(std::string_view path) {
  std::string_view name = path.substr(path.find_last_of('/') + 1);
  for (const std::string_view ending : {".zst", ".gz", ".csv", ".txt"}) {
    if (name.size() > ending.size() && name.ends_with(ending)) name.remove_suffix(ending.size());
  }
  const std::size_t dash = name.find('-');
  if (dash == 0 || dash == std::string_view::npos) return std::string(name);
  const std::string_view kind = name.substr(dash + 1, name.find('-', dash + 1) - dash - 1);
  const std::size_t digits = std::min(kind.find_first_not_of("0123456789"), kind.size());
  const bool is_interval = digits > 0 && digits < kind.size() && kind.size() <= 3;
  const bool is_binance = kind == "aggTrades" || kind == "trades" || is_interval;
  return std::string(is_binance ? name.substr(0, dash) : name);
}

}  // namespace fastrsi
