// A replay: captures through the engine, in four kinds of threads. The reader decompresses and
// splits lines, each shard parses and computes, the sink thread drains the records, the caller's
// thread shows progress.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/histogram.hpp"
#include "tools/capture_session.hpp"
#include "tools/config.hpp"
#include "tools/records.hpp"
#include "tools/shard.hpp"

namespace fastrsi {

struct ReplayOptions {
  std::vector<std::string> captures;
  std::string venue;   // for captures whose header names none
  std::string stream;  // trade, aggTrade; empty: the feed's, or else the first seen
  double speed = 0.0;  // times exchange speed; 0: as fast as it goes
  std::size_t shards = 1;
};

// What a replay did and met.
struct ReplayReport {
  EngineStatistics engine;
  FrameStatistics frames;
  CaptureStatistics capture;
  Histogram latency;  // from a batch of frames to each of its signals, in the shard's thread
  std::size_t symbols = 0;
  std::size_t shards = 0;
  double seconds = 0.0;
  // Damage met, one clear line each; any makes the exit code 1.
  std::vector<std::string> diagnostics;
  std::vector<std::string> hints;  // why there may be less to see than was hoped for
};

// Owner: a command. Records point into its engines, so it outlives whoever keeps them.
class Replay {
 public:
  // Throws std::runtime_error with one clear line when a capture cannot be opened, VenueUnknown
  // when nothing says whose it is.
  Replay(const Config& config, const ReplayOptions& options);
  ~Replay();

  // Runs to the end of the captures. `show_progress` draws a bar on stderr.
  ReplayReport run(RecordConsumer& consumer, bool show_progress);

  // The shards' engines, for questions after the end.
  std::vector<Engine*> engines();

 private:
  struct Lane;

  void read_blocks();
  void run_shard(Lane& lane, std::size_t index);
  void collect(ReplayReport& report) const;
  void judge(ReplayReport& report) const;

  ReplayOptions options_;
  CaptureSession session_;
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::unique_ptr<class BlockExchange> blocks_;
  std::atomic<double> progress_{0.0};  // written by the first shard, read by the caller's thread
};

}  // namespace fastrsi
