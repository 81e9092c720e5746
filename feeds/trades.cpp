#include "feeds/trades.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <optional>

#include "engine/base/iso_time.hpp"

namespace fastrsi {
namespace {

ExchangeTime sane_or_none(std::optional<std::int64_t> unix_ns) noexcept {
  if (!unix_ns) return kNoExchangeTime;
  const ExchangeTime time = exchange_time_from_ns(*unix_ns);
  return is_sane(time) ? time : kNoExchangeTime;
}

bool is_earlier(const Tick& a, const Tick& b) noexcept {
  return a.time < b.time;
}

// A tick without an id has 0 in its place, so that this orders any mixture.
bool is_before(const Tick& a, const Tick& b) noexcept {
  return a.time != b.time ? a.time < b.time : a.id < b.id;
}

}  // namespace

void reject_trade(Reject reason, FrameEvents& out) noexcept {
  if (out.rejected_trades == 0) out.reject = reason;
  ++out.rejected_trades;
}

TradeMark mark_trades(const FrameEvents& out) noexcept {
  return {out.ticks.size(), out.rejected_trades, out.reject};
}

void drop_trades(const TradeMark& mark, FrameEvents& out) noexcept {
  out.ticks.resize(mark.ticks);
  out.symbols.resize(mark.ticks);
  out.rejected_trades = mark.rejected_trades;
  out.reject = mark.reject;
}

ExchangeTime time_from_iso_text(std::string_view text) noexcept {
  return sane_or_none(parse_iso_ns(text));
}

ExchangeTime time_from_seconds_text(std::string_view text) noexcept {
  return sane_or_none(parse_seconds_ns(text));
}

void TradeSorter::sort(FrameEvents& out) noexcept {
  const bool any_text = std::any_of(out.ticks.begin(), out.ticks.end(),
                                    [](const Tick& tick) { return tick.id_is_text; });
  if (any_text) {
    sort_by(is_earlier, out);
  } else {
    sort_by(is_before, out);
  }
}

template <typename IsBefore>
void TradeSorter::sort_by(IsBefore is_before, FrameEvents& out) noexcept {
  if (std::is_sorted(out.ticks.begin(), out.ticks.end(), is_before)) return;
  const std::size_t count = out.ticks.size();
  order_.resize(count);
  std::iota(order_.begin(), order_.end(), 0U);
  const auto& ticks = out.ticks;
  std::sort(order_.begin(), order_.end(), [&ticks, is_before](std::uint32_t a, std::uint32_t b) {
    if (is_before(ticks[a], ticks[b])) return true;
    return !is_before(ticks[b], ticks[a]) && a < b;
  });
  ticks_.clear();
  symbols_.clear();
  for (const std::uint32_t index : order_) {
    ticks_.push_back(out.ticks[index]);
    symbols_.push_back(out.symbols[index]);
  }
  out.ticks.swap(ticks_);
  out.symbols.swap(symbols_);
}

}  // namespace fastrsi
