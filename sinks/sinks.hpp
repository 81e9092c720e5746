// The contract of a sink: it takes records away. Classes stay in their .cpp; this is the menu.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/market/record.hpp"

namespace fastrsi {

// Owner and thread: one sink thread. Nothing here throws after construction.
class Sink {
 public:
  virtual ~Sink() = default;
  virtual void signal(const Signal& signal) noexcept = 0;
  virtual void snapshot(const Snapshot& snapshot) noexcept = 0;
  // Ends a batch: what was taken so far is written out now.
  virtual void flush() noexcept = 0;
  // Puts what was flushed where a power failure cannot reach it, if this kind of end has such a
  // place. False when that failed: last_error() says why.
  virtual bool sync() noexcept = 0;
  // Records that could not be written (full disk, closed pipe), and the reason of the last.
  virtual std::uint64_t failed_records() const noexcept = 0;
  virtual std::string last_error() const = 0;
};

struct SinkSettings {
  std::string type = "log";     // type: log
  std::string name = "log";     // name
  std::string format = "text";  // format: text | json
  std::string path = "-";       // path: - for standard output, journald, or a file
  int file_mib = 0;             // file_mib: a new file begins at this size; 0: never
  int files_kept = 5;           // files_kept: old files beside it
  bool append = true;           // not a key: an export begins its file anew, a log never does
  KindSet kinds = kAllKinds;    // kinds
  std::vector<Stage> stages = {Stage::Provisional, Stage::Confirmed};  // stages
};

// Records as JSON, one a line, in the order given. Throws std::runtime_error when `path` cannot be
// opened. The program ignores SIGPIPE, so that a closed pipe is counted here.
std::unique_ptr<Sink> make_ndjson_sink(const SinkSettings& settings);

// The expert advisor's form through spdlog: "Buy signal - BTCUSDT - ETHUSDT", one line a kind for
// the signals of a batch.
std::unique_ptr<Sink> make_log_sink(const SinkSettings& settings);

// The one that settings.type and settings.format ask for. Throws std::runtime_error for words this
// program does not know.
std::unique_ptr<Sink> make_sink(const SinkSettings& settings);

}  // namespace fastrsi
