#include "tools/service/sink_runner.hpp"

#include <algorithm>
#include <chrono>
#include <string_view>

#include "sinks/filter.hpp"
#include "sinks/log_tail.hpp"

#include "tools/service/clocks.hpp"

namespace fastrsi {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kBatch = 256;
// How long a sink waits before it looks whether it shall stop, and after a failure.
constexpr std::chrono::milliseconds kPause{100};

bool is_json_file(const SinkSettings& settings) {
  return settings.format == "json" && settings.path != "-" && settings.path != "journald";
}

std::string place_of(const SinkSettings& settings) {
  if (settings.path == "-") return "standard output";
  return settings.path == "journald" ? "the system's journal" : settings.path;
}

}  // namespace

SinkRunner::SinkRunner(const SinkConfig& config, Recorder& recorder, const Silences& silences,
                       WantsList wants_list)
    : RunningSink(config),
      settings_(this->config()),
      recorder_(recorder),
      silences_(silences),
      wants_list_(std::move(wants_list)) {
  // Before it is opened: what a crash tore at its end is cut off.
  if (is_json_file(settings_)) cut_torn_line(settings_.path);
  sink_ = make_sink(settings_);
  recorder_.ask([&](Journal& journal) {
    const auto known = journal.cursor(settings_.name);
    cursor_.store(known.value_or(journal.status().newest_seq), std::memory_order_release);
    if (!known) journal.set_cursor(settings_.name, cursor());
  });
  thread_ = std::thread([this] { run(); });
}

SinkRunner::~SinkRunner() {
  stop();
  thread_.join();
}

void SinkRunner::stop() noexcept {
  stop_.store(true, std::memory_order_release);  // pairs with the acquire in run()
}

void SinkRunner::run() {
  if (is_json_file(settings_)) skip_written();
  while (true) {
    // Read before the records: what was published before the stop is then seen below.
    const bool last_round = stop_.load(std::memory_order_acquire);
    const std::uint64_t after = cursor();
    const std::vector<PublishedPtr> entries = read_entries(recorder_, after, kBatch);
    if (!entries.empty()) {
      if (deliver(entries)) {
        store_cursor(entries.back()->entry.seq);
        continue;
      }
      if (last_round) break;
      std::this_thread::sleep_for(kPause);
      continue;
    }
    if (last_round) break;
    recorder_.window().wait_for(after, Clock::now() + kPause);
  }
}

std::vector<PublishedPtr> read_entries(Recorder& recorder, std::uint64_t after, std::size_t most) {
  std::vector<PublishedPtr> entries;
  if (recorder.window().read(after, most, entries)) return entries;
  recorder.ask([&](Journal& journal) {
    for (JournalEntry& entry : journal.read(after, most)) {
      entries.push_back(publish_form_of(std::move(entry)));
    }
  });
  return entries;
}

void SinkRunner::skip_written() {
  const std::set<std::string> written = newest_lines(settings_.path);
  if (written.empty()) return;
  std::uint64_t found = cursor();
  std::vector<PublishedPtr> entries = read_entries(recorder_, found, kBatch);
  while (!entries.empty()) {
    for (const PublishedPtr& published : entries) {
      const JournalEntry& entry = published->entry;
      const bool is_signal = entry.type == JournalEntry::Type::Signal;
      const std::string line = is_signal ? to_json(entry.signal) : to_json(entry.snapshot);
      if (written.contains(line)) found = entry.seq;
    }
    entries = read_entries(recorder_, entries.back()->entry.seq, kBatch);
  }
  if (found != cursor()) store_cursor(found);
}

bool SinkRunner::is_wanted(const JournalEntry& entry) const {
  const std::int64_t now = wall_ns();
  if (entry.type == JournalEntry::Type::Signal) {
    return !silences_.is_muted(entry.signal.symbol->full_name, now);
  }
  return entry.snapshot.reason != ListReason::FirstLoad || wants_list_(entry.snapshot.rule->name);
}

bool SinkRunner::deliver(const std::vector<PublishedPtr>& entries) {
  const std::uint64_t failed_before = sink_->failed_records();
  for (const PublishedPtr& published : entries) {
    const JournalEntry& entry = published->entry;
    if (!is_wanted(entry)) continue;
    if (entry.type == JournalEntry::Type::Signal) {
      sink_->signal(entry.signal);
      continue;
    }
    Snapshot list = entry.snapshot;
    const std::int64_t now = wall_ns();
    std::erase_if(list.symbols,
                  [&](const Symbol* symbol) { return silences_.is_muted(symbol->full_name, now); });
    if (!list.symbols.empty()) sink_->snapshot(list);
  }
  sink_->flush();
  const bool synced = sink_->sync();
  const bool taken = sink_->failed_records() == failed_before;
  if (taken && synced) return true;
  const std::lock_guard lock(mutex_);
  last_error_ = sink_->last_error();
  // What is written but perhaps not on the disk is not written again: only a power failure would
  // show the difference.
  failed_ += taken ? 0 : 1;
  return taken;
}

void SinkRunner::store_cursor(std::uint64_t seq) {
  cursor_.store(seq, std::memory_order_release);
  recorder_.post([name = settings_.name, seq](Journal& journal) { journal.set_cursor(name, seq); });
}

std::string SinkRunner::answer_to(const JournalEntry& entry) const {
  const SinkStatus now = status();
  if (entry.seq > now.cursor) {
    const std::string behind = std::to_string(entry.seq - now.cursor - 1) + " before it";
    return now.last_error.empty() ? "waiting, " + behind
                                  : "waiting, " + behind + "; " + now.last_error;
  }
  if (!Filter(settings_).wants(entry.signal)) return "not asked for by its kinds and stages";
  if (!is_wanted(entry)) return "done, or passed over: its symbol is silenced now";
  return "written to " + place_of(settings_);
}

SinkStatus SinkRunner::status() const {
  const std::lock_guard lock(mutex_);
  return {cursor(), failed_, last_error_, std::nullopt};
}

}  // namespace fastrsi
