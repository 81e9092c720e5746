#include "sinks/journal_store.hpp"

#include <algorithm>
#include <bit>
#include <limits>

#include "sinks/journal_rows.hpp"
#include "sinks/journal_schema.hpp"

namespace fastrsi {
namespace {

// No journal comes near it: a seq beyond is damage, and counting on from it would overflow.
constexpr std::int64_t kSeqMax = std::int64_t{1} << 62;

std::string with_columns(std::string_view before, std::string_view after) {
  return std::string(before).append(kEntryColumns).append(after);
}

std::string insert_sql() {
  std::string marks = "?";
  for (int i = 1; i < kEntryColumnCount; ++i) marks += ",?";
  // Not OR IGNORE: that would swallow an empty column too, and with it an entry.
  return with_columns("INSERT INTO signals(", ") VALUES(") + marks + ") ON CONFLICT DO NOTHING";
}

// Seqs as SQLite's integers; those beyond are no rows.
std::int64_t bound(std::uint64_t seq) noexcept {
  constexpr std::uint64_t kMax = std::numeric_limits<std::int64_t>::max();
  return static_cast<std::int64_t>(std::min(seq, kMax));
}

// Writes only when the database is not in this mode already.
void switch_to_wal(Database& database) {
  const std::string mode = database.text("PRAGMA journal_mode=WAL");
  if (mode != "wal") throw SqliteError(SqliteFailure::Refused, "it stays in mode " + mode);
}

}  // namespace

std::uint64_t fnv1a(std::string_view bytes, std::uint64_t sum) noexcept {
  for (const char c : bytes) {
    sum = (sum ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  }
  return sum;
}

JournalStore::Opened::Opened(const std::string& path, Use use)
    : database(path, use == Use::Remains ? Database::Use::Read : Database::Use::Write) {
  if (use != Use::Remains && is_empty(database)) create_tables(database);
  check_ours(database);
  if (use != Use::Journal) return;
  check_pages(database);
  upgrade(database);
  switch_to_wal(database);
}

void JournalStore::use_wal() {
  switch_to_wal(database_);
}

JournalStore::JournalStore(const std::string& path, Use use, NameStore& names)
    : names_(names),
      opened_(path, use),
      database_(opened_.database),
      has_(database_, "SELECT 1 FROM signals WHERE key=?"),
      insert_(database_, insert_sql()),
      read_(database_,
            with_columns("SELECT ", " FROM signals WHERE seq>? AND seq<? ORDER BY seq LIMIT ?")),
      find_(database_, with_columns("SELECT ", " FROM signals WHERE id=? AND seq<? ORDER BY seq")),
      up_(database_,
          with_columns("SELECT seq,", " FROM signals WHERE seq>=? ORDER BY seq LIMIT 1")),
      down_(database_,
            with_columns("SELECT seq,", " FROM signals WHERE seq<=? ORDER BY seq DESC LIMIT 1")),
      oldest_(database_, "SELECT seq,journaled FROM signals ORDER BY seq LIMIT ?"),
      remove_(database_, "DELETE FROM signals WHERE seq<=?"),
      put_cursor_(database_, "REPLACE INTO cursors(sink,seq) VALUES(?,?)"),
      remove_cursor_(database_, "DELETE FROM cursors WHERE sink=?"),
      put_note_(database_, "REPLACE INTO notes(name,text) VALUES(?,?)"),
      remove_note_(database_, "DELETE FROM notes WHERE name=?"),
      put_dead_letter_(database_, "REPLACE INTO dead_letters(sink,seq,reason,at) VALUES(?,?,?,?)"),
      part_(database_, "SELECT bytes FROM checkpoint WHERE name=?"),
      put_part_(database_, "REPLACE INTO checkpoint(name,bytes,sum) VALUES(?,?,?)"),
      remove_part_(database_, "DELETE FROM checkpoint WHERE name=?"),
      meta_(database_, "SELECT value FROM meta WHERE name=?"),
      put_meta_(database_, "REPLACE INTO meta(name,value) VALUES(?,?)") {
  if (has_deliveries(database_)) deliveries_.emplace(database_);
}

bool JournalStore::has(std::string_view key) {
  Query query(has_);
  query.bind_text(key);
  return query.step();
}

bool JournalStore::insert(const JournalEntry& entry, std::string_view key) {
  {
    Query query(insert_);
    bind_entry(query, entry, key);
    query.run();
  }
  if (database_.changes() > 0) return true;
  if (has(key)) return false;
  throw SqliteError(SqliteFailure::Other,
                    "place " + std::to_string(entry.seq) + " is taken by another entry");
}

void JournalStore::read(std::uint64_t after, std::uint64_t before, std::size_t most,
                        std::vector<JournalEntry>& entries) {
  Query query(read_);
  query.bind_int(bound(after)).bind_int(bound(before)).bind_int(bound(most));
  while (query.step()) entries.push_back(take_entry(query, names_));
}

void JournalStore::find(std::string_view id, std::uint64_t before,
                        std::vector<JournalEntry>& entries) {
  Query query(find_);
  query.bind_text(id).bind_int(bound(before));
  while (query.step()) entries.push_back(take_entry(query, names_));
}

std::optional<JournalStore::Row> JournalStore::row_near(std::uint64_t seq, bool down) {
  Query query(down ? down_ : up_);
  query.bind_int(bound(seq));
  if (!query.step()) return std::nullopt;
  const std::int64_t found = query.take_int();
  if (found < 1 || found > kSeqMax) return std::nullopt;
  Row row{static_cast<std::uint64_t>(found), std::nullopt};
  try {
    row.entry = take_entry(query, names_);
  } catch (const SqliteError&) {
    // The row can be reached but not understood: its neighbours may still be whole.
  }
  return row;
}

std::uint64_t JournalStore::count() {
  return static_cast<std::uint64_t>(database_.number("SELECT count(*) FROM signals"));
}

std::uint64_t JournalStore::oldest_seq() {
  return static_cast<std::uint64_t>(database_.number("SELECT ifnull(min(seq),0) FROM signals"));
}

std::uint64_t JournalStore::last_seq() {
  const std::int64_t least = database_.number("SELECT ifnull(min(seq),1) FROM signals");
  const std::int64_t most =
      std::max(meta("last_seq"), database_.number("SELECT ifnull(max(seq),0) FROM signals"));
  if (least < 1 || most < 0 || most > kSeqMax) {
    throw SqliteError(SqliteFailure::Damage, "its numbers are damaged");
  }
  return static_cast<std::uint64_t>(most);
}

void JournalStore::put_last_seq(std::uint64_t seq) {
  put_meta("last_seq", bound(seq));
}

std::uint64_t JournalStore::removable(std::int64_t cutoff_ns, std::uint64_t excess,
                                      std::uint64_t limit_seq, std::size_t most) {
  Query query(oldest_);
  query.bind_int(bound(most));
  std::uint64_t last = 0;
  for (std::uint64_t i = 0; query.step(); ++i) {
    const auto seq = static_cast<std::uint64_t>(query.take_int());
    const bool old = query.take_int() < cutoff_ns;
    if (seq > limit_seq || (!old && i >= excess)) break;
    last = seq;
  }
  return last;
}

std::uint64_t JournalStore::remove_up_to(std::uint64_t seq) {
  Query query(remove_);
  query.bind_int(bound(seq)).run();
  return static_cast<std::uint64_t>(database_.changes());
}

std::map<std::string, std::uint64_t> JournalStore::cursors() {
  std::map<std::string, std::uint64_t> cursors;
  Statement statement(database_, "SELECT sink,seq FROM cursors");
  Query query(statement);
  while (query.step()) {
    std::string sink(query.take_bytes());
    cursors[std::move(sink)] =
        static_cast<std::uint64_t>(std::max<std::int64_t>(0, query.take_int()));
  }
  return cursors;
}

void JournalStore::put_cursor(const std::string& sink, std::optional<std::uint64_t> seq) {
  Query query(seq ? put_cursor_ : remove_cursor_);
  query.bind_text(sink);
  if (seq) query.bind_int(bound(*seq));
  query.run();
}

std::map<std::string, std::string> JournalStore::notes() {
  std::map<std::string, std::string> notes;
  Statement statement(database_, "SELECT name,text FROM notes");
  Query query(statement);
  while (query.step()) {
    std::string name(query.take_bytes());
    notes[std::move(name)] = query.take_bytes();
  }
  return notes;
}

void JournalStore::put_note(const std::string& name, const std::string& text) {
  Query query(text.empty() ? remove_note_ : put_note_);
  query.bind_text(name);
  if (!text.empty()) query.bind_text(text);
  query.run();
}

std::vector<DeadLetter> JournalStore::dead_letters() {
  std::vector<DeadLetter> letters;
  Statement statement(database_, "SELECT sink,seq,reason,at FROM dead_letters");
  Query query(statement);
  while (query.step()) {
    DeadLetter& letter = letters.emplace_back();
    letter.sink = query.take_bytes();
    letter.seq = static_cast<std::uint64_t>(query.take_int());
    letter.reason = query.take_bytes();
    letter.at_ns = query.take_int();
  }
  return letters;
}

void JournalStore::put_dead_letter(const DeadLetter& letter) {
  Query query(put_dead_letter_);
  query.bind_text(letter.sink).bind_int(bound(letter.seq));
  query.bind_text(letter.reason).bind_int(letter.at_ns).run();
}

std::int64_t JournalStore::meta(const char* name) {
  Query query(meta_);
  query.bind_text(name);
  return query.step() ? query.take_int() : 0;
}

void JournalStore::put_meta(const char* name, std::int64_t value) {
  Query query(put_meta_);
  query.bind_text(name).bind_int(value).run();
}

PartStamps JournalStore::part_stamps() {
  PartStamps stamps;
  Statement statement(database_, "SELECT name,sum,length(bytes) FROM checkpoint");
  Query query(statement);
  while (query.step()) {
    PartStamp& stamp = stamps[std::string(query.take_bytes())];
    stamp.sum = std::bit_cast<std::uint64_t>(query.take_int());
    stamp.size = static_cast<std::uint64_t>(query.take_int());
  }
  return stamps;
}

std::optional<std::string> JournalStore::part(const std::string& name) {
  Query query(part_);
  query.bind_text(name);
  if (!query.step()) return std::nullopt;
  return std::string(query.take_bytes());
}

void JournalStore::put_part(const std::string& name, const std::string& bytes, std::uint64_t sum) {
  Query query(put_part_);
  query.bind_text(name).bind_blob(bytes).bind_int(std::bit_cast<std::int64_t>(sum)).run();
}

void JournalStore::remove_part(const std::string& name) {
  Query query(remove_part_);
  query.bind_text(name).run();
}

void JournalStore::remove_parts() {
  database_.run("DELETE FROM checkpoint");
}

std::uint64_t JournalStore::parts_sum() {
  return std::bit_cast<std::uint64_t>(meta("checkpoint"));
}

void JournalStore::put_parts_sum(std::uint64_t sum) {
  put_meta("checkpoint", std::bit_cast<std::int64_t>(sum));
}

}  // namespace fastrsi
