// Keeps a database open that can be trusted, and knows what to do with one that cannot: a foreign
// one steps aside, a damaged one or one whose fsync failed gives what it holds to a new one first.
//
// The exchange makes journal.db.next whole before it touches journal.db, so that a crash at any
// point leaves one complete journal. Until it succeeds the old file can still be read.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "sinks/journal.hpp"
#include "sinks/journal_folder.hpp"
#include "sinks/journal_store.hpp"

namespace fastrsi {

// Owner and thread: the journal's.
class JournalKeeper {
 public:
  using Say = std::function<void(const std::string&)>;
  using Now = std::function<std::int64_t()>;

  // Throws std::runtime_error when no database can be had.
  JournalKeeper(const JournalSettings& settings, NameStore& names, Say say, Now now);

  // The store to read from; null while there is none.
  JournalStore* readable() const noexcept { return store_.get(); }
  // The store to write to. When the present one must not be written it is exchanged, at most one
  // attempt a second unless `at_once`; null when that did not work, why() then says the reason.
  JournalStore* writable(bool at_once = false) noexcept;
  // Takes in a failure of the store, whose pointers are then void. True when trying again at once
  // makes sense: space was freed, or the file is to be exchanged.
  bool failed(const SqliteError& error) noexcept;

  // Rises with every new store: what was learned from the old one must be read again.
  std::uint64_t generation() const noexcept { return generation_; }
  const std::string& why() const noexcept { return why_; }
  // Whether the present file is given up: it is read only until the exchange.
  bool is_broken() const noexcept { return broken_; }
  // Makes the ballast anew, at most one attempt a minute, where there is ample space.
  void mend_ballast() noexcept;
  bool ballast_there() const noexcept { return ballast_there_; }
  const JournalFolder& folder() const noexcept { return folder_; }
  void say(const std::string& line) const { say_("journal: " + line); }

 private:
  // Again: a full disk got its ballast back.
  enum class Attempt : std::uint8_t { Done, Again, Failed };

  void open_at_start();
  void open_or_replace();
  void open();
  void open_remains();
  void begin_anew(const std::string& reason);
  void make_next();
  void exchange();
  Attempt try_exchange();
  bool give_up_ballast();

  NameStore& names_;
  const Say say_;
  const Now now_;
  const std::uint64_t ballast_bytes_;
  JournalFolder folder_;
  std::unique_ptr<JournalStore> store_;
  bool broken_ = false;  // journal.db must not be written any more
  std::string broken_by_;
  // An exchange under way: journal.db.next is whole, only renames are left.
  bool next_is_made_ = false;
  std::string aside_;
  std::string taken_over_;  // what it holds, in words
  std::uint64_t generation_ = 0;
  std::string why_;
  bool ballast_there_ = true;
  std::int64_t exchange_tried_ns_ = 0;  // 0: never
  std::int64_t ballast_tried_ns_ = 0;
};

// Whether an action last done at `last_ns` (0: never) may be done again. A clock that was set back
// delays nothing.
constexpr bool is_due(std::int64_t now_ns, std::int64_t last_ns, std::int64_t pause_ns) noexcept {
  return last_ns == 0 || now_ns < last_ns || now_ns - last_ns >= pause_ns;
}

}  // namespace fastrsi
