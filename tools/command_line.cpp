// The one door to CLI11: words to commands.
#include "tools/command_line.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <CLI/CLI.hpp>

#include <csignal>
#include <exception>
#include <functional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "engine/settings.hpp"
#include "feeds/capture.hpp"
#include "feeds/feeds.hpp"
#include "sinks/printable.hpp"
#include "tools/command_line_service.hpp"
#include "tools/command_line_simulate.hpp"
#include "tools/command_line_words.hpp"
#include "tools/commands.hpp"
#include "tools/did_you_mean.hpp"

namespace fastrsi {
namespace {

// What a subcommand's words ask for, filled while parsing, run afterwards.
struct Words {
  ReplayCommand replay;
  RsiCommand rsi;
  RunCommand run;
  bool run_besides = false;
  SimulateCommand simulate;
  TestCommand test;
  std::string config_file;
  ServiceCommandWords service;
  std::function<int()> chosen;
};

void add_run(CLI::App& app, Words& words) {
  CLI::App* command =
      app.add_subcommand("run", "the service: feeds, engine, journal, sinks and local socket");
  command->add_option("--config", words.run.config, "configuration file")->required();
  command->add_flag("--stay", words.run.stay,
                    "goes on after the last frame of feeds that are files");
  command->footer(
      "SIGTERM stops it, SIGHUP reads the configuration anew. What it was at is kept in the state\n"
      "folder: the next start goes on from there, and no signal comes twice.\n"
      "Exit code: 0 done, 1 it failed, 2 wrong use or configuration, 3 stopped with work left.");
  command->callback([&words] { words.chosen = [&words] { return run_service(words.run); }; });
}

void add_test(CLI::App& app, Words& words) {
  CLI::App* command = app.add_subcommand(
      "test", "sends a test message through one sink and tells what happened, in words");
  command->add_option("SINK", words.test.sink, "its name in the configuration")->required();
  command->add_option("--config", words.test.config, "configuration file")->required();
  command->add_option("--endpoint", words.test.endpoint,
                      "only this one of its servers (default: the first that takes it)");
  command->add_flag("--no-message", words.test.no_message,
                    "connects and logs in at every server, and sends nothing");
  command->footer(
      "Groups and quiet hours are passed over. Secrets are taken out of what is shown.\n"
      "Examples:\n  fastrsi test mail --config my.toml --no-message\n"
      "  fastrsi test mail --config my.toml --endpoint secondary\n"
      "Exit code: 0 taken, 1 not taken, 2 wrong use or configuration.");
  command->callback([&words] { words.chosen = [&words] { return run_test(words.test); }; });
}

void add_capture(CLI::App& app, Words& words) {
  CLI::App* command =
      app.add_subcommand("capture", "records the frames of live feeds, for a replay");
  command->add_option("--config", words.run.config, "configuration file")->required();
  command->add_option("--out", words.run.capture, "folder for the captures")->required();
  command->add_flag("--run", words.run_besides, "runs the whole service besides");
  command->footer(
      "Ends with SIGTERM or Ctrl-C. Files are named VENUE-CONNECTION-TIME.capture.zst; replay "
      "takes\n"
      "all files of a session together.\n"
      "Example:\n  fastrsi capture --config my.toml --out captures");
  command->callback([&words] {
    words.run.only_capture = !words.run_besides;
    words.chosen = [&words] { return run_service(words.run); };
  });
}

void add_replay(CLI::App& app, Words& words) {
  CLI::App* command = app.add_subcommand(
      "replay", "the engine over captured feeds: writes signals, then statistics");
  ReplayCommand& replay = words.replay;
  add_capture_words(*command, replay);
  command->add_option("--speed", replay.speed,
                      "max, or times exchange speed: 1, 10; bare frames know no time and come at "
                      "once (default: max)");
  command->add_option("--out", replay.out,
                      "file for the records, - for standard output (default: -)");
  command
      ->add_option("--format", replay.format,
                   "json: records; text: log lines. In canonical order, at the end; text with "
                   "--speed: as they come (default: json, with --demo text)")
      ->check(CLI::IsMember({"json", "text"}));
  command
      ->add_option("--stats", replay.stats,
                   "statistics on standard error: text, json or none (default: text)")
      ->check(CLI::IsMember({"text", "json", "none"}));
  command->add_flag("--demo", replay.demo,
                    "replay ten bundled minutes of BTCUSDT and ETHUSDT, as log lines");
  command->add_flag("!--no-flip-bands", replay.flip_bands)
      ->group("");  // a check: the records stay the same
  command->footer(
      "Examples:\n"
      "  fastrsi replay --demo\n"
      "  fastrsi replay --venue binance --out signals.ndjson btcusdt.gz ethusdt.gz\n"
      "  fastrsi replay --config my.toml --speed 10 --format text monday.capture.zst\n"
      "Exit code: 0 done, 1 some input was damaged (what was good is done), 2 wrong use or "
      "configuration.");
  command->callback([&words, command] {
    if (words.replay.captures.empty() && !words.replay.demo) {
      throw CLI::ValidationError("no capture is named: name one or more files, or --demo");
    }
    if (!words.replay.captures.empty() && words.replay.demo) {
      throw CLI::ValidationError("--demo is a capture of its own: leave it out, or the files");
    }
    if (words.replay.demo && command->count("--format") == 0) words.replay.format = "text";
    words.chosen = [&words] { return run_replay(words.replay); };
  });
}

void add_rsi(CLI::App& app, Words& words) {
  CLI::App* command = app.add_subcommand(
      "rsi", "RSI of a CSV of bars, as index,close,rsi: to compare with a chart");
  RsiCommand& rsi = words.rsi;
  command->add_option("FILE", rsi.file, "CSV with a header line")->required();
  command->add_option("--period", rsi.period, "changes averaged (default: 14)")
      ->check(between(kPeriodMin, kPeriodMax));
  command
      ->add_option("--profile", rsi.profile,
                   "what a flat series is worth: mt5 50, tradingview 100, talib 0 (default: mt5)")
      ->check(CLI::IsMember({"mt5", "tradingview", "talib"}));
  command->add_option("--column", rsi.column, "column to read (default: close)");
  command->callback([&words] { words.chosen = [&words] { return run_rsi(words.rsi); }; });
}

void add_config(CLI::App& app, Words& words) {
  CLI::App* config = app.add_subcommand(
      "config", "check a configuration, print the default, dump what is in force");
  config->require_subcommand(1);
  const auto add = [&](const char* name, const char* help, int (*run)(const std::string&),
                       bool required) {
    CLI::App* command = config->add_subcommand(name, help);
    command
        ->add_option("FILE", words.config_file,
                     required ? "configuration file" : "file to write (default: print it)")
        ->required(required);
    command->callback(
        [&words, run] { words.chosen = [&words, run] { return run(words.config_file); }; });
  };
  add("check", "says every error at once, as file:line:column: message (hint)", run_config_check,
      true);
  add("default", "the commented default file: every key with its meaning", run_config_default,
      false);
  add("dump", "the settings in force, as a file that reads back the same", run_config_dump, true);
}

// The command the words have led to so far.
const CLI::App& reached(const CLI::App& app) {
  const std::vector<CLI::App*> chosen = app.get_subcommands();
  return chosen.empty() ? app : reached(*chosen.front());
}

std::string path_of(const CLI::App& command) {
  if (command.get_parent() == nullptr) return command.get_name();
  return path_of(*command.get_parent()) + " " + command.get_name();
}

std::vector<std::string> names_of(const CLI::App& command, bool options) {
  std::vector<std::string> names;
  if (options) {
    for (const CLI::Option* option : command.get_options()) {
      for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    }
  } else {
    for (const CLI::App* one : command.get_subcommands({})) names.push_back(one->get_name());
  }
  return names;
}

// What is wrong with the words, with what was perhaps meant.
std::string fault_of(const CLI::App& command, const CLI::ParseError& error) {
  const bool wants_command = command.get_require_subcommand_min() > 0;
  const std::vector<std::string> unknown = command.remaining();
  if (unknown.empty()) {
    if (!wants_command) return error.what();
    return fmt::format("no command is given: {}", fmt::join(names_of(command, false), ", "));
  }
  const bool is_option = unknown.front().starts_with('-');
  const std::string word = unknown.front().substr(0, unknown.front().find('='));
  const std::vector<std::string> names = names_of(command, is_option);
  const std::string meant = did_you_mean(word, {names.begin(), names.end()});
  const char* what = is_option       ? "no such option"
                     : wants_command ? "no such command"
                                     : "one word too many";
  return fmt::format("{}: {}{}{}", what, printable(word), meant.empty() ? "" : "; ", meant);
}

// Nothing is thrown past here: an error is a line and an exit code.
int run_chosen(const std::function<int()>& chosen) {
  try {
    const int code = chosen();
    finish_text();
    return code;
  } catch (const std::invalid_argument& error) {
    print_error(error.what());
    return kExitWrongUse;
  } catch (const VenueUnknown& error) {
    print_error(error.what());
    return kExitWrongUse;
  } catch (const std::exception& error) {
    print_error(error.what());
    return kExitFailed;
  }
}

}  // namespace

std::string version_text() {
#if defined(__clang__)
  const std::string compiler = "clang " __clang_version__;
#else
  const std::string compiler = "g++ " __VERSION__;
#endif
  return fmt::format("fastrsi {} ({}, simdjson {})", FASTRSI_VERSION, compiler, json_kernel());
}

std::string program_version() {
  return FASTRSI_VERSION;
}

int run_command_line(int argc, char** argv) {
  // A closed pipe or a full quota is an error of one write, not the program's end.
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  hold_standard_descriptors();
  CLI::App app("fastrsi: RSI signals over a watch list, tick by tick, on every timeframe at once",
               "fastrsi");
  app.set_version_flag("--version", version_text());
  app.require_subcommand(1);
  Words words;
  add_run(app, words);
  add_test(app, words);
  add_capture(app, words);
  add_replay(app, words);
  add_service_commands(app, words.service, words.chosen);
  add_rsi(app, words);
  add_simulate(app, words.simulate, words.chosen);
  add_config(app, words);
  // After the commands, which would inherit it.
  app.footer(
      "Begin with:\n  fastrsi replay --demo\nThen:\n  fastrsi config default my.toml\n"
      "  fastrsi replay --help");
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& asked) {
    std::ostringstream text;
    app.exit(asked, text, text);
    return run_chosen([&] {
      print_text(text.str());
      return kExitDone;
    });
  } catch (const CLI::ParseError& error) {
    const CLI::App& command = reached(app);
    print_error(fmt::format("{} (try {} --help)", fault_of(command, error), path_of(command)));
    return kExitWrongUse;
  }
  return run_chosen(words.chosen);
}

}  // namespace fastrsi
