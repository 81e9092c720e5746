// fastrsi replay, and the replay that fastrsi levels begins with.
#include <unistd.h>

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <stdexcept>
#include <thread>

#include "tools/command_session.hpp"
#include "tools/demo.hpp"
#include "tools/replay_report.hpp"

namespace fastrsi {
namespace {

SinkSettings sink_settings(const ReplayCommand& command) {
  SinkSettings settings;
  settings.format = command.format;
  settings.path = command.out;
  settings.append = false;
  settings.stages = {Stage::Provisional, Stage::Confirmed, Stage::Retracted};
  return settings;
}

double speed_from(const std::string& text) {
  if (text == "max") return 0.0;
  std::size_t used = 0;
  double speed = 0.0;
  try {
    speed = std::stod(text, &used);
  } catch (const std::exception&) {
    used = 0;
  }
  if (used != text.size() || !(speed > 0.0) || speed > 1e6) {
    throw std::invalid_argument("--speed " + text +
                                ": wants max, or a number above 0 (1 is exchange speed)");
  }
  return speed;
}

}  // namespace

bool load_config(const std::string& file, Config& config) {
  if (file.empty()) return true;
  ConfigResult result = read_config(file);
  fmt::print(stderr, "{}", to_text(result));
  if (!result.errors.empty()) return false;
  config = std::move(result.config);
  return true;
}

ReplayOptions replay_options(const ReplayCommand& command, const Config& config) {
  ReplayOptions options;
  options.captures = command.captures;
  options.venue = command.venue;
  options.stream = command.stream;
  options.speed = speed_from(command.speed);
  const int shards = command.shards >= 0 ? command.shards : config.engine.shards;
  options.shards = shards > 0 ? static_cast<std::size_t>(shards)
                              : std::max(1U, std::thread::hardware_concurrency());
  return options;
}

int report_damage(const ReplayReport& report) {
  for (const std::string& line : report.diagnostics) print_error(line);
  return report.diagnostics.empty() ? kExitDone : kExitFailed;
}

int run_replay(const ReplayCommand& given) {
  ReplayCommand command = given;
  Config config;
  DemoCapture demo;
  try {
    if (command.demo) {
      demo = DemoCapture::unpack();
      command.captures = {demo.path()};
      if (command.config.empty()) config = demo_config();
    }
    if (!load_config(command.config, config)) return kExitWrongUse;
    config.engine.flip_bands = command.flip_bands;
    const ReplayOptions options = replay_options(command, config);
    const std::unique_ptr<Sink> sink = make_sink(sink_settings(command));
    Replay replay(config, options);
    const bool text = command.format == "text";
    // At full speed batches are an accident; lines are then gathered by moment of exchange time.
    const bool live = text && options.speed > 0.0;
    const std::unique_ptr<RecordConsumer> consumer =
        live ? make_live_consumer(*sink) : make_export_consumer(*sink, text);
    const bool progress =
        isatty(STDERR_FILENO) == 1 && (command.out != "-" || isatty(STDOUT_FILENO) == 0);
    const ReplayReport report = replay.run(*consumer, progress);
    int code = report_damage(report);
    if (command.stats == "text") fmt::print(stderr, "{}", to_text(report));
    if (command.stats == "json") fmt::print(stderr, "{}", to_json(report));
    if (sink->failed_records() > 0) {
      print_error(fmt::format("{} records not written to {}: {}", sink->failed_records(),
                              command.out == "-" ? "standard output" : command.out,
                              sink->last_error()));
      code = kExitFailed;
    }
    return code;
  } catch (const std::invalid_argument& error) {
    print_error(error.what());
    return kExitWrongUse;
  } catch (const std::exception& error) {
    print_error(error.what());
    return kExitFailed;
  }
}

}  // namespace fastrsi
