// Next-signal prices ("reverse RSI"): where would each kind become true in the forming bar?
//
// Flip prices of every comparison cut the price line into pieces on which no condition changes, up
// to rounding. The piece nearest to the current price on which a kind is true gives its level, and
// a bisection over doubles, with exactly the operations of SIGNALS.md, moves it to the very double
// where the condition turns.
#include <algorithm>
#include <bit>
#include <cmath>

#include "engine/symbol_core.hpp"

namespace fastrsi {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

// The double halfway between two positive doubles, counted in representable steps.
double halfway(double low, double high) noexcept {
  const auto a = std::bit_cast<std::uint64_t>(low);
  const auto b = std::bit_cast<std::uint64_t>(high);
  return std::bit_cast<double>(a + (b - a) / 2);
}

// The price at which two lanes are equal above (side 1) or below (side -1) the last close; NaN
// where none is.
double price_of_cross(const Lane& f, const Lane& s, double side) noexcept {
  const double c = s.down * f.up - f.down * s.up;
  const double slope = side > 0.0 ? f.down - s.down : s.up - f.up;
  const double distance = side > 0.0 ? c / slope : -c / slope;
  return distance >= 0.0 ? f.base + side * distance : kNone;
}

// Trade prices at which the applied price is `applied`: one for each piece of the way it depends on
// the trade.
void add_trade_prices(ApplyTo apply_to, const Bar* bar, double applied,
                      std::vector<double>& prices) {
  if (bar == nullptr) {
    prices.push_back(applied);
    return;
  }
  const double high = bar->high;
  const double low = bar->low;
  switch (apply_to) {
    case ApplyTo::Close:
    case ApplyTo::High:
    case ApplyTo::Low:
      prices.push_back(applied);
      break;
    case ApplyTo::Open:
      break;
    case ApplyTo::Median:
      prices.insert(prices.end(), {2 * applied - low, 2 * applied - high});
      break;
    case ApplyTo::Typical:
      prices.insert(prices.end(),
                    {(3 * applied - low) / 2, 3 * applied - high - low, (3 * applied - high) / 2});
      break;
    case ApplyTo::Weighted:
      prices.insert(prices.end(), {(4 * applied - low) / 3, (4 * applied - high - low) / 2,
                                   (4 * applied - high) / 3});
      break;
  }
}

}  // namespace

// Owner and thread: one call of levels().
class LevelFinder {
 public:
  LevelFinder(const SymbolCore& core, std::uint32_t watch)
      : core_(core),
        plan_(core.plan_.watches[watch]),
        series_(core.plan_.series[plan_.series]),
        bar_(forming_bar()),
        now_(core.blocks_.size()) {}

  std::vector<Level> find() {
    std::vector<Level> levels;
    const KindSet known = plan_.rule->known_at(core_.blocks_[series_.blocks.first].closed);
    const double price = core_.last_price_;
    if (known == 0 || !(price > 0.0)) return levels;
    collect_points(price);
    const auto here = static_cast<std::size_t>(
        std::lower_bound(points_.begin(), points_.end(), price) - points_.begin());
    for (std::size_t kind = 0; kind < kKindCount; ++kind) {
      const auto bit = static_cast<KindSet>(1U << kind);
      if ((known & bit) == 0) continue;
      Level level{static_cast<Kind>(kind), (truths_[here] & bit) != 0, kNone, kNone};
      if (!level.true_now) {
        level.below = nearest(here, bit, -1);
        level.above = nearest(here, bit, +1);
      }
      levels.push_back(level);
    }
    return levels;
  }

 private:
  const Bar* forming_bar() const noexcept {
    const SymbolCore::Track& track = core_.tracks_[series_.track];
    return track.forming && track.bar.trades > 0 ? &track.bar : nullptr;
  }

  KindSet truths_at(double price) {
    const double applied =
        bar_ != nullptr ? applied_price(series_.apply_to, bar_->open, std::max(bar_->high, price),
                                        std::min(bar_->low, price), price)
                        : applied_price(series_.apply_to, price, price, price, price);
    for (std::uint32_t block = series_.blocks.first; block < series_.blocks.last; ++block) {
      now_[block] = peek(core_.blocks_[block], core_.plan_.blocks[block], applied);
    }
    return plan_.rule->truths(core_.forming_values(plan_, now_.data()));
  }

  // Flip prices, the points between them, and the current price; ascending, with the truths at
  // each.
  void collect_points(double price) {
    std::vector<double> borders{price};
    if (bar_ != nullptr) borders.insert(borders.end(), {bar_->low, bar_->high});
    for (const double applied : applied_borders()) {
      if (std::isfinite(applied)) add_trade_prices(series_.apply_to, bar_, applied, borders);
    }
    std::erase_if(borders, [](double at) { return !(at > 0.0 && std::isfinite(at)); });
    std::sort(borders.begin(), borders.end());
    borders.erase(std::unique(borders.begin(), borders.end()), borders.end());
    points_.push_back(borders.front() / 2);
    for (std::size_t i = 0; i < borders.size(); ++i) {
      points_.push_back(borders[i]);
      const double next = i + 1 < borders.size() ? borders[i + 1] : borders[i] * 2;
      points_.push_back(halfway(borders[i], next));
    }
    points_.erase(std::unique(points_.begin(), points_.end()), points_.end());
    for (const double point : points_) truths_.push_back(truths_at(point));
  }

  std::vector<double> applied_borders() const {
    const RuleSettings& settings = plan_.rule->settings;
    const auto lane = [&](std::uint32_t at) {
      return lane_of(core_.blocks_[at / kLanes], at % kLanes);
    };
    const RuleValues values = core_.forming_values(plan_, now_.data());
    const Lane by_default = lane(plan_.lane_default);
    std::vector<double> borders{by_default.base};
    for (const double level : {settings.level_overbought, settings.level_oversold,
                               settings.level_middle, values.d1, values.d2}) {
      borders.push_back(price_of_rsi(by_default, level));
    }
    for (const double side : {1.0, -1.0}) {
      borders.push_back(price_of_cross(lane(plan_.lane_first), lane(plan_.lane_second), side));
    }
    return borders;
  }

  // The double nearest to points_[here], upwards or downwards, from which on the kind is true.
  double nearest(std::size_t here, KindSet bit, int direction) {
    std::size_t at = here;
    while (true) {
      if (direction < 0 ? at == 0 : at + 1 == points_.size()) return kNone;
      const std::size_t before = at;
      at = direction < 0 ? at - 1 : at + 1;
      if ((truths_[at] & bit) != 0) return turning_point(points_[before], points_[at], bit);
    }
  }

  // Between a price where the kind is false and one where it is true: the true one of two
  // neighbouring doubles.
  double turning_point(double no, double yes, KindSet bit) {
    while (true) {
      const double middle = no < yes ? halfway(no, yes) : halfway(yes, no);
      if (middle == no || middle == yes) break;
      if ((truths_at(middle) & bit) != 0) {
        yes = middle;
      } else {
        no = middle;
      }
    }
    return yes;
  }

  const SymbolCore& core_;
  const WatchPlan& plan_;
  const SeriesPlan& series_;
  const Bar* bar_;
  std::vector<LaneValues> now_;
  std::vector<double> points_;
  std::vector<KindSet> truths_;
};

std::vector<Level> SymbolCore::levels(std::uint32_t watch) const {
  return LevelFinder(*this, watch).find();
}

}  // namespace fastrsi
