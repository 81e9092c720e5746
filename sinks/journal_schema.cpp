#include "sinks/journal_schema.hpp"

#include <string>

#include "sinks/journal_delivery.hpp"

namespace fastrsi {
namespace {

// Prices and RSI values are of type ANY: a REAL column stores whole numbers as integers, and minus
// zero would come back as zero. NULL stands for NaN.
constexpr const char* kTables = R"(
CREATE TABLE signals(
  seq INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,
  type TEXT NOT NULL,
  id TEXT,
  stage TEXT,
  rule TEXT NOT NULL,
  default_period INTEGER NOT NULL,
  first_period INTEGER NOT NULL,
  second_period INTEGER NOT NULL,
  kind TEXT NOT NULL,
  venue TEXT,
  symbol TEXT,
  timeframe TEXT NOT NULL,
  bar_open INTEGER,
  time INTEGER NOT NULL,
  received INTEGER,
  price ANY,
  rsi_default ANY,
  rsi_first ANY,
  rsi_second ANY,
  firing INTEGER,
  quality TEXT,
  repeat INTEGER,
  offline INTEGER,
  reason TEXT,
  symbols TEXT,
  taken INTEGER NOT NULL,
  fired INTEGER NOT NULL,
  journaled INTEGER NOT NULL,
  evidence BLOB
) STRICT;
CREATE INDEX signals_by_id ON signals(id);
CREATE INDEX signals_by_kind ON signals(kind, timeframe, symbol, stage);
CREATE TABLE cursors(sink TEXT PRIMARY KEY, seq INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE dead_letters(
  sink TEXT NOT NULL,
  seq INTEGER NOT NULL,
  reason TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY(sink, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE checkpoint(name TEXT PRIMARY KEY, bytes BLOB NOT NULL, sum INTEGER NOT NULL) STRICT;
CREATE TABLE notes(name TEXT PRIMARY KEY, text TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE meta(name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
)";

// The first version that has the deliveries' tables.
constexpr std::int64_t kDeliveryVersion = 2;

// Everything the schema says, as one text. What ANALYZE leaves behind changes no meaning.
std::string schema_of(Database& database) {
  return database.text(
      "SELECT group_concat(type||' '||name||' '||tbl_name||' '||ifnull(sql,''),char(10)) "
      "FROM (SELECT * FROM sqlite_schema WHERE name NOT LIKE 'sqlite_stat%' ORDER BY name)");
}

std::string our_schema(std::int64_t version) {
  Database scratch(":memory:", Database::Use::Write);
  scratch.run(kTables);
  if (version >= kDeliveryVersion) scratch.run(kDeliveryTables);
  return schema_of(scratch);
}

}  // namespace

bool is_empty(Database& database) {
  return database.number("PRAGMA page_count") == 0;
}

void create_tables(Database& database) {
  database.begin();
  database.run("PRAGMA application_id=" + std::to_string(kJournalApplicationId));
  database.run("PRAGMA user_version=" + std::to_string(kJournalVersion));
  database.run(kTables);
  database.run(kDeliveryTables);
  database.commit();
}

void check_ours(Database& database) {
  if (database.number("PRAGMA application_id") != kJournalApplicationId) {
    throw ForeignJournal("it is a database of another program");
  }
  const std::int64_t version = database.number("PRAGMA user_version");
  if (version < 1 || version > kJournalVersion) {
    throw ForeignJournal("it is of version " + std::to_string(version) +
                         ", and this program knows versions up to " +
                         std::to_string(kJournalVersion));
  }
  if (schema_of(database) != our_schema(version)) throw ForeignJournal("its tables are not ours");
}

bool has_deliveries(Database& database) {
  return database.number("PRAGMA user_version") >= kDeliveryVersion;
}

void upgrade(Database& database) {
  if (has_deliveries(database)) return;
  database.begin();
  database.run(kDeliveryTables);
  database.run("PRAGMA user_version=" + std::to_string(kJournalVersion));
  database.commit();
}

void check_pages(Database& database) {
  const std::string found = database.text("PRAGMA quick_check(1)");
  if (found != "ok") throw SqliteError(SqliteFailure::Damage, "its pages are damaged: " + found);
}

}  // namespace fastrsi
