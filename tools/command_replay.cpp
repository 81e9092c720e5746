// fastrsi replay, and the replay that fastrsi levels begins with.
#include <unistd.h>

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>
#include <system_error>
#include <thread>

#include "engine/base/decimal.hpp"
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
  constexpr double kSpeedLimit = 1e6;
  if (text == "max") return kSpeedMax;
  const std::optional<double> speed = parse_decimal(text);
  if (!speed || !(*speed > 0.0) || *speed > kSpeedLimit) {
    throw std::invalid_argument("--speed " + text +
                                ": wants max, or a number above 0 (1 is exchange speed)");
  }
  return *speed;
}

// A record file is emptied first: it must not be one of those that are read.
void refuse_to_write_over_input(const ReplayCommand& command, const Config& config) {
  if (command.out == "-") return;
  const auto refuse_if = [&command](const std::string& file, const char* what) {
    std::error_code not_there;
    if (std::filesystem::equivalent(command.out, file, not_there)) {
      throw std::invalid_argument("--out " + command.out + ": is " + what + " (name another file)");
    }
  };
  for (const std::string& capture : command.captures) refuse_if(capture, "one of the captures");
  refuse_if(command.config, "the configuration");
  for (const FeedSettings& feed : config.feeds) {
    refuse_if(feed.symbols_file, "the configuration's symbols_file");
  }
}

bool wants_progress(const ReplayCommand& command) {
  return isatty(STDERR_FILENO) == 1 && (command.out != "-" || isatty(STDOUT_FILENO) == 0);
}

int report_lost_records(const Sink& sink) {
  const std::uint64_t lost = sink.failed_records();
  if (lost == 0) return kExitDone;
  print_error(fmt::format("{}; {} record{} lost (write to a place that takes them all)",
                          sink.last_error(), lost, lost == 1 ? " is" : "s are"));
  return kExitFailed;
}

}  // namespace

bool load_config(const std::string& file, Config& config) {
  if (file.empty()) return true;
  ConfigResult result = read_config(file);
  print_note(to_text(result));
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
  if (command.demo) {
    demo = DemoCapture::unpack();
    command.captures = {demo.path()};
    if (command.config.empty()) config = demo_config();
  }
  if (!load_config(command.config, config)) return kExitWrongUse;
  config.engine.flip_bands = command.flip_bands;
  const ReplayOptions options = replay_options(command, config);
  Replay replay(config, options);
  refuse_to_write_over_input(command, config);
  const std::unique_ptr<Sink> sink = make_sink(sink_settings(command));
  const bool text = command.format == "text";
  // At full speed batches are an accident; lines are then gathered by moment of exchange time.
  const bool live = text && options.speed != kSpeedMax;
  const std::unique_ptr<RecordConsumer> consumer =
      live ? make_live_consumer(*sink) : make_export_consumer(*sink, text);
  const ReplayReport report = replay.run(*consumer, wants_progress(command));
  const int damage = report_damage(report);
  if (command.stats == "text") print_note(to_text(report));
  if (command.stats == "json") print_note(to_json(report));
  return std::max(damage, report_lost_records(*sink));
}

}  // namespace fastrsi
