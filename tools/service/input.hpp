// Where a service's frames come from: files, or exchanges. One of them is made at the start; it
// makes the shards' runners and knows what runs beside them.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "sinks/journal.hpp"
#include "tools/config.hpp"
#include "tools/replay.hpp"
#include "tools/service/input_position.hpp"
#include "tools/service/shard_runner.hpp"

namespace fastrsi {

// Owner: the service. Thread: the main one.
class Input {
 public:
  virtual ~Input() = default;

  // The feeds, as shards take them; their lists of symbols change with the configuration.
  std::vector<ShardFeed>& feeds() noexcept { return feeds_; }
  const std::vector<ShardFeed>& feeds() const noexcept { return feeds_; }
  std::size_t symbols_max() const noexcept { return symbols_max_; }
  // Begins there; `files` says which input it is a position of.
  const InputPosition& position() const noexcept { return position_; }
  // The state that is gone on from is of another input, or of an earlier time.
  bool after_break() const noexcept { return after_break_; }

  // What `watch` and a reload want, as the shards have to be told: which connection has which.
  virtual std::vector<ShardFeed> arranged(std::vector<ShardFeed> feeds) { return feeds; }
  virtual std::unique_ptr<ShardRunner> make_runner(ShardBegin begin) = 0;
  // Once every runner's thread runs.
  virtual void start() {}
  // Now and then, at least every second.
  virtual void keep_time() {}
  // Every runner's run() ends soon.
  virtual void give_up() = 0;
  // After the runners' threads have ended.
  virtual void join() {}
  // At the end: what was wrong with it, a line each. `shard` has seen all of it.
  virtual void judge(const Shard& shard, ReplayReport& report) const = 0;
  // Adds what `status` tells of feed `index` to `feed`.
  virtual void tell(std::size_t index, nlohmann::ordered_json& feed) const = 0;

 protected:
  std::vector<ShardFeed> feeds_;
  std::size_t symbols_max_ = 0;
  InputPosition position_;
  bool after_break_ = false;
};

inline constexpr std::string_view kFileScheme = "file:";

// The files of the feeds, looked for beside the configuration. Throws std::runtime_error.
std::unique_ptr<Input> make_file_input(const Config& config, const std::string& config_file,
                                       const Checkpoint& checkpoint, std::size_t shards);

// The exchanges of the feeds. Throws std::runtime_error.
std::unique_ptr<Input> make_live_input(const Config& config, const Checkpoint& checkpoint,
                                       std::size_t shards);

}  // namespace fastrsi
