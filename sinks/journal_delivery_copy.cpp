// Every row of the deliveries' tables into another database, column by column: what SQLite gives as
// a number goes over as a number. Rows need not make sense for that.
#include <array>
#include <string>

#include "sinks/journal_delivery.hpp"

namespace fastrsi {
namespace {

constexpr std::array<const char*, 12> kNames{
    "delivery_events",   "delivery_messages", "delivery_targets", "delivery_groups",
    "delivery_limiters", "delivery_pauses",   "delivery_stamps",  "delivery_breakers",
    "delivery_notified", "delivery_tallies",  "delivery_dead",    "delivery_attempts"};

// A table's columns, and how to ask what each value is.
struct Columns {
  std::size_t count = 0;
  std::string names;
  std::string types;
  std::string marks;
};

Columns columns_of(Database& database, const std::string& table) {
  Columns columns;
  Statement statement(database, "SELECT name FROM pragma_table_info('" + table + "')");
  Query query(statement);
  while (query.step()) {
    const std::string comma = columns.count++ == 0 ? "" : ",";
    const std::string name(query.take_bytes());
    columns.names += comma + name;
    columns.types.append(comma).append("typeof(").append(name).append(")");
    columns.marks += comma + "?";
  }
  return columns;
}

void copy_value(char type, Query& from, Query& to) {
  switch (type) {
    case 'i':
      to.bind_int(from.take_int());
      return;
    case 'r':
      to.bind_double(from.take_double());
      return;
    case 't':
      to.bind_text(from.take_bytes());
      return;
    case 'b':
      to.bind_blob(from.take_bytes());
      return;
    default:
      to.bind_null(), from.skip();
      return;
  }
}

}  // namespace

void DeliveryTables::copy_to(DeliveryTables& other) {
  for (const char* const name : kNames) copy_table(other, name);
}

void DeliveryTables::copy_table(DeliveryTables& other, const std::string& name) {
  const Columns columns = columns_of(other.database_, name);
  Statement read(database_, "SELECT " + columns.types + "," + columns.names + " FROM " + name);
  Statement write(other.database_,
                  "REPLACE INTO " + name + "(" + columns.names + ") VALUES(" + columns.marks + ")");
  Query from(read);
  while (from.step()) {
    std::string types;
    for (std::size_t i = 0; i < columns.count; ++i) types += from.take_bytes().substr(0, 1);
    Query to(write);
    for (const char type : types) copy_value(type, from, to);
    try {
      to.run();
    } catch (const SqliteError& error) {
      throw CopyFailed{error};
    }
  }
}

}  // namespace fastrsi
