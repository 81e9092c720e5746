#include "tests/delivery_world.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <random>
#include <stdexcept>

#include "sinks/delivery/delivery_sink.hpp"
#include "tests/delivery_checker.hpp"

namespace fastrsi::test {
namespace {

constexpr WallMs kStart = 1'723'161'240'000;
constexpr WallMs kWorldMinute = 60'000;

class World {
 public:
  explicit World(std::uint64_t seed)
      : random_(seed), capacity_(below(3) == 0 ? 2 : 6), composer_(capacity_) {
    choose_settings(seed);
    checker_.emplace(settings_, capacity_);
    restart();
  }
  WorldResult run();

 private:
  std::size_t below(std::size_t n) {
    return std::uniform_int_distribution<std::size_t>(0, n - 1)(random_);
  }
  bool one_in(std::size_t n) { return below(n) == 0; }
  template <typename T>
  T any_of(std::initializer_list<T> values) {
    return *(values.begin() + static_cast<std::ptrdiff_t>(below(values.size())));
  }

  void choose_settings(std::uint64_t seed);
  void choose_limits();
  void restart();
  void grow_journal(std::size_t count);
  void pull();
  void pass_time();
  void pump(std::size_t most);
  void drain();
  bool crash_here();
  void commit();
  Flight flight_of(const DeliveryAttempt& attempt, bool first) const;
  // False: the process crashed.
  bool send(std::optional<DeliveryAttempt> attempt);
  SendAnswer ask_far_side(const Flight& flight);
  TargetAnswer far_side_outcome();

  std::mt19937_64 random_;
  const std::size_t capacity_;
  ReadableComposer composer_;
  DeliverySettings settings_;
  std::size_t crash_rate_ = 40;
  std::size_t fault_rate_ = 3;
  MemoryRows rows_;
  std::optional<DeliveryChecker> checker_;
  std::unique_ptr<DeliverySink> sink_;
  std::vector<DeliveryEvent> journal_;  // seq is the place, from 1
  WallMs now_ = kStart;
  std::vector<bool> is_down_;  // endpoints
  std::size_t crashes_ = 0;
  bool may_crash_ = true;
};

void World::choose_settings(std::uint64_t seed) {
  settings_.sink = "sink";
  settings_.seed = seed;
  settings_.stages = {Stage::Provisional};
  if (one_in(4)) settings_.kinds = static_cast<KindSet>(below(255) + 1);
  if (one_in(6)) settings_.least = Priority::Normal;
  settings_.repeat = any_of({Repeat::OncePerBar, Repeat::OncePerBar, Repeat::OncePerBar,
                             Repeat::EveryScan, Repeat::Interval, Repeat::Once});
  settings_.repeat_interval = std::chrono::seconds{any_of({20, 90, 600})};
  settings_.group_wait = std::chrono::seconds{any_of({0, 5, 30})};
  settings_.group_interval = std::chrono::seconds{any_of({0, 60, 300})};
  const std::size_t targets = 1 + below(3);
  for (std::size_t i = 0; i < targets; ++i) settings_.targets.push_back("t" + std::to_string(i));
  const std::size_t endpoints = 1 + below(2);
  for (std::size_t i = 0; i < endpoints; ++i) {
    settings_.endpoints.push_back("e" + std::to_string(i));
    settings_.targets_most.push_back(any_of<std::size_t>({1, 3}));
  }
  is_down_.assign(endpoints, false);
  choose_limits();
}

void World::choose_limits() {
  settings_.rates = {
      any_of({Rate{10, std::chrono::minutes{1}, 1}, Rate{1, std::chrono::seconds{1}, 3},
              Rate{3, std::chrono::seconds{7}, 2}})};
  if (one_in(2)) settings_.rates.push_back({20, std::chrono::minutes{1}, 20});
  if (one_in(3)) {
    settings_.quota.most = any_of({5, 12, 40});
    settings_.quota.period =
        any_of({Milliseconds{20 * kWorldMinute}, Milliseconds{24 * 60 * kWorldMinute}});
    settings_.quota.reserve_percent = any_of({0, 10, 40});
  }
  if (one_in(4)) {
    // From a few minutes after the start on.
    const auto minute = static_cast<int>((kStart / kWorldMinute + 5) % (24 * 60));
    const auto mode = any_of({QuietMode::Hold, QuietMode::Drop, QuietMode::Silent});
    settings_.quiet.push_back({0x7F, minute, (minute + 20) % (24 * 60), "UTC", mode});
  }
  settings_.live_most = any_of<std::size_t>({8, 25, 10'000});
  settings_.backoff.attempts_most = any_of<std::uint32_t>({2, 5, 30});
  settings_.backoff.first_least = any_of({Milliseconds{0}, Milliseconds{kWorldMinute}});
  settings_.assume_sent = one_in(8);
  crash_rate_ = any_of<std::size_t>({8, 30, 1'000'000});
  fault_rate_ = any_of<std::size_t>({2, 4, 20});
}

void World::restart() {
  sink_ = std::make_unique<DeliverySink>(settings_, composer_, sha256_hex, rows_.load(), now_);
  commit();
}

bool World::crash_here() {
  if (!may_crash_ || !one_in(crash_rate_)) return false;
  ++crashes_;
  now_ += static_cast<WallMs>(below(3) == 0 ? below(120'000) : below(200));
  return true;
}

void World::commit() {
  rows_.apply(sink_->take_changes());
  checker_->committed(rows_);
}

void World::grow_journal(std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    const auto timeframe = any_of({Timeframe::M1, Timeframe::M1, Timeframe::M5, Timeframe::H1});
    const std::string symbol(1, static_cast<char>('A' + below(5)));
    const auto kind = static_cast<Kind>(one_in(3) ? below(8) : below(2));
    DeliveryEvent event = event_of_test(journal_.size() + 1, symbol, kind, timeframe, now_);
    event.priority = any_of(
        {Priority::Low, Priority::Normal, Priority::Normal, Priority::High, Priority::Critical});
    if (one_in(20)) event.stage = Stage::Retracted;
    journal_.push_back(event);
  }
}

void World::pull() {
  while (sink_->cursor() < journal_.size()) {
    const std::uint64_t from = sink_->cursor();
    const std::uint64_t to = std::min<std::uint64_t>(journal_.size(), from + 1 + below(6));
    for (std::uint64_t i = from; i < to; ++i) sink_->offer(journal_[i], now_);
    sink_->passed(to);
    const WallMs at = now_;
    if (crash_here()) return restart();
    commit();
    for (std::uint64_t i = from; i < to; ++i) checker_->took(journal_[i], at);
  }
}

void World::pass_time() {
  const WallMs wake = sink_->wake_at(now_);
  if (wake != INT64_MAX && !one_in(3)) {
    now_ = std::max(now_, std::min(wake, now_ + 10 * kWorldMinute));
  } else {
    now_ += static_cast<WallMs>(one_in(10) ? below(20 * kWorldMinute) : below(20'000));
  }
  for (std::size_t i = 0; i < is_down_.size(); ++i) {
    if (one_in(8)) is_down_[i] = one_in(2);
  }
}

TargetAnswer World::far_side_outcome() {
  if (!one_in(fault_rate_)) return {0, Outcome::Done, 250, "ok"};
  const Outcome outcome =
      any_of({Outcome::Temporary, Outcome::Temporary, Outcome::Permanent, Outcome::InDoubt,
              Outcome::RateLimited, Outcome::Quota, Outcome::EndpointFailure,
              Outcome::EndpointFailure, Outcome::AuthFailure, Outcome::SenderRejected});
  return {0, outcome, static_cast<int>(below(600)), "no"};
}

SendAnswer World::ask_far_side(const Flight& flight) {
  SendAnswer answer;
  for (std::size_t i = 0; i < flight.targets.size(); ++i) {
    TargetAnswer one = is_down_[flight.endpoint]
                           ? TargetAnswer{0, Outcome::EndpointFailure, 0, "down"}
                           : far_side_outcome();
    one.target = i;
    const bool arrived =
        one.outcome == Outcome::Done || (one.outcome == Outcome::InDoubt && one_in(2));
    if (arrived) checker_->stored(flight, i);
    answer.targets.push_back(std::move(one));
  }
  if (one_in(3)) answer.retry_after = Milliseconds{static_cast<std::int64_t>(below(90'000))};
  now_ += static_cast<WallMs>(one_in(12) ? below(90'000) : below(800));
  return answer;
}

Flight World::flight_of(const DeliveryAttempt& attempt, bool first) const {
  Flight flight{std::string(attempt.mid), std::string(attempt.octets), {}, attempt.endpoint, first};
  for (const std::string_view target : attempt.targets) flight.targets.emplace_back(target);
  return flight;
}

bool World::send(std::optional<DeliveryAttempt> attempt) {
  for (bool first = true; attempt; first = false) {
    const Flight flight = flight_of(*attempt, first);
    if (crash_here()) return restart(), false;
    commit();
    checker_->begun(flight, rows_);
    if (crash_here()) return checker_->crashed(flight), restart(), false;
    checker_->attempted(flight, now_, rows_);
    const SendAnswer answer = ask_far_side(flight);
    if (crash_here()) return checker_->crashed(flight), restart(), false;
    const WallMs at = now_;
    attempt = sink_->answer(answer, at);
    if (crash_here()) return checker_->crashed(flight), restart(), false;
    commit();
    checker_->answered(flight, answer, at, rows_);
  }
  return true;
}

void World::pump(std::size_t most) {
  for (std::size_t i = 0; i < most; ++i) {
    auto attempt = sink_->next(now_);
    if (!attempt) return commit();
    if (!send(attempt)) return;
  }
}

void World::drain() {
  pull();
  for (int i = 0; i < 5'000 && rows_.live() > 0; ++i) {
    pump(10);
    const WallMs wake = sink_->wake_at(now_);
    if (wake == INT64_MAX && rows_.live() > 0) throw std::logic_error("it sleeps for ever");
    if (wake != INT64_MAX) now_ = std::max(now_, wake);
  }
}

WorldResult World::run() {
  const std::size_t steps = 30 + below(60);
  for (std::size_t i = 0; i < steps; ++i) {
    if (one_in(3)) grow_journal(1 + below(one_in(6) ? 25 : 4));
    if (one_in(2)) pull();
    pump(1 + below(4));
    pass_time();
  }
  may_crash_ = one_in(2);
  crash_rate_ = std::max<std::size_t>(crash_rate_, 30);
  drain();
  checker_->ended(rows_);
  return {checker_->violations(), checker_->attempts(), crashes_, journal_.size()};
}

}  // namespace

WorldResult run_world(std::uint64_t seed) {
  return World(seed).run();
}

}  // namespace fastrsi::test
