// What outlives a process or a configuration: connections and symbols as named parts.
//
//   venue part = version:u32 zone day_start_minutes:i64 venue_time first_venue_time last_received
//                silent:bool next_list listed_until
#include <optional>
#include <string>

#include "engine/engine.hpp"
#include "engine/state_archive.hpp"

namespace fastrsi {
namespace {

constexpr std::uint32_t kEngineStateVersion = 2;

struct VenueState {
  std::string zone;
  std::int64_t day_start = 0;
  ExchangeTime venue_time;
  ExchangeTime first_venue_time;
  ReceiveTime last_received;
  bool silent = false;
  ExchangeTime next_list;
  ExchangeTime listed_until;

  template <typename Archive, typename State>
  static void walk(Archive& archive, State& state) {
    archive.field(state.zone);
    archive.field(state.day_start);
    archive.field(state.venue_time);
    archive.field(state.first_venue_time);
    archive.field(state.last_received);
    archive.field(state.silent);
    archive.field(state.next_list);
    archive.field(state.listed_until);
  }
};

std::optional<VenueState> venue_state_of(const std::string& bytes) {
  StateReader reader(bytes);
  std::uint32_t version = 0;
  reader.field(version);
  VenueState state;
  VenueState::walk(reader, state);
  if (version != kEngineStateVersion || !reader.is_whole()) return std::nullopt;
  return state;
}

std::string part_of(const std::string& venue, std::uint32_t link) {
  return "venue/" + venue + (link == 0 ? "" : "#" + std::to_string(link));
}

}  // namespace

void Engine::save(bool is_first,
                  const std::function<void(std::string name, std::string bytes)>& take) const {
  for (const Connection& connection : connections_) {
    if (is_first || connection.alone) {
      StateWriter writer;
      writer.field(kEngineStateVersion);
      const VenueState state{connection.calendar_settings.zone,
                             connection.calendar_settings.day_start.count(),
                             connection.venue_time,
                             connection.first_venue_time,
                             connection.last_received,
                             connection.silent,
                             connection.next_list,
                             connection.listed_until};
      VenueState::walk(writer, state);
      take(part_of(connection.venue, connection.link), writer.take());
    }
    for (const SymbolId id : connection.symbols) {
      const SymbolCore& core = symbols_[index_of(id)];
      take("symbol/" + core.symbol().full_name, core.save());
    }
  }
}

std::vector<std::string> Engine::restore(const FindPart& find) {
  std::vector<std::string> damaged;
  for (Connection& connection : connections_) {
    std::string name = part_of(connection.venue, connection.link);
    const std::string* bytes = find(name);
    // A connection that is new takes its symbols from another one of the venue.
    if (bytes == nullptr) bytes = find(name = part_of(connection.venue, 0));
    if (bytes == nullptr) continue;
    const std::optional<VenueState> state = venue_state_of(*bytes);
    if (!state) {
      damaged.push_back(name);
      continue;
    }
    connection.venue_time = state->venue_time;
    connection.first_venue_time = state->first_venue_time;
    connection.last_received = state->last_received;
    connection.silent = state->silent;
    connection.next_list = state->next_list;
    connection.listed_until = state->listed_until;
    connection.next_close = kNeverExchangeTime;
    connection.pending_lists.assign(lists_.size(), 0);
    // Bars cut by another calendar are others.
    const bool same_bars = state->zone == connection.calendar_settings.zone &&
                           state->day_start == connection.calendar_settings.day_start.count();
    for (const SymbolId id : connection.symbols) {
      SymbolCore& core = symbols_[index_of(id)];
      const std::string part = "symbol/" + core.symbol().full_name;
      const std::string* saved = same_bars ? find(part) : nullptr;
      if (saved == nullptr) {
        core.watch_since(state->venue_time);
      } else if (!core.restore(*saved, state->venue_time)) {
        core.watch_since(state->venue_time);
        damaged.push_back(part);
      }
      connection.next_close = std::min(connection.next_close, core.next_close());
      core.count_waiting(connection.pending_lists.data());
    }
  }
  return damaged;
}

void Engine::returned() noexcept {
  for (SymbolCore& core : symbols_) core.returned();
}

void Engine::list_now(std::int64_t stamp_ns, RecordOutput& out) noexcept {
  for (Connection& connection : connections_) {
    if (connection.venue_time == kNoExchangeTime) continue;
    Message message;
    message.received = connection.last_received;
    message.stamp_ns = stamp_ns;
    const Moment moment = moment_of(connection, message, out);
    for (std::uint32_t list = 0; list < lists_.size(); ++list) {
      for (const SymbolId id : connection.symbols) {
        symbols_[index_of(id)].list_again(list, connection.pending_lists.data());
      }
      if (connection.pending_lists[list] == 0) continue;
      connection.pending_lists[list] = 0;
      send_list(connection, list, ListReason::FirstLoad, connection.venue_time, moment);
    }
  }
}

}  // namespace fastrsi
