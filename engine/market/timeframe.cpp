#include "engine/market/timeframe.hpp"

#include <chrono>

namespace fastrsi {
namespace {

using namespace std::chrono_literals;

struct Row {
  std::string_view name;
  Nanoseconds length;
};

constexpr std::array<Row, kTimeframeCount> kRows{{
    {"1s", 1s},     {"5s", 5s},     {"15s", 15s},   {"30s", 30s},   {"1m", 1min},
    {"2m", 2min},   {"3m", 3min},   {"4m", 4min},   {"5m", 5min},   {"6m", 6min},
    {"10m", 10min}, {"12m", 12min}, {"15m", 15min}, {"20m", 20min}, {"30m", 30min},
    {"1h", 1h},     {"2h", 2h},     {"3h", 3h},     {"4h", 4h},     {"6h", 6h},
    {"8h", 8h},     {"12h", 12h},   {"1d", 24h},    {"1w", 168h},   {"1mo", 720h},
}};

}  // namespace

std::string_view to_text(Timeframe timeframe) noexcept {
  return kRows[static_cast<std::size_t>(timeframe)].name;
}

std::optional<Timeframe> timeframe_from_text(std::string_view text) noexcept {
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    if (kRows[i].name == text) return static_cast<Timeframe>(i);
  }
  return std::nullopt;
}

Nanoseconds nominal_length(Timeframe timeframe) noexcept {
  return kRows[static_cast<std::size_t>(timeframe)].length;
}

}  // namespace fastrsi
