#include "engine/engine.hpp"

#include <algorithm>
#include <utility>

#include "engine/base/assert.hpp"

namespace fastrsi {

Engine::Engine(const EngineSettings& settings, const std::vector<RuleSettings>& rules)
    : settings_(settings) {
  rules_.reserve(rules.size());
  for (const RuleSettings& rule : rules) {
    rules_.emplace_back(rule);
    first_list_.push_back(static_cast<std::uint32_t>(lists_.size()));
    for (const Timeframe timeframe : rule.timeframes) {
      lists_.push_back(
          {&rules_.back(), timeframe, rule.auto_enabled && rule.auto_mode == AutoMode::Scan});
    }
  }
  symbols_.reserve(settings_.symbols_max);
}

Engine::~Engine() = default;

ConnectionId Engine::add_connection(std::string venue, IdRule id_rule,
                                    const CalendarSettings& calendar, std::uint32_t link,
                                    bool alone) {
  Connection connection{std::move(venue),
                        link,
                        alone,
                        id_rule,
                        Calendar(calendar),
                        calendar,
                        SymbolTable(settings_.symbols_max),
                        {},
                        std::vector<std::uint32_t>(lists_.size(), 0)};
  connection.symbols.reserve(settings_.symbols_max);
  connections_.push_back(std::move(connection));
  return static_cast<ConnectionId>(connections_.size() - 1);
}

SymbolId Engine::add_symbol(ConnectionId id, std::string_view name) {
  Connection& connection = connections_[static_cast<std::size_t>(id)];
  if (symbols_.size() >= settings_.symbols_max) return kNoSymbol;
  const auto symbol_id = static_cast<SymbolId>(symbols_.size());
  if (!connection.table.add(name, symbol_id)) return kNoSymbol;
  Symbol symbol{connection.venue, std::string(name), connection.venue + ":" + std::string(name)};
  const SymbolPlan& plan = plan_for(symbol.full_name);
  symbols_.emplace_back(std::move(symbol), plan, connection.id_rule, settings_);
  connection.symbols.push_back(symbol_id);
  return symbol_id;
}

const SymbolPlan& Engine::plan_for(std::string_view full_name) {
  std::vector<std::uint32_t> matching;
  for (std::uint32_t i = 0; i < rules_.size(); ++i) {
    if (rules_[i].matches(full_name)) matching.push_back(i);
  }
  std::unique_ptr<SymbolPlan>& plan = plans_[matching];
  if (plan == nullptr) {
    plan = std::make_unique<SymbolPlan>(make_plan(rules_, matching, first_list_));
    scratch_.resize(std::max(scratch_.size(), plan->blocks.size()));
  }
  return *plan;
}

Moment Engine::moment_of(Connection& connection, const Message& message,
                         RecordOutput& out) noexcept {
  return {out,
          statistics_,
          connection.calendar,
          scratch_.data(),
          connection.pending_lists.data(),
          connection.first_venue_time,
          message.received,
          message.stamp_ns};
}

void Engine::handle(const Message& message, RecordOutput& out) noexcept {
  Connection& connection = connections_[static_cast<std::size_t>(message.connection)];
  pass_silence(connection, message, out);
  if (message.is_clock) return list_if_due(connection, message, out);
  ++statistics_.messages;
  statistics_.ticks += message.ticks.size();
  if (connection.first_venue_time == kNoExchangeTime)
    connection.first_venue_time = message.venue_time;
  for (const Tick& tick : message.ticks) {
    if (tick.symbol == kNoSymbol) continue;
    SymbolCore& core = symbols_[index_of(tick.symbol)];
    if (core.take_if_quiet(tick)) continue;
    core.apply_loud(tick, moment_of(connection, message, out));
    connection.next_close = std::min(connection.next_close, core.next_close());
  }
  // Also when the venue time stands still: a trade may have opened a bar that has been over for
  // long.
  advance(connection, std::max(connection.venue_time, message.venue_time), message, out);
  list_if_due(connection, message, out);
}

void Engine::list_if_due(Connection& connection, const Message& message,
                         RecordOutput& out) noexcept {
  if (connection.venue_time >= connection.next_list && connection.venue_time != kNoExchangeTime) {
    seal_lists(connection, moment_of(connection, message, out));
  }
}

void Engine::pass_silence(Connection& connection, const Message& message,
                          RecordOutput& out) noexcept {
  const ReceiveTime last = connection.last_received;
  if (message.received == kNoReceiveTime) return;
  const Nanoseconds quiet = last == kNoReceiveTime ? Nanoseconds{0} : message.received - last;
  const bool is_silence = quiet >= settings_.silence || (connection.silent && quiet.count() > 0);
  if (is_silence || !message.is_clock) connection.last_received = message.received;
  connection.silent = message.is_clock && (is_silence || connection.silent);
  if (!is_silence || connection.venue_time == kNoExchangeTime) return;
  advance(connection, connection.venue_time + quiet, message, out);
}

void Engine::advance(Connection& connection, ExchangeTime venue_time, const Message& message,
                     RecordOutput& out) noexcept {
  connection.venue_time = venue_time;
  if (venue_time == kNoExchangeTime || venue_time - settings_.grace < connection.next_close) return;
  close_bars(connection, moment_of(connection, message, out));
}

void Engine::close_bars(Connection& connection, const Moment& moment) noexcept {
  const ExchangeTime reached = connection.venue_time - settings_.grace;
  connection.next_close = kNeverExchangeTime;
  for (const SymbolId id : connection.symbols) {
    SymbolCore& core = symbols_[index_of(id)];
    if (core.next_close() <= reached) core.close_until(reached, moment);
    connection.next_close = std::min(connection.next_close, core.next_close());
  }
}

void Engine::disconnected(ConnectionId id) noexcept {
  for (const SymbolId symbol : connections_[static_cast<std::size_t>(id)].symbols) {
    symbols_[index_of(symbol)].disconnected();
  }
}

void Engine::take_history(ConnectionId id, SymbolId symbol, const PastBars& history,
                          ReceiveTime received, RecordOutput& out) noexcept {
  Connection& connection = connections_[static_cast<std::size_t>(id)];
  Message message;
  message.received = received;
  SymbolCore& core = symbols_[index_of(symbol)];
  core.take_history(history, moment_of(connection, message, out));
  connection.next_close = std::min(connection.next_close, core.next_close());
}

void Engine::compare(ConnectionId id, const Kline& kline) noexcept {
  const SymbolId symbol = find_symbol(id, kline.symbol);
  if (symbol != kNoSymbol) symbols_[index_of(symbol)].compare(kline, statistics_);
}

void Engine::for_each_level(const std::function<void(const SymbolLevels&)>& take) {
  for (SymbolCore& core : symbols_) {
    core.settle();
    const SymbolPlan& plan = core.plan();
    for (std::uint32_t watch = 0; watch < plan.watches.size(); ++watch) {
      const std::vector<Level> levels = core.levels(watch);
      const WatchPlan& watched = plan.watches[watch];
      take({core.symbol(), watched.rule->label,
            plan.tracks[plan.series[watched.series].track].timeframe, core.last_price(), levels});
    }
  }
}

}  // namespace fastrsi
