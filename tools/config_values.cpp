// Checks single texts. Names and symbols go into signal ids and terminals, so nothing that could
// break a line, an id or a screen gets in here.
#include "tools/config_values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <utility>

#include "engine/base/utf8.hpp"
#include "engine/market/calendar.hpp"
#include "feeds/generic_path.hpp"
#include "tools/did_you_mean.hpp"

namespace fastrsi {
namespace {

constexpr std::size_t kNameBytesMax = 64;

bool is_name_byte(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '.' || c == '-';
}

TextFault check_stream_address(std::string_view text, std::string_view scheme) {
  const std::string_view rest = text.substr(scheme.size());
  const std::string_view host = rest.substr(0, rest.find_first_of(":/?#"));
  if (host.empty()) return {"has no host", fmt::format("{}127.0.0.1:9001/ws", scheme)};
  if (text.find(' ') != std::string_view::npos) return {"has a space in it", {}};
  return {};
}

TextFault check_file_list(std::string_view files) {
  std::size_t begin = 0;
  while (true) {
    const std::size_t end = std::min(files.find(',', begin), files.size());
    if (end == begin) return {"names no file", "file:A.zst, or file:A.zst,B.zst"};
    if (end == files.size()) return {};
    begin = end + 1;
  }
}

}  // namespace

const std::vector<std::string_view>& known_venues() {
  static const std::vector<std::string_view> kVenues = {
      "binance", "binance-usdm", "binance-coinm", "coinbase", "coinbase-advanced",
      "kraken",  "bybit-spot",   "bybit-linear",  "okx",      "bitstamp",
      "generic"};
  return kVenues;
}

const std::vector<std::string_view>& known_sinks() {
  static const std::vector<std::string_view> kSinks = {"log",     "email", "push",
                                                       "desktop", "exec",  "pickup"};
  return kSinks;
}

const std::vector<std::string_view>& built_sinks() {
  return known_sinks();
}

TextFault check_any(std::string_view text) {
  while (!text.empty()) {
    const Utf8Step step = first_utf8(text);
    if (!step.valid) return {"is not UTF-8", {}};
    const bool control = step.code < 0x20 || (step.code >= 0x7F && step.code < 0xA0);
    if (control) {
      return {fmt::format("holds the control character U+{:04X}",
                          static_cast<std::uint32_t>(step.code)),
              {}};
    }
    text.remove_prefix(step.length);
  }
  return {};
}

TextFault check_name(std::string_view text) {
  const bool good = !text.empty() && text.size() <= kNameBytesMax &&
                    std::all_of(text.begin(), text.end(), is_name_byte);
  if (good) return {};
  return {"is no name", "1 to 64 of: A-Z a-z 0-9 _ . -"};
}

TextFault check_symbol(std::string_view text) {
  if (text.empty()) return {"is empty", {}};
  if (text.size() > kSymbolBytesMax) {
    return {fmt::format("is longer than {} bytes", kSymbolBytesMax), {}};
  }
  return check_any(text);
}

TextFault check_glob(std::string_view text) {
  return check_symbol(text);
}

TextFault check_url(std::string_view text) {
  if (text.empty()) return {};
  if (TextFault fault = check_any(text); !fault.what.empty()) return fault;
  for (const std::string_view scheme : {"ws://", "wss://"}) {
    if (text.starts_with(scheme)) return check_stream_address(text, scheme);
  }
  if (text.starts_with("file:")) return check_file_list(text.substr(5));
  return {"is no address a feed can read",
          "ws://HOST..., wss://HOST..., file:A.zst,B.zst, or \"\""};
}

TextFault check_path(std::string_view text) {
  if (TextFault fault = check_any(text); !fault.what.empty()) return fault;
  JsonPath path;
  PathFault fault = JsonPath::parse(text, path);
  return {std::move(fault.what), std::move(fault.hint)};
}

TextFault check_zone(std::string_view text) {
  if (text == CalendarSettings{}.zone) return {};
  if (TextFault fault = check_symbol(text); !fault.what.empty()) return fault;
  try {
    CalendarSettings settings;
    settings.zone = text;
    const Calendar calendar(settings);
  } catch (const std::exception&) {
    return {"is no time zone known here",
            "an IANA name such as \"America/New_York\"; old names need the package tzdata-legacy"};
  }
  return {};
}

TextFault check_socket(std::string_view text) {
  if (text.size() > kSocketPathBytesMax) {
    return {fmt::format("is {} bytes long", text.size()),
            fmt::format("a socket's path holds at most {}", kSocketPathBytesMax)};
  }
  return check_any(text);
}

TextFault check_log_path(std::string_view text) {
  if (text.empty()) return {"is empty", "\"-\" is standard output"};
  return check_any(text);
}

}  // namespace fastrsi
