// Prints what the history fetcher brings, a line a list as captures have it, and last how many
// requests it took. For tests of the whole against a simulated exchange.
// Usage: fastrsi_history_lists URL VENUE SYMBOL NOW_NS BARS TIMEFRAME...
#include <cstdio>
#include <cstdlib>
#include <future>
#include <string>
#include <utility>

#include "feeds/live/history_fetcher.hpp"

using namespace fastrsi;

int main(int count, char** words) {
  if (count < 7) {
    std::fputs("usage: URL VENUE SYMBOL NOW_NS BARS TIMEFRAME...\n", stderr);
    return 2;
  }
  live::HistorySettings settings;
  settings.rest_url = words[1];
  settings.feed.venue = words[2];
  const ExchangeTime now = exchange_time_from_ns(std::strtoll(words[4], nullptr, 10));
  settings.now = [now] { return now; };
  live::HistoryJob job{words[3], 0, {}, kNoExchangeTime};
  for (int i = 6; i < count; ++i) {
    const auto timeframe = timeframe_from_text(words[i]);
    if (!timeframe) return 2;
    job.wishes.push_back({*timeframe, std::strtoul(words[5], nullptr, 10)});
  }
  std::promise<live::HistoryResult> promise;
  live::HistoryFetcher fetcher(settings);
  fetcher.ask(job, [&](live::HistoryResult got) { promise.set_value(std::move(got)); });
  const live::HistoryResult result = promise.get_future().get();
  for (const CaptureBars& list : result.lists) std::puts(write_bars(list).c_str());
  if (!result.error.empty()) std::fprintf(stderr, "%s\n", result.error.c_str());
  std::printf("%llu requests\n",
              static_cast<unsigned long long>(fetcher.counters().requests_total));
  return result.error.empty() ? 0 : 1;
}
