#include "sinks/delivery/repeat.hpp"

#include <algorithm>

namespace fastrsi {
namespace {

constexpr WallMs kForEver = INT64_MAX;

// What may repeat: a rule's kind on a symbol and timeframe. Names from outside may hold the bar
// that parts the fields, so the symbol, which alone is free text, stands last here.
std::string series_key(const DeliveryEvent& event) {
  std::string key = event.rule;
  key.append("|").append(to_text(event.kind)).append("|").append(to_text(event.timeframe));
  if (event.first_load) key.append("|first_load");
  if (event.stage != Stage::Provisional) key.append("|").append(to_text(event.stage));
  return key.append("|").append(event.venue).append(":").append(event.symbol);
}

std::int64_t bar_ms(const DeliveryEvent& event) noexcept {
  return to_unix_ns(event.bar_open) / 1'000'000;
}

WallMs later(WallMs time, std::int64_t by) noexcept {
  WallMs sum = 0;
  return __builtin_add_overflow(time, by, &sum) ? kForEver : sum;
}

std::string bar_key(const DeliveryEvent& event) {
  return series_key(event) + "|" + std::to_string(bar_ms(event));
}

}  // namespace

std::string event_key(const DeliveryEvent& event, Repeat repeat) {
  const bool once = repeat == Repeat::OncePerBar || repeat == Repeat::OncePerBarClose;
  return once ? bar_key(event) : bar_key(event) + "|" + std::to_string(event.seq);
}

std::string NotifiedKeys::key_of(const DeliveryEvent& event) const {
  switch (repeat_) {
    case Repeat::OncePerBar:
    case Repeat::OncePerBarClose:
      return bar_key(event);
    case Repeat::Once:
    case Repeat::Interval:
      return series_key(event);
    // Only the journal's own record a second time is a repetition.
    case Repeat::EveryScan:
      return event_key(event, repeat_);
  }
  return {};
}

// Two bars, from the bar's end or from now, whichever is later; and as long as the event lives.
WallMs NotifiedKeys::until_of(const DeliveryEvent& event, WallMs now) const noexcept {
  if (repeat_ == Repeat::Once) return kForEver;
  if (repeat_ == Repeat::Interval) return later(now, interval_.count());
  const auto bar =
      std::chrono::duration_cast<Milliseconds>(nominal_length(event.timeframe)).count();
  return std::max({later(bar_ms(event), 3 * bar), later(now, 2 * bar), event.expires});
}

void NotifiedKeys::restore(const NotifiedRow& row) {
  const auto [place, is_new] = until_.try_emplace(row.key, row.until);
  if (is_new) order_.emplace(row.until, row.key);
}

bool NotifiedKeys::seen(const DeliveryEvent& event, WallMs now, DeliveryChanges& changes) {
  const std::string key = key_of(event);
  const auto found = until_.find(key);
  if (found != until_.end()) {
    if (found->second > now || repeat_ != Repeat::Interval) return true;
    order_.erase({found->second, key});
    until_.erase(found);
  }
  if (until_.size() >= kNotifiedMost) remove_first(changes);
  const WallMs until = until_of(event, now);
  until_.emplace(key, until);
  order_.emplace(until, key);
  changes.emplace_back(NotifiedRow{key, until});
  return false;
}

void NotifiedKeys::remove_first(DeliveryChanges& changes) {
  const auto first = order_.begin();
  changes.emplace_back(NotifiedRow{first->second, 0});
  until_.erase(first->second);
  order_.erase(first);
}

void NotifiedKeys::forget(WallMs now, std::size_t most, DeliveryChanges& changes) {
  for (std::size_t i = 0; i < most && !order_.empty(); ++i) {
    if (order_.begin()->first > now) return;
    remove_first(changes);
  }
}

}  // namespace fastrsi
