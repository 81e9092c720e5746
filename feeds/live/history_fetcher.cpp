#include "feeds/live/history_fetcher.hpp"

#include <chrono>
#include <exception>

namespace fastrsi::live {
namespace {

ExchangeTime machine_time() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return ExchangeTime{std::chrono::duration_cast<Nanoseconds>(now)};
}

HistorySettings with_clock(HistorySettings settings) {
  if (!settings.now) settings.now = machine_time;
  return settings;
}

}  // namespace

HistoryFetcher::HistoryFetcher(HistorySettings settings)
    : settings_(with_clock(std::move(settings))),
      worker_(settings_, counters_),
      thread_([this] { work(); }) {}

HistoryFetcher::~HistoryFetcher() {
  stop();
}

bool HistoryFetcher::ask(HistoryJob job, Done done) {
  {
    const std::lock_guard lock(mutex_);
    if (stopped_ || tickets_.size() >= kHistoryJobsMax) return false;
    const std::pair place{job.priority, next_ticket_++};
    tickets_.try_emplace(place, Ticket{std::move(job), std::move(done)});
  }
  wake_.notify_one();
  return true;
}

void HistoryFetcher::stop() noexcept {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    tickets_.clear();
  }
  wake_.notify_all();
  worker_.stop();
  if (thread_.joinable()) thread_.join();
}

std::size_t HistoryFetcher::waiting() const {
  const std::lock_guard lock(mutex_);
  return tickets_.size();
}

void HistoryFetcher::work() noexcept {
  while (true) {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [this] { return stopped_ || !tickets_.empty(); });
    if (stopped_) return;
    Ticket ticket = std::move(tickets_.extract(tickets_.begin()).mapped());
    lock.unlock();
    HistoryResult result = work_on(ticket.job);
    if (result.is_stopped) return;
    ticket.done(std::move(result));
  }
}

HistoryResult HistoryFetcher::work_on(const HistoryJob& job) noexcept {
  try {
    return worker_.work(job);
  } catch (const std::exception& error) {
    // Out of memory, or a time zone without data.
    HistoryResult result;
    result.error = error.what();
    return result;
  }
}

}  // namespace fastrsi::live
