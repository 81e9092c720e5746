#include "sinks/journal_delivery.hpp"

#include <algorithm>
#include <initializer_list>
#include <utility>
#include <variant>

#include "sinks/journal_delivery_rows.hpp"

namespace fastrsi {
namespace {

struct Table {
  const char* name;
  const char* columns;  // behind `sink`, as each_column() goes through them
};
constexpr std::array<Table, 12> kDeliveryTableNames{{
    {"delivery_events",
     "key,place,state,mid,seq,signal_id,rule,venue,symbol,kind,stage,timeframe,bar_open,time,price,"
     "rsi_default,rsi_first,rsi_second,priority,created,expires,first_load"},
    {"delivery_messages",
     "mid,place,kind,timeframe,stage,priority,frozen,expires,part,parts,silent,octets"},
    {"delivery_targets", "mid,target,state,due,attempts,in_doubt,last_code,last_text"},
    {"delivery_groups", "kind,timeframe,stage,last_sent,part,parts,last_place,dropped"},
    {"delivery_limiters", "bucket,tat"},
    {"delivery_pauses", "endpoint,until,step"},
    {"delivery_stamps", "slot,at,n"},
    {"delivery_breakers", "endpoint,failures,step,until,refused"},
    {"delivery_notified", "key,until"},
    {"delivery_tallies", "name,n"},
    {"delivery_dead", "mid,target,reason,at,code,text"},
    {"delivery_attempts", "mid,target,at,endpoint,outcome,code,text"},
}};

template <typename Row>
inline constexpr std::size_t kTableOf = std::variant_npos;
template <>
inline constexpr std::size_t kTableOf<EventRow> = 0;
template <>
inline constexpr std::size_t kTableOf<MessageRow> = 1;
template <>
inline constexpr std::size_t kTableOf<TargetRow> = 2;
template <>
inline constexpr std::size_t kTableOf<GroupRow> = 3;
template <>
inline constexpr std::size_t kTableOf<LimiterRow> = 4;
template <>
inline constexpr std::size_t kTableOf<PauseRow> = 5;
template <>
inline constexpr std::size_t kTableOf<StampRow> = 6;
template <>
inline constexpr std::size_t kTableOf<BreakerRow> = 7;
template <>
inline constexpr std::size_t kTableOf<NotifiedRow> = 8;
template <>
inline constexpr std::size_t kTableOf<TallyRow> = 9;
template <>
inline constexpr std::size_t kTableOf<DeadRow> = 10;
template <>
inline constexpr std::size_t kTableOf<AttemptRow> = 11;

std::string replace_sql(const Table& table) {
  const std::string_view columns = table.columns;
  std::string marks = "?";
  for (auto i = std::count(columns.begin(), columns.end(), ',') + 1; i > 0; --i) marks += ",?";
  return std::string("REPLACE INTO ") + table.name + "(sink," + table.columns + ") VALUES(" +
         marks + ")";
}

std::string message_sql(std::string_view columns) {
  return std::string("SELECT ").append(columns) + " FROM delivery_messages WHERE sink=? AND mid=?";
}

template <typename Row>
std::optional<Row> first_row(Statement& statement, std::initializer_list<std::string_view> keys) {
  Query query(statement);
  for (const std::string_view key : keys) query.bind_text(key);
  if (!query.step()) return std::nullopt;
  Row row;
  each_column(RowReader(query), row);
  return row;
}

constexpr const char* kLiveMid =
    " AND mid IN (SELECT mid FROM delivery_messages AS m WHERE m.sink=?1 AND m.ended IS NULL)";

}  // namespace

DeliveryTables::DeliveryTables(Database& database)
    : database_(database),
      move_event_(database,
                  "UPDATE delivery_events SET state=?,mid=?,ended=? WHERE sink=? AND key=?"),
      end_message_(database,
                   "UPDATE delivery_messages SET ended=?1,octets=iif(?2,octets,x'') "
                   "WHERE sink=?3 AND mid=?4"),
      remove_stamp_(database, "DELETE FROM delivery_stamps WHERE sink=? AND slot=?"),
      remove_notified_(database, "DELETE FROM delivery_notified WHERE sink=? AND key=?"),
      remove_dead_(database, "DELETE FROM delivery_dead WHERE sink=? AND mid=? AND target=?") {
  for (std::size_t i = 0; i < kDeliveryTableNames.size(); ++i) {
    replace_[i].emplace(database, replace_sql(kDeliveryTableNames[i]));
  }
}

void DeliveryTables::apply(const std::string& sink, const DeliveryChange& change) {
  std::visit([&](const auto& row) { put(sink, row); }, change);
}

template <typename Row>
void DeliveryTables::replace(const std::string& sink, Row row) {
  Query query(*replace_[kTableOf<Row>]);
  query.bind_text(sink);
  each_column(RowWriter(query), row);
  query.run();
}

void DeliveryTables::put(const std::string& sink, const StampRow& row) {
  if (row.count != 0) return replace(sink, row);
  Query query(remove_stamp_);
  query.bind_text(sink).bind_int(row.slot).run();
}

void DeliveryTables::put(const std::string& sink, const NotifiedRow& row) {
  if (row.until != 0) return replace(sink, row);
  Query query(remove_notified_);
  query.bind_text(sink).bind_text(row.key).run();
}

void DeliveryTables::put(const std::string& sink, const EventMove& move) {
  Query query(move_event_);
  query.bind_text(to_text(move.state)).bind_text(move.mid);
  if (is_live(move.state)) {
    query.bind_null();
  } else {
    query.bind_int(move.at);
  }
  query.bind_text(sink).bind_text(move.key).run();
}

void DeliveryTables::put(const std::string& sink, const MessageEnd& end) {
  Query query(end_message_);
  query.bind_int(end.at).bind_int(end.keep_octets ? 1 : 0).bind_text(sink).bind_text(end.mid).run();
}

void DeliveryTables::put(const std::string& sink, const DeadGone& gone) {
  Query query(remove_dead_);
  query.bind_text(sink).bind_text(gone.mid).bind_text(gone.target).run();
}

template <typename Row>
std::vector<Row> DeliveryTables::select(const std::string& sink, std::string_view which) {
  const Table& table = kDeliveryTableNames[kTableOf<Row>];
  std::string sql =
      std::string("SELECT ") + table.columns + " FROM " + table.name + " WHERE sink=?1";
  sql += which;
  Statement statement(database_, sql);
  Query query(statement);
  query.bind_text(sink);
  std::vector<Row> rows;
  while (query.step()) each_column(RowReader(query), rows.emplace_back());
  return rows;
}

DeliveryRows DeliveryTables::load(const std::string& sink) {
  DeliveryRows rows;
  rows.events = select<EventRow>(sink, " AND ended IS NULL");
  rows.messages = select<MessageRow>(sink, " AND ended IS NULL");
  rows.targets = select<TargetRow>(sink, kLiveMid);
  rows.groups = select<GroupRow>(sink, "");
  rows.limiters = select<LimiterRow>(sink, "");
  rows.pauses = select<PauseRow>(sink, "");
  rows.stamps = select<StampRow>(sink, "");
  rows.breakers = select<BreakerRow>(sink, "");
  rows.notified = select<NotifiedRow>(sink, "");
  rows.tallies = select<TallyRow>(sink, "");
  return rows;
}

std::vector<DeadLetterRow> DeliveryTables::dead(const std::string& sink, const DeadSearch& search,
                                                std::size_t most) {
  Statement found(database_,
                  std::string("SELECT ") + kDeliveryTableNames[kTableOf<DeadRow>].columns +
                      " FROM delivery_dead WHERE sink=?1 AND substr(mid,1,length(?2))=?2 "
                      "AND (?3='' OR target=?3) ORDER BY at DESC,mid,target LIMIT " +
                      std::to_string(most));
  // Octets take room, and nobody sees them here.
  std::string columns = kDeliveryTableNames[kTableOf<MessageRow>].columns;
  columns.replace(columns.rfind(",octets"), columns.npos, ",x''");
  Statement messages(database_, message_sql(columns));
  Statement symbols(database_,
                    "SELECT symbol FROM delivery_events WHERE sink=? AND mid=? ORDER BY place");
  std::vector<DeadLetterRow> letters;
  Query dead(found);
  dead.bind_text(sink).bind_text(search.mid).bind_text(search.target);
  while (dead.step()) {
    DeadLetterRow& letter = letters.emplace_back();
    each_column(RowReader(dead), letter.dead);
    if (const auto message = first_row<MessageRow>(messages, {sink, letter.dead.mid})) {
      letter.group = message->group;
    }
    Query query(symbols);
    query.bind_text(sink).bind_text(letter.dead.mid);
    while (query.step()) letter.symbols.emplace_back(query.take_bytes());
  }
  return letters;
}

std::vector<DeadFound> DeliveryTables::find_dead(const std::string& sink,
                                                 std::span<const DeadLetterKey> letters) {
  Statement dead(database_, std::string("SELECT ") +
                                kDeliveryTableNames[kTableOf<DeadRow>].columns +
                                " FROM delivery_dead WHERE sink=? AND mid=? AND target=?");
  Statement messages(database_, message_sql(kDeliveryTableNames[kTableOf<MessageRow>].columns));
  std::vector<DeadFound> found;
  for (const DeadLetterKey& letter : letters) {
    DeadFound& one = found.emplace_back();
    one.is_dead = first_row<DeadRow>(dead, {sink, letter.mid, letter.target}).has_value();
    if (one.is_dead) one.message = first_row<MessageRow>(messages, {sink, letter.mid});
  }
  return found;
}

std::optional<DeliveryStory> DeliveryTables::story(const std::string& sink,
                                                   const std::string& signal_id) {
  DeliveryStory story;
  {
    Statement statement(database_,
                        "SELECT state,mid FROM delivery_events WHERE sink=? AND signal_id=? "
                        "ORDER BY seq DESC LIMIT 1");
    Query query(statement);
    query.bind_text(sink).bind_text(signal_id);
    if (!query.step()) return std::nullopt;
    RowReader read(query);
    read(story.state), read(story.mid);
  }
  // Ids of messages are letters and digits of ours; what is none is of a damaged row.
  const bool is_mid = std::all_of(story.mid.begin(), story.mid.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '2' && c <= '7');
  });
  if (story.mid.empty() || !is_mid) return story;
  story.targets = select<TargetRow>(sink, " AND mid='" + story.mid + "' ORDER BY target");
  story.attempts = select<AttemptRow>(sink, " AND mid='" + story.mid + "' ORDER BY rowid");
  return story;
}

std::size_t DeliveryTables::forget(WallMs cutoff, std::size_t most) {
  const std::string old = "<" + std::to_string(cutoff) + " LIMIT " + std::to_string(most) + ")";
  std::size_t gone = 0;
  const auto run = [&](const std::string& sql) {
    database_.run(sql);
    gone += static_cast<std::size_t>(database_.changes());
  };
  run("DELETE FROM delivery_events WHERE rowid IN (SELECT rowid FROM delivery_events WHERE ended" +
      old);
  run("DELETE FROM delivery_targets WHERE (sink,mid) IN (SELECT sink,mid FROM delivery_messages "
      "WHERE ended" +
      old);
  run("DELETE FROM delivery_messages WHERE rowid IN (SELECT rowid FROM delivery_messages "
      "WHERE ended" +
      old);
  run("DELETE FROM delivery_attempts WHERE rowid IN (SELECT rowid FROM delivery_attempts "
      "WHERE at" +
      old);
  run("DELETE FROM delivery_dead WHERE (sink,mid,target) IN (SELECT sink,mid,target "
      "FROM delivery_dead WHERE at" +
      old);
  return gone;
}

}  // namespace fastrsi
