// The journal behind its header: joins the batch that waits to the store that the keeper keeps, and
// decides when to try, when to wait and what to say.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "sinks/journal.hpp"
#include "sinks/journal_batch.hpp"
#include "sinks/journal_keeper.hpp"

namespace fastrsi {

struct Journal::Impl {
  Impl(const JournalSettings& settings, NameStore& names,
       std::function<void(const std::string&)> say, std::function<std::int64_t()> now);

  bool add(JournalEntry& entry);
  bool commit(bool is_last);
  bool tidy();
  std::vector<JournalEntry> read(std::uint64_t after, std::size_t most);
  std::vector<JournalEntry> find(const std::string& id);
  Checkpoint checkpoint();
  void with_deliveries(const std::function<void(DeliveryTables&)>& use);
  JournalStatus status() const;
  // Whether a commit has something to do: also when only the disk's trouble is left to mend.
  bool has_work() const noexcept { return degraded_ || !batch.is_empty(); }

  JournalSettings settings;
  NameStore& names;
  std::function<std::int64_t()> now;
  JournalKeeper keeper;
  JournalBatch batch;

 private:
  bool write_batch(bool at_once);
  bool stored(const std::string& key);
  void follow_store();
  void learn_counts(JournalStore& store);
  void make_place();
  JournalEntry kept(const JournalEntry& entry);
  // Runs `use` on the store that can be read, once more when the store was exchanged meanwhile.
  bool with_readable(const std::function<void(JournalStore&)>& use);
  void degrade(const std::string& why);
  void recover(std::uint64_t waited);
  std::uint64_t first_waiting_seq() const noexcept;
  bool tidy_store(JournalStore& store);
  bool remove_old(JournalStore& store);

  std::uint64_t generation_ = 0;  // of the store whose counts these are
  std::uint64_t newest_seq_ = 0;
  std::uint64_t durable_seq_ = 0;
  std::uint64_t oldest_stored_ = 0;
  std::uint64_t stored_entries_ = 0;
  std::uint64_t given_up_ = 0;
  std::uint64_t commits_ = 0;
  std::uint64_t failed_commits_ = 0;
  bool degraded_ = false;
  std::string trouble_;
  std::string tidy_trouble_;
  std::int64_t tried_ns_ = 0;  // the last attempt while degraded
  std::int64_t tidy_tried_ns_ = 0;
  std::int64_t forgot_ns_ = 0;  // deliveries that are over, the last time
};

}  // namespace fastrsi
