// A sink's rows in the journal's database, for a thread that is not the journal's.
#pragma once

#include <functional>
#include <span>
#include <utility>

#include "sinks/delivery/store.hpp"
#include "sinks/journal.hpp"

namespace fastrsi {

// Owner: whoever drives sinks. Threads: any; each call waits for the journal's.
class JournalDeliveryStore final : public DeliveryStore {
 public:
  // Runs a task in the journal's thread and waits for it. Between two of them the journal commits.
  using Ask = std::function<void(const std::function<void(Journal&)>&)>;

  explicit JournalDeliveryStore(Ask ask) : ask_(std::move(ask)) {}

  // Throws std::runtime_error when the rows cannot be read now.
  DeliveryRows load(const std::string& sink) override;
  Commit commit(const std::string& sink, DeliveryChanges& changes) noexcept override;
  std::vector<DeadLetterRow> dead(const std::string& sink, const DeadSearch& search,
                                  std::size_t most) override;
  std::vector<DeadFound> find_dead(const std::string& sink,
                                   std::span<const DeadLetterKey> letters) override;

 private:
  const Ask ask_;
};

}  // namespace fastrsi
