// Frames of captures, merged by receive time. What else captures hold (breaks, looks at the clock,
// holes) is passed over: this exchange has its own faults.
#include <stdexcept>
#include <utility>

#include "tools/simulate/tape.hpp"

namespace fastrsi::simulate {
namespace {

class CaptureTape final : public Tape {
 public:
  explicit CaptureTape(const TapeOptions& options) : reader_(reader_options(options)) {
    venue_ = reader_.venues().front();
    for (std::size_t i = 1; i < reader_.venues().size(); ++i) {
      if (reader_.venues()[i] == venue_) continue;
      throw std::invalid_argument(options.captures[i] + ": is a capture of " + reader_.venues()[i] +
                                  ", the first is of " + venue_ +
                                  " (one exchange serves one venue)");
    }
    parser_ = make_parser(venue_, TradeStream::FirstSeen);
    trades_ = make_parser(venue_, TradeStream::Trade);
    sums_ = make_parser(venue_, TradeStream::AggTrade);
    if (parser_ == nullptr) {
      throw std::invalid_argument(venue_ + ": frames of this venue cannot be read (no parser)");
    }
  }

  bool next(TapeFrame& frame) override {
    while (true) {
      if (at_ == block_.lines.size()) {
        at_ = 0;
        if (!reader_.next(block_)) return false;
        continue;
      }
      const CaptureLine& line = block_.lines[at_++];
      if (line.kind != LineKind::Frame || line.received == kNoReceiveTime || line.is_cut) continue;
      parser_->parse(line.bytes, line.received, events_);
      const bool is_repeat = events_.kind == FrameKind::OtherTrades;
      if (is_repeat) trades_->parse(line.bytes, line.received, events_);
      if (events_.kind == FrameKind::OtherTrades) {
        sums_->parse(line.bytes, line.received, events_);
      }
      frame = {line.received, line.bytes, &events_, is_repeat};
      return true;
    }
  }

  const std::string& venue() const noexcept override { return venue_; }
  std::vector<std::string> end() override { return reader_.diagnostics(); }

 private:
  static CaptureOptions reader_options(const TapeOptions& options) {
    CaptureOptions wanted;
    wanted.files = options.captures;
    wanted.venue = options.venue;
    return wanted;
  }

  CaptureReader reader_;
  std::string venue_;
  std::unique_ptr<Parser> parser_;
  // Of Binance's two streams of the same trades: what the first is not.
  std::unique_ptr<Parser> trades_;
  std::unique_ptr<Parser> sums_;
  CaptureBlock block_;
  std::size_t at_ = 0;
  FrameEvents events_;
};

}  // namespace

std::unique_ptr<Tape> make_capture_tape(const TapeOptions& options) {
  return std::make_unique<CaptureTape>(options);
}

}  // namespace fastrsi::simulate
