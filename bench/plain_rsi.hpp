// RSI as one would write it from the page (SIGNALS.md, section 3): one object a period, its value
// computed anew at every tick. The yardstick of the intrabar figures, and what they are proven by.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <span>

namespace fastrsi::bench {

class PlainRsi {
 public:
  explicit PlainRsi(int period) : n_(period) {}

  // If the bar closed at `price` now.
  double peek(double price) const noexcept {
    const double change = price - last_close_;
    const double up = change > 0.0 ? change : 0.0;
    const double down = change < 0.0 ? -change : 0.0;
    return value_of(next(up_, up), next(down_, down));
  }

  void close(double price) noexcept {
    const double change = price - last_close_;
    const double up = change > 0.0 ? change : 0.0;
    const double down = change < 0.0 ? -change : 0.0;
    last_close_ = price;
    if (closed_++ == 0) return;
    if (closed_ - 1 <= n_) {
      // The first n changes are averaged.
      up_ += up;
      down_ += down;
      if (closed_ - 1 < n_) return;
      up_ /= n_;
      down_ /= n_;
    } else {
      up_ = next(up_, up);
      down_ = next(down_, down);
    }
    value_ = value_of(up_, down_);
  }

  // At the newest close.
  double value() const noexcept { return value_; }

 private:
  double next(double average, double change) const noexcept {
    const double moved = (average * (n_ - 1.0) + change) / n_;
    return moved < std::numeric_limits<double>::min() ? 0.0 : moved;
  }
  static double value_of(double up, double down) noexcept {
    if (down > 0.0) return 100.0 - 100.0 / (1.0 + up / down);
    return up > 0.0 ? 100.0 : 50.0;
  }

  double n_;
  double up_ = 0.0;
  double down_ = 0.0;
  double last_close_ = 0.0;
  double closed_ = 0.0;
  double value_ = std::numeric_limits<double>::quiet_NaN();
};

// The same from the beginning, over all of `closes` and then `price`: what programs do that keep no
// state.
inline double recompute_rsi(int period, std::span<const double> closes, double price) noexcept {
  PlainRsi rsi(period);
  for (const double close : closes) rsi.close(close);
  return rsi.peek(price);
}

}  // namespace fastrsi::bench
