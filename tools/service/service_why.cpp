// The story of one signal, as the running service knows it.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "tools/service/service.hpp"
#include "tools/why.hpp"

namespace fastrsi {
namespace {

// Trades shown after the one that caused it.
constexpr std::size_t kTradesAfterMax = 4;
// The newest entries among which an id that is not there is looked for.
constexpr std::uint64_t kEntriesSearched = 20'000;
constexpr std::size_t kPage = 1000;

bool is_same(const Evidence::Trade& trade, const Tick& tick) {
  return trade.time == tick.time && trade.id == tick.id && trade.price == tick.price;
}

// The trades that the symbol's ring still holds behind the one that caused the signal.
std::vector<Evidence::Trade> trades_after(const Ring<Tick>& ring, const Evidence& evidence) {
  std::vector<Evidence::Trade> after;
  if (evidence.trade_count == 0) return after;
  std::size_t age = 0;
  while (age < ring.size() && !is_same(evidence.trades[0], ring.back(age))) ++age;
  if (age == ring.size()) return after;
  while (age-- > 0 && after.size() < kTradesAfterMax) {
    const Tick& tick = ring.back(age);
    after.push_back({tick.price, tick.quantity, tick.id, tick.time});
  }
  return after;
}

void add_newest(Journal& journal, NearestIds& nearest) {
  const std::uint64_t newest = journal.status().newest_seq;
  std::uint64_t after = newest - std::min(newest, kEntriesSearched);
  while (true) {
    const std::vector<JournalEntry> entries = journal.read(after, kPage);
    if (entries.empty()) return;
    for (const JournalEntry& entry : entries) {
      if (entry.type == JournalEntry::Type::Signal) nearest.add(signal_id(entry.signal));
    }
    after = entries.back().seq;
  }
}

}  // namespace

std::string Service::why_json(const std::string& id) {
  std::vector<JournalEntry> entries;
  NearestIds nearest(id);
  recorder_->ask([&](Journal& journal) {
    entries = journal.find(id);
    if (entries.empty()) add_newest(journal, nearest);
  });
  if (entries.empty()) throw std::runtime_error(nearest.error());
  const JournalEntry& first = entries.front();
  std::vector<Evidence::Trade> after;
  std::mutex mutex;
  in_every_shard([&](ShardRunner& runner) {
    const Engine& engine = runner.shard().engine();
    for (std::size_t i = 0; i < engine.symbol_count(); ++i) {
      const SymbolCore& core = engine.symbol(static_cast<SymbolId>(i));
      if (core.symbol().full_name != first.signal.symbol->full_name) continue;
      const std::lock_guard lock(mutex);
      after = trades_after(core.ring(), first.evidence);
    }
  });
  std::vector<SinkAnswer> answers;
  for (const auto& sink : sinks_)
    answers.push_back({sink->config().name, sink->answer_to(entries.back())});
  const auto rule =
      std::find_if(config_.rules.begin(), config_.rules.end(),
                   [&](const RuleSettings& one) { return one.name == first.signal.rule->name; });
  const WhyStory story =
      make_story(std::move(entries), rule == config_.rules.end() ? nullptr : &*rule,
                 std::move(after), std::move(answers));
  return R"("ok":true,"why":)" + to_json(story) + R"(,"text":)" +
         nlohmann::json(to_text(story))
             .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace fastrsi
