// The service: wires feeds, shards, journal, sinks and socket, and says which thread runs what.
//
//   thread              runs                                             talks to
//   service (main)      this class: signals, timers, commands, reload    all, by tasks and asks
//   reader (files)      CaptureReader: unpacks and splits the files      shards, by BlockExchange
//   shard k             ShardRunner: parse, engine, graph                journal, by RecordQueue
//   journal             Recorder: SQLite                                 sinks, by JournalWindow
//   sink s              SinkRunner, DeliveryRunner: one sink, its cursor  journal, by tasks
//   socket              LocalSocket: all clients                         service, by tasks
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "sinks/local_socket.hpp"
#include "tools/config.hpp"
#include "tools/service/input.hpp"
#include "tools/service/recorder.hpp"
#include "tools/service/running_sink.hpp"
#include "tools/service/shard_runner.hpp"
#include "tools/service/silences.hpp"
#include "tools/service/watch_list.hpp"

namespace fastrsi {

struct ServiceOptions {
  std::string config_file;
  bool stay = false;  // goes on after the last frame
};

// What a shard tells of itself, copied in its thread.
struct ShardReport {
  EngineStatistics engine;
  std::vector<FrameStatistics> frames;    // by feed
  std::vector<ExchangeTime> venue_times;  // likewise
  std::vector<std::size_t> symbols;       // likewise
  Histogram latency;
};

// Owner: `fastrsi run`. Thread: the main one, unless a function says otherwise.
class Service {
 public:
  // Throws std::runtime_error with one clear line when it cannot begin. SIGTERM, SIGINT, SIGHUP and
  // SIGUSR1 must be blocked in every thread before.
  Service(const Config& config, const ServiceOptions& options);
  ~Service();

  // Until the input is at its end or a signal stops it; the exit code.
  int run();

  // --- what commands ask (service_commands.cpp, service_status.cpp); main thread
  std::string status_json();
  std::string scan_json();
  std::string levels_json(const std::string& symbol, const std::string& timeframe);
  std::string why_json(const std::string& id);
  std::string silence_json(const std::string& glob, std::int64_t seconds);
  std::string watch_json(const std::vector<std::string>& add,
                         const std::vector<std::string>& remove);
  // `what`: list, requeue or drop. `sink` empty: of all; `mid`: how it begins; `target` empty: all.
  std::string dead_json(const std::string& what, const std::string& sink, const std::string& mid,
                        const std::string& target);
  std::string reload_json();
  // Reads the configuration anew: what has changed, a line a key. Throws std::runtime_error, with
  // nothing changed, when it has errors or wants what only a restart can do.
  std::vector<std::string> reload();

  // Any thread: runs `task` in the main thread, soon.
  void post(std::function<void()> task);
  Recorder& recorder() noexcept { return *recorder_; }

 private:
  void make_runners(const Checkpoint& checkpoint);
  void start_sinks();
  bool wants_list(const std::string& sink, const std::string& rule) const;
  void on_mark(std::size_t shard, std::uint64_t mark, Journal& journal);

  bool handle_signals();
  void tell_reload();
  void run_tasks();
  void keep_time();
  void begin_checkpoint(bool and_stop);
  void wait_for_checkpoint();
  bool input_is_over() const;
  void finish(bool whole);
  bool tell_input() const;
  // All that the shards have said so far is in the window when it returns.
  void drain_queues();
  void drain_sinks(std::chrono::seconds most);
  void drain_socket();

  // Runs `task` in every shard's thread, one after the other's start, and waits for all.
  void in_every_shard(const std::function<void(ShardRunner&)>& task);
  void reconfigure_shards(const Config& config);
  void change_to(Config next);
  // The keys of `next` that only a restart can change; empty: none has changed.
  std::string needs_restart(const std::vector<std::string>& differences, const Config& next) const;
  std::vector<ShardReport> shard_reports();
  std::vector<ShardFeed> watched_feeds() {
    return input_->arranged(watch_.applied_to(input_->feeds()));
  }
  LocalSocketSettings socket_settings() const;
  std::string url_of(const std::string& venue) const;
  nlohmann::ordered_json feeds_status(const std::vector<ShardReport>& reports, bool over) const;
  nlohmann::ordered_json checkpoint_status(std::int64_t now_ns) const;
  nlohmann::ordered_json sinks_status() const;
  nlohmann::ordered_json silences_status() const;

  Config config_;
  const ServiceOptions options_;
  const std::int64_t began_ns_;
  const pthread_t main_thread_;

  std::unique_ptr<Recorder> recorder_;
  WatchList watch_;
  Silences silences_;

  std::unique_ptr<Input> input_;
  std::vector<std::unique_ptr<ShardRunner>> runners_;
  std::vector<std::unique_ptr<RunningSink>> sinks_;
  std::unique_ptr<LocalSocketHost> host_;
  std::unique_ptr<LocalSocket> socket_;
  std::thread recorder_thread_;
  std::thread socket_thread_;
  std::vector<std::thread> shard_threads_;

  // Checkpoints: begun by the main thread, made by the shards, stored by the journal's.
  std::uint64_t marks_given_ = 0;
  std::chrono::steady_clock::time_point next_checkpoint_;
  std::atomic<std::uint64_t> checkpoint_done_{0};  // the newest mark that is in the journal's batch
  std::uint64_t checkpoint_begun_ = 0;
  std::uint64_t checkpoint_lines_ = 0;  // of the input, when it was begun
  bool is_changed_ = true;              // by a command, since
  struct Gathered {
    std::size_t shards = 0;
    std::uint64_t line = 0;
    Checkpoint checkpoint;
  };
  std::map<std::uint64_t, Gathered> gathered_;  // journal's thread
  struct CheckpointStatus {
    std::int64_t at_ns = 0;  // 0: none in this run
    std::uint64_t lines = 0;
    std::size_t parts = 0;
    std::size_t bytes = 0;
  };
  mutable std::mutex mutex_;
  CheckpointStatus checkpoint_status_;
  std::map<std::uint64_t, std::vector<std::unique_ptr<Engine>>> retired_;  // by their mark
  std::vector<std::function<void()>> tasks_;
};

// What the socket asks of the service: records and commands (service_host.cpp).
std::unique_ptr<LocalSocketHost> make_socket_host(Service& service,
                                                  std::function<LocalSocket*()> socket);

}  // namespace fastrsi
