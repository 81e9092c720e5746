// Hours in which people want to be left alone, by the clock of their own zone: over midnight, and
// on days on which the clock is changed. An hour that the clock shows twice is quiet twice.
#pragma once

#include <vector>

#include "engine/market/local_clock.hpp"

#include "sinks/delivery/settings.hpp"

namespace fastrsi {

// Immutable after construction.
class QuietTable {
 public:
  // Throws std::runtime_error for a zone that is not known here.
  explicit QuietTable(const std::vector<QuietHours>& hours);

  // The strictest mode of all hours that hold now: drop, hold, silent, none.
  QuietMode at(WallMs now) const;
  bool is_empty() const noexcept { return entries_.empty(); }

 private:
  struct Entry {
    QuietHours hours;
    LocalClock clock;
  };
  std::vector<Entry> entries_;
};

}  // namespace fastrsi
