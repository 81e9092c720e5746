// The tables of the sinks' deliveries in the journal's database: each method is a few statements,
// and every failure leaves as a SqliteError (DELIVERY.md, section 7.6).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sinks/delivery/store.hpp"
#include "sinks/sqlite.hpp"

namespace fastrsi {

// What has become of a signal at one sink, for `why`.
struct DeliveryStory {
  EventState state = EventState::Collecting;
  std::string mid;
  std::vector<TargetRow> targets;
  std::vector<AttemptRow> attempts;
};

// Owner: the journal's store. Thread: the journal's.
class DeliveryTables {
 public:
  explicit DeliveryTables(Database& database);

  // Within a transaction of the database. A CursorRow is not among its tables, and passed over.
  void apply(const std::string& sink, const DeliveryChange& change);
  DeliveryRows load(const std::string& sink);
  std::vector<DeadLetterRow> dead(const std::string& sink, const DeadSearch& search,
                                  std::size_t most);
  std::vector<DeadFound> find_dead(const std::string& sink, std::span<const DeadLetterKey> letters);
  std::optional<DeliveryStory> story(const std::string& sink, const std::string& signal_id);
  // Removes at most `most` rows of each table that came to their end before `cutoff`; returns how
  // many went.
  std::size_t forget(WallMs cutoff, std::size_t most);
  // Every row into another database, within a transaction of that. Its failures leave as
  // CopyFailed: they are not this one's.
  struct CopyFailed {
    SqliteError error;
  };
  void copy_to(DeliveryTables& other);

 private:
  void copy_table(DeliveryTables& other, const std::string& name);
  void put(const std::string& sink, const EventMove& move);
  void put(const std::string& sink, const MessageEnd& end);
  void put(const std::string& sink, const DeadGone& gone);
  void put(const std::string& /*sink*/, const CursorRow& /*row*/) {}
  void put(const std::string& sink, const StampRow& row);
  void put(const std::string& sink, const NotifiedRow& row);
  template <typename Row>
  void put(const std::string& sink, const Row& row) {
    replace(sink, row);
  }
  template <typename Row>
  void replace(const std::string& sink, Row row);
  template <typename Row>
  std::vector<Row> select(const std::string& sink, std::string_view which);

  Database& database_;
  std::array<std::optional<Statement>, 12> replace_;  // by Row's place in the list of tables
  Statement move_event_;
  Statement end_message_;
  Statement remove_stamp_;
  Statement remove_notified_;
  Statement remove_dead_;
};

// The tables' SQL, for the schema.
extern const char* const kDeliveryTables;

}  // namespace fastrsi
