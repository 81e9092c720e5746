// A sink that brings messages to people, beside the service: the journal's records become events,
// its database keeps what must outlive the process, and the driver does the rest.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sinks/delivery/driver.hpp"
#include "sinks/journal_delivery_store.hpp"
#include "tools/service/running_sink.hpp"
#include "tools/service/silences.hpp"

namespace fastrsi {

// The events of a record, for one sink: one for a signal, one a symbol for a list.
std::vector<DeliveryEvent> events_of(const JournalEntry& entry);

// Owner: the service. Threads: the driver's.
class DeliveryRunner final : public RunningSink, private EventSource, private DeadLetters {
 public:
  // `transports` as make_transports() makes them. Throws std::runtime_error when the sink cannot be
  // made.
  DeliveryRunner(SinkConfig config, Recorder& recorder, const Silences& silences,
                 WantsList wants_list, std::vector<std::unique_ptr<Transport>> transports);

  std::uint64_t cursor() const noexcept override;
  SinkStatus status() const override;
  bool is_done(std::uint64_t newest) const override;
  bool is_resting(std::uint64_t newest, std::chrono::milliseconds longer_than) const override;
  std::string answer_to(const JournalEntry& entry) const override;
  void stop() noexcept override { driver_->stop(); }
  void give_up() noexcept override { driver_->give_up(); }
  DeadLetters* dead_letters() noexcept override { return this; }

 private:
  std::vector<DeadLetterRow> list(const DeadSearch& search, std::size_t most) override;
  std::vector<std::string> requeue(std::vector<DeadLetterKey> letters) override;
  std::vector<std::string> drop(std::vector<DeadLetterKey> letters) override;
  Batch read(std::uint64_t after, std::size_t most) override;
  std::uint64_t newest() override;
  void wait(std::uint64_t after, Milliseconds at_most) override;

  Recorder& recorder_;
  const Silences& silences_;
  const WantsList wants_list_;
  const std::function<WallMs()> now_ = steady_wall_clock();
  JournalDeliveryStore store_;
  std::unique_ptr<DeliveryDriver> driver_;  // the last: its thread uses all others
};

}  // namespace fastrsi
