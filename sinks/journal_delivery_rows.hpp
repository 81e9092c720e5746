// Rows of a sink's delivery as rows of tables: for each, its columns in their order, gone through
// by whoever writes or reads. What has a name stands there by its name, for people and other tools.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>

#include "sinks/delivery/rows.hpp"
#include "sinks/sqlite.hpp"

namespace fastrsi {

template <typename Enum>
inline constexpr std::size_t kNameCount = 0;
template <>
inline constexpr std::size_t kNameCount<Kind> = kKindCount;
template <>
inline constexpr std::size_t kNameCount<Timeframe> = kTimeframeCount;
template <>
inline constexpr std::size_t kNameCount<Stage> = 3;
template <>
inline constexpr std::size_t kNameCount<EventState> = 6;
template <>
inline constexpr std::size_t kNameCount<TargetState> = 5;
template <>
inline constexpr std::size_t kNameCount<Outcome> = 9;

class RowWriter {
 public:
  explicit RowWriter(Query& query) noexcept : query_(query) {}
  void operator()(const std::string& text) { query_.bind_text(text); }
  void operator()(double value) { query_.bind_double(value); }
  void operator()(ExchangeTime time) { query_.bind_int(to_unix_ns(time)); }
  void operator()(Priority priority) { query_.bind_int(static_cast<std::int64_t>(priority)); }
  template <typename Value>
  void operator()(Value value) {
    if constexpr (std::is_enum_v<Value>) {
      query_.bind_text(to_text(value));
    } else {
      static_assert(std::is_integral_v<Value>);
      query_.bind_int(static_cast<std::int64_t>(value));
    }
  }
  void blob(const std::string& bytes) { query_.bind_blob(bytes); }

 private:
  Query& query_;
};

// Throws SqliteError (Damage) for what no RowWriter has written.
class RowReader {
 public:
  explicit RowReader(Query& query) noexcept : query_(query) {}
  void operator()(std::string& text) { text = query_.take_bytes(); }
  void operator()(double& value) { value = query_.take_double(); }
  void operator()(ExchangeTime& time) { time = exchange_time_from_ns(query_.take_int()); }
  void operator()(Priority& priority) {
    const std::int64_t value = query_.take_int();
    if (value < 0 || value > static_cast<std::int64_t>(Priority::Critical)) fail("a priority");
    priority = static_cast<Priority>(value);
  }
  template <typename Value>
  void operator()(Value& value) {
    if constexpr (std::is_enum_v<Value>) {
      value = named<Value>(query_.take_bytes());
    } else if constexpr (std::is_same_v<Value, bool>) {
      value = query_.take_int() != 0;
    } else {
      value = static_cast<Value>(query_.take_int());
    }
  }
  void blob(std::string& bytes) { bytes = query_.take_bytes(); }

 private:
  template <typename Enum>
  static Enum named(std::string_view name) {
    static_assert(kNameCount<Enum> > 0);
    for (std::size_t i = 0; i < kNameCount<Enum>; ++i) {
      if (to_text(static_cast<Enum>(i)) == name) return static_cast<Enum>(i);
    }
    fail("a name");
  }
  [[noreturn]] static void fail(const char* what) {
    throw SqliteError(SqliteFailure::Damage,
                      std::string("a delivery's row holds ") + what + " that is none");
  }

  Query& query_;
};

// io(column) for each, in the order of the table's columns behind `sink`.
template <typename Io>
void each_column(Io&& io, EventRow& row) {
  DeliveryEvent& event = row.event;
  io(event.key), io(row.place), io(row.state), io(row.mid), io(event.seq), io(event.signal_id);
  io(event.rule), io(event.venue), io(event.symbol), io(event.kind), io(event.stage);
  io(event.timeframe), io(event.bar_open), io(event.time), io(event.price.value);
  io(event.rsi.by_default), io(event.rsi.by_first), io(event.rsi.by_second);
  io(event.priority), io(event.created), io(event.expires), io(event.first_load);
}
template <typename Io>
void each_column(Io&& io, MessageRow& row) {
  io(row.mid), io(row.place), io(row.group.kind), io(row.group.timeframe), io(row.group.stage);
  io(row.priority), io(row.frozen), io(row.expires), io(row.part), io(row.parts), io(row.silent);
  io.blob(row.octets);
}
template <typename Io>
void each_column(Io&& io, TargetRow& row) {
  io(row.mid), io(row.target), io(row.state), io(row.due), io(row.attempts), io(row.in_doubt);
  io(row.last_code), io(row.last_text);
}
template <typename Io>
void each_column(Io&& io, GroupRow& row) {
  io(row.group.kind), io(row.group.timeframe), io(row.group.stage), io(row.last_sent);
  io(row.part), io(row.parts), io(row.last_place), io(row.dropped);
}
template <typename Io>
void each_column(Io&& io, LimiterRow& row) {
  io(row.bucket), io(row.tat_us);
}
template <typename Io>
void each_column(Io&& io, PauseRow& row) {
  io(row.endpoint), io(row.until), io(row.step);
}
template <typename Io>
void each_column(Io&& io, StampRow& row) {
  io(row.slot), io(row.at), io(row.count);
}
template <typename Io>
void each_column(Io&& io, BreakerRow& row) {
  io(row.endpoint), io(row.failures), io(row.step), io(row.until), io(row.refused);
}
template <typename Io>
void each_column(Io&& io, NotifiedRow& row) {
  io(row.key), io(row.until);
}
template <typename Io>
void each_column(Io&& io, TallyRow& row) {
  io(row.name), io(row.count);
}
template <typename Io>
void each_column(Io&& io, DeadRow& row) {
  io(row.mid), io(row.target), io(row.reason), io(row.at), io(row.code), io(row.text);
}
template <typename Io>
void each_column(Io&& io, AttemptRow& row) {
  io(row.mid), io(row.target), io(row.at), io(row.endpoint), io(row.outcome), io(row.code);
  io(row.text);
}

}  // namespace fastrsi
