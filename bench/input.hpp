// What the benchmarks feed on: trade frames, made up or real, and the past of their symbols.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/market/tick.hpp"
#include "engine/market/timeframe.hpp"
#include "feeds/capture.hpp"

namespace fastrsi::bench {

using TakeLine = std::function<void(const CaptureLine&)>;

// Frames one behind the other, as a capture's reader has them, and as the lines it hands on.
class FrameBatch {
 public:
  FrameBatch(std::size_t frames, std::size_t bytes);
  FrameBatch(const FrameBatch&) = delete;
  FrameBatch& operator=(const FrameBatch&) = delete;

  void clear() noexcept;
  void add(std::string_view frame, ReceiveTime received);
  std::span<const CaptureLine> lines() const noexcept { return lines_; }

 private:
  std::vector<char> memory_;
  std::vector<CaptureLine> lines_;
  std::size_t used_ = 0;
};

// Owner: a figure. The same after every restart().
class Input {
 public:
  virtual ~Input() = default;
  virtual const std::vector<std::string>& symbols() const = 0;
  virtual TradeStream stream() const = 0;
  // Trades of every symbol from before the first frame: enough to warm every timeframe up to
  // `longest`.
  virtual void tell_history(Timeframe longest, const TakeLine& take) const = 0;

  // The next frames, at most `count`. None at the end.
  virtual std::span<const CaptureLine> next(std::size_t count) = 0;
  // The trades behind them, where they are known from elsewhere than from parsing: their symbols
  // index symbols(). Else none.
  virtual std::span<const Tick> trades() const = 0;
  virtual void restart() = 0;
};

// A made-up market, without end: aggregate trades of 500 symbols as Binance's combined streams
// write them, 205 bytes a frame on average.
struct MarketSettings {
  std::size_t symbols = 500;
  double messages_per_second = 500.0;  // of all symbols together
  std::uint64_t seed = 20'240'808;
  std::size_t batch_frames = 32'768;  // the most that next() gives
};
std::unique_ptr<Input> make_market(const MarketSettings& settings);

// The share of the messages that a symbol of a market has: Zipf's law.
std::vector<double> market_shares(std::size_t symbols);

// The trades of two symbols over ten minutes that are bundled with the program.
std::unique_ptr<Input> make_captured_trades();

}  // namespace fastrsi::bench
