// What has been said already: a key for each thing that is said once, remembered over restarts
// (DELIVERY.md, section 7.4, "Dedup").
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "sinks/delivery/rows.hpp"
#include "sinks/delivery/settings.hpp"

namespace fastrsi {

// DELIVERY.md's ek, "buy|1m|binance:BTCUSDT|1723161240000", with the rule before it (two rules may
// speak of one bar) and the stage behind it where it is not the first (a retraction is no
// repetition). For rules that may speak twice of one bar the journal's seq ends it.
std::string event_key(const DeliveryEvent& event, Repeat repeat);

// Owner: one DeliverySink, and its thread.
class NotifiedKeys {
 public:
  NotifiedKeys(Repeat repeat, Milliseconds interval) : repeat_(repeat), interval_(interval) {}

  void restore(const NotifiedRow& row);
  // Whether it was said already; if not, it is said now: the row goes into `changes`.
  bool seen(const DeliveryEvent& event, WallMs now, DeliveryChanges& changes);
  // Forgets what cannot come again, at most `most` keys.
  void forget(WallMs now, std::size_t most, DeliveryChanges& changes);
  std::size_t size() const noexcept { return until_.size(); }

 private:
  std::string key_of(const DeliveryEvent& event) const;
  WallMs until_of(const DeliveryEvent& event, WallMs now) const noexcept;
  void remove_first(DeliveryChanges& changes);

  const Repeat repeat_;
  const Milliseconds interval_;
  std::map<std::string, WallMs> until_;
  std::set<std::pair<WallMs, std::string>> order_;
};

}  // namespace fastrsi
