// Flip bands: the prices around the current one at which no condition that matters can change
// (DESIGN, "Flip bands"; which matter: SymbolCore::narrow).
//
// Between two closes everything a condition reads is fixed but the forming price p. With A =
// U(n-1), B = D(n-1) of the committed averages, P0 the last closed price and d = p - P0:
//   p >= P0:  r = 100 (A + d) / (A + B + d) = 100 - 100 B / (A + B + d)
//   p <  P0:  r = 100 A / (A + B + |d|)
// so r(n) never falls as p rises, and crosses a level x at one price. Two periods differ by y
// points where
//   above P0:  B_s (a_f + d) - B_f (a_s + d) = k (a_f + d)(a_s + d)          a = A + B, k = y / 100
//   below P0:  A_f (a_s + e) - A_s (a_f + e) = k (a_f + e)(a_s + e)          e = |d|
// which are quadratics. Evaluation is in doubles, so near a flip rounding decides: every comparison
// therefore gets a dead zone of kNoisePoints around it, far wider than rounding (1e-13) and far
// narrower than anything a trader sees. A band never reaches into a dead zone; inside one it is the
// single price that was just evaluated. So a price in the band always decides as the evaluated one
// did, and an error in a border only costs an evaluation.
#pragma once

#include <initializer_list>
#include <limits>

#include "engine/bar.hpp"
#include "engine/rsi.hpp"
#include "engine/settings.hpp"

namespace fastrsi {

inline constexpr double kNoisePoints = 1e-9;
inline constexpr double kPriceMargin = 1e-12;  // relative; borders are rounded too

// A closed interval of prices; empty when low > high.
struct PriceBand {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();

  bool holds(double price) const noexcept { return price >= low && price <= high; }
  void narrow_to(const PriceBand& other) noexcept {
    if (other.low > low) low = other.low;
    if (other.high < high) high = other.high;
  }
};
inline constexpr PriceBand kEmptyBand{std::numeric_limits<double>::infinity(),
                                      -std::numeric_limits<double>::infinity()};

// One lane's committed averages (both times n - 1) and the price they were committed at.
struct Lane {
  double up = 0.0;
  double down = 0.0;
  double base = 0.0;
};

inline Lane lane_of(const LaneBlock& block, std::size_t lane) noexcept {
  return {block.up[lane], block.down[lane], block.base};
}

// The price at which the lane's RSI is `points`; -inf for points <= 0 and +inf for points >= 100.
double price_of_rsi(const Lane& lane, double points) noexcept;

// Narrows a band of applied prices around the evaluated price, one comparison after another.
class BandBuilder {
 public:
  explicit BandBuilder(double applied) noexcept : price_(applied) {}

  // r(lane)[0] = `value` is compared with each of `levels`; those that are no numbers are passed
  // over. Only the nearest on each side can be met first, since r never falls as the price rises.
  void keep_between_levels(const Lane& lane, double value,
                           std::initializer_list<double> levels) noexcept;
  // r(first)[0] - r(second)[0] = `difference` is compared with `offset`.
  void keep_side_of_cross(const Lane& first, const Lane& second, double difference,
                          double offset) noexcept;

  const PriceBand& band() const noexcept { return band_; }

 private:
  void stop_here() noexcept;
  void keep_below(double border) noexcept;
  void keep_above(double border) noexcept;
  void keep_side_of(double border) noexcept;
  void keep_off_quadratic(double a, double b, double c, double base, double sign) noexcept;
  void keep_off_difference(const Lane& first, const Lane& second, double points) noexcept;

  double price_;
  PriceBand band_;
};

// Trade prices that leave the applied price inside `applied`, given the bar so far. Sources that
// move only with the bar's extremes keep still between them.
PriceBand trade_band(ApplyTo apply_to, const Bar& bar, const PriceBand& applied) noexcept;

}  // namespace fastrsi
