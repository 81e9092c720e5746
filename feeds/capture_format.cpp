#include "feeds/capture_format.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <stdexcept>
#include <utility>

#include "engine/base/decimal.hpp"
#include "feeds/capture_fields.hpp"
#include "feeds/capture_time.hpp"

namespace fastrsi {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kOwnVersion = "1";
constexpr std::uint64_t kLinkMax = std::numeric_limits<std::uint32_t>::max();

// Longest first where one contains the other.
constexpr std::array<std::pair<std::string_view, std::string_view>, 9> kAddresses{{
    {"fstream.binance.com", "binance-usdm"},
    {"dstream.binance.com", "binance-coinm"},
    {"stream.binance.", "binance"},
    {"advanced-trade-ws.coinbase.com", "coinbase-advanced"},
    {"ws-feed.pro.coinbase.com", "coinbase"},
    {"ws-feed.exchange.coinbase.com", "coinbase"},
    {"ws.kraken.com", "kraken"},
    {"ws.okx.com", "okx"},
    {"ws.bitstamp.net", "bitstamp"},
}};

std::string hint_from(std::string_view text) {
  for (const auto& [address, venue] : kAddresses) {
    if (text.find(address) != std::string_view::npos) return std::string(venue);
  }
  return {};
}

// A line of the window; `complete` when its end was seen.
struct WindowLine {
  std::string_view text;
  bool complete = false;
};

bool is_text(std::string_view line) noexcept {
  return std::none_of(line.begin(), line.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 && c != '\t';
  });
}

bool is_cryptofeed_text(std::string_view line) noexcept {
  if (line.starts_with("configuration: ")) return true;
  const std::size_t space = line.find(' ');
  if (space == std::string_view::npos) return false;
  const std::string_view first = line.substr(0, space);
  const std::string_view rest = line.substr(space + 1);
  if (first.find("://") != std::string_view::npos) {
    return rest.starts_with("<-> ") || rest.starts_with("<- ") || rest.starts_with("-> ");
  }
  return first.ends_with(':') && parse_receive_time(first.substr(0, first.size() - 1)).has_value();
}

bool is_cryptofeed_json(std::string_view line) noexcept {
  if (line.starts_with(R"({"t":"header")")) return true;
  JsonFields fields(line);
  JsonField field;
  bool has_type = false;
  bool has_connection = false;
  while (fields.next(field)) {
    has_type |= field.key == "t" && (field.value == "http" || field.value == "connect" ||
                                     field.value == "send" || field.value == "recv");
    has_connection |= field.key == "conn";
  }
  return has_type && has_connection;
}

// An object or array, as far as its ends show; that of a line that goes on behind the window only
// by its begin.
bool is_bare_frame(const WindowLine& line) noexcept {
  const std::string_view text = line.text;
  if (text.size() < 2 || (text[0] != '{' && text[0] != '[')) return false;
  const std::string_view starts = text[0] == '{' ? "\" }" : "\"[{]-0123456789 tfn";
  if (starts.find(text[1]) == std::string_view::npos) return false;
  return !line.complete || text.ends_with('}') || text.ends_with(']');
}

bool find_timed(const std::string& file, std::string_view line, CaptureShape& shape) {
  const std::size_t space = line.find(' ');
  if (space == std::string_view::npos || space + 1 == line.size()) return false;
  const std::string_view time = line.substr(0, space);
  if (!parse_receive_time(time)) return false;
  shape.format = CaptureFormat::Timed;
  shape.iso_times = time.find('-') != std::string_view::npos;
  const std::string_view frame = line.substr(space + 1);
  if (!frame.starts_with(kOwnObject)) return true;
  const std::string_view version = own_field(frame, "capture");
  if (!version.empty() && version != kOwnVersion) {
    throw std::runtime_error(file + ": is a capture of version " + std::string(version) +
                             " (this program reads version 1: use a newer one)");
  }
  shape.venue = own_field(frame, "venue");
  const auto link = parse_unsigned(own_field(frame, "link"));
  if (link && *link <= kLinkMax) shape.link = static_cast<std::uint32_t>(*link);
  return true;
}

bool find_csv(std::string_view line, CaptureShape& shape, std::string& why) {
  if (const auto layout = layout_from_header(line, why)) {
    shape.csv = *layout;
    shape.csv_header = true;
  } else if (const auto row_layout = layout_from_binance_row(line)) {
    shape.csv = *row_layout;
  } else {
    return false;
  }
  shape.format = CaptureFormat::Csv;
  return true;
}

bool find_format(const std::string& file, const WindowLine& line, CaptureShape& shape,
                 std::string& why) {
  if (!is_text(line.text)) return false;
  if (is_cryptofeed_text(line.text)) {
    shape.format = CaptureFormat::CryptofeedText;
    return true;
  }
  if (find_timed(file, line.text, shape)) return true;
  if (line.text.starts_with('{') && is_cryptofeed_json(line.text)) {
    shape.format = CaptureFormat::CryptofeedJson;
    return true;
  }
  if (is_bare_frame(line)) {
    shape.format = CaptureFormat::BareFrames;
    return true;
  }
  return find_csv(line.text, shape, why);
}

WindowLine take_line(std::string_view window, std::size_t& at, bool whole) noexcept {
  const std::size_t end = window.find('\n', at);
  WindowLine line{window.substr(at, end == std::string_view::npos ? end : end - at),
                  end != std::string_view::npos || whole};
  at = end == std::string_view::npos ? window.size() : end + 1;
  if (line.text.ends_with('\r')) line.text.remove_suffix(1);
  return line;
}

}  // namespace

std::string_view own_field(std::string_view object, std::string_view key) noexcept {
  JsonField field;
  JsonFields outer(object);
  if (!outer.next(field) || field.key != "fastrsi" || field.is_string) return {};
  const std::string_view inside = field.value;
  if (outer.next(field) || !outer.is_whole()) return {};
  JsonFields inner(inside);
  std::string_view found;
  while (inner.next(field)) {
    if (field.key == key) found = field.value;
  }
  return inner.is_whole() ? found : std::string_view{};
}

CaptureShape find_shape(const std::string& file, std::string_view window, bool whole) {
  CaptureShape shape;
  if (window.starts_with(kByteOrderMark)) shape.begin = kByteOrderMark.size();
  std::string why;
  std::size_t at = shape.begin;
  std::size_t number = 0;
  std::size_t seen = 0;
  while (at < window.size() && seen < kSniffLinesMax) {
    const WindowLine line = take_line(window, at, whole);
    ++number;
    if (line.text.empty()) continue;
    ++seen;
    if (!find_format(file, line, shape, why)) continue;
    shape.known_line = number;
    if (shape.venue.empty()) shape.venue_hint = hint_from(window);
    return shape;
  }
  if (seen == 0) throw std::runtime_error(file + ": is empty (give a capture that has lines)");
  if (!why.empty())
    throw std::runtime_error(file + ": " + why + " (rename or convert its columns)");
  throw std::runtime_error(
      file +
      ": is of no known format (a capture has lines \"<receive time> <frame>\", bare JSON frames, "
      "cryptofeed's forms, or CSV rows below a line that names their columns)");
}

}  // namespace fastrsi
