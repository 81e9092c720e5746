// Durations as people write them: "250ms", "5m", "1h30m", "0s".
//
//   duration = 1*part        (units from large to small, each at most once)
//   part     = 1*digit unit
//   unit     = "d" | "h" | "m" | "s" | "ms" | "us" | "ns"
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/base/units.hpp"

namespace fastrsi {

struct DurationResult {
  std::optional<Nanoseconds> value;
  std::string why;   // what is wrong, when there is no value
  std::string hint;  // how it is mended
};
DurationResult parse_duration(std::string_view text);

// The shortest text that reads back to the same; `duration` is not negative.
std::string duration_text(Nanoseconds duration);

}  // namespace fastrsi
