#include "engine/plan.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <tuple>

#include "engine/base/assert.hpp"

namespace fastrsi {
namespace {

using TrackKey = std::tuple<Timeframe, EmptyBars>;
using SourceWatches = std::map<ApplyTo, std::vector<WatchPlan>>;

// Stands for a lane that nobody asked for.
constexpr int kUnused = 0;

// The periods of a series, lane after lane. What a rule needs and none before it does gets blocks
// of its own, so that a rule that comes or changes leaves the blocks of those before it alone.
std::vector<int> lanes_of(const std::vector<WatchPlan>& watches) {
  std::vector<int> lanes;
  for (const WatchPlan& watch : watches) {
    const RuleLabel& label = watch.rule->label;
    std::vector<int> wanted = {label.default_period, label.first_period, label.second_period};
    std::sort(wanted.begin(), wanted.end());
    wanted.erase(std::unique(wanted.begin(), wanted.end()), wanted.end());
    std::erase_if(wanted, [&](int period) {
      return std::find(lanes.begin(), lanes.end(), period) != lanes.end();
    });
    lanes.insert(lanes.end(), wanted.begin(), wanted.end());
    lanes.resize((lanes.size() + kLanes - 1) / kLanes * kLanes, kUnused);
  }
  return lanes;
}

class Planner {
 public:
  void add(const Rule& rule, std::uint32_t rule_index, std::uint32_t first_list) {
    for (std::uint32_t i = 0; i < rule.settings.timeframes.size(); ++i) {
      WatchPlan watch;
      watch.rule = &rule;
      watch.rule_index = rule_index;
      watch.list = first_list + i;
      const TrackKey key{rule.settings.timeframes[i], rule.settings.empty_bars};
      sources_[key][rule.settings.apply_to].push_back(watch);
    }
  }

  SymbolPlan make() {
    for (const auto& [key, sources] : sources_) add_track(key, sources);
    return std::move(plan_);
  }

 private:
  void add_track(const TrackKey& key, const SourceWatches& sources) {
    TrackPlan track{std::get<0>(key), std::get<1>(key), {next(plan_.series), 0}};
    for (const auto& [apply_to, watches] : sources) add_series(apply_to, watches);
    track.series.last = next(plan_.series);
    plan_.tracks.push_back(track);
  }

  void add_series(ApplyTo apply_to, const std::vector<WatchPlan>& watches) {
    SeriesPlan series;
    series.apply_to = apply_to;
    series.track = next(plan_.tracks);
    series.first_gate = std::numeric_limits<std::uint64_t>::max();
    series.blocks.first = next(plan_.blocks);
    const std::vector<int> lanes = lanes_of(watches);
    add_blocks(lanes);
    series.blocks.last = next(plan_.blocks);
    const auto lane_of_period = [&](int period) {
      const auto at = std::find(lanes.begin(), lanes.end(), period) - lanes.begin();
      return series.blocks.first * static_cast<std::uint32_t>(kLanes) +
             static_cast<std::uint32_t>(at);
    };
    series.watches.first = next(plan_.watches);
    for (WatchPlan watch : watches) {
      watch.series = next(plan_.series);
      watch.lane_default = lane_of_period(watch.rule->label.default_period);
      watch.lane_first = lane_of_period(watch.rule->label.first_period);
      watch.lane_second = lane_of_period(watch.rule->label.second_period);
      series.first_gate = std::min(series.first_gate, watch.rule->first_gate);
      series.forming = series.forming || watch.rule->settings.evaluate == Evaluate::Forming;
      plan_.watches.push_back(watch);
    }
    series.watches.last = next(plan_.watches);
    plan_.series.push_back(series);
  }

  void add_blocks(const std::vector<int>& lanes) {
    for (std::size_t i = 0; i < lanes.size(); i += kLanes) {
      LanePeriods block;
      for (std::size_t lane = 0; lane < kLanes; ++lane) {
        if (lanes[i + lane] != kUnused) block.n[lane] = static_cast<double>(lanes[i + lane]);
      }
      plan_.blocks.push_back(block);
    }
  }

  template <typename T>
  static std::uint32_t next(const std::vector<T>& items) {
    FASTRSI_ASSERT(items.size() < std::numeric_limits<std::uint32_t>::max());
    return static_cast<std::uint32_t>(items.size());
  }

  std::map<TrackKey, SourceWatches> sources_;
  SymbolPlan plan_;
};

}  // namespace

SymbolPlan make_plan(const std::vector<Rule>& rules, const std::vector<std::uint32_t>& matching,
                     const std::vector<std::uint32_t>& first_list) {
  Planner planner;
  for (const std::uint32_t index : matching) planner.add(rules[index], index, first_list[index]);
  return planner.make();
}

}  // namespace fastrsi
