#include "feeds/live/history_pace.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/decimal.hpp"
#include "feeds/venue_texts.hpp"

namespace fastrsi::live {
namespace {

// A venue counts by its own clock, which is not quite ours.
constexpr Clock::duration kHistoryMargin = std::chrono::milliseconds{50};
// A venue that says "none left" without a time of ours to believe.
constexpr Clock::duration kNoneLeftPause = std::chrono::seconds{1};

// No time and no weight is greater.
constexpr std::uint64_t kNumberMax = 1'000'000'000'000'000;

std::optional<std::int64_t> number_of(const HttpAnswer& answer, const std::string& header) {
  if (header.empty()) return {};
  const auto at = answer.headers.find(venue::lower_case(header));
  std::uint64_t value = 0;
  if (at == answer.headers.end() || !read_unsigned(at->second, value)) return {};
  return static_cast<std::int64_t>(std::min(value, kNumberMax));
}

bool is_among(const std::vector<int>& statuses, int status) {
  return std::find(statuses.begin(), statuses.end(), status) != statuses.end();
}

}  // namespace

HistoryPace::HistoryPace(const RestFacts& rest, const HistoryTimes& times, std::uint64_t seed)
    : rest_(rest), times_(times), backoff_(times.retry_first_max, times.retry_longest, seed) {}

std::int64_t HistoryPace::used(Clock::time_point now) const {
  std::int64_t sum = 0;
  for (const Taken& taken : taken_) {
    if (taken.at + rest_.weight.per + kHistoryMargin > now) sum += taken.weight;
  }
  return sum;
}

Clock::time_point HistoryPace::earliest(int weight, Clock::time_point now) const {
  const Clock::time_point from = std::max(now, paused_until_);
  if (rest_.weight.count <= 0) return from;
  // One that is heavier than the limit goes when nothing else counts.
  const std::int64_t most = std::max(rest_.weight.count - weight, 0);
  std::int64_t left = used(from);
  Clock::time_point at = from;
  for (const Taken& taken : taken_) {
    if (left <= most) break;
    const Clock::time_point gone = taken.at + rest_.weight.per + kHistoryMargin;
    if (gone <= from) continue;
    left -= taken.weight;
    at = gone;
  }
  return at;
}

void HistoryPace::take(int weight, Clock::time_point at) {
  if (rest_.weight.count <= 0) return;
  taken_.push_back({at, weight});
  while (taken_.front().at + rest_.weight.per + kHistoryMargin <= at) taken_.pop_front();
}

void HistoryPace::pause(Clock::duration time, Clock::time_point now) {
  const Clock::duration most = kPauseMax;
  paused_until_ = std::max(paused_until_, now + std::clamp(time, Clock::duration{0}, most));
}

void HistoryPace::heed_headers(const HttpAnswer& answer, Clock::time_point now,
                               ExchangeTime venue_now) {
  // More than we know of: somebody else at this address, or ourselves before a restart.
  if (const auto told = number_of(answer, rest_.used_weight_header)) {
    const std::int64_t most = std::min<std::int64_t>(*told, rest_.weight.count);
    const std::int64_t more = most - used(now);
    if (more > 0) taken_.push_back({now, more});
  }
  const auto remaining = number_of(answer, rest_.remaining_header);
  if (remaining && *remaining == 0) {
    Clock::duration wait = kNoneLeftPause;
    if (const auto reset_ms = number_of(answer, rest_.reset_header)) {
      const std::int64_t now_ms = venue::unix_ms(venue_now);
      // A clock that differs by more than the window is no clock to wait by.
      const auto until = std::chrono::milliseconds{std::max<std::int64_t>(*reset_ms - now_ms, 0)};
      if (*reset_ms - now_ms <= rest_.weight.per / std::chrono::milliseconds{1}) wait = until;
    }
    pause(wait + kHistoryMargin, now);
  }
}

HistoryVerdict HistoryPace::answered(const HttpAnswer& answer, Clock::time_point now,
                                     ExchangeTime venue_now) {
  if (!answer.error.empty()) {
    failed(now);
    return HistoryVerdict::Failed;
  }
  heed_headers(answer, now, venue_now);
  const bool is_told = answer.retry_after.count() > 0;
  const Clock::duration told =
      std::min<std::chrono::seconds>(answer.retry_after, std::chrono::hours{7 * 24});
  if (is_among(rest_.banned, answer.status)) {
    pause(is_told ? told : times_.banned_pause, now);
    return HistoryVerdict::Banned;
  }
  if (answer.status == 429 || is_among(rest_.slow_down, answer.status)) {
    pause(is_told ? told : times_.too_fast_pause, now);
    return HistoryVerdict::TooFast;
  }
  if (answer.status >= 500 || answer.status == 408) {
    if (is_told) pause(told, now);
    failed(now);
    return HistoryVerdict::Failed;
  }
  return answer.status == 200 ? HistoryVerdict::Good : HistoryVerdict::Refused;
}

void HistoryPace::failed(Clock::time_point now) {
  pause(backoff_.next(), now);
}

void HistoryPace::too_fast(Clock::time_point now) {
  pause(times_.too_fast_pause, now);
}

}  // namespace fastrsi::live
