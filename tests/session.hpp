// A small session for tests: trades in by hand, records out as values.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/engine.hpp"
#include "engine/executor.hpp"

namespace fastrsi::testing {

// Keeps what it is given.
class KeptRecords final : public RecordOutput {
 public:
  void record(const Record& record) noexcept override { records.push_back(record); }
  std::vector<Record> records;
};

// A rule with short warm-up over one-minute bars, for examples worked by hand.
inline RuleSettings small_rule() {
  RuleSettings rule;
  rule.name = "t";
  rule.timeframes = {Timeframe::M1};
  rule.period_default = 2;
  rule.period_first = 2;
  rule.period_second = 3;
  rule.warmup_bars = 4;
  return rule;
}

// One connection of the venue "v" with one symbol "S"; times in milliseconds after
// 2024-01-01T00:00:00Z.
class Session {
 public:
  explicit Session(const std::vector<RuleSettings>& rules, EngineSettings settings = {},
                   const CalendarSettings& calendar = {}, IdRule id_rule = IdRule::Rising)
      : engine_(settings, rules), connection_(engine_.add_connection("v", id_rule, calendar)) {
    symbol_ = engine_.add_symbol(connection_, "S");
  }

  static ExchangeTime at(std::int64_t ms) {
    return exchange_time_from_ns((kEpochMs + ms) * 1'000'000);
  }

  // A trade with the next id, in a message of its own whose venue time is the trade's.
  void trade(std::int64_t ms, double price) { trade(ms, price, next_id_); }
  void trade(std::int64_t ms, double price, std::uint64_t id) {
    next_id_ = id + 1;
    Tick tick;
    tick.price = Price{price};
    tick.id = static_cast<TradeId>(id);
    tick.has_id = true;
    tick.time = at(ms);
    tick.symbol = symbol_;
    message({&tick, 1}, ms, ms);
  }
  // A message without trades: the venue's clock alone.
  void clock(std::int64_t venue_ms) { message({}, venue_ms, venue_ms); }
  void message(std::span<const Tick> ticks, std::int64_t venue_ms, std::int64_t received_ms) {
    Message message;
    message.connection = connection_;
    message.received = receive_time_from_ns((kEpochMs + received_ms) * 1'000'000);
    message.venue_time = at(venue_ms);
    message.ticks = ticks;
    engine_.handle(message, recorder_);
  }
  // One bar a minute, closing at each price in turn, from minute `first` on.
  void closes(std::int64_t first, const std::vector<double>& prices) {
    for (std::size_t i = 0; i < prices.size(); ++i) {
      trade((first + static_cast<std::int64_t>(i)) * 60'000 + 30'000, prices[i]);
    }
  }

  // Ids and stages of the signals so far, "id stage", in order of arrival; forgets them.
  std::vector<std::string> said() {
    std::vector<std::string> lines;
    for (const Record& record : recorder_.records) {
      if (record.type != Record::Type::Signal) continue;
      lines.push_back(signal_id(record.signal) + " " + std::string(to_text(record.signal.stage)));
    }
    recorder_.records.clear();
    return lines;
  }

  Engine& engine() { return engine_; }
  KeptRecords& recorder() { return recorder_; }
  ConnectionId connection() const { return connection_; }
  SymbolId symbol() const { return symbol_; }
  void disconnected() { engine_.disconnected(connection_); }
  const EngineStatistics& statistics() const { return engine_.statistics(); }

 private:
  static constexpr std::int64_t kEpochMs = 1'704'067'200'000;

  Engine engine_;
  ConnectionId connection_;
  SymbolId symbol_ = kNoSymbol;
  KeptRecords recorder_;
  std::uint64_t next_id_ = 1;
};

}  // namespace fastrsi::testing
