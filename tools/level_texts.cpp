#include "tools/level_texts.hpp"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "sinks/printable.hpp"

namespace fastrsi {
namespace {

std::string level_cell(double level, double price) {
  if (std::isnan(level)) return "-";
  return fmt::format("{} ({:+.2f} %)", level, (level - price) / price * 100.0);
}

std::string as_text(const SymbolLevels& levels) {
  std::string text = fmt::format("{} {} rule={} price={}\n", printable(levels.symbol.full_name),
                                 to_text(levels.timeframe), levels.rule.name, levels.price);
  if (levels.levels.empty()) text += "  still warming up\n";
  for (const Level& level : levels.levels) {
    text += fmt::format(
        "  {:<11} {}\n", to_text(level.kind),
        level.true_now ? std::string("true now")
                       : fmt::format("below {:<28} above {}", level_cell(level.below, levels.price),
                                     level_cell(level.above, levels.price)));
  }
  return text;
}

nlohmann::ordered_json number_or_null(double value) {
  return std::isnan(value) ? nlohmann::ordered_json(nullptr) : nlohmann::ordered_json(value);
}

std::string as_json(const SymbolLevels& levels) {
  std::string text;
  for (const Level& level : levels.levels) {
    const nlohmann::ordered_json json = {{"type", "level"},
                                         {"rule", levels.rule.name},
                                         {"venue", levels.symbol.venue},
                                         {"symbol", levels.symbol.name},
                                         {"timeframe", std::string(to_text(levels.timeframe))},
                                         {"kind", std::string(to_text(level.kind))},
                                         {"price", levels.price},
                                         {"true_now", level.true_now},
                                         {"below", number_or_null(level.below)},
                                         {"above", number_or_null(level.above)}};
    text += json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
  }
  return text;
}

}  // namespace

LevelTexts::LevelTexts(std::string symbol, std::string timeframe,
                       const std::vector<RuleSettings>& rules)
    : symbol_(std::move(symbol)), timeframe_(std::move(timeframe)) {
  for (const RuleSettings& rule : rules) rules_.push_back(rule.name);
}

void LevelTexts::add(Engine& engine) {
  engine.for_each_level([&](const SymbolLevels& levels) {
    const std::string& name = levels.symbol.full_name;
    if (fnmatch(symbol_.c_str(), name.c_str(), 0) != 0) return;
    if (!timeframe_.empty() && timeframe_ != to_text(levels.timeframe)) return;
    texts_[{name, position_of(levels.rule), levels.timeframe}] = {as_text(levels), as_json(levels)};
  });
}

std::size_t LevelTexts::position_of(const RuleLabel& label) const {
  return static_cast<std::size_t>(std::find(rules_.begin(), rules_.end(), label.name) -
                                  rules_.begin());
}

std::string LevelTexts::text() const {
  std::string all;
  for (const auto& [place, texts] : texts_) all += texts.text;
  return all;
}

std::string LevelTexts::json_lines() const {
  std::string all;
  for (const auto& [place, texts] : texts_) all += texts.json;
  return all;
}

}  // namespace fastrsi
