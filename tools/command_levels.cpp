// fastrsi levels: at which price would each kind become true?
#include <fmt/format.h>
#include <fnmatch.h>

#include <cmath>
#include <exception>

#include <nlohmann/json.hpp>

#include "engine/market/timeframe.hpp"
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

void print_text(const SymbolLevels& levels) {
  fmt::print("{} {} rule={} price={}\n", levels.symbol.full_name, to_text(levels.timeframe),
             levels.rule.name, levels.price);
  if (levels.levels.empty()) fmt::print("  still warming up\n");
  for (const Level& level : levels.levels) {
    fmt::print("  {:<11} {}\n", to_text(level.kind),
               level.true_now
                   ? std::string("true now")
                   : fmt::format("below {:<28} above {}", cell(level.below, levels.price),
                                 cell(level.above, levels.price)));
  }
}

nlohmann::ordered_json number_or_null(double value) {
  return std::isnan(value) ? nlohmann::ordered_json(nullptr) : nlohmann::ordered_json(value);
}

void print_json(const SymbolLevels& levels) {
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
    fmt::print("{}\n", json.dump());
  }
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
  try {
    Config config;
    if (!load_config(command.replay.config, config)) return kExitWrongUse;
    Replay replay(config, replay_options(command.replay, config));
    NoConsumer consumer;
    const ReplayReport report = replay.run(consumer, false);
    std::size_t shown = 0;
    for (Engine* engine : replay.engines()) {
      engine->for_each_level([&](const SymbolLevels& levels) {
        if (!is_wanted(command, levels)) return;
        ++shown;
        if (command.json)
          print_json(levels);
        else
          print_text(levels);
      });
    }
    const int code = report_damage(report);
    if (shown > 0) return code;
    print_error("no symbol and timeframe matches --symbol " + command.symbol +
                " (globs are over venue:symbol)");
    return kExitFailed;
  } catch (const std::exception& error) {
    print_error(error.what());
    return kExitFailed;
  }
}

}  // namespace fastrsi
