// Makes stories, reads ids, and puts conditions into words.
#include "tools/why.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <tuple>
#include <utility>

#include "engine/base/assert.hpp"
#include "engine/base/decimal.hpp"
#include "engine/base/iso_time.hpp"
#include "sinks/printable.hpp"

namespace fastrsi {
namespace {

constexpr std::size_t kNearestIds = 3;

std::string_view relation(double a, double b) {
  return a > b ? ">" : a < b ? "<" : a == b ? "=" : "?";
}

// Two decimals are what a person reads; more where two would hide which one is greater.
std::pair<std::string, std::string> pair_text(double a, double b) {
  std::pair<std::string, std::string> rounded{fmt::format("{:.2f}", a), fmt::format("{:.2f}", b)};
  if (rounded.first != rounded.second || a == b) return rounded;
  return {fmt::format("{}", a), fmt::format("{}", b)};
}

// "r(2) 81.25 > r(12) 55.10"
std::string compared(std::string_view left, double a, std::string_view right, double b) {
  const auto [first, second] = pair_text(a, b);
  return fmt::format("{} {} {} {} {}", left, first, relation(a, b), right, second);
}

// "70.40 > 70"
std::string to_level(double value, double level) {
  const std::string plain = fmt::format("{:.2f}", value);
  const bool hides = std::strtod(plain.c_str(), nullptr) == level && value != level;
  return fmt::format("{} {} {}", hides ? fmt::format("{}", value) : plain, relation(value, level),
                     level);
}

struct Told {
  const JournalEntry& entry;
  const RuleSettings* rule;
  const RuleLabel& label;
  std::string bar;  // "the forming bar"

  std::string name(int period) const { return fmt::format("r({})", period); }
  std::string back() const {
    if (rule == nullptr) return "before";
    return rule->cross_lookback == 1 ? "1 bar back" : "2 bars back";
  }
};

std::string level_text(const Told& told, bool above) {
  const Evidence& evidence = told.entry.evidence;
  const double now = told.entry.signal.rsi.by_default;
  const std::string head =
      fmt::format("{}: {} of {} {} ", above ? "overbought" : "oversold",
                  told.name(told.label.default_period), told.bar, above ? "above" : "below");
  if (told.rule == nullptr) return fmt::format("{}its level: {:.2f}", head, now);
  const double level = above ? told.rule->level_overbought : told.rule->level_oversold;
  if (std::isnan(evidence.before.by_default)) {
    return fmt::format("{}{}: {}", head, level, to_level(now, level));
  }
  return fmt::format("{}{}: {} at the price before, {} now", head, level,
                     to_level(evidence.before.by_default, level), to_level(now, level));
}

std::string cross_text(const Told& told, bool up) {
  const Evidence& evidence = told.entry.evidence;
  const RsiValues& now = told.entry.signal.rsi;
  const std::string first = told.name(told.label.first_period);
  const std::string second = told.name(told.label.second_period);
  std::string text = fmt::format("{}: {} crosses {} {} in {}: {} {}, now {}", up ? "buy" : "sell",
                                 first, up ? "above" : "below", second, told.bar, told.back(),
                                 compared(first, evidence.first_back, second, evidence.second_back),
                                 compared(first, now.by_first, second, now.by_second));
  if (told.rule != nullptr && told.rule->cross_filter) {
    const double level = up ? told.rule->level_oversold : told.rule->level_overbought;
    text += fmt::format("; {} not {} {}: {}", told.name(told.label.default_period),
                        up ? "above" : "below", level, to_level(now.by_default, level));
  }
  return text;
}

std::string trend_text(const Told& told, bool up) {
  const Evidence& evidence = told.entry.evidence;
  const double now = told.entry.signal.rsi.by_default;
  const TrendRule rule = told.rule != nullptr ? told.rule->trend_rule : TrendRule::TwoBack;
  const std::string line = told.name(told.label.default_period);
  const std::string head = fmt::format("{}: {} of {} {} ", up ? "rising" : "falling", line,
                                       told.bar, up ? "above" : "below");
  const std::string two = compared("r[0]", now, "r[2]", evidence.default_2);
  const std::string one = compared("r[0]", now, "r[1]", evidence.default_1);
  if (rule == TrendRule::Both) return fmt::format("{}both bars before: {}, {}", head, one, two);
  if (rule == TrendRule::Monotone) {
    return fmt::format("{}the bar before, and that {} its own: {}, {}", head,
                       up ? "above" : "below", one,
                       compared("r[1]", evidence.default_1, "r[2]", evidence.default_2));
  }
  return fmt::format("{}two bars back: {} (r[1] {:.2f})", head, two, evidence.default_1);
}

std::string phase_text(const Told& told, bool up) {
  const Evidence& evidence = told.entry.evidence;
  const double now = told.entry.signal.rsi.by_default;
  const std::string head = fmt::format("{}: {} of {} crosses ", up ? "phase_up" : "phase_down",
                                       told.name(told.label.default_period), told.bar);
  const std::string_view way = up ? "upwards" : "downwards";
  if (told.rule == nullptr) {
    return fmt::format("{}the middle line {}: {:.2f} 1 bar back, {:.2f} 2 bars back, {:.2f} now",
                       head, way, evidence.default_1, evidence.default_2, now);
  }
  const double middle = told.rule->level_middle;
  const double back = told.rule->cross_lookback == 1 ? evidence.default_1 : evidence.default_2;
  return fmt::format("{}{} {}: {} {}, now {}", head, middle, way, told.back(),
                     to_level(back, middle), to_level(now, middle));
}

bool is_same_rule(const RuleSettings& rule, const RuleLabel& label) {
  return rule.name == label.name && rule.period_default == label.default_period &&
         rule.period_first == label.first_period && rule.period_second == label.second_period;
}

}  // namespace

std::string condition_text(const WhyStory& story, const JournalEntry& stage) {
  const Signal& signal = stage.signal;
  const Told told{stage, story.rule ? &*story.rule : nullptr, *signal.rule,
                  signal.stage == Stage::Provisional ? "the forming bar" : "the closed bar"};
  switch (signal.kind) {
    case Kind::Buy:
      return cross_text(told, true);
    case Kind::Sell:
      return cross_text(told, false);
    case Kind::Overbought:
      return level_text(told, true);
    case Kind::Oversold:
      return level_text(told, false);
    case Kind::Rising:
      return trend_text(told, true);
    case Kind::Falling:
      return trend_text(told, false);
    case Kind::PhaseUp:
      return phase_text(told, true);
    case Kind::PhaseDown:
      return phase_text(told, false);
  }
  return {};
}

WhyStory make_story(std::vector<JournalEntry> entries, const RuleSettings* rule,
                    std::vector<Evidence::Trade> after, std::vector<SinkAnswer> answers) {
  FASTRSI_ASSERT(!entries.empty());
  std::stable_sort(entries.begin(), entries.end(),
                   [](const auto& a, const auto& b) { return a.signal.stage < b.signal.stage; });
  WhyStory story;
  story.id = signal_id(entries.front().signal);
  if (rule != nullptr && is_same_rule(*rule, *entries.front().signal.rule)) story.rule = *rule;
  const Evidence& evidence = entries.front().evidence;
  for (std::size_t age = std::min<std::size_t>(evidence.trade_count, Evidence::kTradesMax);
       age-- > 0;) {
    story.trades.push_back(evidence.trades[age]);
  }
  story.stages = std::move(entries);
  story.after = std::move(after);
  story.answers = std::move(answers);
  return story;
}

std::optional<SignalIdParts> parse_signal_id(std::string_view id) {
  std::string_view left = id;
  const auto last_part = [&left]() -> std::optional<std::string_view> {
    const std::size_t slash = left.rfind('/');
    if (slash == left.npos) return std::nullopt;
    const std::string_view part = left.substr(slash + 1);
    left = left.substr(0, slash);
    return part;
  };
  SignalIdParts parts;
  const auto firing = last_part();
  const auto bar_open = last_part();
  parts.series = left;
  const auto kind = last_part();
  const auto timeframe = last_part();
  if (!timeframe || left.find('/') == left.npos) return std::nullopt;
  parts.rule_and_symbol = left;
  const auto n = parse_unsigned(*firing);
  parts.bar_open_ns = parse_iso_ns(*bar_open);
  parts.kind = kind_from_text(*kind);
  parts.timeframe = timeframe_from_text(*timeframe);
  if (!n || *n == 0 || !parts.bar_open_ns || !parts.kind || !parts.timeframe) return std::nullopt;
  parts.firing = *n;
  return parts;
}

NearestIds::NearestIds(std::string wanted) : wanted_(std::move(wanted)) {
  const std::optional<SignalIdParts> parts = parse_signal_id(wanted_);
  if (!parts) return;
  has_form_ = true;
  series_ = parts->series;
  bar_open_ns_ = *parts->bar_open_ns;
}

void NearestIds::add(std::string_view id) {
  const std::optional<SignalIdParts> parts = parse_signal_id(id);
  if (!has_form_ || !parts || parts->series != series_) return;
  const std::int64_t distance = *parts->bar_open_ns - bar_open_ns_;
  Near near{distance < 0 ? -distance : distance, std::string(id)};
  const auto place = std::find_if(near_.begin(), near_.end(), [&](const Near& other) {
    return std::tie(near.distance_ns, near.id) <= std::tie(other.distance_ns, other.id);
  });
  if (place != near_.end() && place->id == near.id) return;
  near_.insert(place, std::move(near));
  if (near_.size() > kNearestIds) near_.pop_back();
}

std::string NearestIds::error() const {
  if (!has_form_) {
    return fmt::format(
        "{}: is no signal's id (rule/venue:symbol/timeframe/kind/bar open/n, as in "
        "tars/binance:BTCUSDT/1m/buy/2024-08-08T23:54:00Z/1)",
        printable(wanted_));
  }
  std::string text = fmt::format("no signal {}", printable(wanted_));
  if (near_.empty()) return text + fmt::format(" (none of {} either)", printable(series_));
  text += "; did you mean ";
  for (std::size_t i = 0; i < near_.size(); ++i) {
    text += (i == 0 ? "" : i + 1 == near_.size() ? " or " : ", ") + printable(near_[i].id);
  }
  return text + "?";
}

}  // namespace fastrsi
