#include "bench/history.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "bench/random.hpp"

namespace fastrsi::bench {
namespace {

constexpr double kSpreadPerMinute = 0.0008;
constexpr double kMinuteNs = 60e9;
// The warm-up of a period of 14 is 144 closed bars.
constexpr int kBarsPerTimeframe = 150;
constexpr std::size_t kNameRoom = 64;

// Ascending: before `now`, at each spacing, as many as warm its timeframe up.
std::vector<ExchangeTime> past_times(ExchangeTime now, Timeframe longest) {
  constexpr std::array kSpacings = {Timeframe::M1, Timeframe::M5, Timeframe::M15, Timeframe::M30,
                                    Timeframe::H1, Timeframe::H4, Timeframe::H12, Timeframe::D1};
  std::vector<ExchangeTime> times;
  ExchangeTime at = now;
  for (const Timeframe spacing : kSpacings) {
    if (spacing > longest) break;
    const Nanoseconds length = nominal_length(spacing);
    const ExchangeTime first = now - kBarsPerTimeframe * length;
    for (at -= length; at >= first; at -= length) times.push_back(at);
    at = times.back();
  }
  std::reverse(times.begin(), times.end());
  return times;
}

std::vector<double> walk_back(double price, ExchangeTime now,
                              const std::vector<ExchangeTime>& times, Random& random) {
  std::vector<double> prices(times.size());
  ExchangeTime after = now;
  for (std::size_t i = times.size(); i-- > 0;) {
    const auto passed = static_cast<double>((after - times[i]).count());
    price /= 1.0 + spread_over(passed) * random.normal();
    prices[i] = price;
    after = times[i];
  }
  return prices;
}

}  // namespace

double spread_over(double ns) noexcept {
  return kSpreadPerMinute * std::sqrt(ns / kMinuteNs);
}

void tell_past(ExchangeTime now, std::span<const Past> symbols, Timeframe longest,
               const TakeLine& take) {
  const std::int64_t minute_ns = nominal_length(Timeframe::M1).count();
  const ExchangeTime start = exchange_time_from_ns(to_unix_ns(now) / minute_ns * minute_ns);
  const std::vector<ExchangeTime> times = past_times(start, longest);
  Random random(7);
  std::vector<std::vector<double>> prices;
  for (const Past& past : symbols) prices.push_back(walk_back(past.price, start, times, random));
  CaptureLine line;
  line.kind = LineKind::Trade;
  for (std::size_t i = 0; i < times.size(); ++i) {
    for (std::size_t symbol = 0; symbol < symbols.size(); ++symbol) {
      // A look-up may read behind the name.
      std::array<char, kNameRoom> name{};
      const std::string_view text = symbols[symbol].symbol;
      std::copy(text.begin(), text.end(), name.begin());
      line.symbol = {name.data(), text.size()};
      line.received = receive_time_from_ns(to_unix_ns(times[i]));
      line.tick = Tick{};
      line.tick.price = Price{prices[symbol][i]};
      line.tick.quantity = Quantity{1.0};
      line.tick.time = times[i];
      line.tick.received = line.received;
      take(line);
    }
  }
}

}  // namespace fastrsi::bench
