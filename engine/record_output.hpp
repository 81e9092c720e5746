// How records leave the engine: one at a time, as values, through one call.
#pragma once

#include <cstdint>
#include <type_traits>

#include "engine/market/evidence.hpp"

namespace fastrsi {

// A signal, or one symbol's place in a list: then rule, kind, timeframe, time and symbol of
// `signal` say which. Lists leave one symbol at a time, so that nothing on this path allocates; the
// consumer puts them together. ListEnd closes the lists of all kinds of one rule, timeframe and
// time. The engine makes no Mark: whoever runs it may, to say "so far", with a number of its own.
struct Record {
  enum class Type : std::uint8_t { Signal, Listed, ListEnd, Mark };

  // The standard's time_point() is not declared noexcept, and oneTBB runs a node inline only if
  // making its message cannot throw either.
  Record() noexcept = default;

  Signal signal;
  Evidence evidence;          // of a signal
  std::int64_t stamp_ns = 0;  // the caller's stamp of the message that caused it: for latencies
  std::int64_t fired_ns = 0;  // and of this record, set by whoever publishes it
  std::uint64_t mark = 0;     // of a Mark
  Type type = Type::Signal;
  ListReason reason = ListReason::FirstLoad;
};
static_assert(std::is_trivially_copyable_v<Record>);
static_assert(std::is_nothrow_default_constructible_v<Record>);

class RecordOutput {
 public:
  virtual void record(const Record& record) noexcept = 0;

 protected:
  ~RecordOutput() = default;
};

}  // namespace fastrsi
