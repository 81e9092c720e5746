#include "tools/service/delivery_runner.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "sinks/delivery/filter.hpp"
#include "sinks/sha256.hpp"
#include "tools/delivery_parts.hpp"
#include "tools/service/clocks.hpp"

namespace fastrsi {
namespace {

// A list is of no bar; its moment's bar by UTC tells two lists of one bar as the same.
ExchangeTime bar_of(ExchangeTime time, Timeframe timeframe) {
  const std::int64_t length = nominal_length(timeframe).count();
  const std::int64_t ns = to_unix_ns(time);
  return exchange_time_from_ns(ns - ((ns % length) + length) % length);
}

std::string when_text(WallMs at) {
  return to_iso_seconds(exchange_time_from_ns(at * kNsPerWallMs));
}

std::string target_story(const TargetRow& target) {
  std::string text = fmt::format("{}: {}", target.target, to_text(target.state));
  if (target.in_doubt) text += ", in doubt";
  if (target.state == TargetState::Wait) text += " until " + when_text(target.due);
  return text;
}

std::string attempt_story(const AttemptRow& attempt) {
  std::string text = fmt::format("{} by {} to {}: {}", when_text(attempt.at), attempt.endpoint,
                                 attempt.target, to_text(attempt.outcome));
  if (attempt.code != 0) text += fmt::format(" {}", attempt.code);
  if (!attempt.text.empty()) text += " " + attempt.text;
  return text;
}

std::string story_text(const DeliveryStory& story) {
  if (story.mid.empty()) return std::string(to_text(story.state));
  std::string text = fmt::format("{}, message {}", to_text(story.state), story.mid);
  for (const TargetRow& target : story.targets) text += "; " + target_story(target);
  for (const AttemptRow& attempt : story.attempts) text += "; " + attempt_story(attempt);
  return text;
}

}  // namespace

std::vector<DeliveryEvent> events_of(const JournalEntry& entry) {
  DeliveryEvent event;
  event.seq = entry.seq;
  event.created = (entry.fired_ns != 0 ? entry.fired_ns : wall_ns()) / kNsPerWallMs;
  if (entry.type == JournalEntry::Type::Signal) {
    const Signal& signal = entry.signal;
    event.signal_id = signal_id(signal);
    event.rule = signal.rule->name;
    event.venue = signal.symbol->venue;
    event.symbol = signal.symbol->name;
    event.kind = signal.kind;
    event.stage = signal.stage;
    event.timeframe = signal.timeframe;
    event.bar_open = signal.bar_open;
    event.time = signal.time;
    event.price = signal.price;
    event.rsi = signal.rsi;
    return {std::move(event)};
  }
  const Snapshot& list = entry.snapshot;
  event.rule = list.rule->name;
  event.kind = list.kind;
  event.timeframe = list.timeframe;
  event.bar_open = bar_of(list.time, list.timeframe);
  event.time = list.time;
  event.first_load = list.reason == ListReason::FirstLoad;
  std::vector<DeliveryEvent> events;
  for (const Symbol* symbol : list.symbols) {
    event.venue = symbol->venue;
    event.symbol = symbol->name;
    event.signal_id =
        fmt::format("{}/{}/{}/{}/{}/{}", event.rule, symbol->full_name, to_text(list.timeframe),
                    to_text(list.kind), to_iso_seconds(list.time), to_text(list.reason));
    events.push_back(event);
  }
  return events;
}

DeliveryRunner::DeliveryRunner(SinkConfig config, Recorder& recorder, const Silences& silences,
                               WantsList wants_list,
                               std::vector<std::unique_ptr<Transport>> transports)
    : RunningSink(std::move(config)),
      recorder_(recorder),
      silences_(silences),
      wants_list_(std::move(wants_list)),
      store_([&recorder](const std::function<void(Journal&)>& task) { recorder.ask(task); }) {
  DeliverySettings settings = delivery_settings(this->config());
  for (const auto& transport : transports)
    settings.targets_most.push_back(transport->targets_most());
  settings.seed = static_cast<std::uint64_t>(wall_ns());
  driver_ = std::make_unique<DeliveryDriver>(
      std::move(settings),
      DeliveryDriver::Parts{make_composer(this->config()), std::move(transports), *this, store_,
                            sha256_hex, now_});
}

std::uint64_t DeliveryRunner::cursor() const noexcept {
  return driver_->status().cursor;
}

SinkStatus DeliveryRunner::status() const {
  SinkStatus status;
  status.delivery = driver_->status();
  status.cursor = status.delivery->cursor;
  status.last_error = status.delivery->sink.last_error;
  return status;
}

bool DeliveryRunner::is_done(std::uint64_t newest) const {
  const DeliveryDriverStatus status = driver_->status();
  return status.cursor >= newest && status.sink.live == 0;
}

bool DeliveryRunner::is_resting(std::uint64_t newest, std::chrono::milliseconds longer_than) const {
  const DeliveryDriverStatus status = driver_->status();
  return status.cursor >= newest && status.rests_until > now_() + longer_than.count();
}

std::string DeliveryRunner::answer_to(const JournalEntry& entry) const {
  const std::uint64_t done = cursor();
  if (entry.seq > done) {
    return "waiting, " + std::to_string(entry.seq - done - 1) + " before it";
  }
  const std::vector<DeliveryEvent> events = events_of(entry);
  std::optional<DeliveryStory> story;
  recorder_.ask([&](Journal& journal) {
    story = journal.delivery_story(config().name, events.front().signal_id);
  });
  if (story) return story_text(*story);
  if (!is_wanted(driver_->settings(), events.front())) {
    return "not asked for by its kinds, stages, symbols or timeframes";
  }
  return "not sent: another of its kind in this bar was, or its symbol was silenced";
}

std::vector<DeadLetterRow> DeliveryRunner::list(const DeadSearch& search, std::size_t most) {
  return store_.dead(config().name, search, most);
}

std::vector<std::string> DeliveryRunner::requeue(std::vector<DeadLetterKey> letters) {
  return driver_->requeue(std::move(letters));
}

std::vector<std::string> DeliveryRunner::drop(std::vector<DeadLetterKey> letters) {
  return driver_->drop_dead(std::move(letters));
}

EventSource::Batch DeliveryRunner::read(std::uint64_t after, std::size_t most) {
  Batch batch;
  batch.reached = after;
  const std::int64_t now = wall_ns();
  for (const PublishedPtr& published : read_entries(recorder_, after, most)) {
    const JournalEntry& entry = published->entry;
    batch.reached = entry.seq;
    const bool is_list = entry.type == JournalEntry::Type::Snapshot;
    if (is_list && entry.snapshot.reason == ListReason::FirstLoad &&
        !wants_list_(entry.snapshot.rule->name)) {
      continue;
    }
    for (DeliveryEvent& event : events_of(entry)) {
      if (silences_.is_muted(event.venue + ":" + event.symbol, now)) continue;
      batch.events.push_back(std::move(event));
    }
  }
  return batch;
}

std::uint64_t DeliveryRunner::newest() {
  return recorder_.window().newest();
}

void DeliveryRunner::wait(std::uint64_t after, Milliseconds at_most) {
  recorder_.window().wait_for(after, std::chrono::steady_clock::now() + at_most);
}

}  // namespace fastrsi
