// The one door to SQLite: a database, a statement, one use of a statement. It gives what the
// journal needs and nothing else: every failure becomes a SqliteError that says which kind of
// failure it was, because the journal answers a full disk, a failed fsync and a damaged file in
// three different ways.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace fastrsi {

enum class SqliteFailure : std::uint8_t {
  Full,     // no space left, or the quota is used up
  Sync,     // an fsync failed: what the file holds is unknown from now on
  Write,    // a write, a truncation or the like failed
  Damage,   // what is in the file cannot be read, or is no database
  Refused,  // another process has it, or its mode forbids
  Other,    // of another schema, or a mistake in a statement
};

class SqliteError : public std::runtime_error {
 public:
  SqliteError(SqliteFailure failure, const std::string& message)
      : std::runtime_error(message), failure_(failure) {}
  SqliteFailure failure() const noexcept { return failure_; }

 private:
  SqliteFailure failure_;
};

// One connection, with exclusive locking: whoever comes second is refused. Nothing is written that
// was not asked for: no automatic WAL checkpoint, none at closing either.
// Owner and thread: the journal's.
class Database {
 public:
  enum class Use : std::uint8_t { Write, Read };  // Read: nothing in the file is ever changed

  Database(const std::string& path, Use use);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // One or several statements whose rows nobody wants.
  void run(const std::string& sql);
  // The first column of the first row; 0 or empty when there is no row.
  std::int64_t number(const std::string& sql);
  std::string text(const std::string& sql);

  void begin() { run("BEGIN IMMEDIATE"); }
  void commit() { run("COMMIT"); }
  // Ends the open transaction, if there is one. In WAL mode this writes nothing.
  void rollback() noexcept;
  // Rows changed by the last statement.
  std::int64_t changes() const noexcept;

  // Pages in the WAL after the last commit of this connection.
  std::uint64_t wal_pages() const noexcept { return wal_pages_; }
  // Brings the WAL's pages over into the database. With `shrink` the WAL's file gives its space
  // back; otherwise it keeps it for the commits to come.
  void checkpoint_wal(bool shrink);

 private:
  friend class Statement;
  friend class Query;
  [[noreturn]] void fail(int code, std::string_view doing) const;
  void set_up(Use use);

  const std::string path_;
  sqlite3* handle_ = nullptr;
  std::uint64_t wal_pages_ = 0;
};

// A prepared statement. Its database must outlive it.
class Statement {
 public:
  Statement(Database& database, std::string_view sql);
  ~Statement();
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

 private:
  friend class Query;
  const Database& database_;
  sqlite3_stmt* handle_ = nullptr;
};

// One use of a statement: parameters are bound and columns taken in their order, so that the code
// that writes a row and the code that reads it stand side by side. It resets the statement at its
// end: a statement left open would hold a read transaction, and with it the WAL's checkpoint.
class Query {
 public:
  explicit Query(Statement& statement) noexcept : statement_(statement) {}
  ~Query();
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;

  Query& bind_int(std::int64_t value);
  Query& bind_double(double value);  // NaN becomes NULL
  Query& bind_text(std::string_view value);
  Query& bind_blob(std::string_view value);
  Query& bind_null();

  // Whether there is a row; its columns are taken from the first on.
  bool step();
  void run() {
    while (step()) {
    }
  }

  bool next_is_null() const noexcept;
  void skip() noexcept { ++column_; }
  std::int64_t take_int() noexcept;
  double take_double() noexcept;           // NULL becomes NaN
  std::string_view take_bytes() noexcept;  // text or blob, good until the next step

 private:
  void check(int code) const;

  Statement& statement_;
  int parameter_ = 0;
  int column_ = 0;
};

}  // namespace fastrsi
