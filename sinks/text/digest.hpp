// What one message says, before any words: the symbols of a group of signals, each once, by stage
// (DELIVERY.md, section 7.5, I18).
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "sinks/delivery/message.hpp"

namespace fastrsi {

// One symbol. The event is the latest of it, and must outlive the digest.
struct DigestEntry {
  std::string name;  // fit to be shown; "venue:name" where two venues' names are alike
  const DeliveryEvent* event = nullptr;
};

// A retracted signal must not read like one that fired, so each stage has a list of its own.
struct DigestSection {
  Stage stage = Stage::Provisional;
  std::vector<DigestEntry> entries;  // in the order of their first events
};

struct Digest {
  Kind kind = Kind::Buy;
  Timeframe timeframe = Timeframe::M1;
  Priority priority = Priority::Low;    // the highest
  ExchangeTime time;                    // the latest event's
  std::vector<DigestSection> sections;  // in the order of their first events
  std::size_t symbols = 0;
};

// Of at least one event, all of one kind and timeframe.
Digest make_digest(std::span<const DeliveryEvent> events);

}  // namespace fastrsi
