// An exchange on loopback: plays a tape to those who subscribe, answers their REST requests from
// what has been played, and does wrong what its faults say.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "feeds/net/event_loop.hpp"
#include "feeds/net/tls.hpp"
#include "tools/simulate/client.hpp"
#include "tools/simulate/connection.hpp"
#include "tools/simulate/fault_list.hpp"
#include "tools/simulate/fault_log.hpp"
#include "tools/simulate/listener.hpp"
#include "tools/simulate/protocol.hpp"
#include "tools/simulate/rest.hpp"
#include "tools/simulate/tape.hpp"

namespace fastrsi::simulate {

struct SimulatorOptions {
  ListenAddress listen;
  std::string certificate_file;  // none: no TLS
  std::string key_file;
  double speed = 1.0;  // kSpeedMax: as fast as clients take it
  // The tape begins when so many are subscribed to; at kSpeedMax it stands still with fewer.
  std::size_t wait_streams = 1;
  Nanoseconds history{0};  // so much of the tape has been played before anybody comes
  bool stays = false;      // at the tape's end: goes on answering
  std::vector<FaultLine> faults;
  std::string fault_log;
};

struct SimulatorStatistics {
  std::uint64_t frames = 0;    // played
  std::uint64_t unserved = 0;  // of them of no stream that is served
  std::uint64_t sent = 0;      // to one client each
  std::uint64_t lost = 0;      // kept back by faults
  std::uint64_t connections = 0;
  std::uint64_t requests = 0;  // REST
  std::uint64_t faults = 0;
};

// Streams and symbols that there are: an exchange knows them before it plays.
struct Listing {
  std::vector<std::string> streams;
  std::vector<std::string> symbols;
};

// Owner: the command. Thread: the caller's of run(); stop() may be called from any.
class Simulator final : public ConnectionListener, public ClientHost {
 public:
  // Throws std::invalid_argument and std::runtime_error: a bad start.
  Simulator(SimulatorOptions options, std::unique_ptr<Tape> tape, const Listing& listing);
  ~Simulator();

  // Serves until the tape's end, or for ever, or until a signal; `listening` hears once where.
  // Returns what was wrong with the tape, one sentence each.
  std::vector<std::string> run(const std::function<void(const std::string& authority)>& listening);
  const SimulatorStatistics& statistics() const noexcept { return statistics_; }

 private:
  using Clock = net::EventLoop::Clock;

  struct Stream {
    std::vector<Client*> clients;
    std::string last;  // its last frame with trades, as it stood on the tape
  };
  struct Held {
    std::string stream;
    std::string bytes;
  };
  class Signals;

  // ConnectionListener
  void on_request(Connection& connection, const net::HttpHead& request) override;
  void on_message(Connection& connection, std::string_view text) override;
  void on_ended(Connection& connection, std::string_view why) override;
  // ClientHost
  Subscribed add_subscription(Client& client, const std::string& stream) override;
  void remove_subscription(Client& client, const std::string& stream) override;
  std::int64_t exchange_time_ns() const override;

  // simulator.cpp: connections
  void accept(int descriptor);
  void answer_rest(Connection& connection, const net::HttpHead& request);
  void answer_later(std::uint64_t number, Nanoseconds delay, std::function<void(Client&)> what);
  void open_websocket(Client& client, const net::HttpHead& request);
  void look_after(Clock::time_point now);
  void keep_looking();

  // simulator_play.cpp: the tape
  void play_history();
  void begin_if_ready();
  void play();
  bool fetch();
  bool is_due(Clock::time_point now) const;
  bool must_wait();
  void deliver(const TapeFrame& frame);
  void send_to_all(const std::string& stream, std::string_view bytes);
  void send_held();
  void finish_tape();
  void flush_all();

  // simulator_faults.cpp
  void run_faults(Nanoseconds now);
  void apply(const Fault& fault, Nanoseconds when);
  void begin_window(const Fault& fault, Nanoseconds when);
  bool is_on(FaultKind kind) const noexcept;
  bool keep_back(const TapeFrame& frame, const std::string& stream);
  void end_windows();
  void cut_oldest();
  void send_junk(std::uint64_t count);
  void for_each_client(const std::function<void(Client&)>& what);
  void say(const char* event, const nlohmann::json& fields);

  const SimulatorOptions options_;
  const std::unique_ptr<Tape> tape_;
  const std::unique_ptr<Protocol> protocol_;
  FaultSchedule schedule_;
  FaultLog log_;
  TradeHistory history_;
  Rest rest_;

  net::EventLoop loop_;
  std::unique_ptr<net::TlsServer> tls_;
  Listener listener_;
  std::unique_ptr<Signals> signals_;
  std::vector<std::unique_ptr<Client>> clients_;
  std::vector<std::unique_ptr<Client>> gone_;  // until their handlers have returned
  std::uint64_t connections_ = 0;
  std::unordered_map<std::string, Stream> streams_;
  std::size_t subscriptions_ = 0;

  TapeFrame frame_;  // the next one to play
  bool has_frame_ = false;
  bool has_begun_ = false;
  bool is_over_ = false;
  std::int64_t begin_ns_ = 0;   // exchange time of the first frame
  std::int64_t played_ns_ = 0;  // of the newest one that was played
  Clock::time_point begin_wall_{};
  Clock::time_point stalled_since_{};
  bool is_stalled_ = false;

  // By kind: until when it is on, in exchange time from the begin.
  std::array<Nanoseconds, kFaultKindCount> until_{};
  Nanoseconds slow_delay_{0};
  std::uint64_t limit_seconds_ = 0;
  std::uint64_t broken_status_ = 503;
  std::uint64_t swallow_left_ = 0;
  std::uint64_t duplicate_left_ = 0;
  std::uint64_t stale_left_ = 0;
  std::size_t reorder_count_ = 0;  // frames to hold before they are sent last one first; 0: none
  std::vector<Held> held_;
  std::uint64_t half_turn_ = 0;
  bool closes_later_ = false;  // a shutdown notice was sent
  SimulatorStatistics statistics_;
};

}  // namespace fastrsi::simulate
