#include "tools/service/live_history.hpp"

#include <algorithm>
#include <utility>

namespace fastrsi {
namespace {

constexpr Nanoseconds kMinute = std::chrono::minutes{1};
// A closed minute is published a moment after its end.
constexpr Nanoseconds kPublishedAfter = std::chrono::seconds{3};
// A bar that should be there and is not: it is waited for so long, so many times.
constexpr live::Clock::duration kPublishedSoon = std::chrono::seconds{3};
constexpr int kUnsureMax = 5;
constexpr live::Clock::duration kAskAgainAfter = std::chrono::seconds{30};

// The end of the minute that `time` is in.
ExchangeTime minute_end(ExchangeTime time) {
  const Nanoseconds since = time - exchange_time_from_ns(0);
  return exchange_time_from_ns((since / kMinute + 1) * kMinute.count());
}

}  // namespace

LiveHistory::LiveHistory(live::HistoryFetcher& fetcher, std::size_t bars_wanted,
                         std::function<void(std::function<void()>)> deliver,
                         std::function<Now(const std::string&)> now_of,
                         std::function<void(const live::HistoryResult&)> take)
    : fetcher_(fetcher),
      bars_wanted_(bars_wanted),
      deliver_(std::move(deliver)),
      now_of_(std::move(now_of)),
      take_(std::move(take)) {}

void LiveHistory::look_at(const SymbolCore& core, bool is_up, std::uint64_t ups,
                          ExchangeTime venue_now, int priority) {
  const std::string& name = core.symbol().name;
  const bool is_missing = core.missing_since() != kNoExchangeTime;
  if (core.is_warm() && !is_missing) {
    needs_.erase(name);
    return;
  }
  Need& need = needs_[name];
  if (need.is_asked || need.is_hopeless || !is_up || venue_now == kNoExchangeTime) return;
  if (need.from == kNoExchangeTime || need.ups != ups || need.gaps != core.gaps()) {
    need.from = minute_end(venue_now);
    need.ups = ups;
    need.gaps = core.gaps();
    need.is_given = false;
    need.times_unsure = 0;
    need.since = core.is_warm() ? core.missing_since() : kNoExchangeTime;
  }
  if (need.is_given || venue_now < need.from + kPublishedAfter ||
      live::Clock::now() < need.not_before)
    return;
  ask(core, need, priority);
}

void LiveHistory::ask(const SymbolCore& core, Need& need, int priority) {
  live::HistoryJob job;
  job.symbol = core.symbol().name;
  job.priority = priority;
  job.since = need.since;
  for (const TrackPlan& track : core.plan().tracks) {
    const bool known = std::any_of(job.wishes.begin(), job.wishes.end(), [&](const auto& wish) {
      return wish.timeframe == track.timeframe;
    });
    if (!known) job.wishes.push_back({track.timeframe, bars_wanted_});
  }
  need.is_asked = fetcher_.ask(std::move(job), [this](live::HistoryResult result) {
    deliver_([this, result = std::move(result)] { take_result(result); });
  });
}

void LiveHistory::take_result(const live::HistoryResult& result) {
  const auto found = needs_.find(result.symbol);
  if (found == needs_.end()) return;
  Need& need = found->second;
  need.is_asked = false;
  need.error = result.error;
  need.is_hopeless = result.is_unknown_symbol;
  if (!result.error.empty()) {
    need.not_before =
        live::Clock::now() + std::max<live::Clock::duration>(kAskAgainAfter, result.retry_in);
    return;
  }
  const Now now = now_of_(result.symbol);
  // Later than this, bars have closed meanwhile that are neither in it nor forming any more.
  const bool is_late = !now.is_up || now.ups != need.ups || now.gaps != need.gaps ||
                       now.venue_now >= result.until + kMinute;
  if (is_late || result.until < need.from) return;  // and is asked for again
  if (result.sure_until < result.until && ++need.times_unsure < kUnsureMax) {
    need.not_before = live::Clock::now() + kPublishedSoon;
    return;
  }
  need.is_given = true;
  take_(result);
}

std::size_t LiveHistory::waiting() const noexcept {
  return static_cast<std::size_t>(std::count_if(needs_.begin(), needs_.end(), [](const auto& one) {
    return !one.second.is_hopeless && !one.second.is_given;
  }));
}

bool LiveHistory::is_unknown(const std::string& symbol) const {
  const auto found = needs_.find(symbol);
  return found != needs_.end() && found->second.is_hopeless;
}

std::string LiveHistory::trouble(const std::string& symbol) const {
  const auto found = needs_.find(symbol);
  return found == needs_.end() ? std::string{} : found->second.error;
}

}  // namespace fastrsi
