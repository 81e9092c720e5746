#include "bench/yardstick.hpp"

#include <bit>

#include "engine/base/decimal.hpp"

namespace fastrsi::bench {
namespace {

inline bool text_at(json::Object& object, std::string_view key, std::string_view& text) noexcept {
  json::Value value;
  if (object.find_field(key).get(value) != simdjson::SUCCESS) return false;
  text = json::text_of(value);
  return true;
}

[[gnu::always_inline]] inline bool parse_one(simdjson::ondemand::parser& parser,
                                             std::string_view id_key, std::string_view frame,
                                             FiveFields& fields) noexcept {
  json::Document document;
  const simdjson::padded_string_view padded{frame.data(), frame.size(),
                                            frame.size() + simdjson::SIMDJSON_PADDING};
  if (parser.iterate(padded).get(document) != simdjson::SUCCESS) return false;
  json::Object data;
  if (document.find_field("data").get_object().get(data) != simdjson::SUCCESS) return false;
  std::string_view id;
  std::string_view price;
  std::string_view quantity;
  std::string_view time;
  return text_at(data, "s", fields.symbol) && text_at(data, id_key, id) &&
         text_at(data, "p", price) && text_at(data, "q", quantity) && text_at(data, "T", time) &&
         read_unsigned(id, fields.id) && read_decimal(price, fields.price) &&
         read_decimal(quantity, fields.quantity) && read_unsigned(time, fields.time_ms);
}

constexpr std::string_view id_key_name(IdKey key) noexcept {
  return key == IdKey::Aggregate ? "a" : "t";
}

}  // namespace

void ParseSum::add(const FiveFields& fields) noexcept {
  ++frames;
  sum += fields.id + fields.time_ms + std::bit_cast<std::uint64_t>(fields.price) +
         std::bit_cast<std::uint64_t>(fields.quantity) + fields.symbol.size() +
         static_cast<unsigned char>(fields.symbol.front());
}

bool Yardstick::parse(std::string_view frame, FiveFields& fields) noexcept {
  return parse_one(parser_, id_key_name(id_key_), frame, fields);
}

ParseSum Yardstick::parse_all(std::span<const CaptureLine> lines) noexcept {
  ParseSum sum;
  FiveFields fields;
  const std::string_view id_key = id_key_name(id_key_);
  for (const CaptureLine& line : lines) {
    if (parse_one(parser_, id_key, line.bytes, fields)) sum.add(fields);
  }
  return sum;
}

}  // namespace fastrsi::bench
