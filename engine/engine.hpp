// One shard's engine: connections, their venue time and their symbols. Messages go in, records come
// out.
//
// It touches nothing else: no clock, no file, no thread. The same messages give the same records.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/market/symbol_table.hpp"
#include "engine/symbol_core.hpp"

namespace fastrsi {

enum class ConnectionId : std::uint32_t {};

// One message of a connection, parsed.
struct Message {
  ConnectionId connection{};
  ReceiveTime received = kNoReceiveTime;
  ExchangeTime venue_time = kNoExchangeTime;  // greatest exchange time it carries
  std::span<const Tick> ticks;  // symbols resolved; those with kNoSymbol are passed over
  std::int64_t stamp_ns = 0;    // handed on to the records it causes
  bool is_clock = false;        // no message: only our clock has gone on, to `received`
};

// A next-signal price as `fastrsi levels` shows it.
struct SymbolLevels {
  const Symbol& symbol;
  const RuleLabel& rule;
  Timeframe timeframe;
  double price;  // the last traded one
  const std::vector<Level>& levels;
};

// Owner: a shard. Thread: the shard's. After the last add_... nothing here allocates but a gap's
// mark, which is kept until the gap is mended (symbol_history.cpp).
class Engine {
 public:
  Engine(const EngineSettings& settings, const std::vector<RuleSettings>& rules);
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;
  ~Engine();

  // `link` tells a venue's connections apart. One that no other shard has is `alone`: its state is
  // saved by this one. Throws std::runtime_error when the calendar's zone is not known.
  ConnectionId add_connection(std::string venue, IdRule id_rule, const CalendarSettings& calendar,
                              std::uint32_t link = 0, bool alone = false);
  // kNoSymbol when EngineSettings::symbols_max is reached. The name must be new to the connection.
  SymbolId add_symbol(ConnectionId connection, std::string_view name);
  // kNoSymbol when unknown. `name` must be followed by 16 readable bytes.
  SymbolId find_symbol(ConnectionId connection, std::string_view name) const noexcept {
    return connections_[static_cast<std::size_t>(connection)].table.find(name);
  }

  // Worth its while a little before a trade of the symbol comes.
  void prefetch(SymbolId id) const noexcept { symbols_[index_of(id)].prefetch(); }
  // Works one message off (DECISIONS.md, D1).
  void handle(const Message& message, RecordOutput& out) noexcept;
  // The connection was lost or came back: trades may be missing.
  void disconnected(ConnectionId connection) noexcept;
  // Closed bars of the venue for one timeframe of a symbol (symbol_history.cpp).
  void take_history(ConnectionId connection, SymbolId symbol, const PastBars& history,
                    ReceiveTime received, RecordOutput& out) noexcept;
  // A candle of the venue, compared with our bars.
  void compare(ConnectionId connection, const Kline& kline) noexcept;

  const EngineStatistics& statistics() const noexcept { return statistics_; }
  // Goes on with the counts of the engine whose place this one takes.
  void count_on(const EngineStatistics& before) noexcept { statistics_.add(before); }
  std::size_t symbol_count() const noexcept { return symbols_.size(); }
  const SymbolCore& symbol(SymbolId id) const noexcept { return symbols_[index_of(id)]; }
  const std::vector<Rule>& rules() const noexcept { return rules_; }

  // --- what outlives a process or a configuration (engine_state.cpp); not for the tick path
  // Everything that later records depend on, part by part: "venue/..." and "symbol/..." by name.
  // Parts that are alike in every shard are made by the first only.
  void save(bool is_first,
            const std::function<void(std::string name, std::string bytes)>& take) const;
  // The part of a name, or nothing.
  using FindPart = std::function<const std::string*(const std::string& name)>;
  // Goes on from saved parts; what they do not know begins now. Returns the names of parts that are
  // damaged: those symbols begin anew.
  std::vector<std::string> restore(const FindPart& find);
  // There was a break in the input (DECISIONS.md, D25).
  void returned() noexcept;
  // The first-load lists of what is true now, once more (SIGNALS.md, section 5: on demand).
  void list_now(std::int64_t stamp_ns, RecordOutput& out) noexcept;
  // The greatest exchange time the connection has carried.
  ExchangeTime venue_time(ConnectionId connection) const noexcept {
    return connections_[static_cast<std::size_t>(connection)].venue_time;
  }
  const std::vector<SymbolId>& symbols_of(ConnectionId connection) const noexcept {
    return connections_[static_cast<std::size_t>(connection)].symbols;
  }

  // Next-signal prices of every symbol, timeframe and rule. Not for the tick path: it allocates.
  void for_each_level(const std::function<void(const SymbolLevels&)>& take);

 private:
  struct Connection {
    std::string venue;
    std::uint32_t link;
    bool alone;
    IdRule id_rule;
    Calendar calendar;
    CalendarSettings calendar_settings;
    SymbolTable table;
    std::vector<SymbolId> symbols;
    std::vector<std::uint32_t>
        pending_lists;  // by list: symbols waiting for the next first-load list
    ExchangeTime venue_time = kNoExchangeTime;
    ExchangeTime first_venue_time = kNoExchangeTime;
    ReceiveTime last_received = kNoReceiveTime;
    bool silent = false;                           // the venue time goes on with our clock
    ExchangeTime next_close = kNeverExchangeTime;  // earliest end of a forming bar
    ExchangeTime next_list = kNoExchangeTime;      // earliest time a list can be due
    ExchangeTime listed_until = kNoExchangeTime;   // venue time when lists were last looked at
  };
  // One (rule, timeframe).
  struct List {
    const Rule* rule;
    Timeframe timeframe;
    bool scan;
  };

  Moment moment_of(Connection& connection, const Message& message, RecordOutput& out) noexcept;
  void pass_silence(Connection& connection, const Message& message, RecordOutput& out) noexcept;
  void list_if_due(Connection& connection, const Message& message, RecordOutput& out) noexcept;
  void advance(Connection& connection, ExchangeTime venue_time, const Message& message,
               RecordOutput& out) noexcept;
  void close_bars(Connection& connection, const Moment& moment) noexcept;
  void seal_lists(Connection& connection, const Moment& moment) noexcept;
  void send_list(Connection& connection, std::uint32_t list, ListReason reason, ExchangeTime time,
                 const Moment& moment) noexcept;
  const SymbolPlan& plan_for(std::string_view full_name);

  // Constant after construction.
  const EngineSettings settings_;
  std::vector<Rule> rules_;
  std::vector<std::uint32_t> first_list_;  // by rule
  std::vector<List> lists_;

  std::map<std::vector<std::uint32_t>, std::unique_ptr<SymbolPlan>> plans_;  // by matching rules
  std::vector<Connection> connections_;
  std::vector<SymbolCore> symbols_;  // never moved: it has room for symbols_max
  std::vector<LaneValues> scratch_;
  EngineStatistics statistics_;
};

}  // namespace fastrsi
