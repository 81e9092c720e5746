#include "engine/flip_band.hpp"

#include <algorithm>
#include <cmath>

namespace fastrsi {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
// With averages this small beside the price, r jumps at P0 within a few units in the last place.
constexpr double kJumpShare = 1e-6;

double margin_of(double price) noexcept {
  return kPriceMargin * std::abs(price);
}

// Trade prices within [low, high] and the bar's extremes, rounded inwards, and always the close
// itself.
PriceBand between_extremes(const Bar& bar, double low, double high) noexcept {
  const double margin = margin_of(bar.high);
  PriceBand band{std::min(low + margin, bar.close), std::max(high - margin, bar.close)};
  band.narrow_to({bar.low, bar.high});
  return band;
}

}  // namespace

double price_of_rsi(const Lane& lane, double points) noexcept {
  if (!(points > 0.0)) return -kInfinity;
  if (!(points < 100.0)) return kInfinity;
  const double q = points / 100.0;
  const double rise = (q * (lane.up + lane.down) - lane.up) / (1.0 - q);
  if (rise >= 0.0) return lane.base + rise;
  return lane.base - (lane.up / q - lane.up - lane.down);
}

void BandBuilder::stop_here() noexcept {
  band_.narrow_to({price_, price_});
}

void BandBuilder::keep_below(double border) noexcept {
  const double high = border - margin_of(border);
  if (high < price_) return stop_here();
  band_.high = std::min(band_.high, high);
}

void BandBuilder::keep_above(double border) noexcept {
  const double low = border + margin_of(border);
  if (low > price_) return stop_here();
  band_.low = std::max(band_.low, low);
}

void BandBuilder::keep_side_of(double border) noexcept {
  if (price_ < border) {
    keep_below(border);
  } else {
    keep_above(border);
  }
}

void BandBuilder::keep_between_levels(const Lane& lane, double value,
                                      std::initializer_list<double> levels) noexcept {
  double below = -kInfinity;
  double above = kInfinity;
  bool stuck = false;
  // Without branches: which levels are below is seldom foreseen.
  for (const double level : levels) {
    const bool is_below = value > level + kNoisePoints;
    const bool is_above = value < level - kNoisePoints;
    below = std::max(below, is_below ? level : -kInfinity);
    above = std::min(above, is_above ? level : kInfinity);
    stuck |= !is_below & !is_above & !std::isnan(level);
  }
  if (stuck) return stop_here();
  const double low = price_of_rsi(lane, below + kNoisePoints);
  if (low > -kInfinity) keep_above(low);
  const double high = price_of_rsi(lane, above - kNoisePoints);
  if (high < kInfinity) keep_below(high);
}

// Roots of a x^2 + b x + c at x >= 0 are borders at base + sign x.
void BandBuilder::keep_off_quadratic(double a, double b, double c, double base,
                                     double sign) noexcept {
  const double discriminant = b * b - 4.0 * a * c;
  if (!(discriminant >= 0.0)) return;
  const double q = -0.5 * (b + std::copysign(std::sqrt(discriminant), b));
  if (a != 0.0) {
    const double root = q / a;
    if (root >= 0.0 && root < kInfinity) keep_side_of(base + sign * root);
  }
  if (q != 0.0) {
    const double root = c / q;
    if (root >= 0.0 && root < kInfinity) keep_side_of(base + sign * root);
  }
}

void BandBuilder::keep_off_difference(const Lane& f, const Lane& s, double points) noexcept {
  const double k = points / 100.0;
  const double a_f = f.up + f.down;
  const double a_s = s.up + s.down;
  // A side of the last close that the band does not reach has no border to keep off.
  if (band_.high > f.base) {
    keep_off_quadratic(-k, s.down - f.down - k * (a_f + a_s),
                       s.down * a_f - f.down * a_s - k * a_f * a_s, f.base, 1.0);
  }
  if (band_.low < f.base) {
    keep_off_quadratic(-k, f.up - s.up - k * (a_f + a_s), f.up * a_s - s.up * a_f - k * a_f * a_s,
                       f.base, -1.0);
  }
}

void BandBuilder::keep_side_of_cross(const Lane& first, const Lane& second, double difference,
                                     double offset) noexcept {
  const double distance = difference - offset;
  if (!(std::abs(distance) > kNoisePoints)) return stop_here();
  const double smallest = std::min(first.up + first.down, second.up + second.down);
  if (smallest <= kJumpShare * std::abs(first.base)) keep_side_of(first.base);
  // Only the dead zone's near edge can be met first.
  keep_off_difference(first, second, offset + std::copysign(kNoisePoints, distance));
}

PriceBand trade_band(ApplyTo apply_to, const Bar& bar, const PriceBand& applied) noexcept {
  const double extremes = bar.high + bar.low;
  switch (apply_to) {
    case ApplyTo::Close:
      return applied;
    case ApplyTo::Open:
      return {};
    case ApplyTo::High:
      return {-kInfinity, applied.high};
    case ApplyTo::Low:
      return {applied.low, kInfinity};
    case ApplyTo::Median:
      return {bar.low, bar.high};
    case ApplyTo::Typical:
      return between_extremes(bar, 3.0 * applied.low - extremes, 3.0 * applied.high - extremes);
    case ApplyTo::Weighted:
      return between_extremes(bar, (4.0 * applied.low - extremes) / 2.0,
                              (4.0 * applied.high - extremes) / 2.0);
  }
  return kEmptyBand;
}

}  // namespace fastrsi
