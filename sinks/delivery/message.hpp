// What people are sent: signals gathered into messages, and the contract of whoever writes them
// (DELIVERY.md, section 7.1). Values only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "engine/market/record.hpp"

namespace fastrsi {

// Our wall clock, unix milliseconds.
using WallMs = std::int64_t;

enum class Priority : std::uint8_t { Low, Normal, High, Critical };

// One signal on its way to one sink.
struct DeliveryEvent {
  std::string key;        // what makes it the same as another: DELIVERY.md's ek
  std::uint64_t seq = 0;  // of the journal
  std::string signal_id;  // as the record has it: "tars/binance:BTCUSDT/1m/buy/.../1"
  std::string rule;       //
  std::string venue;      //
  std::string symbol;     // as the venue writes it; any bytes
  Kind kind = Kind::Buy;
  Stage stage = Stage::Provisional;
  Timeframe timeframe = Timeframe::M1;
  ExchangeTime bar_open;
  ExchangeTime time;  // of the tick that fired it
  Price price;
  RsiValues rsi;
  Priority priority = Priority::Normal;
  WallMs created = 0;
  WallMs expires = 0;       // no attempt begins at or after it
  bool first_load = false;  // of the list when a rule first looked, not fired since
};

// What is on the outside of a message. Fixed when it is frozen: every attempt has the same octets.
struct Envelope {
  std::string mid;       // 26 letters and digits; Message-ID, idempotency key
  WallMs frozen = 0;     // its Date
  std::size_t part = 1;  // of `parts`, when one digest needs several messages
  std::size_t parts = 1;
  std::size_t dropped = 0;  // symbols that were given up for want of room: " … +3"
  bool silent = false;      // quiet hours: it may be seen, but makes no sound
};

// Writes messages for one sink: its language, its template, its size and unit. Pure: the same
// arguments give the same octets.
class Composer {
 public:
  virtual ~Composer() = default;
  // How many of the first `events`, all of one kind and timeframe, fit into one message with this
  // `envelope`; at least one, whatever its size.
  virtual std::size_t fit(std::span<const DeliveryEvent> events,
                          const Envelope& envelope) const = 0;
  // The octets of one message: a mail as RFC 5322 has it, a chat's text, a webhook's JSON.
  virtual std::string compose(std::span<const DeliveryEvent> events,
                              const Envelope& envelope) const = 0;
};

}  // namespace fastrsi
