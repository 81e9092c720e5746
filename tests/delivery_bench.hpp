// A sink with rows in memory and a far side that a test answers for.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sinks/delivery/delivery_sink.hpp"
#include "tests/delivery_fakes.hpp"
#include "tests/delivery_rows.hpp"

namespace fastrsi::test {

inline constexpr WallMs kStart = 1'723'161'240'000;
inline constexpr WallMs kWallMinute = 60'000;

inline DeliverySettings settings_of_test() {
  DeliverySettings settings;
  settings.sink = "mail";
  settings.targets = {"one"};
  settings.endpoints = {"primary"};
  settings.rates = {{100, std::chrono::seconds{1}, 100}};
  settings.group_wait = Milliseconds{0};
  settings.group_interval = Milliseconds{0};
  return settings;
}

struct DeliveryBench {
  explicit DeliveryBench(DeliverySettings with, std::size_t capacity = 100)
      : settings(std::move(with)), composer(capacity) {
    restart();
  }
  void restart() {
    sink = std::make_unique<DeliverySink>(settings, composer, sha256_hex, rows.load(), now);
    rows.apply(sink->take_changes());
  }
  void offer(const std::string& symbol, Kind kind = Kind::Buy, Priority priority = Priority::Normal,
             Timeframe timeframe = Timeframe::H1) {
    DeliveryEvent event = event_of_test(++seq, symbol, kind, timeframe, now);
    event.priority = priority;
    sink->offer(event, now);
    rows.apply(sink->take_changes());
  }
  // The next attempt as it is read at the far side; nothing when there is none.
  std::optional<ReadMessage> next() {
    attempt = sink->next(now);
    rows.apply(sink->take_changes());
    if (!attempt) return std::nullopt;
    octets = attempt->octets;
    return read_message(octets);
  }
  bool answer(Outcome outcome, std::optional<Milliseconds> retry_after = std::nullopt) {
    SendAnswer answer;
    for (std::size_t i = 0; i < attempt->targets.size(); ++i) {
      answer.targets.push_back({i, outcome, 0, "words"});
    }
    answer.retry_after = retry_after;
    attempt = sink->answer(answer, now);
    rows.apply(sink->take_changes());
    return attempt.has_value();
  }
  std::vector<std::string> symbols(const ReadMessage& message) const {
    std::vector<std::string> names;
    for (const ReadEvent& event : message.events) names.push_back(event.symbol);
    return names;
  }

  DeliverySettings settings;
  ReadableComposer composer;
  MemoryRows rows;
  std::unique_ptr<DeliverySink> sink;
  WallMs now = kStart;
  std::uint64_t seq = 0;
  std::optional<DeliveryAttempt> attempt;
  std::string octets;
};

}  // namespace fastrsi::test
