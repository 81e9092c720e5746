// The journal: what was said, how far each sink has come, and the engine's state, in one SQLite
// database (WAL, synchronous = FULL, exclusive locking), written one transaction at a time.
//
// Files of its folder: `journal.db` (and SQLite's journal.db-wal), `lock` (held, with the holder's
// process id as text), `ballast` (disk space kept for a full disk). What cannot be read is renamed
// to `journal.db.aside-1`, `-2`, ..., with its -wal, and never deleted.
//
// When the disk fails the journal degrades: entries keep coming, get their seq, and wait in memory
// (at most kEntriesWaitingMax, the oldest are then given up and counted) until a later commit()
// gets through. On a full disk the ballast is given up first. After a failed fsync the same file is
// never tried again: it is set aside, and what it holds goes over into a new one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sinks/journal_delivery.hpp"
#include "sinks/journal_entry.hpp"

namespace fastrsi {

inline constexpr std::size_t kEntriesWaitingMax = 100'000;
// Changes to the sinks' deliveries that may wait for the disk; beyond them the sinks stand still.
inline constexpr std::size_t kDeliveryChangesWaitingMax = 200'000;

struct JournalSettings {
  std::string dir;                                     // made, mode 0700, when it is not there
  Nanoseconds keep_age = std::chrono::hours{24 * 30};  // entries older than this go
  std::uint64_t keep_entries = 1'000'000;              // and those beyond this many
  std::uint64_t ballast_bytes = 32ULL * 1024 * 1024;
};

// One part of the engine's state, by name ("symbol/binance:BTCUSDT", "input", ...). Bytes are the
// engine's own.
struct StatePart {
  std::string name;
  std::string bytes;
};
// The whole state at one position of the input. Parts that are not in it are gone.
struct Checkpoint {
  std::vector<StatePart> parts;
};

struct JournalStatus {
  std::uint64_t oldest_seq = 0;  // 0: the journal is empty
  std::uint64_t newest_seq = 0;  // the newest seq given, in memory or on disk
  std::uint64_t durable_seq = 0;
  std::uint64_t entries = 0;
  std::uint64_t waiting = 0;   // entries in memory only
  std::uint64_t given_up = 0;  // entries lost to kEntriesWaitingMax
  std::uint64_t commits = 0;
  std::uint64_t failed_commits = 0;
  std::uint64_t bytes = 0;  // of journal.db and its -wal
  bool degraded = false;    // the last commit did not get through
  bool ballast_there = true;
  std::string trouble;  // why, with the mend; empty when all is well
};

// Owner: the recorder. Thread: the journal's, all of it; one connection.
class Journal {
 public:
  // `say` gets one clear line for each event that people must know (set aside, full disk, back to
  // normal). `now_ns` is our wall clock, unix nanoseconds. Throws std::runtime_error, with the
  // mend, when the folder cannot be used or another process has it ("state folder DIR is in use by
  // process 123 (stop it, or give this one its own state.dir)").
  Journal(const JournalSettings& settings, NameStore& names,
          std::function<void(const std::string&)> say, std::function<std::int64_t()> now_ns);
  ~Journal();  // commits what is open
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  // Takes an entry into the open batch. False when one of the same key is there already: nothing is
  // changed then. Otherwise sets entry.seq and entry.journaled_ns.
  bool add(JournalEntry& entry) noexcept;
  // How far a sink has come: every entry up to `seq` is done. Names are the sinks' own.
  void set_cursor(const std::string& sink, std::uint64_t seq) noexcept;
  // A sink that is no more holds nothing back.
  void remove_cursor(const std::string& sink) noexcept;
  // Replaces the state. It becomes durable in the same transaction as every entry added before it,
  // or later; never without them.
  void set_checkpoint(Checkpoint checkpoint) noexcept;
  // Small values that outlive the process ("watch", "silence"). Empty: removed.
  void set_note(const std::string& name, const std::string& text) noexcept;
  void add_dead_letter(const std::string& sink, std::uint64_t seq,
                       const std::string& reason) noexcept;

  // What a sink's delivery has changed; a CursorRow among it sets its cursor. They become durable
  // together, and after all that was added before. False when too much waits for the disk: then
  // they are left as they are.
  bool add_delivery(const std::string& sink, DeliveryChanges& changes) noexcept;

  // Ends the batch in one transaction. True when all that was added is durable. False: degraded;
  // nothing is lost, and the next commit() tries all of it again.
  bool commit() noexcept;
  // Whether anything waits for a commit.
  bool has_open_batch() const noexcept;
  // Retention and the WAL's checkpoint, a bounded piece of work each call; returns whether there is
  // more to do. Entries go by age and number, never past a cursor.
  bool tidy() noexcept;

  // Entries with seq > `after` in order, at most `most`; entries that only wait in memory too.
  std::vector<JournalEntry> read(std::uint64_t after, std::size_t most) noexcept;
  // The entries of one id, by seq: its stages.
  std::vector<JournalEntry> find(const std::string& id) noexcept;
  std::optional<std::uint64_t> cursor(const std::string& sink) noexcept;
  // As it was at the last set_checkpoint(). Empty when there is none, or it is damaged: then that
  // is said.
  Checkpoint checkpoint() noexcept;
  std::string note(const std::string& name) noexcept;
  // A sink's live rows. Nothing when they cannot be read, or changes to them wait for the disk.
  std::optional<DeliveryRows> delivery_rows(const std::string& sink) noexcept;
  // Newest first. What is not committed is not among it, here and below.
  std::vector<DeadLetterRow> delivery_dead(const std::string& sink, const DeadSearch& search,
                                           std::size_t most) noexcept;
  // One for each of `letters`.
  std::vector<DeadFound> find_delivery_dead(const std::string& sink,
                                            std::span<const DeadLetterKey> letters) noexcept;
  std::optional<DeliveryStory> delivery_story(const std::string& sink,
                                              const std::string& signal_id) noexcept;
  JournalStatus status() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// The state folder: `configured`, else $STATE_DIRECTORY (its first, as systemd writes several with
// colons), else $XDG_STATE_HOME/fastrsi, else $HOME/.local/state/fastrsi. Throws std::runtime_error
// when none of them is set.
std::string state_folder(const std::string& configured);

}  // namespace fastrsi
