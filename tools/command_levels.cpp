// fastrsi levels: at which price would each kind become true?
#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include <nlohmann/json.hpp>

#include "engine/market/timeframe.hpp"
#include "sinks/printable.hpp"
#include "tools/command_session.hpp"

namespace fastrsi {
namespace {

// Records of the replay that leads up to the levels are of no interest.
class NoConsumer final : public RecordConsumer {
 public:
  void signal(const Signal&) override {}
  void snapshot(const Snapshot&) override {}
  void idle() override {}
  void finish() override {}
};

std::string cell(double level, double price) {
  if (std::isnan(level)) return "-";
  return fmt::format("{} ({:+.2f} %)", level, (level - price) / price * 100.0);
}

std::string as_text(const SymbolLevels& levels) {
  std::string text = fmt::format("{} {} rule={} price={}\n", printable(levels.symbol.full_name),
                                 to_text(levels.timeframe), levels.rule.name, levels.price);
  if (levels.levels.empty()) text += "  still warming up\n";
  for (const Level& level : levels.levels) {
    text += fmt::format("  {:<11} {}\n", to_text(level.kind),
                        level.true_now
                            ? std::string("true now")
                            : fmt::format("below {:<28} above {}", cell(level.below, levels.price),
                                          cell(level.above, levels.price)));
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

std::size_t position_of(const RuleLabel& label, const std::vector<RuleSettings>& rules) {
  const auto found = std::find_if(rules.begin(), rules.end(), [&](const RuleSettings& rule) {
    return rule.name == label.name;
  });
  return static_cast<std::size_t>(found - rules.begin());
}

bool is_wanted(const LevelsCommand& command, const SymbolLevels& levels) {
  return fnmatch(command.symbol.c_str(), levels.symbol.full_name.c_str(), 0) == 0 &&
         (command.timeframe.empty() || command.timeframe == to_text(levels.timeframe));
}

}  // namespace

int run_levels(const LevelsCommand& command) {
  if (!command.timeframe.empty() && !timeframe_from_text(command.timeframe)) {
    print_error("--timeframe " + command.timeframe +
                ": no such timeframe (1s 5s 15s 30s 1m ... 1h ... 1d 1w 1mo)");
    return kExitWrongUse;
  }
  Config config;
  if (!load_config(command.replay.config, config)) return kExitWrongUse;
  Replay replay(config, replay_options(command.replay, config));
  NoConsumer consumer;
  const ReplayReport report = replay.run(consumer, false);
  // By name, then as the rules stand in the configuration: the order of shards and plans must not
  // show.
  std::map<std::tuple<std::string, std::size_t, Timeframe>, std::string> texts;
  for (Engine* engine : replay.engines()) {
    engine->for_each_level([&](const SymbolLevels& levels) {
      if (!is_wanted(command, levels)) return;
      texts[{levels.symbol.full_name, position_of(levels.rule, config.rules), levels.timeframe}] =
          command.json ? as_json(levels) : as_text(levels);
    });
  }
  const int code = report_damage(report);
  for (const auto& [place, text] : texts) print_text(text);
  if (!texts.empty() || code != kExitDone) return code;
  print_error(fmt::format(
      "no symbol and timeframe matches --symbol \"{}\"{} (a glob over venue:symbol, of "
      "{} symbols)",
      command.symbol, command.timeframe.empty() ? "" : " and --timeframe " + command.timeframe,
      report.symbols));
  return kExitFailed;
}

}  // namespace fastrsi
