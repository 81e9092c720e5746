// The yardstick: simdjson alone, On-Demand, one flat walk over a trade frame for the five fields a
// tick needs, as anybody would write it who reads the library's advice. No checks, no ticks, no
// symbols looked up.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "feeds/capture.hpp"
#include "feeds/json.hpp"

namespace fastrsi::bench {

struct FiveFields {
  std::string_view symbol;
  std::uint64_t id = 0;
  double price = 0.0;
  double quantity = 0.0;
  std::uint64_t time_ms = 0;
};

// A number that depends on every field of every frame, so that no parse can be left out.
struct ParseSum {
  std::uint64_t frames = 0;
  std::uint64_t sum = 0;

  void add(const FiveFields& fields) noexcept;
  friend bool operator==(const ParseSum&, const ParseSum&) = default;
};

// The key of a trade's id: "a" in aggregate trades, "t" in single ones.
enum class IdKey : std::uint8_t { Aggregate, Single };

class Yardstick {
 public:
  explicit Yardstick(IdKey id_key) : id_key_(id_key) {}

  // False when a frame has not the five fields in their order.
  bool parse(std::string_view frame, FiveFields& fields) noexcept;
  // Parses every line; what could not be parsed is not counted in `frames`.
  ParseSum parse_all(std::span<const CaptureLine> lines) noexcept;

 private:
  const IdKey id_key_;
  simdjson::ondemand::parser parser_;
};

}  // namespace fastrsi::bench
