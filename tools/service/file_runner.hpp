// A shard whose feeds are files: takes the blocks that the reader hands to every shard, in order
// and at their pace.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <vector>

#include "tools/block_queue.hpp"
#include "tools/capture_session.hpp"
#include "tools/service/gate.hpp"
#include "tools/service/shard_runner.hpp"

namespace fastrsi {

// What all runners share. Owner: the service; outlives them.
struct FileFrames {
  BlockExchange& blocks;
  LineGate& gate;
  const std::vector<std::size_t>& feed_of_source;
  double speed = 0.0;            // times exchange speed; 0: as fast as it goes
  std::uint64_t begin_line = 0;  // lines before it were taken by an earlier run
};

// Owner: the service. run() is the shard's thread.
class FileRunner final : public ShardRunner {
 public:
  FileRunner(ShardBegin begin, const FileFrames& input);

  void run() noexcept override;
  // Agrees with the other shards on a line, and saves there.
  void begin_checkpoint(std::uint64_t mark, bool and_stop) override;
  void post(std::function<void()> task) override { input_.blocks.post(index_, std::move(task)); }

 private:
  void take_block(const CaptureBlock& block);
  void take_line(const CaptureLine& line);
  bool keep_pace(const CaptureLine& line);
  void save_if_due();

  const FileFrames input_;
  bool save_pending_ = false;
  std::uint64_t save_at_ = 0;
  std::uint64_t save_mark_ = 0;
  bool stop_after_save_ = false;
  bool stopped_ = false;
  std::int64_t stamp_ = 0;
  ReceiveTime first_time_ = kNoReceiveTime;
  std::chrono::steady_clock::time_point first_taken_;
};

}  // namespace fastrsi
