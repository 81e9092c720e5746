#include "sinks/journal_delivery_store.hpp"

#include <stdexcept>

namespace fastrsi {

DeliveryRows JournalDeliveryStore::load(const std::string& sink) {
  std::optional<DeliveryRows> rows;
  ask_([&](Journal& journal) { rows = journal.delivery_rows(sink); });
  if (!rows) {
    throw std::runtime_error("sink \"" + sink +
                             "\": what it has delivered cannot be read (look after the state "
                             "folder's disk, then start it again)");
  }
  return std::move(*rows);
}

// The first task adds them to the journal's open batch, with whatever others add meanwhile; the
// second finds them committed, mostly.
DeliveryStore::Commit JournalDeliveryStore::commit(const std::string& sink,
                                                   DeliveryChanges& changes) noexcept {
  bool taken = false;
  ask_([&](Journal& journal) { taken = journal.add_delivery(sink, changes); });
  if (!taken) return Commit::Refused;
  bool durable = false;
  ask_([&](Journal& journal) { durable = journal.commit(); });
  return durable ? Commit::Durable : Commit::Waiting;
}

std::vector<DeadLetterRow> JournalDeliveryStore::dead(const std::string& sink,
                                                      const DeadSearch& search, std::size_t most) {
  std::vector<DeadLetterRow> letters;
  ask_([&](Journal& journal) { letters = journal.delivery_dead(sink, search, most); });
  return letters;
}

std::vector<DeadFound> JournalDeliveryStore::find_dead(const std::string& sink,
                                                       std::span<const DeadLetterKey> letters) {
  std::vector<DeadFound> found;
  ask_([&](Journal& journal) { found = journal.find_delivery_dead(sink, letters); });
  return found;
}

}  // namespace fastrsi
