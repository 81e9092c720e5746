// What a simulated exchange has to say: frames in order of time, from captures or made up.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/units.hpp"
#include "feeds/capture.hpp"
#include "feeds/capture_output.hpp"
#include "feeds/feeds.hpp"

namespace fastrsi::simulate {

// A frame and what is in it. Views live until the next one.
struct TapeFrame {
  ReceiveTime received;
  std::string_view bytes;
  const FrameEvents* events = nullptr;  // as the venue's parser reads it
  bool is_repeat = false;               // its trades come in a second stream too, and count there
};

// Owner: the simulator. Thread: its own.
class Tape {
 public:
  virtual ~Tape() = default;
  // False at the end.
  virtual bool next(TapeFrame& frame) = 0;
  virtual const std::string& venue() const noexcept = 0;
  // After the last frame that is wanted: finishes what is being written. What was damaged or could
  // not be written, one sentence each.
  virtual std::vector<std::string> end() = 0;
};

struct TapeOptions {
  std::vector<std::string> captures;
  std::string venue;  // for captures without a header
  // Instead of captures: Binance trades of made-up symbols.
  std::vector<std::string> symbols;
  std::uint64_t seed = 1;
  double rate = 100.0;                                                    // trades a second, of all
  ExchangeTime begin = exchange_time_from_ns(1'704'067'200'000'000'000);  // 2024-01-01
  Nanoseconds length = Nanoseconds::max();
};

// Both throw std::runtime_error when files cannot be read, std::invalid_argument when they are of
// several venues or of one that cannot be parsed.
std::unique_ptr<Tape> make_capture_tape(const TapeOptions& options);
// Prices by a random walk, trades by Zipf's law over the symbols; ids rise by one in each. The same
// seed gives the same bytes on every machine.
std::unique_ptr<Tape> make_generated_tape(const TapeOptions& options);

// Passes on another tape's frames, and writes each as a line of a capture (which is packed by
// zstd). Throws std::invalid_argument when the file exists or cannot be made.
std::unique_ptr<Tape> make_recording_tape(std::unique_ptr<Tape> tape, const std::string& file);

}  // namespace fastrsi::simulate
