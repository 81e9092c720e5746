// Frames for parser tests: in memory of exactly their size and padding, so that a sanitizer sees a
// read beyond it.
#pragma once

#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "feeds/feeds.hpp"
#include "tests/catch.hpp"

namespace fastrsi::testing {

// `text` with the first `from`, which must be there, replaced.
inline std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

// A parser with the events and the copy of the frame it read last; symbols point into the copy.
class FrameTester {
 public:
  explicit FrameTester(std::unique_ptr<Parser> parser) : parser_(std::move(parser)) {}

  // `padding` fills the bytes behind the frame, which a parser may read and must not use.
  const FrameEvents& parse(std::string_view frame, char padding = '\0') {
    copy_ = std::make_unique<char[]>(frame.size() + kFramePaddingBytes);
    if (!frame.empty()) std::memcpy(copy_.get(), frame.data(), frame.size());
    std::memset(copy_.get() + frame.size(), padding, kFramePaddingBytes);
    parser_->parse({copy_.get(), frame.size()}, receive_time_from_ns(1), events_);
    return events_;
  }

  const FrameEvents& events() const { return events_; }

 private:
  std::unique_ptr<Parser> parser_;
  std::unique_ptr<char[]> copy_;
  FrameEvents events_;
};

// Whether the frame gave the engine nothing: no trade, no candle, and a reason when it was refused.
inline bool is_nothing(const FrameEvents& events) {
  const bool has_reason = events.kind != FrameKind::Rejected || events.reject != Reject::None;
  return events.ticks.empty() && events.symbols.empty() && events.kind != FrameKind::Trades &&
         events.kind != FrameKind::Kline && has_reason;
}

// Whether every field agrees with the others, whatever the frame was.
inline bool is_consistent(const FrameEvents& events) {
  if (events.ticks.size() != events.symbols.size()) return false;
  if (events.ticks.size() > kTradesPerFrameMax) return false;
  if ((events.kind == FrameKind::Trades) != !events.ticks.empty()) return false;
  if (events.kind == FrameKind::Rejected && events.reject == Reject::None) return false;
  if (events.venue_time != kNoExchangeTime && !is_sane(events.venue_time)) return false;
  for (std::size_t i = 0; i < events.ticks.size(); ++i) {
    const Tick& tick = events.ticks[i];
    if (events.symbols[i].empty() || !is_sane(tick.time) || tick.time > events.venue_time)
      return false;
    if (tick.id_only ? !tick.has_id : !(tick.price.value > 0.0 && tick.quantity.value >= 0.0))
      return false;
    if (i > 0 && tick.time < events.ticks[i - 1].time) return false;
  }
  return true;
}

// Whether two frames said the same, candles aside.
inline bool is_same(const FrameEvents& a, const FrameEvents& b) {
  if (a.kind != b.kind || a.reject != b.reject || a.venue_time != b.venue_time) return false;
  if (a.rejected_trades != b.rejected_trades || a.symbols != b.symbols) return false;
  if (a.ticks.size() != b.ticks.size()) return false;
  for (std::size_t i = 0; i < a.ticks.size(); ++i) {
    const Tick& x = a.ticks[i];
    const Tick& y = b.ticks[i];
    if (x.price != y.price || x.quantity != y.quantity || x.id != y.id || x.time != y.time ||
        x.has_id != y.has_id || x.id_only != y.id_only) {
      return false;
    }
  }
  return true;
}

}  // namespace fastrsi::testing
