#include "feeds/capture_bars.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <iterator>

#include "engine/base/assert.hpp"
#include "engine/base/decimal.hpp"
#include "feeds/capture_decode.hpp"
#include "feeds/capture_encode.hpp"
#include "feeds/capture_format.hpp"

namespace fastrsi {
namespace {

constexpr std::size_t kFieldsPerBar = 6;

// Cuts `text` up to `end` off; false when it has no such end.
bool cut(std::string_view& text, char end, std::string_view& part) noexcept {
  const std::size_t at = text.find(end);
  if (at == std::string_view::npos) return false;
  part = text.substr(0, at);
  text.remove_prefix(at + 1);
  return true;
}

bool read_bar_object(std::string_view text, CaptureBar& bar) noexcept {
  std::array<std::string_view, kFieldsPerBar> fields;
  for (std::size_t i = 0; i + 1 < kFieldsPerBar; ++i) {
    if (!cut(text, ',', fields[i])) return false;
  }
  fields.back() = text;
  std::uint64_t open_ns = 0;
  if (!read_unsigned(fields[0], open_ns)) return false;
  bar.open_time = exchange_time_from_ns(static_cast<std::int64_t>(open_ns));
  if (!is_sane(bar.open_time)) return false;
  const std::array prices = {&bar.open, &bar.high, &bar.low, &bar.close};
  for (std::size_t i = 0; i < prices.size(); ++i) {
    if (!read_decimal(fields[i + 1], prices[i]->value)) return false;
  }
  return read_unsigned(fields[5], bar.trades);
}

bool read_list(std::string_view text, std::vector<CaptureBar>& bars) {
  if (text.size() < 2 || text.front() != '[' || text.back() != ']') return false;
  text = text.substr(1, text.size() - 2);
  while (!text.empty()) {
    if (!bars.empty() && text.front() == ',') text.remove_prefix(1);
    std::string_view bar;
    if (!text.starts_with('[') || !cut(text, ']', bar)) return false;
    if (!read_bar_object(bar.substr(1), bars.emplace_back())) return false;
    if (!text.empty() && !text.starts_with(",[")) return false;
  }
  return true;
}

}  // namespace

std::string write_bars(const CaptureBars& written) {
  std::string text = R"({"fastrsi":{"event":"bars","symbol":")";
  append_json_inside(text, written.symbol);
  fmt::format_to(std::back_inserter(text), R"(","timeframe":"{}","repair":{},"bars":[)",
                 to_text(written.timeframe), written.repair);
  const char* separator = "";
  for (const CaptureBar& bar : written.bars) {
    FASTRSI_ASSERT(std::isfinite(bar.open.value) && std::isfinite(bar.high.value));
    FASTRSI_ASSERT(std::isfinite(bar.low.value) && std::isfinite(bar.close.value));
    fmt::format_to(std::back_inserter(text), "{}[{},{},{},{},{},{}]", separator,
                   to_unix_ns(bar.open_time), bar.open.value, bar.high.value, bar.low.value,
                   bar.close.value, bar.trades);
    separator = ",";
  }
  text += "]}}";
  return text;
}

bool read_bars(std::string_view object, CaptureBars& out) {
  out.bars.clear();
  out.symbol = own_field(object, "symbol");
  const auto symbol_bytes = decode_json_string(out.symbol.data(), out.symbol.size());
  const auto timeframe = timeframe_from_text(own_field(object, "timeframe"));
  const std::string_view repair = own_field(object, "repair");
  if (!symbol_bytes || *symbol_bytes == 0 || !timeframe) return false;
  if (repair != "true" && repair != "false") return false;
  out.symbol.resize(*symbol_bytes);
  out.timeframe = *timeframe;
  out.repair = repair == "true";
  if (read_list(own_field(object, "bars"), out.bars)) return true;
  out.bars.clear();
  return false;
}

}  // namespace fastrsi
