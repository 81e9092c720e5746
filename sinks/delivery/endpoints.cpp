#include "sinks/delivery/endpoints.hpp"

#include <algorithm>

#include "sinks/delivery/backoff.hpp"

namespace fastrsi {
namespace {

constexpr std::uint32_t kStepMost = 40;

WallMs free_at(const Endpoints::Endpoint& endpoint) noexcept {
  return std::max(endpoint.breaker.until, endpoint.pause.until);
}

}  // namespace

Endpoints::Endpoints(const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    Endpoint& endpoint = endpoints_.emplace_back();
    endpoint.name = name;
    endpoint.breaker.endpoint = name;
    endpoint.pause.endpoint = name;
  }
}

void Endpoints::restore(const BreakerRow& row, WallMs now) {
  for (Endpoint& endpoint : endpoints_) {
    if (endpoint.name != row.endpoint) continue;
    endpoint.breaker = row;
    endpoint.breaker.until = std::min(row.until, now + kBreakerMost.count());
    endpoint.breaker.step = std::min(row.step, kStepMost);
  }
}

void Endpoints::restore(const PauseRow& row, WallMs now) {
  for (Endpoint& endpoint : endpoints_) {
    if (endpoint.name != row.endpoint) continue;
    endpoint.pause = row;
    endpoint.pause.until = std::min(row.until, now + kQuotaRetryAfterMost.count());
    endpoint.pause.step = std::min(row.step, kStepMost);
  }
}

std::optional<std::size_t> Endpoints::available(WallMs now,
                                                const std::vector<bool>& tried) const noexcept {
  for (std::size_t i = 0; i < endpoints_.size(); ++i) {
    if (!tried[i] && free_at(endpoints_[i]) <= now) return i;
  }
  return std::nullopt;
}

WallMs Endpoints::ready_at(WallMs now) const noexcept {
  WallMs first = INT64_MAX;
  for (const Endpoint& endpoint : endpoints_) first = std::min(first, free_at(endpoint));
  return std::max(first, now);
}

Endpoints::Breaker Endpoints::breaker(std::size_t endpoint, WallMs now) const noexcept {
  const WallMs until = endpoints_[endpoint].breaker.until;
  if (until == 0) return Breaker::Closed;
  return until > now ? Breaker::Open : Breaker::HalfOpen;
}

void Endpoints::book(std::size_t endpoint, WallMs now, DeliveryChanges& changes) {
  if (breaker(endpoint, now) != Breaker::HalfOpen) return;
  BreakerRow& row = endpoints_[endpoint].breaker;
  const Milliseconds period =
      row.refused ? kBreakerMost : doubled(kBreakerFirst, row.step, kBreakerMost);
  row.until = now + period.count();
  changes.emplace_back(row);
}

void Endpoints::answered(std::size_t endpoint, DeliveryChanges& changes) {
  BreakerRow& row = endpoints_[endpoint].breaker;
  if (row.failures == 0 && row.step == 0 && row.until == 0) return;
  row = BreakerRow{row.endpoint, 0, 0, 0, false};
  changes.emplace_back(row);
}

void Endpoints::failed(std::size_t endpoint, WallMs now, DeliveryChanges& changes) {
  BreakerRow& row = endpoints_[endpoint].breaker;
  const bool was_open = row.until != 0;
  row.failures = std::min(row.failures + 1, kFailuresToOpen);
  if (was_open || row.failures >= kFailuresToOpen) {
    row.until = now + doubled(kBreakerFirst, row.step, kBreakerMost).count();
    row.step = std::min(row.step + 1, kStepMost);
    row.refused = false;
  }
  changes.emplace_back(row);
}

void Endpoints::refused(std::size_t endpoint, WallMs now, DeliveryChanges& changes) {
  BreakerRow& row = endpoints_[endpoint].breaker;
  row.until = now + kBreakerMost.count();
  row.refused = true;
  changes.emplace_back(row);
}

Milliseconds Endpoints::pause(std::size_t endpoint, Outcome why,
                              std::optional<Milliseconds> retry_after, WallMs now,
                              DeliveryChanges& changes) {
  PauseRow& row = endpoints_[endpoint].pause;
  const bool quota = why == Outcome::Quota;
  const Milliseconds own =
      doubled(quota ? kQuotaFirst : kRateFirst, row.step, quota ? kQuotaMost : kRateMost);
  const Milliseconds most = quota ? kQuotaRetryAfterMost : kRetryAfterMost;
  // What a server says decides where it said something: it knows when the minute is over.
  Milliseconds length = own;
  if (retry_after) {
    const Milliseconds wanted = std::clamp(*retry_after, Milliseconds{0}, most);
    length = quota ? std::max(own, wanted) : std::max(wanted, Milliseconds{100});
  }
  row.until = std::max(row.until, now + length.count());
  row.step = std::min(row.step + 1, kStepMost);
  changes.emplace_back(row);
  return length;
}

void Endpoints::taken(std::size_t endpoint, DeliveryChanges& changes) {
  PauseRow& row = endpoints_[endpoint].pause;
  if (row.step == 0) return;
  row.step = 0;
  changes.emplace_back(row);
}

}  // namespace fastrsi
