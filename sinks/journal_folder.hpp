// The journal's folder and what lies in it beside SQLite's own writing: the lock that keeps a
// second process out, the ballast, and the renames by which a file that cannot be used steps aside
// without ever being deleted.
#pragma once

#include <cstdint>
#include <string>

namespace fastrsi {

// Owner: the keeper. Thread: the journal's.
class JournalFolder {
 public:
  // Makes the folder when it is not there, takes its lock, and finishes or forgets an exchange of
  // files that a crash cut short. Throws std::runtime_error with the mend.
  explicit JournalFolder(const std::string& dir);
  ~JournalFolder();
  JournalFolder(const JournalFolder&) = delete;
  JournalFolder& operator=(const JournalFolder&) = delete;

  const std::string& dir() const noexcept { return dir_; }
  std::string database() const { return dir_ + "/journal.db"; }
  // A database in the making, which put_next_in_place() makes the journal's.
  std::string next() const { return dir_ + "/journal.db.next"; }

  // Creates an empty file that only its owner may read, unless one is there: SQLite would ask the
  // umask. Throws std::runtime_error.
  void make_private(const std::string& path) const;
  // A name that no file has, with its -wal's.
  std::string free_aside() const;
  // Renames what is left of journal.db and its -wal. Throws std::runtime_error.
  void set_aside(const std::string& aside) const;
  void put_next_in_place() const;  // likewise
  void remove_next() const noexcept;
  // What SQLite left beside it, when that is no longer part of it.
  void remove_beside_next() const noexcept;

  // The size of journal.db and of its -wal.
  std::uint64_t bytes() const noexcept;
  std::uint64_t wal_bytes() const noexcept;

  // False when there is no space for it; then there is none of it.
  bool make_ballast(std::uint64_t bytes) const noexcept;
  bool ballast_there() const noexcept;
  bool give_up_ballast() const noexcept;  // whether there was one
  std::uint64_t free_bytes() const noexcept;

 private:
  void make() const;
  void lock();
  void finish_exchange() const;
  void rename(const std::string& from, const std::string& to) const;
  void sync() const;
  [[noreturn]] void fail(const std::string& doing, int error) const;

  const std::string dir_;  // absolute
  int lock_ = -1;
};

}  // namespace fastrsi
