#include "feeds/live/history_source.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace fastrsi::live {
namespace {

// Of bars before it that traded, for a missing one to be late rather than without trades.
constexpr int kBusyBars = 5;

constexpr auto kRelaxed = std::memory_order_relaxed;

std::unique_ptr<Venue> venue_of(const FeedSettings& feed) {
  auto venue = make_venue(feed);
  if (venue == nullptr) throw std::runtime_error("venue \"" + feed.venue + "\" is not known");
  return venue;
}

HttpSettings http_of(const HistorySettings& settings) {
  HttpSettings http;
  http.proxy = settings.feed.proxy;
  http.ca_file = settings.feed.ca_file;
  http.pin = settings.feed.pin;
  http.answer_within = settings.answer_within;
  http.connect_within = std::min(http.connect_within, settings.answer_within);
  return http;
}

std::string seconds_text(Clock::duration time) {
  return std::to_string(std::chrono::ceil<std::chrono::seconds>(time).count()) + " s";
}

// What an answer that is not 200 says, in words.
std::string refusal_text(const HttpAnswer& answer, const std::string& of_venue) {
  std::string text = "HTTP " + std::to_string(answer.status);
  const auto location = answer.headers.find("location");
  if (answer.status >= 300 && answer.status < 400 && location != answer.headers.end()) {
    return text + ", a redirect to " + location->second + ", which is not followed";
  }
  return of_venue.empty() ? text : text + ": " + of_venue;
}

bool has_trades(const HistoryBar& bar, const RestFacts& rest) noexcept {
  if (bar.has_trades) return bar.trades > 0;
  return !rest.has_empty_bars || bar.volume.value > 0.0;
}

ExchangeTime end_of(const HistoryBar& bar, Timeframe timeframe) {
  return venue_bar_at(bar.open_time, timeframe).end;
}

}  // namespace

HistorySource::HistorySource(const HistorySettings& settings, HistoryCounters& counters)
    : settings_(settings),
      counters_(counters),
      venue_(venue_of(settings.feed)),
      url_(settings.rest_url.empty() ? venue_->facts().rest.url : settings.rest_url),
      pace_(venue_->facts().rest, settings.times, settings.seed),
      http_(http_of(settings)) {}

std::span<const Timeframe> HistorySource::timeframes() const noexcept {
  if (!settings_.asks_venue || url_.empty() || venue_->facts().rest.bars_per_request_max <= 0)
    return {};
  return venue_->history_timeframes();
}

void HistorySource::stop() noexcept {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  wake_.notify_all();
  http_.stop();
}

bool HistorySource::wait_until(Clock::time_point time) {
  std::unique_lock lock(mutex_);
  return !wake_.wait_until(lock, time, [this] { return stopped_; });
}

SourceAnswer HistorySource::bars(const std::string& symbol, const BarsWanted& wanted) {
  SourceAnswer out;
  out.sure_until = wanted.end;
  const RestFacts& rest = facts().rest;
  HistoryQuery query{symbol, wanted.timeframe, wanted.begin, wanted.end, 0};
  // Where the rest of a page has been asked for once more.
  ExchangeTime asked_again = kNoExchangeTime;
  ExchangeTime told_until = wanted.begin;
  while (query.begin < wanted.end) {
    const auto request = venue_->history_request(query);
    if (!request || request->covers_until <= query.begin) {
      give_up(query, "the venue has no such bars", out);
      return out;
    }
    const History history = page(query, *request, out);
    if (!out.error.empty()) return out;
    for (const HistoryBar& bar : history.bars) {
      if (bar.open_time < told_until) continue;
      told_until = end_of(bar, wanted.timeframe);
      if (!has_trades(bar, rest)) continue;
      out.bars.push_back({bar.open_time, bar.open, bar.high, bar.low, bar.close, bar.trades});
      counters_.bars_total.fetch_add(1, kRelaxed);
    }
    const ExchangeTime reached = std::min(request->covers_until, wanted.end);
    if (!history.bars.empty() && told_until < reached && asked_again != told_until) {
      // Fewer bars than asked for, or the newest is late.
      query.begin = told_until;
      if (is_due(told_until, query, out)) {
        asked_again = told_until;
        const bool is_newest = reached == wanted.end;
        if (is_newest) counters_.late_bars_total.fetch_add(1, kRelaxed);
        if (is_newest && !wait_until(Clock::now() + settings_.times.late_bar_pause)) {
          out.is_stopped = true;
          give_up(query, "interrupted", out);
          return out;
        }
        continue;
      }
    }
    query.begin = reached;
  }
  // Of long ago nothing new will come.
  const Nanoseconds fresh = 2 * nominal_length(wanted.timeframe) + std::chrono::minutes{2};
  if (told_until < wanted.end && wanted.end + fresh > settings_.now()) {
    out.sure_until = told_until;
    out.is_late = asked_again == told_until;
  }
  return out;
}

// Whether a bar should have come after the last one.
bool HistorySource::is_due(ExchangeTime last_end, const HistoryQuery& query,
                           const SourceAnswer& known) const {
  if (facts().rest.has_empty_bars) return true;
  const auto count = static_cast<std::ptrdiff_t>(known.bars.size());
  if (count < kBusyBars) return false;
  const ExchangeTime first = (known.bars.end() - kBusyBars)->open_time;
  return last_end - first == kBusyBars * nominal_length(query.timeframe);
}

// A page whose rows are all sound; after a second try without those that are not.
History HistorySource::page(const HistoryQuery& query, const RestRequest& request,
                            SourceAnswer& out) {
  History history;
  if (!ask(query, request, history, out) || history.damaged == 0) return history;
  History again;
  if (!ask(query, request, again, out)) return again;
  counters_.damaged_bars_total.fetch_add(again.damaged, kRelaxed);
  return again;
}

// One request until it is answered well, or asking again is of no use: false, and `out` says why.
bool HistorySource::ask(const HistoryQuery& query, const RestRequest& request, History& history,
                        SourceAnswer& out) {
  for (int tries = 0; tries < settings_.tries_max; ++tries) {
    const Clock::time_point now = Clock::now();
    const Clock::duration pause = pace_.paused_until() - now;
    if (pause > settings_.times.patience) {
      return give_up(
          query, "not asked for another " + seconds_text(pause) + " (" + last_error_ + ")", out);
    }
    if (!wait_until(pace_.earliest(request.weight, now))) {
      out.is_stopped = true;
      return give_up(query, "interrupted", out);
    }
    pace_.take(request.weight, Clock::now());
    counters_.requests_total.fetch_add(1, kRelaxed);
    const HttpAnswer answer = http_.get(url_ + request.target);
    counters_.received_bytes_total.fetch_add(answer.body.size(), kRelaxed);
    if (answer.is_stopped) {
      out.is_stopped = true;
      return give_up(query, "interrupted", out);
    }
    const ExchangeTime venue_now = settings_.now();
    const HistoryVerdict verdict = pace_.answered(answer, Clock::now(), venue_now);
    if (verdict == HistoryVerdict::Banned || verdict == HistoryVerdict::TooFast) {
      counters_.too_fast_total.fetch_add(1, kRelaxed);
      last_error_ = "HTTP " + std::to_string(answer.status) +
                    (verdict == HistoryVerdict::Banned ? ", this address is banned for a time"
                                                       : ", too many requests");
      continue;
    }
    if (verdict == HistoryVerdict::Failed) {
      counters_.errors_total.fetch_add(1, kRelaxed);
      last_error_ = answer.error.empty() ? refusal_text(answer, {}) : answer.error;
      continue;
    }
    // Bars are asked for that had closed, whatever the clock says now.
    history = venue_->read_history(answer.body, query, std::max(venue_now, query.end));
    if (history.is_too_fast) {
      counters_.too_fast_total.fetch_add(1, kRelaxed);
      pace_.too_fast(Clock::now());
      last_error_ = history.error;
      continue;
    }
    const bool is_refused = verdict == HistoryVerdict::Refused;
    if (!is_refused && history.error.empty()) {
      pace_.went_well();
      return true;
    }
    counters_.errors_total.fetch_add(1, kRelaxed);
    out.is_unknown_symbol = history.is_unknown_symbol;
    last_error_ = is_refused ? refusal_text(answer, history.error) : history.error;
    if (is_refused || history.is_unknown_symbol) return give_up(query, last_error_, out);
    pace_.failed(Clock::now());
  }
  return give_up(query, last_error_, out);
}

bool HistorySource::give_up(const HistoryQuery& query, const std::string& why, SourceAnswer& out) {
  out.bars.clear();
  out.error = "history of " + facts().name + " " + query.symbol + " " +
              std::string{to_text(query.timeframe)} + ": " + why;
  out.retry_in = std::max(pace_.paused_until() - Clock::now(), Clock::duration{0});
  return false;
}

}  // namespace fastrsi::live
