// A symbol's bars become signals (SIGNALS.md, sections 3 to 6).
#include <algorithm>
#include <initializer_list>

#include "engine/symbol_core.hpp"

namespace fastrsi {
namespace {

double lane_value(const LaneValues* blocks, std::uint32_t lane) noexcept {
  return blocks[lane / kLanes][lane % kLanes];
}

// What a flat value is worth to a rule.
double priced(const Rule& rule, double value) noexcept {
  return std::isnan(value) ? rule.flat_value : value;
}

// A period has a value from its n-th change on; bar 0 brings a change of its own.
double shown(double value, int period, std::uint64_t changes) noexcept {
  return changes >= static_cast<std::uint64_t>(period) ? value
                                                       : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace

RuleValues SymbolCore::forming_values(const WatchPlan& plan, const LaneValues* now) const noexcept {
  const Rule& rule = *plan.rule;
  const bool one_back = rule.settings.cross_lookback == 1;
  const auto back = [&](std::uint32_t lane, bool one) {
    const Closed& closed = closed_[lane / kLanes];
    return priced(rule, (one ? closed.at0 : closed.at1)[lane % kLanes]);
  };
  return {priced(rule, lane_value(now, plan.lane_default)),
          back(plan.lane_default, true),
          back(plan.lane_default, false),
          priced(rule, lane_value(now, plan.lane_first)),
          back(plan.lane_first, one_back),
          priced(rule, lane_value(now, plan.lane_second)),
          back(plan.lane_second, one_back)};
}

RuleValues SymbolCore::closed_values(const WatchPlan& plan) const noexcept {
  const Rule& rule = *plan.rule;
  const bool one_back = rule.settings.cross_lookback == 1;
  const auto at = [&](std::uint32_t lane, LaneValues Closed::*bar) {
    return priced(rule, (closed_[lane / kLanes].*bar)[lane % kLanes]);
  };
  const auto crossing = one_back ? &Closed::at1 : &Closed::at2;
  return {at(plan.lane_default, &Closed::at0), at(plan.lane_default, &Closed::at1),
          at(plan.lane_default, &Closed::at2), at(plan.lane_first, &Closed::at0),
          at(plan.lane_first, crossing),       at(plan.lane_second, &Closed::at0),
          at(plan.lane_second, crossing)};
}

double SymbolCore::closed_rsi(std::uint32_t watch) const noexcept {
  const WatchPlan& plan = plan_.watches[watch];
  const std::uint64_t closed = blocks_[plan.lane_default / kLanes].closed;
  return shown(closed_values(plan).d0, plan.rule->settings.period_default,
               closed > 0 ? closed - 1 : 0);
}

// A tick that every forming bar holds by now left some series' band, or something is due.
void SymbolCore::evaluate_left(const Tick& tick, const Moment& moment) noexcept {
  begin_band();
  for (std::uint32_t i = 0; i < series_.size(); ++i) {
    const Series& series = series_[i];
    const bool is_left = !series.band.holds(tick.price.value) || tick.time >= series.due;
    if (is_left) evaluate_forming(i, tick, moment);
    narrow_band(i);
  }
  end_input(false);
}

double SymbolCore::peek_at(const SeriesPlan& plan, const Bar& bar, LaneValues* now) const noexcept {
  const double price = applied_price(plan.apply_to, bar);
  for (std::uint32_t block = plan.blocks.first; block < plan.blocks.last; ++block) {
    now[block] = peek(blocks_[block], plan_.blocks[block], price);
  }
  return price;
}

void SymbolCore::evaluate_forming(std::uint32_t index, const Tick& tick,
                                  const Moment& moment) noexcept {
  const SeriesPlan& plan = plan_.series[index];
  Series& series = series_[index];
  if (flip_bands_ && series.band.holds(tick.price.value) && tick.time < series.due) return;
  const std::uint64_t closed = blocks_[plan.blocks.first].closed;
  if (closed < plan.first_gate) {
    series = {PriceBand{}, kNeverExchangeTime};
    return;
  }
  ++moment.statistics.evaluations;
  const Bar bar = settled_bar(plan.track);
  const double price = peek_at(plan, bar, moment.scratch);
  BandBuilder band(price);
  series.due = kNeverExchangeTime;
  for (std::uint32_t i = plan.watches.first; i < plan.watches.last; ++i) {
    const WatchPlan& watch = plan_.watches[i];
    if (watch.rule->settings.evaluate != Evaluate::Forming) continue;
    const RuleValues values = forming_values(watch, moment.scratch);
    advance_edges({watch, watches_[i], bar, values, closed, tick.time, true}, moment);
    series.due = std::min(series.due, next_repeat(*watch.rule, watches_[i].edge));
    if (flip_bands_) narrow(band, watch, watches_[i].edge, values);
  }
  series.band = trade_band(plan.apply_to, bar, band.band());
}

// Every comparison with r(n)[0] that the conditions of kinds awake make keeps its outcome inside
// the band.
void SymbolCore::narrow(BandBuilder& band, const WatchPlan& plan, const EdgeState& edge,
                        const RuleValues& values) const noexcept {
  const RuleSettings& settings = plan.rule->settings;
  const auto kinds = static_cast<KindSet>(~asleep(*plan.rule, edge));
  const auto any = [kinds](Kind a, Kind b) { return contains(kinds, a) || contains(kinds, b); };
  const auto level_if = [](bool counts, double level) {
    return counts ? level : std::numeric_limits<double>::quiet_NaN();
  };
  const auto lane = [&](std::uint32_t at) { return lane_of(blocks_[at / kLanes], at % kLanes); };
  const Lane by_default = lane(plan.lane_default);
  const auto keep = [&](std::initializer_list<double> levels) {
    band.keep_between_levels(by_default, values.d0, levels);
  };
  // A cross that has the lines on the wrong side before cannot come about.
  const bool buys = contains(kinds, Kind::Buy) && values.fl <= values.sl;
  const bool sells = contains(kinds, Kind::Sell) && values.fl >= values.sl;
  const bool trends = any(Kind::Rising, Kind::Falling);
  keep({level_if(contains(kinds, Kind::Overbought) || (settings.cross_filter && sells),
                 settings.level_overbought),
        level_if(contains(kinds, Kind::Oversold) || (settings.cross_filter && buys),
                 settings.level_oversold),
        level_if(any(Kind::PhaseUp, Kind::PhaseDown), settings.level_middle),
        level_if(trends && settings.trend_rule != TrendRule::TwoBack, values.d1),
        level_if(trends && settings.trend_rule != TrendRule::Monotone, values.d2)});
  const double difference = values.f0 - values.s0;
  if (buys || sells) {
    band.keep_side_of_cross(lane(plan.lane_first), lane(plan.lane_second), difference, 0.0);
  }
  if (!(settings.hysteresis > 0.0) || edge.active == 0) return;
  const double h = settings.hysteresis;
  keep({settings.level_overbought - h, settings.level_oversold + h, settings.level_middle - h,
        settings.level_middle + h, values.d2 - h, values.d2 + h});
  band.keep_side_of_cross(lane(plan.lane_first), lane(plan.lane_second), difference, -h);
  band.keep_side_of_cross(lane(plan.lane_first), lane(plan.lane_second), difference, h);
}

KindSet SymbolCore::truth_now(std::uint32_t index, const Moment& moment) const noexcept {
  const WatchPlan& plan = plan_.watches[index];
  const SeriesPlan& series = plan_.series[plan.series];
  const EdgeState& edge = watches_[index].edge;
  if (!tracks_[series.track].forming || edge.known == 0 || asleep(*plan.rule, edge) == 0 ||
      plan.rule->settings.evaluate != Evaluate::Forming) {
    return edge.truth;
  }
  const Bar bar = settled_bar(series.track);
  if (bar.trades == 0) return edge.truth;
  peek_at(series, bar, moment.scratch);
  return plan.rule->truths(forming_values(plan, moment.scratch));
}

void SymbolCore::evaluate_closed(std::uint32_t index, const Bar& bar,
                                 const Moment& moment) noexcept {
  const WatchPlan& plan = plan_.watches[index];
  Watch& watch = watches_[index];
  const std::uint64_t closed = blocks_[plan.lane_default / kLanes].closed;
  const bool at_close = plan.rule->settings.evaluate == Evaluate::Close;
  const bool any_fired = watch.edge.fired_kinds != 0;
  // Of a forming bar that was evaluated, some kinds' truth may be that of an earlier price.
  const bool sleeps = !at_close && bar.trades > 0 && closed > plan.rule->first_gate &&
                      asleep(*plan.rule, watch.edge) != 0;
  if (!(at_close && closed >= plan.rule->first_gate) && !any_fired && !sleeps) return;
  const RuleValues values = closed_values(plan);
  if (sleeps) wake(watch.edge, plan.rule->truths(values));
  const Context context{plan, watch, bar, values, closed, bar.span.end, false};
  if (at_close) {
    advance_edges(context, moment);
  } else {
    follow_up(context, moment);
  }
  watch.edge.begin_bar();
}

void SymbolCore::advance_edges(const Context& context, const Moment& moment) noexcept {
  const Rule& rule = *context.plan.rule;
  EdgeState& edge = context.watch.edge;
  const KindSet known = edge.known == kAllKinds ? kAllKinds : rule.known_at(context.closed);
  const Firings firings = step(rule, edge, known, context.values, context.time);
  if (known == kAllKinds && !context.watch.entered) {
    context.watch.entered = true;
    context.watch.waiting = true;
    ++moment.pending_lists[context.plan.list];
  }
  const auto fired = static_cast<KindSet>(firings.edges | firings.repeats);
  if (fired != 0) {
    Record record;
    describe(record, context, moment);
    record.signal.stage = context.forming ? Stage::Provisional : Stage::Confirmed;
    for_each_kind(fired, [&](std::size_t kind) {
      record.signal.kind = static_cast<Kind>(kind);
      record.signal.firing = edge.fired[kind];
      record.signal.repeat = (firings.repeats >> kind & 1U) != 0;
      say(record, moment);
    });
  }
  context.watch.returning = false;
}

void SymbolCore::follow_up(const Context& context, const Moment& moment) noexcept {
  const KindSet truth = context.plan.rule->truths(context.values);
  const EdgeState& edge = context.watch.edge;
  if (edge.fired_kinds == 0) return;
  Record record;
  describe(record, context, moment);
  for_each_kind(edge.fired_kinds, [&](std::size_t kind) {
    record.signal.kind = static_cast<Kind>(kind);
    record.signal.stage = (truth >> kind & 1U) != 0 ? Stage::Confirmed : Stage::Retracted;
    for (std::uint32_t n = 1; n <= edge.fired[kind]; ++n) {
      record.signal.firing = n;
      record.signal.repeat = edge.is_repeat(kind, n);
      say(record, moment);
    }
  });
}

void SymbolCore::describe(Record& record, const Context& context,
                          const Moment& moment) const noexcept {
  const RuleLabel& label = context.plan.rule->label;
  const std::uint64_t changes = context.forming ? context.closed : context.closed - 1;
  record.stamp_ns = moment.stamp_ns;
  Signal& signal = record.signal;
  signal.rule = &label;
  signal.symbol = &symbol_;
  signal.bar_open = context.bar.span.open;
  signal.time = context.time;
  signal.received = moment.received;
  signal.price = Price{context.bar.close};
  signal.rsi = {shown(context.values.d0, label.default_period, changes),
                shown(context.values.f0, label.first_period, changes),
                shown(context.values.s0, label.second_period, changes)};
  signal.timeframe = plan_.tracks[plan_.series[context.plan.series].track].timeframe;
  signal.quality = quality_of(context.bar);
  signal.offline = context.watch.returning;
  add_evidence(record.evidence, context);
}

void SymbolCore::say(const Record& record, const Moment& moment) noexcept {
  const auto kind = static_cast<std::size_t>(record.signal.kind);
  said_ = true;
  ++moment.statistics.signals[kind][static_cast<std::size_t>(record.signal.stage)];
  moment.out.record(record);
}

void SymbolCore::add_evidence(Evidence& evidence, const Context& context) const noexcept {
  evidence.default_1 = context.values.d1;
  evidence.default_2 = context.values.d2;
  evidence.first_back = context.values.fl;
  evidence.second_back = context.values.sl;
  if (!context.forming) return;
  const std::size_t count = std::min(ring_.size(), Evidence::kTradesMax);
  for (std::size_t age = 0; age < count; ++age) {
    const Tick& tick = ring_.back(age);
    evidence.trades[age] = {tick.price, tick.quantity, tick.id, tick.time};
  }
  evidence.trade_count = static_cast<std::uint32_t>(count);
  const SeriesPlan& series = plan_.series[context.plan.series];
  // Of other price sources the bar before the trade is not known any more.
  if (series.apply_to != ApplyTo::Close || count < 2 || ring_.back(1).id_only ||
      ring_.back(1).time < context.bar.span.open) {
    return;
  }
  const double price = ring_.back(1).price.value;
  const auto before = [&](std::uint32_t lane, int period) {
    const std::uint32_t block = lane / kLanes;
    const double value = peek(blocks_[block], plan_.blocks[block], price)[lane % kLanes];
    return shown(priced(*context.plan.rule, value), period, context.closed);
  };
  const RuleLabel& label = context.plan.rule->label;
  evidence.before = {before(context.plan.lane_default, label.default_period),
                     before(context.plan.lane_first, label.first_period),
                     before(context.plan.lane_second, label.second_period)};
}

Quality SymbolCore::quality_of(const Bar& bar) const noexcept {
  if (bar.gap) return Quality::Gap;
  if (bar.partial) return Quality::Partial;
  if (late_mark_) return Quality::Late;
  if (bar.repaired) return Quality::Repaired;
  return Quality::Complete;
}

}  // namespace fastrsi
