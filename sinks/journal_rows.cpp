#include "sinks/journal_rows.hpp"

#include <cstddef>
#include <limits>
#include <optional>
#include <type_traits>

namespace fastrsi {
namespace {

[[noreturn]] void damaged(std::uint64_t seq, std::string_view what) {
  throw SqliteError(SqliteFailure::Damage, "entry " + std::to_string(seq) + " has a " +
                                               std::string(what) +
                                               " that this program has not written");
}

// The value of an enum of `count` values whose text this is.
template <typename Enum>
std::optional<Enum> value_of(std::string_view text, std::size_t count) noexcept {
  for (std::size_t i = 0; i < count; ++i) {
    if (to_text(static_cast<Enum>(i)) == text) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

// A number that must fit its place.
template <typename Number>
Number take_number(Query& query, std::uint64_t seq, std::string_view what) {
  const std::int64_t value = query.take_int();
  if (value < static_cast<std::int64_t>(std::numeric_limits<Number>::min()) ||
      value > static_cast<std::int64_t>(std::numeric_limits<Number>::max())) {
    damaged(seq, what);
  }
  return static_cast<Number>(value);
}

template <typename Value>
Value known(std::optional<Value> value, std::uint64_t seq, std::string_view what) {
  if (!value) damaged(seq, what);
  return *value;
}

void bind_signal(Query& query, const Signal& signal) {
  query.bind_text(signal_id(signal)).bind_text(to_text(signal.stage));
  query.bind_text(signal.rule->name)
      .bind_int(signal.rule->default_period)
      .bind_int(signal.rule->first_period)
      .bind_int(signal.rule->second_period);
  query.bind_text(to_text(signal.kind))
      .bind_text(signal.symbol->venue)
      .bind_text(signal.symbol->name)
      .bind_text(to_text(signal.timeframe));
  query.bind_int(to_unix_ns(signal.bar_open))
      .bind_int(to_unix_ns(signal.time))
      .bind_int(to_unix_ns(signal.received));
  query.bind_double(signal.price.value)
      .bind_double(signal.rsi.by_default)
      .bind_double(signal.rsi.by_first)
      .bind_double(signal.rsi.by_second);
  query.bind_int(signal.firing)
      .bind_text(to_text(signal.quality))
      .bind_int(signal.repeat ? 1 : 0)
      .bind_int(signal.offline ? 1 : 0);
  query.bind_null().bind_null();
}

void bind_list(Query& query, const Snapshot& list) {
  query.bind_null().bind_null();
  query.bind_text(list.rule->name)
      .bind_int(list.rule->default_period)
      .bind_int(list.rule->first_period)
      .bind_int(list.rule->second_period);
  query.bind_text(to_text(list.kind)).bind_null().bind_null().bind_text(to_text(list.timeframe));
  query.bind_null().bind_int(to_unix_ns(list.time)).bind_null();
  for (int i = 0; i < 8; ++i) query.bind_null();
  query.bind_text(to_text(list.reason)).bind_text(symbols_to_text(list.symbols));
}

RuleLabel take_label(Query& query, std::uint64_t seq) {
  RuleLabel label;
  label.name = query.take_bytes();
  label.default_period = take_number<int>(query, seq, "period");
  label.first_period = take_number<int>(query, seq, "period");
  label.second_period = take_number<int>(query, seq, "period");
  return label;
}

Timeframe take_timeframe(Query& query, std::uint64_t seq) {
  return known(timeframe_from_text(query.take_bytes()), seq, "timeframe");
}

Signal take_signal(Query& query, std::uint64_t seq, NameStore& names) {
  Signal signal;
  query.skip();  // the id is made of the rest
  signal.stage = known(value_of<Stage>(query.take_bytes(), 3), seq, "stage");
  signal.rule = names.rule(take_label(query, seq));
  signal.kind = known(kind_from_text(query.take_bytes()), seq, "kind");
  const std::string_view venue = query.take_bytes();
  signal.symbol = names.symbol(venue, query.take_bytes());
  signal.timeframe = take_timeframe(query, seq);
  signal.bar_open = exchange_time_from_ns(query.take_int());
  signal.time = exchange_time_from_ns(query.take_int());
  signal.received = receive_time_from_ns(query.take_int());
  signal.price.value = query.take_double();
  signal.rsi.by_default = query.take_double();
  signal.rsi.by_first = query.take_double();
  signal.rsi.by_second = query.take_double();
  signal.firing = take_number<std::uint32_t>(query, seq, "firing");
  signal.quality = known(value_of<Quality>(query.take_bytes(), 5), seq, "quality");
  signal.repeat = query.take_int() != 0;
  signal.offline = query.take_int() != 0;
  query.skip();  // reason
  query.skip();  // symbols
  return signal;
}

Snapshot take_list(Query& query, std::uint64_t seq, NameStore& names) {
  Snapshot list;
  query.skip();  // id
  query.skip();  // stage
  list.rule = names.rule(take_label(query, seq));
  list.kind = known(kind_from_text(query.take_bytes()), seq, "kind");
  query.skip();  // venue
  query.skip();  // symbol
  list.timeframe = take_timeframe(query, seq);
  query.skip();  // bar_open
  list.time = exchange_time_from_ns(query.take_int());
  for (int i = 0; i < 9; ++i) query.skip();  // received to offline
  list.reason = known(value_of<ListReason>(query.take_bytes(), 2), seq, "reason");
  if (!symbols_from_text(query.take_bytes(), names, list.symbols)) damaged(seq, "list of symbols");
  return list;
}

}  // namespace

void bind_entry(Query& query, const JournalEntry& entry, std::string_view key) {
  const bool is_signal = entry.type == JournalEntry::Type::Signal;
  query.bind_int(static_cast<std::int64_t>(entry.seq)).bind_text(key);
  query.bind_text(is_signal ? "signal" : "list");
  if (is_signal) {
    bind_signal(query, entry.signal);
  } else {
    bind_list(query, entry.snapshot);
  }
  query.bind_int(entry.taken_ns).bind_int(entry.fired_ns).bind_int(entry.journaled_ns);
  if (is_signal) {
    query.bind_blob(evidence_to_bytes(entry.evidence));
  } else {
    query.bind_null();
  }
}

JournalEntry take_entry(Query& query, NameStore& names) {
  JournalEntry entry;
  entry.seq = static_cast<std::uint64_t>(query.take_int());
  query.skip();  // the key is made of the rest
  const std::string_view type = query.take_bytes();
  if (type == "signal") {
    entry.type = JournalEntry::Type::Signal;
    entry.signal = take_signal(query, entry.seq, names);
  } else if (type == "list") {
    entry.type = JournalEntry::Type::Snapshot;
    entry.snapshot = take_list(query, entry.seq, names);
  } else {
    damaged(entry.seq, "type");
  }
  entry.taken_ns = query.take_int();
  entry.fired_ns = query.take_int();
  entry.journaled_ns = query.take_int();
  const std::string_view evidence = query.take_bytes();
  if (type == "signal" && !evidence_from_bytes(evidence, entry.evidence)) {
    damaged(entry.seq, "piece of evidence");
  }
  return entry;
}

}  // namespace fastrsi
