// The engine's state on its way into the journal: only the parts that changed since the last time
// are written, so that a large state can be stored often.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "sinks/journal.hpp"
#include "sinks/journal_store.hpp"

namespace fastrsi {

// Owner and thread: the journal's.
class JournalState {
 public:
  // Takes the state in; write() stores it.
  void set(Checkpoint checkpoint);
  bool is_waiting() const noexcept { return waiting_; }
  // Within the store's transaction. written() when that has come through.
  void write(JournalStore& store);
  void written() noexcept;
  // After a store was opened: learns what it holds. False when the state is lost, because parts of
  // it were only in the store before; then none is there until the next set().
  bool follow(JournalStore& store);
  // What was set last. `store` may be null. No value: damaged.
  std::optional<Checkpoint> read(JournalStore* store);

 private:
  void lose();

  PartStamps stored_;  // what the store holds
  PartStamps wanted_;  // what it is to hold, while waiting
  std::map<std::string, std::string> changed_;
  bool waiting_ = false;
  bool whole_ = false;  // nothing of what is stored can be kept
};

}  // namespace fastrsi
