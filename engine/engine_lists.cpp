// Lists: first load and scan (SIGNALS.md, section 5; DECISIONS.md, D18 to D20).
#include <algorithm>

#include "engine/engine.hpp"

namespace fastrsi {
namespace {

constexpr Nanoseconds kFirstLoadStep = std::chrono::minutes{1};

// The latest multiple of `step` (from the unix epoch) at or before `time`.
ExchangeTime multiple_at(ExchangeTime time, Nanoseconds step) noexcept {
  return exchange_time_from_ns(to_unix_ns(time) / step.count() * step.count());
}

}  // namespace

void Engine::seal_lists(Connection& connection, const Moment& moment) noexcept {
  const ExchangeTime before = connection.listed_until;
  connection.listed_until = connection.venue_time;
  const ExchangeTime reached = multiple_at(connection.venue_time, kFirstLoadStep);
  connection.next_list = reached + kFirstLoadStep;
  for (std::uint32_t i = 0; i < lists_.size(); ++i) {
    const List& list = lists_[i];
    if (before != kNoExchangeTime && reached > before && connection.pending_lists[i] > 0) {
      connection.pending_lists[i] = 0;
      send_list(connection, i, ListReason::FirstLoad, reached, moment);
    }
    if (!list.scan) continue;
    const Nanoseconds every = list.rule->settings.auto_every;
    const ExchangeTime scanned = multiple_at(connection.venue_time, every);
    connection.next_list = std::min(connection.next_list, scanned + every);
    if (before != kNoExchangeTime && scanned > before) {
      send_list(connection, i, ListReason::Scan, scanned, moment);
    }
  }
}

void Engine::send_list(Connection& connection, std::uint32_t list, ListReason reason,
                       ExchangeTime time, const Moment& moment) noexcept {
  for (const SymbolId id : connection.symbols) {
    symbols_[index_of(id)].enter_list(list, reason, time, moment);
  }
  Record end;
  end.type = Record::Type::ListEnd;
  end.reason = reason;
  end.signal.rule = &lists_[list].rule->label;
  end.signal.timeframe = lists_[list].timeframe;
  end.signal.time = time;
  moment.out.record(end);
}

}  // namespace fastrsi
