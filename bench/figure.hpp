// What a benchmark is here: it asks one question or a few, proves its answer right, and then
// compares two things in one run, in many short rounds of one after the other. Each round gives a
// ratio; the figure is their median, which a busy machine disturbs least.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace fastrsi::bench {

// The program answered wrongly: its time is worth nothing.
class WrongAnswer : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

inline void require(bool right, const char* otherwise) {
  if (!right) throw WrongAnswer(otherwise);
}

enum class Better : std::uint8_t { Higher, Lower };

// One row of the table.
struct Question {
  std::string figure;  // its name in the table: "G1"
  std::string text;
  Better better = Better::Higher;
  double goal = 0.0;  // not a number: none is set
  int decimals = 2;
};

// What one round says to a question. Times are of one operation; negative ones are not shown.
struct Reading {
  double ratio = 0.0;
  double ours_ns = -1.0;
  double yardstick_ns = -1.0;
};

// Owner: the runner, one at a time.
class Figure {
 public:
  virtual ~Figure() = default;
  virtual std::vector<Question> questions() const = 0;
  // Throws WrongAnswer. Called once, before the first round.
  virtual void prove() = 0;
  // Runs both sides once and fills in a reading for each question. Throws WrongAnswer.
  virtual void round(std::vector<Reading>& readings) = 0;
};

// A figure's name on the command line, and how it is made: its memory is taken only while it runs.
// `make` may give nullptr with a reason: this machine cannot answer.
struct FigureEntry {
  const char* name;
  std::unique_ptr<Figure> (*make)(std::string& why_not);
};

// The figures, in the table's order (throughput.cpp, shards.cpp, latency.cpp, intrabar.cpp,
// random_update.cpp, websocket.cpp, local_socket.cpp, subscribers.cpp, dead_sinks.cpp,
// tick_path_memory.cpp).
std::vector<FigureEntry> throughput_figures();
std::vector<FigureEntry> shard_figures();
std::vector<FigureEntry> latency_figures();
std::vector<FigureEntry> intrabar_figures();
std::vector<FigureEntry> random_update_figures();
std::vector<FigureEntry> websocket_figures();
std::vector<FigureEntry> local_socket_figures();
std::vector<FigureEntry> subscriber_figures();
std::vector<FigureEntry> dead_sink_figures();
std::vector<FigureEntry> memory_figures();

// The time of several sides on the same input, each in another place of the order from round to
// round, so that none always finds the caches as another left them.
class Turns {
 public:
  explicit Turns(std::size_t sides) : sides_(sides) {}
  // Calls side(i) for each side once.
  template <typename Side>
  void each(Side&& side) {
    for (std::size_t i = 0; i < sides_; ++i) side((first_ + i) % sides_);
    first_ = (first_ + 1) % sides_;
  }

 private:
  std::size_t sides_;
  std::size_t first_ = 0;
};

}  // namespace fastrsi::bench
