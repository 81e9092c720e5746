// The newest records of the journal, in memory, for everyone who follows it. Who has fallen behind
// its beginning reads the journal itself.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <vector>

#include "sinks/journal_entry.hpp"
#include "sinks/local_socket.hpp"

namespace fastrsi {

inline constexpr std::size_t kWindowEntries = 8192;

// An entry as sinks take it and as the socket sends it. Immutable once made.
struct PublishedEntry {
  JournalEntry entry;
  SocketRecord record;
};
using PublishedPtr = std::shared_ptr<const PublishedEntry>;
PublishedPtr publish_form_of(JournalEntry entry);

// Threads: the journal's writes, any reads.
class JournalWindow {
 public:
  // What the journal held when the service began.
  void start(std::uint64_t oldest, std::uint64_t newest);
  void publish(const std::vector<PublishedPtr>& entries);
  void set_oldest(std::uint64_t oldest);
  // Nobody waits any more.
  void close();

  // Entries with seq > `after`, at most `most`, appended to `out`. False when some of them are
  // older than the window.
  bool read(std::uint64_t after, std::size_t most, std::vector<PublishedPtr>& out) const;
  // Waits until there is an entry after `after`, or until `time`, or until it is closed.
  void wait_for(std::uint64_t after, std::chrono::steady_clock::time_point time) const;
  std::uint64_t newest() const;
  std::uint64_t oldest() const;  // of the journal; 0 when it is empty
  bool is_closed() const;

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::deque<PublishedPtr> entries_;  // seqs rise by one
  std::uint64_t oldest_ = 0;
  std::uint64_t newest_ = 0;
  bool closed_ = false;
};

}  // namespace fastrsi
