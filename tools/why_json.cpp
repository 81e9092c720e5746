// A story as one JSON object: the same facts as the page, with every number whole.
#include <cmath>

#include "engine/market/timeframe.hpp"
#include "tools/json.hpp"
#include "tools/why.hpp"

namespace fastrsi {
namespace {

Json json_number(double value) {
  return std::isfinite(value) ? Json(value) : Json(nullptr);
}

Json time_or_null(std::int64_t unix_ns) {
  return unix_ns == 0 ? Json(nullptr) : Json(to_iso_ns(exchange_time_from_ns(unix_ns)));
}

Json rsi_json(const RuleLabel& label, const RsiValues& rsi) {
  Json values = Json::object();
  values[std::to_string(label.default_period)] = json_number(rsi.by_default);
  values[std::to_string(label.first_period)] = json_number(rsi.by_first);
  values[std::to_string(label.second_period)] = json_number(rsi.by_second);
  return values;
}

Json rule_json(const RuleSettings& rule) {
  constexpr const char* kTrends[] = {"two_back", "both", "monotone"};
  constexpr const char* kSources[] = {"close",  "open",    "high",    "low",
                                      "median", "typical", "weighted"};
  return {{"evaluate", rule.evaluate == Evaluate::Forming ? "forming" : "close"},
          {"apply_to", kSources[static_cast<std::size_t>(rule.apply_to)]},
          {"levels",
           {{"middle", rule.level_middle},
            {"overbought", rule.level_overbought},
            {"oversold", rule.level_oversold}}},
          {"cross", {{"lookback", rule.cross_lookback}, {"filter", rule.cross_filter}}},
          {"trend", {{"rule", kTrends[static_cast<std::size_t>(rule.trend_rule)]}}},
          {"edge",
           {{"once_per", rule.once_per == OncePer::Bar ? "bar" : "none"},
            {"hysteresis", rule.hysteresis},
            {"cooldown_ns", rule.cooldown.count()},
            {"repeat_every_ns", rule.repeat_every.count()}}}};
}

Json stage_json(const WhyStory& story, const JournalEntry& entry) {
  const Signal& signal = entry.signal;
  const Evidence& evidence = entry.evidence;
  const bool received = signal.received != kNoReceiveTime;
  return {{"stage", std::string(to_text(signal.stage))},
          {"seq", entry.seq == 0 ? Json(nullptr) : Json(entry.seq)},
          {"time", to_iso_ns(signal.time)},
          {"price", json_number(signal.price.value)},
          {"condition", condition_text(story, entry)},
          {"rsi", rsi_json(*signal.rule, signal.rsi)},
          {"rsi_before", rsi_json(*signal.rule, evidence.before)},
          {"default_1", json_number(evidence.default_1)},
          {"default_2", json_number(evidence.default_2)},
          {"first_back", json_number(evidence.first_back)},
          {"second_back", json_number(evidence.second_back)},
          {"quality", std::string(to_text(signal.quality))},
          {"repeat", signal.repeat},
          {"offline", signal.offline},
          {"received", received ? Json(time_or_null(to_unix_ns(signal.received))) : Json(nullptr)},
          {"taken", time_or_null(entry.taken_ns)},
          {"fired", time_or_null(entry.fired_ns)},
          {"journaled", time_or_null(entry.journaled_ns)}};
}

Json trade_json(const Evidence::Trade& trade) {
  return {{"time", to_iso_ns(trade.time)},
          {"price", json_number(trade.price.value)},
          {"quantity", json_number(trade.quantity.value)},
          {"id", static_cast<std::uint64_t>(trade.id)}};
}

}  // namespace

std::string to_json(const WhyStory& story) {
  const Signal& signal = story.stages.front().signal;
  Json json = {{"type", "why"},
               {"id", story.id},
               {"rule", signal.rule->name},
               {"kind", std::string(to_text(signal.kind))},
               {"venue", signal.symbol->venue},
               {"symbol", signal.symbol->name},
               {"timeframe", std::string(to_text(signal.timeframe))},
               {"bar_open", to_iso_seconds(signal.bar_open)},
               {"settings", story.rule ? rule_json(*story.rule) : Json(nullptr)},
               {"stages", Json::array()},
               {"trades", Json::array()},  // the last one fired it
               {"after", Json::array()},
               {"sinks", Json::array()}};
  for (const JournalEntry& entry : story.stages) json["stages"].push_back(stage_json(story, entry));
  for (const Evidence::Trade& trade : story.trades) json["trades"].push_back(trade_json(trade));
  for (const Evidence::Trade& trade : story.after) json["after"].push_back(trade_json(trade));
  for (const SinkAnswer& sink : story.answers) {
    json["sinks"].push_back({{"name", sink.name}, {"answer", sink.answer}});
  }
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace fastrsi
