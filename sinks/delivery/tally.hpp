// What is counted of a sink's delivery: a closed list, durable, so that the sums hold over
// restarts: offered = suppressed + duplicate + dropped + expired + dead + done + live.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace fastrsi {

enum class Tally : std::uint8_t {
  // Events: each ends in exactly one of these.
  Offered,
  Suppressed,
  Duplicate,
  Dropped,
  Expired,
  Dead,
  Done,
  // Deliveries: a message for one target.
  Deliveries,
  DeliveriesDone,
  DeliveriesDead,
  DeliveriesExpired,
  Requeued,
  // What happened on the way.
  Messages,
  Attempts,
  InDoubt,
  RateLimited,
  PauseMs,
};
inline constexpr std::size_t kTallyCount = 17;
inline constexpr std::array<std::string_view, kTallyCount> kTallyNames{"offered",
                                                                       "suppressed",
                                                                       "duplicate",
                                                                       "dropped",
                                                                       "expired",
                                                                       "dead",
                                                                       "done",
                                                                       "deliveries",
                                                                       "deliveries_done",
                                                                       "deliveries_dead",
                                                                       "deliveries_expired",
                                                                       "requeued",
                                                                       "messages",
                                                                       "attempts",
                                                                       "in_doubt",
                                                                       "rate_limited",
                                                                       "pause_ms"};

constexpr std::string_view to_text(Tally tally) noexcept {
  return kTallyNames[static_cast<std::size_t>(tally)];
}

class Tallies {
 public:
  void add(Tally tally, std::uint64_t count = 1) noexcept {
    const auto index = static_cast<std::size_t>(tally);
    counts_[index] += count;
    changed_[index] = true;
  }
  std::uint64_t of(Tally tally) const noexcept { return counts_[static_cast<std::size_t>(tally)]; }
  void restore(std::string_view name, std::uint64_t count) noexcept {
    for (std::size_t i = 0; i < kTallyCount; ++i) {
      if (kTallyNames[i] == name) counts_[i] = count;
    }
  }
  // visit(name, count) for each that changed since the last time.
  template <typename Visit>
  void take_changed(Visit&& visit) {
    for (std::size_t i = 0; i < kTallyCount; ++i) {
      if (changed_[i]) visit(kTallyNames[i], counts_[i]);
      changed_[i] = false;
    }
  }

 private:
  std::array<std::uint64_t, kTallyCount> counts_{};
  std::array<bool, kTallyCount> changed_{};
};

}  // namespace fastrsi
