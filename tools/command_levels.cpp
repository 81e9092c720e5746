// fastrsi levels: at which price would each kind become true?
#include <fmt/format.h>

#include <string>

#include "engine/market/timeframe.hpp"
#include "tools/command_session.hpp"
#include "tools/level_texts.hpp"

namespace fastrsi {
namespace {

// Records of the replay that leads up to the levels are of no interest.
class NoConsumer final : public RecordConsumer {
 public:
  void signal(const Signal&, const Evidence&) override {}
  void snapshot(const Snapshot&) override {}
  void idle() override {}
  void finish() override {}
};

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
  LevelTexts texts(command.symbol, command.timeframe, config.rules);
  for (Engine* engine : replay.engines()) texts.add(*engine);
  const int code = report_damage(report);
  print_text(command.json ? texts.json_lines() : texts.text());
  if (!texts.is_empty() || code != kExitDone) return code;
  print_error(fmt::format(
      "no symbol and timeframe matches --symbol \"{}\"{} (a glob over venue:symbol, of "
      "{} symbols)",
      command.symbol, command.timeframe.empty() ? "" : " and --timeframe " + command.timeframe,
      report.symbols));
  return kExitFailed;
}

}  // namespace fastrsi
