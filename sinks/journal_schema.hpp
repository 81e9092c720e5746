// What a journal's database looks like, and whether one is ours. Version 2; version 1 had no
// deliveries, and gets their tables when it is opened:
//
//   signals       one row an entry; `key` keeps the same one from standing there twice
//   cursors       how far each sink has come
//   dead_letters  entries a sink could not bring away, and why
//   checkpoint    the engine's state, one row a part, each with its FNV-1a sum
//   notes         small texts that outlive the process
//   meta          last_seq (stays when retention has removed every row), checkpoint (the sum over
//                 all parts)
//   delivery_*    what each sink is about to deliver, has delivered, and keeps of it
#pragma once

#include <cstdint>
#include <stdexcept>

#include "sinks/sqlite.hpp"

namespace fastrsi {

inline constexpr std::int64_t kJournalApplicationId = 0x46525349;  // "FRSI"
inline constexpr std::int64_t kJournalVersion = 2;

// The file is a database, but none of ours, or of a version we do not know.
class ForeignJournal : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

bool is_empty(Database& database);
// All tables in one transaction: a database has all of them or none.
void create_tables(Database& database);
// Throws ForeignJournal. One of version 1 is ours too.
void check_ours(Database& database);
// Brings one of version 1 up to date, in one transaction.
void upgrade(Database& database);
bool has_deliveries(Database& database);
// Reads every page. Throws SqliteError (Damage).
void check_pages(Database& database);

}  // namespace fastrsi
