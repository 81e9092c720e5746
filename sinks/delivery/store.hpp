// Where a sink's rows are kept. The journal's database has an implementation
// (sinks/journal_delivery.hpp); tests have one in memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sinks/delivery/rows.hpp"

namespace fastrsi {

// What tells a dead letter of a sink from all its others.
struct DeadLetterKey {
  std::string mid;
  std::string target;
};

// Which dead letters are meant.
struct DeadSearch {
  std::string mid;     // begins so
  std::string target;  // empty: any
};

// What a key names.
struct DeadFound {
  bool is_dead = false;
  std::optional<MessageRow> message;  // with its octets; nothing when it is gone
};

struct DeadLetterRow {
  DeadRow dead;
  GroupKey group;
  std::vector<std::string> symbols;  // of its message's events, in order
};

// Thread: as the implementation says.
class DeliveryStore {
 public:
  enum class Commit : std::uint8_t {
    Durable,
    Waiting,  // the disk fails: the changes are held in memory and written when it is back
    Refused,  // too much is held already: nothing of it was taken, offer it again later
  };

  virtual ~DeliveryStore() = default;
  virtual DeliveryRows load(const std::string& sink) = 0;
  // All of them in one transaction, after all that were given before. They are left as they are
  // where they are refused, and taken otherwise.
  virtual Commit commit(const std::string& sink, DeliveryChanges& changes) noexcept = 0;
  // Dead letters, newest first, at most `most`.
  virtual std::vector<DeadLetterRow> dead(const std::string& sink, const DeadSearch& search,
                                          std::size_t most) = 0;
  // One for each of `letters`.
  virtual std::vector<DeadFound> find_dead(const std::string& sink,
                                           std::span<const DeadLetterKey> letters) = 0;
};

}  // namespace fastrsi
