#include "tools/simulate/trade_history.hpp"

#include <algorithm>
#include <iterator>

namespace fastrsi::simulate {
namespace {

constexpr std::int64_t kSecondMs = 1'000;
constexpr std::int64_t kWeekMs = 7 * 24 * 60 * kMinuteMs;
constexpr std::int64_t kFirstMondayMs = 4 * 24 * 60 * kMinuteMs;

void join(HistoryBar& into, const HistoryBar& bar) noexcept {
  if (into.trades == 0) {
    const std::int64_t open_ms = into.open_ms;
    into = bar;
    into.open_ms = open_ms;
    return;
  }
  into.high = std::max(into.high, bar.high);
  into.low = std::min(into.low, bar.low);
  into.close = bar.close;
  into.volume += bar.volume;
  into.trades += bar.trades;
}

HistoryBar flat(std::int64_t open_ms, double price) noexcept {
  return {open_ms, price, price, price, price, 0.0, 0};
}

}  // namespace

std::int64_t open_of(std::int64_t time_ms, std::int64_t length_ms) noexcept {
  const std::int64_t origin = length_ms == kWeekMs ? kFirstMondayMs : 0;
  return time_ms - (time_ms - origin) % length_ms;
}

void TradeHistory::add_symbol(std::string_view symbol) {
  symbols_.try_emplace(std::string(symbol));
}

void TradeHistory::add(Bars& bars, std::int64_t open_ms, const Tick& tick) {
  HistoryBar& bar = bars[open_ms];
  const double price = tick.price.value;
  bar.open_ms = open_ms;
  join(bar, {open_ms, price, price, price, price, tick.quantity.value, 1});
}

void TradeHistory::add(std::string_view symbol, const Tick& tick) {
  if (tick.id_only) return;
  auto found = symbols_.find(symbol);
  if (found == symbols_.end()) found = symbols_.try_emplace(std::string(symbol)).first;
  const std::int64_t time_ms = to_unix_ns(tick.time) / kNsPerMs;
  add(found->second.minutes, open_of(time_ms, kMinuteMs), tick);
  Bars& seconds = found->second.seconds;
  add(seconds, open_of(time_ms, kSecondMs), tick);
  if (seconds.size() > kSecondBarsMax) seconds.erase(seconds.begin());
}

std::vector<std::string> TradeHistory::symbols() const {
  std::vector<std::string> names;
  for (const auto& [name, symbol] : symbols_) names.push_back(name);
  return names;
}

std::vector<HistoryBar> TradeHistory::bars(std::string_view symbol,
                                           const HistoryRange& range) const {
  std::vector<HistoryBar> found;
  const auto known = symbols_.find(symbol);
  if (known == symbols_.end()) return found;
  const Bars& source =
      range.length_ms % kMinuteMs == 0 ? known->second.minutes : known->second.seconds;
  if (source.empty() || range.limit == 0) return found;
  const std::int64_t length = range.length_ms;
  const std::int64_t first = open_of(source.begin()->first, length);
  std::int64_t begin = std::max(first, open_of(range.begin_ms + length - 1, length));
  const std::int64_t end = open_of(range.end_ms, length);
  if (begin > end) return found;
  const auto count = static_cast<std::size_t>((end - begin) / length) + 1;
  if (range.newest && count > range.limit) {
    begin = end - static_cast<std::int64_t>(range.limit - 1) * length;
  }
  auto at = source.lower_bound(begin);
  double price = at == source.begin() ? at->second.open : std::prev(at)->second.close;
  for (std::int64_t open_ms = begin; open_ms <= end && found.size() < range.limit;
       open_ms += length) {
    HistoryBar bar = flat(open_ms, price);
    for (; at != source.end() && at->first < open_ms + length; ++at) join(bar, at->second);
    price = bar.close;
    found.push_back(bar);
  }
  return found;
}

}  // namespace fastrsi::simulate
