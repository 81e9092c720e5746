// Where a sink's lines end: a file, standard output or the system's journal (journald), written a
// batch at a time, with every failure counted. Its own class because a sink must know which records
// a full disk or a closed pipe has cost it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/market/record.hpp"

namespace fastrsi {

struct SinkSettings;

// What a line says, for ends that keep it beside the text: name in capitals, value as it is.
struct OutputField {
  std::string_view name;
  std::string value;
};
using OutputFields = std::vector<OutputField>;

// KIND, TIMEFRAME, `word` (the stage of signals, or the reason of a list), RULE, and SYMBOL for
// each.
OutputFields record_fields(Kind kind, Timeframe timeframe, OutputField word, const RuleLabel& rule,
                           const std::vector<const Symbol*>& symbols);

// Owner and thread: one sink.
class Output {
 public:
  virtual ~Output() = default;
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  // Whether add_line() has use for fields.
  virtual bool keeps_fields() const noexcept { return false; }
  // Takes a line without its end; it speaks for `records` records.
  virtual void add_line(std::string_view line, std::uint64_t records, OutputFields fields = {}) = 0;
  // Writes all lines taken. Lines that cannot be written are given up: the records behind them
  // would only be older.
  virtual void flush() noexcept = 0;
  // Puts on the disk what has been written; a pipe or a terminal has none. False when the disk
  // refuses: last_error() says why.
  virtual bool sync() noexcept = 0;

  std::uint64_t failed_records() const noexcept { return failed_records_; }
  const std::string& last_error() const noexcept { return last_error_; }

 protected:
  Output() = default;

  std::uint64_t failed_records_ = 0;
  std::string last_error_;
};

// The one that settings.path names. Throws std::runtime_error with the mend when it cannot be
// opened.
std::unique_ptr<Output> make_output(const SinkSettings& settings);

}  // namespace fastrsi
