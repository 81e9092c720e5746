// One open database of the journal with its statements: each method is one of them. It knows no
// policy; every failure leaves as a SqliteError, and the keeper decides what becomes of the file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sinks/journal_delivery.hpp"
#include "sinks/journal_entry.hpp"
#include "sinks/sqlite.hpp"

namespace fastrsi {

// FNV-1a, 64 bits: tells a changed or damaged part of the state, not a forged one.
inline constexpr std::uint64_t kFnvBasis = 0xcbf29ce484222325ULL;
std::uint64_t fnv1a(std::string_view bytes, std::uint64_t sum = kFnvBasis) noexcept;

struct PartStamp {
  std::uint64_t sum = 0;
  std::uint64_t size = 0;
  friend bool operator==(const PartStamp&, const PartStamp&) = default;
};
using PartStamps = std::map<std::string, PartStamp>;

struct DeadLetter {
  std::string sink;
  std::uint64_t seq = 0;
  std::string reason;
  std::int64_t at_ns = 0;
};

// Owner: the keeper. Thread: the journal's.
class JournalStore {
 public:
  enum class Use : std::uint8_t {
    Journal,  // the journal itself: checked whole, in WAL mode
    Next,     // the one that is to take its place: made anew, in WAL mode from use_wal() on
    Remains,  // one that must not be written any more, or that is damaged: read only
  };

  // Throws SqliteError, or ForeignJournal for a database that is not ours.
  JournalStore(const std::string& path, Use use, NameStore& names);

  void use_wal();
  void begin() { database_.begin(); }
  void commit() { database_.commit(); }
  void rollback() noexcept { database_.rollback(); }
  std::uint64_t wal_pages() const noexcept { return database_.wal_pages(); }
  void checkpoint_wal(bool shrink) { database_.checkpoint_wal(shrink); }

  bool has(std::string_view key);
  // False: an entry of this key is there already.
  bool insert(const JournalEntry& entry, std::string_view key);
  // Appends entries with after < seq < before, at most `most`.
  void read(std::uint64_t after, std::uint64_t before, std::size_t most,
            std::vector<JournalEntry>& entries);
  void find(std::string_view id, std::uint64_t before, std::vector<JournalEntry>& entries);
  // The row at or behind `seq`, or with `down` at or before it. No value at the end.
  struct Row {
    std::uint64_t seq = 0;
    std::optional<JournalEntry> entry;  // none when the row is damaged
  };
  std::optional<Row> row_near(std::uint64_t seq, bool down);

  std::uint64_t count();
  std::uint64_t oldest_seq();
  std::uint64_t last_seq();
  void put_last_seq(std::uint64_t seq);
  // The last of the `most` oldest entries that may go: journaled before `cutoff_ns` or one of the
  // first `excess`, and none behind `limit_seq`. 0: none.
  std::uint64_t removable(std::int64_t cutoff_ns, std::uint64_t excess, std::uint64_t limit_seq,
                          std::size_t most);
  // Removes entries up to `seq`; returns how many.
  std::uint64_t remove_up_to(std::uint64_t seq);

  std::map<std::string, std::uint64_t> cursors();
  void put_cursor(const std::string& sink, std::optional<std::uint64_t> seq);
  std::map<std::string, std::string> notes();
  void put_note(const std::string& name, const std::string& text);
  std::vector<DeadLetter> dead_letters();
  void put_dead_letter(const DeadLetter& letter);

  // The sinks' deliveries; null in what remains of a journal of version 1.
  DeliveryTables* deliveries() noexcept { return deliveries_ ? &*deliveries_ : nullptr; }

  PartStamps part_stamps();
  std::optional<std::string> part(const std::string& name);
  void put_part(const std::string& name, const std::string& bytes, std::uint64_t sum);
  void remove_part(const std::string& name);
  void remove_parts();
  std::uint64_t parts_sum();
  void put_parts_sum(std::uint64_t sum);

 private:
  // What opening does before any statement is prepared.
  struct Opened {
    Opened(const std::string& path, Use use);
    Database database;
  };
  std::int64_t meta(const char* name);
  void put_meta(const char* name, std::int64_t value);

  NameStore& names_;
  Opened opened_;
  Database& database_;
  Statement has_;
  Statement insert_;
  Statement read_;
  Statement find_;
  Statement up_;
  Statement down_;
  Statement oldest_;
  Statement remove_;
  Statement put_cursor_;
  Statement remove_cursor_;
  Statement put_note_;
  Statement remove_note_;
  Statement put_dead_letter_;
  Statement part_;
  Statement put_part_;
  Statement remove_part_;
  Statement meta_;
  Statement put_meta_;
  std::optional<DeliveryTables> deliveries_;
};

}  // namespace fastrsi
