#include "tools/records.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <thread>

namespace fastrsi {
namespace {

constexpr std::size_t kPrintBatch = 256;
constexpr std::chrono::microseconds kIdlePause{200};

std::string_view venue_of(const Snapshot& snapshot) {
  return snapshot.symbols.empty() ? std::string_view{} : snapshot.symbols.front()->venue;
}

// Lists stand before the signals of the same time and rule: they name no one symbol.
auto list_key(const Snapshot& snapshot) {
  return std::make_tuple(snapshot.time, std::string_view(snapshot.rule->name), venue_of(snapshot),
                         snapshot.timeframe, snapshot.kind, snapshot.reason);
}

bool list_before_signal(const Snapshot& snapshot, const Signal& signal) {
  return std::make_tuple(snapshot.time, std::string_view(snapshot.rule->name)) <=
         std::make_tuple(signal.time, std::string_view(signal.rule->name));
}

void sort_symbols(Snapshot& snapshot) {
  std::sort(snapshot.symbols.begin(), snapshot.symbols.end(),
            [](const Symbol* a, const Symbol* b) { return a->full_name < b->full_name; });
}

class LiveConsumer final : public RecordConsumer {
 public:
  explicit LiveConsumer(Sink& sink) : sink_(sink) {}
  void signal(const Signal& signal, const Evidence&) override { sink_.signal(signal); }
  void snapshot(const Snapshot& snapshot) override { sink_.snapshot(snapshot); }
  void idle() override { sink_.flush(); }
  void finish() override { sink_.flush(); }

 private:
  Sink& sink_;
};

class ExportConsumer final : public RecordConsumer {
 public:
  ExportConsumer(Sink& sink, bool by_moment) : sink_(sink), by_moment_(by_moment) {}
  void signal(const Signal& signal, const Evidence&) override { signals_.push_back(signal); }
  void snapshot(const Snapshot& snapshot) override { snapshots_.push_back(snapshot); }
  void idle() override {}
  void finish() override {
    std::stable_sort(signals_.begin(), signals_.end(), canonical_less);
    snapshots_ = joined_lists(std::move(snapshots_));
    auto list = snapshots_.begin();
    for (const Signal& signal : signals_) {
      for (; list != snapshots_.end() && list_before_signal(*list, signal); ++list) give(*list);
      begin_moment(signal.time);
      sink_.signal(signal);
    }
    for (; list != snapshots_.end(); ++list) give(*list);
    sink_.flush();
  }

 private:
  void begin_moment(ExchangeTime time) {
    if (by_moment_ && time != moment_) sink_.flush();
    moment_ = time;
  }
  void give(const Snapshot& snapshot) {
    begin_moment(snapshot.time);
    sink_.snapshot(snapshot);
  }

  Sink& sink_;
  const bool by_moment_;
  ExchangeTime moment_ = kNoExchangeTime;
  std::vector<Signal> signals_;
  std::vector<Snapshot> snapshots_;
};

}  // namespace

std::vector<Snapshot> joined_lists(std::vector<Snapshot> parts) {
  std::stable_sort(parts.begin(), parts.end(),
                   [](const Snapshot& a, const Snapshot& b) { return list_key(a) < list_key(b); });
  std::vector<Snapshot> joined;
  for (Snapshot& part : parts) {
    if (!joined.empty() && list_key(joined.back()) == list_key(part)) {
      joined.back().symbols.insert(joined.back().symbols.end(), part.symbols.begin(),
                                   part.symbols.end());
    } else {
      joined.push_back(std::move(part));
    }
  }
  for (Snapshot& snapshot : joined) sort_symbols(snapshot);
  return joined;
}

std::vector<Snapshot> ListAssembler::assemble() const {
  std::array<Snapshot, kKindCount> lists;
  for (const Record& record : listed_) {
    Snapshot& list = lists[static_cast<std::size_t>(record.signal.kind)];
    list.reason = record.reason;
    list.rule = record.signal.rule;
    list.kind = record.signal.kind;
    list.timeframe = record.signal.timeframe;
    list.time = record.signal.time;
    list.symbols.push_back(record.signal.symbol);
  }
  std::vector<Snapshot> filled;
  for (Snapshot& list : lists) {
    if (list.symbols.empty()) continue;
    sort_symbols(list);
    filled.push_back(std::move(list));
  }
  return filled;
}

std::unique_ptr<RecordConsumer> make_live_consumer(Sink& sink) {
  return std::make_unique<LiveConsumer>(sink);
}

std::unique_ptr<RecordConsumer> make_export_consumer(Sink& sink, bool by_moment) {
  return std::make_unique<ExportConsumer>(sink, by_moment);
}

void drain(const std::vector<RecordQueue*>& queues, RecordConsumer& consumer,
           const std::atomic<bool>& done) {
  std::vector<Record> batch(kPrintBatch);
  std::vector<ListAssembler> assemblers(queues.size());
  while (true) {
    // Read before the queues: what was pushed before `done` is then seen below.
    const bool last_round = done.load(std::memory_order_acquire);
    bool any = false;
    for (std::size_t i = 0; i < queues.size(); ++i) {
      while (const std::size_t count = queues[i]->pop_bulk(batch.data(), batch.size())) {
        any = true;
        for (std::size_t k = 0; k < count; ++k) {
          if (batch[k].type == Record::Type::Signal) {
            consumer.signal(batch[k].signal, batch[k].evidence);
          } else {
            assemblers[i].add(batch[k], [&](const Snapshot& list) { consumer.snapshot(list); });
          }
        }
      }
    }
    if (any) continue;
    consumer.idle();
    if (last_round) break;
    std::this_thread::sleep_for(kIdlePause);
  }
  consumer.finish();
}

}  // namespace fastrsi
