#include "feeds/live/history_worker.hpp"

#include <algorithm>
#include <utility>

namespace fastrsi::live {
namespace {

// Asked for with new bars, in the same request: by them it is seen whether the newest is late.
constexpr int kBarsBeforeNew = 6;

// Bars of another server are not the venue's.
std::string cache_name(const HistorySettings& settings) {
  if (settings.rest_url.empty()) return settings.feed.venue;
  return settings.feed.venue + "@" + settings.rest_url;
}

}  // namespace

HistoryWorker::HistoryWorker(const HistorySettings& settings, HistoryCounters& counters)
    : settings_(settings),
      counters_(counters),
      calendar_(settings.feed.calendar),
      source_(settings, counters),
      cache_(settings.cache_folder, cache_name(settings)),
      files_(settings.files_folder, settings.say) {}

HistoryResult HistoryWorker::work(const HistoryJob& job) {
  HistoryResult result;
  result.symbol = job.symbol;
  const ExchangeTime now = settings_.now();
  if (!is_sane(now)) {
    result.error = "history of " + settings_.feed.venue + " " + job.symbol +
                   ": the venue's time is not known yet";
    return result;
  }
  result.until = floor_to(now - kPublishLag, std::chrono::minutes{1});
  result.sure_until = result.until;
  const bool repair = is_sane(job.since) && result.until - job.since <= kRepairMax;
  // Shorter ones first: what they fetch also fills the forming bars of longer ones.
  std::vector<HistoryWish> wishes = job.wishes;
  std::sort(wishes.begin(), wishes.end(),
            [](const HistoryWish& a, const HistoryWish& b) { return a.timeframe < b.timeframe; });
  series_.clear();
  timeframes_.assign(source_.timeframes().begin(), source_.timeframes().end());
  if (!repair && !files_.is_empty()) load_files(job.symbol);
  for (const HistoryWish& wish : wishes) {
    if (!add_list(job, wish, repair, result)) break;
  }
  if (!result.error.empty()) result.lists.clear();
  save(job.symbol);
  series_.clear();
  return result;
}

// What files tell is known as if the venue had told it.
void HistoryWorker::load_files(const std::string& symbol) {
  for (const auto& [timeframe, filed] : files_.load(symbol)) {
    series_of(symbol, timeframe).known.add(filed.begin, filed.end, filed.bars);
    counters_.filed_bars_total.fetch_add(filed.bars.size(), std::memory_order_relaxed);
    const auto place = std::lower_bound(timeframes_.begin(), timeframes_.end(), timeframe);
    if (place == timeframes_.end() || *place != timeframe) timeframes_.insert(place, timeframe);
  }
}

bool HistoryWorker::add_list(const HistoryJob& job, const HistoryWish& wish, bool repair,
                             HistoryResult& result) {
  const auto plan =
      repair ? plan_repair(wish.timeframe, job.since, result.until, timeframes_)
             : plan_bars(wish.timeframe, std::min(wish.bars, kBarsWishedMax), result.until,
                         timeframes_, source_.facts().rest.bars_back_max, calendar_);
  if (!plan) {
    result.without.push_back(wish.timeframe);
    return true;
  }
  CaptureBars list{job.symbol, wish.timeframe, repair, {}};
  for (const BarsWanted& wanted : *plan) {
    std::vector<CaptureBar> bars;
    if (!take(job.symbol, wanted, bars, result)) return false;
    if (wanted.compose) bars = compose(bars, wish.timeframe, calendar_);
    list.bars.insert(list.bars.end(), bars.begin(), bars.end());
  }
  result.lists.push_back(std::move(list));
  return true;
}

HistoryWorker::Series& HistoryWorker::series_of(const std::string& symbol, Timeframe timeframe) {
  const auto [at, is_new] = series_.try_emplace(timeframe);
  if (is_new) at->second.known = cache_.load(symbol, timeframe);
  return at->second;
}

// The bars of [wanted.begin, wanted.end): known ones, and what is missing before and after them.
bool HistoryWorker::take(const std::string& symbol, const BarsWanted& wanted,
                         std::vector<CaptureBar>& bars, HistoryResult& result) {
  if (wanted.end <= wanted.begin) return true;
  Series& series = series_of(symbol, wanted.timeframe);
  KnownBars& known = series.known;
  // A clock that went back: what is known later than now is not believed.
  known.forget_from(venue_bar_at(result.until, wanted.timeframe).open);
  const Nanoseconds page =
      source_.facts().rest.bars_per_request_max * nominal_length(wanted.timeframe);
  const auto of_venue = source_.timeframes();
  if (std::find(of_venue.begin(), of_venue.end(), wanted.timeframe) == of_venue.end()) {
    bars = known.within(wanted.begin, wanted.end);
    return true;
  }
  if (known.is_empty() || wanted.end < known.begin || wanted.begin - known.end > page) {
    return fetch(symbol, wanted, series, bars, result);
  }
  counters_.cached_bars_total.fetch_add(known.within(wanted.begin, wanted.end).size(),
                                        std::memory_order_relaxed);
  if (wanted.begin < known.begin) {
    BarsWanted before = wanted;
    before.end = known.begin;
    std::vector<CaptureBar> more;
    if (!fetch(symbol, before, series, more, result)) return false;
  }
  if (wanted.end > known.end) {
    BarsWanted after = wanted;
    after.begin =
        std::max(known.begin, known.end - kBarsBeforeNew * nominal_length(wanted.timeframe));
    std::vector<CaptureBar> more;
    if (!fetch(symbol, after, series, more, result)) return false;
  }
  bars = known.within(wanted.begin, wanted.end);
  return true;
}

bool HistoryWorker::fetch(const std::string& symbol, const BarsWanted& wanted, Series& series,
                          std::vector<CaptureBar>& bars, HistoryResult& result) {
  SourceAnswer answer = source_.bars(symbol, wanted);
  if (!answer.error.empty()) {
    result.error = std::move(answer.error);
    result.is_unknown_symbol = answer.is_unknown_symbol;
    result.is_stopped = answer.is_stopped;
    result.retry_in = answer.retry_in;
    return false;
  }
  series.known.add(wanted.begin, wanted.end, answer.bars);
  series.changed = true;
  if (answer.is_late) result.sure_until = std::min(result.sure_until, answer.sure_until);
  if (answer.sure_until < wanted.end) {
    series.unsure_from = std::min(series.unsure_from, answer.sure_until);
  }
  bars = std::move(answer.bars);
  return true;
}

void HistoryWorker::save(const std::string& symbol) {
  for (auto& [timeframe, series] : series_) {
    if (!series.changed) continue;
    series.known.forget_from(series.unsure_from);
    cache_.save(symbol, timeframe, series.known);
  }
  counters_.cache_damaged_total.store(cache_.damaged_total(), std::memory_order_relaxed);
  counters_.cache_failures_total.store(cache_.failed_writes_total(), std::memory_order_relaxed);
}

}  // namespace fastrsi::live
