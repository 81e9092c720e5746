#include "sinks/sqlite.hpp"

#include <sqlite3.h>

#include <cerrno>
#include <limits>
#include <system_error>

namespace fastrsi {
namespace {

SqliteFailure failure_of_io(int code) noexcept {
  switch (code) {
    case SQLITE_IOERR_FSYNC:
    case SQLITE_IOERR_DIR_FSYNC:
      return SqliteFailure::Sync;
    case SQLITE_IOERR_READ:
    case SQLITE_IOERR_SHORT_READ:
    case SQLITE_IOERR_CORRUPTFS:
      return SqliteFailure::Damage;
    default:
      return SqliteFailure::Write;
  }
}

SqliteFailure failure_of(int code, int system_error) noexcept {
  switch (code & 0xFF) {
    case SQLITE_FULL:
      return SqliteFailure::Full;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return SqliteFailure::Damage;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PERM:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_AUTH:
    case SQLITE_NOLFS:
    case SQLITE_NOMEM:
      return SqliteFailure::Refused;
    case SQLITE_IOERR:
      // SQLite knows a full disk, but takes a used-up quota for a failed write.
      if (code == SQLITE_IOERR_WRITE && system_error == EDQUOT) return SqliteFailure::Full;
      return failure_of_io(code);
    default:
      return SqliteFailure::Other;
  }
}

// Lengths in SQLite's C interface are int; longer values it refuses by itself as too big.
int length_of(std::string_view value) noexcept {
  constexpr std::size_t kMax = std::numeric_limits<int>::max();
  return static_cast<int>(value.size() < kMax ? value.size() : kMax);
}

// SQLite takes a null pointer for NULL, and an empty view may be one.
const char* bytes_of(std::string_view value) noexcept {
  return value.data() == nullptr ? "" : value.data();
}

int note_wal_pages(void* pages, sqlite3* /*database*/, const char* /*name*/, int count) {
  *static_cast<std::uint64_t*>(pages) = static_cast<std::uint64_t>(count);
  return SQLITE_OK;
}

}  // namespace

Database::Database(const std::string& path, Use use) : path_(path) {
  int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  if (use == Use::Write) flags |= SQLITE_OPEN_CREATE;
  const int code = sqlite3_open_v2(path.c_str(), &handle_, flags, nullptr);
  try {
    if (code != SQLITE_OK) fail(code, "open");
    set_up(use);
  } catch (...) {
    sqlite3_close(handle_);
    throw;
  }
}

void Database::set_up(Use use) {
  // Nothing that stands in the file's schema may run code, and no statement may break the file.
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  // SQLite swallows errors of a checkpoint at closing; and after a failed fsync nothing may be
  // written. The WAL stays instead and is read at the next opening.
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  // This hook takes the place of SQLite's automatic checkpoint, which swallows its errors.
  sqlite3_wal_hook(handle_, note_wal_pages, &wal_pages_);
  // Without write permission SQLite opens for reading and says nothing.
  if (sqlite3_db_readonly(handle_, "main") == 1) fail(SQLITE_READONLY, "open");
  // Exclusive before the first access: then the WAL's index lives in memory and needs no -shm file.
  run("PRAGMA locking_mode=EXCLUSIVE");
  run("PRAGMA cell_size_check=ON");
  run("PRAGMA temp_store=MEMORY");
  if (use == Use::Read) run("PRAGMA query_only=ON");
  run("PRAGMA synchronous=FULL");
  run("PRAGMA cache_size=-16384");
  run("PRAGMA secure_delete=OFF");
}

Database::~Database() {
  sqlite3_close(handle_);
}

void Database::fail(int code, std::string_view doing) const {
  const int system_error = handle_ == nullptr ? 0 : sqlite3_system_errno(handle_);
  std::string message = "cannot ";
  message.append(doing).append(" ").append(path_).append(": ");
  const bool own = handle_ != nullptr && sqlite3_extended_errcode(handle_) == code;
  message += own ? sqlite3_errmsg(handle_) : sqlite3_errstr(code);
  const SqliteFailure failure = failure_of(code, system_error);
  const bool of_system = (code & 0xFF) == SQLITE_IOERR || (code & 0xFF) == SQLITE_CANTOPEN;
  if (of_system && system_error != 0) {
    message += " (" + std::generic_category().message(system_error) + ")";
  }
  message += ", code " + std::to_string(code);
  throw SqliteError(failure, message);
}

void Database::run(const std::string& sql) {
  const int code = sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) fail(code, "use");
}

std::int64_t Database::number(const std::string& sql) {
  Statement statement(*this, sql);
  Query query(statement);
  return query.step() ? query.take_int() : 0;
}

std::string Database::text(const std::string& sql) {
  Statement statement(*this, sql);
  Query query(statement);
  if (!query.step()) return {};
  std::string first(query.take_bytes());
  // To its end: a statement that writes fails there, and not at its row.
  while (query.step()) {
  }
  return first;
}

void Database::rollback() noexcept {
  if (sqlite3_get_autocommit(handle_) == 0) {
    sqlite3_exec(handle_, "ROLLBACK", nullptr, nullptr, nullptr);
  }
}

std::int64_t Database::changes() const noexcept {
  return sqlite3_changes64(handle_);
}

void Database::checkpoint_wal(bool shrink) {
  const int mode = shrink ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE;
  const int code = sqlite3_wal_checkpoint_v2(handle_, "main", mode, nullptr, nullptr);
  if (code != SQLITE_OK) fail(code, "bring the WAL into");
  wal_pages_ = 0;
}

Statement::Statement(Database& database, std::string_view sql) : database_(database) {
  const int code = sqlite3_prepare_v3(database.handle_, bytes_of(sql), length_of(sql),
                                      SQLITE_PREPARE_PERSISTENT, &handle_, nullptr);
  if (code != SQLITE_OK) database.fail(code, "read");
}

Statement::~Statement() {
  sqlite3_finalize(handle_);
}

Query::~Query() {
  sqlite3_reset(statement_.handle_);
  sqlite3_clear_bindings(statement_.handle_);
}

void Query::check(int code) const {
  if (code != SQLITE_OK) statement_.database_.fail(code, "use");
}

Query& Query::bind_int(std::int64_t value) {
  check(sqlite3_bind_int64(statement_.handle_, ++parameter_, value));
  return *this;
}

Query& Query::bind_double(double value) {
  check(sqlite3_bind_double(statement_.handle_, ++parameter_, value));
  return *this;
}

Query& Query::bind_text(std::string_view value) {
  check(sqlite3_bind_text(statement_.handle_, ++parameter_, bytes_of(value), length_of(value),
                          SQLITE_TRANSIENT));
  return *this;
}

Query& Query::bind_blob(std::string_view value) {
  check(sqlite3_bind_blob(statement_.handle_, ++parameter_, bytes_of(value), length_of(value),
                          SQLITE_TRANSIENT));
  return *this;
}

Query& Query::bind_null() {
  check(sqlite3_bind_null(statement_.handle_, ++parameter_));
  return *this;
}

bool Query::step() {
  column_ = 0;
  const int code = sqlite3_step(statement_.handle_);
  if (code != SQLITE_ROW && code != SQLITE_DONE) statement_.database_.fail(code, "use");
  return code == SQLITE_ROW;
}

bool Query::next_is_null() const noexcept {
  return sqlite3_column_type(statement_.handle_, column_) == SQLITE_NULL;
}

std::int64_t Query::take_int() noexcept {
  return sqlite3_column_int64(statement_.handle_, column_++);
}

double Query::take_double() noexcept {
  const int column = column_++;
  if (sqlite3_column_type(statement_.handle_, column) == SQLITE_NULL) {
    return std::numeric_limits<double>::quiet_NaN();
  }
  return sqlite3_column_double(statement_.handle_, column);
}

std::string_view Query::take_bytes() noexcept {
  const int column = column_++;
  const void* const bytes = sqlite3_column_blob(statement_.handle_, column);
  const int length = sqlite3_column_bytes(statement_.handle_, column);
  if (bytes == nullptr) return {};
  return {static_cast<const char*>(bytes), static_cast<std::size_t>(length)};
}

}  // namespace fastrsi
