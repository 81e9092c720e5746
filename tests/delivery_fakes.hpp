// Stand-ins for the two ends of a delivery: a composer whose messages can be read back, and what a
// test knows of a message it received.
#pragma once

#include <algorithm>
#include <cstddef>
#include <sstream>
#include <string>
#include <vector>

#include "sinks/delivery/message.hpp"
#include "sinks/sha256.hpp"

namespace fastrsi::test {

struct ReadEvent {
  std::string key;
  std::string symbol;
  Timeframe timeframe = Timeframe::M1;
  Priority priority = Priority::Low;
  WallMs created = 0;
  WallMs expires = 0;
};
struct ReadMessage {
  std::string mid;
  WallMs frozen = 0;
  std::size_t part = 0;
  std::size_t parts = 0;
  std::size_t dropped = 0;
  bool silent = false;
  std::vector<ReadEvent> events;
};

// One line of the envelope, then a line an event. Symbols of tests hold no spaces.
class ReadableComposer final : public Composer {
 public:
  explicit ReadableComposer(std::size_t most) : most_(most) {}
  std::size_t fit(std::span<const DeliveryEvent> events, const Envelope&) const override {
    return std::min(most_, events.size());
  }
  std::string compose(std::span<const DeliveryEvent> events,
                      const Envelope& envelope) const override {
    std::ostringstream out;
    out << envelope.mid << ' ' << envelope.frozen << ' ' << envelope.part << ' ' << envelope.parts
        << ' ' << envelope.dropped << ' ' << envelope.silent << '\n';
    for (const DeliveryEvent& event : events) {
      out << event.key << ' ' << event.symbol << ' ' << static_cast<int>(event.timeframe) << ' '
          << static_cast<int>(event.priority) << ' ' << event.created << ' ' << event.expires
          << '\n';
    }
    return out.str();
  }

 private:
  const std::size_t most_;
};

inline ReadMessage read_message(std::string_view octets) {
  std::istringstream in{std::string(octets)};
  ReadMessage message;
  in >> message.mid >> message.frozen >> message.part >> message.parts >> message.dropped >>
      message.silent;
  ReadEvent event;
  int timeframe = 0;
  int priority = 0;
  while (in >> event.key >> event.symbol >> timeframe >> priority >> event.created >>
         event.expires) {
    event.timeframe = static_cast<Timeframe>(timeframe);
    event.priority = static_cast<Priority>(priority);
    message.events.push_back(event);
  }
  return message;
}

inline DeliveryEvent event_of_test(std::uint64_t seq, const std::string& symbol, Kind kind,
                                   Timeframe timeframe, WallMs now) {
  DeliveryEvent event;
  event.seq = seq;
  event.rule = "tars";
  event.venue = "binance";
  event.symbol = symbol;
  event.kind = kind;
  event.timeframe = timeframe;
  const WallMs bar = nominal_length(timeframe).count() / 1'000'000;
  event.bar_open = exchange_time_from_ns(now / bar * bar * 1'000'000);
  event.time = exchange_time_from_ns(now * 1'000'000);
  event.created = now;
  return event;
}

}  // namespace fastrsi::test
