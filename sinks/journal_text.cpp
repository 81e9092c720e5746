// The two values of a row that are more than a number or a name: a list's symbols as JSON, and
// evidence as bytes.
#include <bit>
#include <cstddef>
#include <cstring>

#include "sinks/journal_rows.hpp"

namespace fastrsi {
namespace {

// Values are copied as they lie in memory.
static_assert(std::endian::native == std::endian::little);

constexpr char kEvidenceVersion = 1;
constexpr std::string_view kHexDigits = "0123456789abcdef";

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out.append(1, '\\').append(1, c);
    } else if (byte < 0x20) {
      out.append("\\u00").append(1, kHexDigits[byte >> 4U]).append(1, kHexDigits[byte & 0xFU]);
    } else {
      out += c;
    }
  }
  out += '"';
}

bool take(std::string_view& text, std::string_view expected) noexcept {
  if (!text.starts_with(expected)) return false;
  text.remove_prefix(expected.size());
  return true;
}

// The character behind a backslash, of the few that append_quoted() makes.
bool take_escaped(std::string_view& text, std::string& out) {
  if (text.starts_with('"') || text.starts_with('\\')) {
    out += text.front();
    text.remove_prefix(1);
    return true;
  }
  if (text.size() < 5 || !take(text, "u00")) return false;
  const std::size_t high = kHexDigits.find(text[0]);
  const std::size_t low = kHexDigits.find(text[1]);
  if (high == std::string_view::npos || low == std::string_view::npos) return false;
  out += static_cast<char>(high * 16 + low);
  text.remove_prefix(2);
  return true;
}

bool take_quoted(std::string_view& text, std::string& out) {
  out.clear();
  if (!take(text, "\"")) return false;
  while (!text.empty()) {
    const char c = text.front();
    text.remove_prefix(1);
    if (c == '"') return true;
    if (c != '\\') {
      out += c;
    } else if (!take_escaped(text, out)) {
      return false;
    }
  }
  return false;
}

template <typename Value>
void put(std::string& out, const Value& value) {
  static_assert(sizeof(Value) == 8);
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

template <typename Value>
void get(std::string_view& bytes, Value& value) noexcept {
  static_assert(sizeof(Value) == 8);
  std::memcpy(&value, bytes.data(), sizeof value);
  bytes.remove_prefix(sizeof value);
}

}  // namespace

std::string symbols_to_text(const std::vector<const Symbol*>& symbols) {
  std::string out = "[";
  for (const Symbol* const symbol : symbols) {
    if (out.size() > 1) out += ',';
    out += '[';
    append_quoted(out, symbol->venue);
    out += ',';
    append_quoted(out, symbol->name);
    out += ']';
  }
  return out += ']';
}

bool symbols_from_text(std::string_view text, NameStore& names,
                       std::vector<const Symbol*>& symbols) {
  symbols.clear();
  std::string venue;
  std::string name;
  if (!take(text, "[")) return false;
  if (text == "]") return true;
  do {
    const bool pair = take(text, "[") && take_quoted(text, venue) && take(text, ",") &&
                      take_quoted(text, name) && take(text, "]");
    if (!pair) return false;
    symbols.push_back(names.symbol(venue, name));
  } while (take(text, ","));
  return text == "]";
}

std::string evidence_to_bytes(const Evidence& evidence) {
  const std::size_t count =
      evidence.trade_count < Evidence::kTradesMax ? evidence.trade_count : Evidence::kTradesMax;
  std::string out;
  out.reserve(2 + count * 32 + 7 * 8);
  out += kEvidenceVersion;
  out += static_cast<char>(count);
  for (std::size_t i = 0; i < count; ++i) {
    const Evidence::Trade& trade = evidence.trades[i];
    put(out, trade.price.value);
    put(out, trade.quantity.value);
    put(out, trade.id);
    put(out, to_unix_ns(trade.time));
  }
  for (const double value :
       {evidence.before.by_default, evidence.before.by_first, evidence.before.by_second,
        evidence.default_1, evidence.default_2, evidence.first_back, evidence.second_back}) {
    put(out, value);
  }
  return out;
}

bool evidence_from_bytes(std::string_view bytes, Evidence& evidence) {
  evidence = Evidence{};
  if (bytes.size() < 2 || bytes[0] != kEvidenceVersion) return false;
  const auto count = static_cast<unsigned char>(bytes[1]);
  if (count > Evidence::kTradesMax || bytes.size() != 2 + count * 32U + 7 * 8) return false;
  bytes.remove_prefix(2);
  evidence.trade_count = count;
  for (std::size_t i = 0; i < count; ++i) {
    Evidence::Trade& trade = evidence.trades[i];
    std::int64_t time = 0;
    get(bytes, trade.price.value);
    get(bytes, trade.quantity.value);
    get(bytes, trade.id);
    get(bytes, time);
    trade.time = exchange_time_from_ns(time);
  }
  for (double* const value :
       {&evidence.before.by_default, &evidence.before.by_first, &evidence.before.by_second,
        &evidence.default_1, &evidence.default_2, &evidence.first_back, &evidence.second_back}) {
    get(bytes, *value);
  }
  return true;
}

}  // namespace fastrsi
