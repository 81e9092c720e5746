// How the endpoints of a sink are: which may be used now, primary first (DELIVERY.md, section 7.4,
// "Failover" and "Breaker"). An endpoint that fails five times in a row is left alone, longer each
// time; one that refuses our credentials at once and long, so that the account is not locked. When
// its time is over it gets one message; that is booked before the attempt, so that a crash in
// between is no second try.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sinks/delivery/rows.hpp"
#include "sinks/delivery/settings.hpp"

namespace fastrsi {

inline constexpr std::uint32_t kFailuresToOpen = 5;
inline constexpr Milliseconds kBreakerFirst = std::chrono::seconds{15};
inline constexpr Milliseconds kBreakerMost = std::chrono::minutes{15};
inline constexpr Milliseconds kRateFirst = std::chrono::seconds{5};
inline constexpr Milliseconds kRateMost = std::chrono::hours{1};
inline constexpr Milliseconds kQuotaFirst = std::chrono::hours{1};
inline constexpr Milliseconds kQuotaMost = std::chrono::hours{6};
inline constexpr Milliseconds kRetryAfterMost = std::chrono::hours{1};
inline constexpr Milliseconds kQuotaRetryAfterMost = std::chrono::hours{24};

// Owner: one DeliverySink, and its thread.
class Endpoints {
 public:
  enum class Breaker : std::uint8_t { Closed, Open, HalfOpen };
  struct Endpoint {
    std::string name;
    BreakerRow breaker;
    PauseRow pause;
  };

  explicit Endpoints(const std::vector<std::string>& names);

  // Times further ahead than they can be were made before the clock was set back.
  void restore(const BreakerRow& row, WallMs now);
  void restore(const PauseRow& row, WallMs now);

  // The first that may be used now and is not in `tried`.
  std::optional<std::size_t> available(WallMs now, const std::vector<bool>& tried) const noexcept;
  // The first moment at which one may be used.
  WallMs ready_at(WallMs now) const noexcept;
  Breaker breaker(std::size_t endpoint, WallMs now) const noexcept;

  // Before an attempt: a half-open breaker's only one of this period.
  void book(std::size_t endpoint, WallMs now, DeliveryChanges& changes);
  // It talked to us, whatever it said.
  void answered(std::size_t endpoint, DeliveryChanges& changes);
  void failed(std::size_t endpoint, WallMs now, DeliveryChanges& changes);
  void refused(std::size_t endpoint, WallMs now, DeliveryChanges& changes);
  // 429 or a day's quota; returns how long it is left alone.
  Milliseconds pause(std::size_t endpoint, Outcome why, std::optional<Milliseconds> retry_after,
                     WallMs now, DeliveryChanges& changes);
  void taken(std::size_t endpoint, DeliveryChanges& changes);  // something got through: no pauses

  const std::vector<Endpoint>& all() const noexcept { return endpoints_; }

 private:
  std::vector<Endpoint> endpoints_;
};

}  // namespace fastrsi
