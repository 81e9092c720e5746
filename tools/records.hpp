// Takes records from the shards' queues and hands them on: to sinks as they come, or to an export
// that is sorted.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <tuple>
#include <vector>

#include "engine/publisher.hpp"
#include "sinks/sinks.hpp"

namespace fastrsi {

// Puts the symbols of lists together again, from one shard's records.
class ListAssembler {
 public:
  // Takes Listed and ListEnd records; hands finished lists to `take`.
  template <typename Take>
  void add(const Record& record, Take&& take) {
    if (record.type == Record::Type::Listed) {
      listed_.push_back(record);
      return;
    }
    for (const Snapshot& snapshot : assemble()) take(snapshot);
    listed_.clear();
  }

 private:
  std::vector<Snapshot> assemble() const;

  std::vector<Record> listed_;
};

// Parts of one list that several shards made, put together; in the order of the export.
std::vector<Snapshot> joined_lists(std::vector<Snapshot> parts);

// Where assembled records go. One thread.
class RecordConsumer {
 public:
  virtual ~RecordConsumer() = default;
  virtual void signal(const Signal& signal, const Evidence& evidence) = 0;
  virtual void snapshot(const Snapshot& snapshot) = 0;
  // No more records are waiting for now.
  virtual void idle() = 0;
  // The input is at its end.
  virtual void finish() = 0;
};

// Straight to a sink, in order of arrival; lists of several shards arrive in several parts.
std::unique_ptr<RecordConsumer> make_live_consumer(Sink& sink);
// All of it in the canonical order of SIGNALS.md, section 6, at the end; parts of lists are put
// together. The sink hears an end of batch after each moment of exchange time (`by_moment`), or
// once.
std::unique_ptr<RecordConsumer> make_export_consumer(Sink& sink, bool by_moment);

// Drains `queues` into `consumer` until `done` is set and the queues are empty. Runs in the sink
// thread.
void drain(const std::vector<RecordQueue*>& queues, RecordConsumer& consumer,
           const std::atomic<bool>& done);

}  // namespace fastrsi
