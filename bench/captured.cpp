// The real trades bundled with the program, frames as the venue sent them.
#include <algorithm>
#include <array>

#include "bench/figure.hpp"
#include "bench/history.hpp"
#include "bench/input.hpp"
#include "bench/yardstick.hpp"
#include "tools/demo.hpp"

namespace fastrsi::bench {
namespace {

constexpr std::size_t kFramesMost = 65'536;
constexpr std::size_t kBytesMost = 16U * 1024 * 1024;

class CapturedTrades final : public Input {
 public:
  CapturedTrades() : frames_(kFramesMost, kBytesMost) {
    const DemoCapture demo = DemoCapture::unpack();
    CaptureOptions options;
    options.files = {demo.path()};
    CaptureReader reader(options);
    CaptureBlock block;
    while (reader.next(block)) {
      for (const CaptureLine& line : block.lines) {
        if (line.kind == LineKind::Frame) frames_.add(line.bytes, line.received);
      }
    }
    find_first_prices();
  }

  const std::vector<std::string>& symbols() const override { return symbols_; }
  TradeStream stream() const override { return TradeStream::Trade; }
  std::span<const Tick> trades() const override { return {}; }

  void tell_history(Timeframe longest, const TakeLine& take) const override {
    std::vector<Past> past;
    for (std::size_t i = 0; i < symbols_.size(); ++i) past.push_back({symbols_[i], prices_[i]});
    tell_past(begin_, past, longest, take);
  }

  std::span<const CaptureLine> next(std::size_t count) override {
    const auto left = frames_.lines().subspan(given_);
    const auto lines = left.first(std::min(count, left.size()));
    given_ += lines.size();
    return lines;
  }

  void restart() override { given_ = 0; }

 private:
  void find_first_prices() {
    Yardstick yardstick(IdKey::Single);
    FiveFields fields;
    for (const CaptureLine& line : frames_.lines()) {
      require(yardstick.parse(line.bytes, fields), "a frame of the bundled capture is no trade");
      if (symbols_.empty()) {
        begin_ = exchange_time_from_ns(static_cast<std::int64_t>(fields.time_ms) * 1'000'000);
      }
      if (std::find(symbols_.begin(), symbols_.end(), fields.symbol) != symbols_.end()) continue;
      symbols_.emplace_back(fields.symbol);
      prices_.push_back(fields.price);
    }
  }

  FrameBatch frames_;
  std::vector<std::string> symbols_;
  std::vector<double> prices_;
  ExchangeTime begin_;
  std::size_t given_ = 0;
};

}  // namespace

std::unique_ptr<Input> make_captured_trades() {
  return std::make_unique<CapturedTrades>();
}

}  // namespace fastrsi::bench
