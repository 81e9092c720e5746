// How many events a message takes: the longest beginning of them whose text is within the
// channel's limit, with room kept for what the envelope may still come to say.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>

#include "sinks/delivery/message.hpp"

namespace fastrsi {

// Room is kept for a part's number and a count of this size, in whatever digits.
inline constexpr std::size_t kPartsMax = 9'999;
inline constexpr std::size_t kDroppedMax = 9'999'999;

// The longest envelope that what fits must stand: the engine learns the number of parts only after
// it has asked what fits.
inline Envelope widest(const Envelope& envelope) {
  Envelope wide = envelope;
  wide.part = std::max(wide.part, kPartsMax);
  wide.parts = std::max(wide.parts, kPartsMax);
  wide.dropped = std::max(wide.dropped, kDroppedMax);
  return wide;
}

// The largest n for which within(first n events) holds, at least 1 and at most `most`. Doubles
// until it is too much, so that nothing much longer than the limit is ever written, then halves.
template <typename Within>
std::size_t longest_fit(std::span<const DeliveryEvent> events, std::size_t most, Within&& within) {
  const std::size_t all = std::min(events.size(), std::max<std::size_t>(most, 1));
  if (all <= 1) return all;
  std::size_t good = 1;
  std::size_t bad = all + 1;
  for (std::size_t n = std::min<std::size_t>(2, all); n > good; n = std::min(n * 2, all)) {
    if (!within(events.first(n))) {
      bad = n;
      break;
    }
    good = n;
  }
  while (bad - good > 1) {
    const std::size_t middle = good + (bad - good) / 2;
    (within(events.first(middle)) ? good : bad) = middle;
  }
  return good;
}

}  // namespace fastrsi
