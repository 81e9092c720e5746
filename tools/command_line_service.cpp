#include "tools/command_line_service.hpp"

#include <string>
#include <vector>

#include "engine/base/decimal.hpp"
#include "engine/market/timeframe.hpp"
#include "sinks/printable.hpp"
#include "tools/command_line_words.hpp"

namespace fastrsi {
namespace {

// CLI11 takes -1 for a very large number.
CLI::Validator digits_only() {
  const auto fault = [](const std::string& text) {
    if (parse_unsigned(text)) return std::string{};
    return "wants a whole number, not " + printable(text);
  };
  return {fault, "NUMBER"};
}

void add_socket_words(CLI::App& command, ServiceWords& words) {
  command.add_option("--socket", words.socket, "the service's socket (default: the file's)");
  command.add_option("--name", words.name, "consumer to log in as (default: no log-in)");
  command.add_option("--token-file", words.token_file,
                     "file whose first line is the token (default: $FASTRSI_TOKEN)");
}

void add_service_words(CLI::App& command, ServiceWords& words) {
  command.add_option("--config", words.config,
                     "configuration of the service, for its socket (default: the usual place)");
  add_socket_words(command, words);
}

// Words about captures need captures, words about a service must do without them.
void refuse_mixed_words(const CLI::App& command) {
  const bool captures = command.count("CAPTURE") > 0;
  const std::vector<std::string> wrong =
      captures ? std::vector<std::string>{"--socket", "--name", "--token-file"}
               : std::vector<std::string>{"--venue", "--stream", "--shards"};
  for (const std::string& option : wrong) {
    if (command.count(option) == 0) continue;
    throw CLI::ValidationError(option + (captures
                                             ? " is about a service: leave it out, or the captures"
                                             : " is about captures: name one or more files"));
  }
}

void add_tail(CLI::App& app, TailCommand& tail, std::function<int()>& chosen) {
  CLI::App* command = app.add_subcommand("tail", "follows the records of the running service");
  command
      ->add_option("--since", tail.since,
                   "begin behind the record of this number; 0: with the oldest (default: with "
                   "new ones)")
      ->check(digits_only());
  command->add_option("--kind", tail.kinds, "only this kind, e.g. buy; may come several times")
      ->check(CLI::IsMember(
          {"buy", "sell", "overbought", "oversold", "rising", "falling", "phase_up", "phase_down"}))
      ->allow_extra_args(false);
  command
      ->add_option("--symbol", tail.symbols,
                   "only signals of symbols of this glob over venue:symbol, and lists; may come "
                   "several times")
      ->allow_extra_args(false);
  command
      ->add_option("--timeframe", tail.timeframes,
                   "only this timeframe, e.g. 1m; may come several times")
      ->check([](const std::string& word) {
        return timeframe_from_text(word)
                   ? std::string()
                   : printable(word) + " is no timeframe (such as 1m, 4h, 1d)";
      })
      ->allow_extra_args(false);
  command->add_option("--stage", tail.stages, "only this stage; may come several times")
      ->check(CLI::IsMember({"provisional", "confirmed", "retracted"}))
      ->allow_extra_args(false);
  command->add_flag("--json", tail.json, "records as JSON, one a line");
  command->add_option("--count", tail.count, "end after this many records (default: never)")
      ->check(digits_only());
  command->add_flag("--no-follow", tail.no_follow,
                    "end with the newest record; without --since begin with the oldest");
  add_service_words(*command, tail.service);
  command->footer(
      "Examples:\n  fastrsi tail --kind buy --kind sell --no-follow\n"
      "  fastrsi tail --since 1041 --symbol 'binance:BTC*' --json --no-follow");
  command->callback([&] { chosen = [&tail] { return run_tail(tail); }; });
}

void add_status(CLI::App& app, StatusCommand& status, std::function<int()>& chosen) {
  CLI::App* command = app.add_subcommand(
      "status", "how the running service is: trouble first, then feeds, journal and sinks");
  command->add_flag("--json", status.json, "all of it as one JSON object");
  add_service_words(*command, status.service);
  command->callback([&] { chosen = [&status] { return run_status(status); }; });
}

void add_scan(CLI::App& app, ScanCommand& scan, std::function<int()>& chosen) {
  CLI::App* command = app.add_subcommand(
      "scan", "lists of what is true now, a line a kind; the sinks of first_load get them too");
  command->add_flag("--json", scan.json, "one JSON object a list");
  add_service_words(*command, scan.service);
  command->callback([&] { chosen = [&scan] { return run_scan(scan); }; });
}

void add_levels(CLI::App& app, ServiceCommandWords& words, std::function<int()>& chosen) {
  CLI::App* command = app.add_subcommand(
      "levels",
      "next-signal prices, of the running service or at the end of captures: where would each kind "
      "become true?");
  LevelsCommand& levels = words.levels;
  add_capture_words(*command, levels.replay);
  add_socket_words(*command, words.service_levels.service);
  command->add_option("--symbol", levels.symbol, "glob over venue:symbol (default: *)");
  command->add_option("--timeframe", levels.timeframe,
                      "one timeframe (default: all of the rules')");
  command->add_flag("--json", levels.json, "one JSON object a line");
  command->footer(
      "Examples:\n  fastrsi levels --symbol 'binance:BTC*' --timeframe 1m\n"
      "  fastrsi levels --venue binance --timeframe 1m btcusdt.gz");
  command->callback([&words, &chosen, command] {
    refuse_mixed_words(*command);
    ServiceLevelsCommand& of_service = words.service_levels;
    of_service.service.config = words.levels.replay.config;
    of_service.symbol = words.levels.symbol;
    of_service.timeframe = words.levels.timeframe;
    of_service.json = words.levels.json;
    const bool captures = !words.levels.replay.captures.empty();
    chosen = [&words, captures] {
      return captures ? run_levels(words.levels) : run_service_levels(words.service_levels);
    };
  });
}

void add_why(CLI::App& app, WhyCommand& why, std::function<int()>& chosen) {
  CLI::App* command = app.add_subcommand(
      "why",
      "the whole way of one signal, from the trade to each sink's answer, told by the running "
      "service or from captures");
  command->add_option("ID", why.id, "the signal's id, as its record has it")->required();
  command->add_flag("--json", why.json, "all of it as one JSON object");
  add_capture_words(*command, why.replay);
  add_socket_words(*command, why.service);
  command->footer(
      "Examples:\n  fastrsi why tars/binance:BTCUSDT/1m/buy/2024-08-08T23:54:00Z/1\n"
      "  fastrsi why --config my.toml tars/binance:BTCUSDT/1m/buy/2024-08-08T23:54:00Z/1 "
      "monday.capture.zst");
  command->callback([&why, &chosen, command] {
    refuse_mixed_words(*command);
    why.service.config = why.replay.config;
    chosen = [&why] { return run_why(why); };
  });
}

void add_silence(CLI::App& app, SilenceCommand& silence, std::function<int()>& chosen) {
  CLI::App* command = app.add_subcommand(
      "silence", "keeps symbols from the sinks for a while; without words lists what is silenced");
  command->add_option("GLOB", silence.glob, "glob over venue:symbol");
  command->add_option("DURATION", silence.duration, "how long, e.g. 30m; 0s ends it");
  add_service_words(*command, silence.service);
  command->footer("Examples:\n  fastrsi silence 'binance:DOGE*' 30m\n  fastrsi silence");
  command->callback([&] {
    if (!silence.glob.empty() && silence.duration.empty()) {
      throw CLI::ValidationError("a DURATION is missing, e.g. 30m; 0s ends a silence");
    }
    chosen = [&silence] { return run_silence(silence); };
  });
}

void add_watch(CLI::App& app, WatchCommand& watch, std::function<int()>& chosen) {
  CLI::App* command = app.add_subcommand(
      "watch", "changes the watch list of the running service; without words shows the changes");
  command->require_subcommand(0, 1);
  add_service_words(*command, watch.service);
  const auto add = [&](const char* name, const char* help, std::vector<std::string>& symbols) {
    CLI::App* change = command->add_subcommand(name, help);
    change->add_option("SYMBOL", symbols, "venue:symbol, one or more")->required();
    add_service_words(*change, watch.service);
  };
  add("add", "watches more symbols", watch.add);
  add("remove", "watches symbols no more", watch.remove);
  command->footer("Example:\n  fastrsi watch add binance:BTCUSDT binance:ETHUSDT");
  command->callback([&] { chosen = [&watch] { return run_watch(watch); }; });
}

void add_dead(CLI::App& app, DeadCommand& dead, std::function<int()>& chosen) {
  CLI::App* command = app.add_subcommand(
      "dead", "dead letters: messages that a sink could not bring to somebody, and why");
  command->require_subcommand(1);
  add_service_words(*command, dead.service);
  const auto add = [&](const char* name, const char* help) {
    CLI::App* what = command->add_subcommand(name, help);
    add_service_words(*what, dead.service);
    what->add_option("--to", dead.target, "only to this recipient");
    what->callback([&dead, &chosen, name] {
      dead.what = name;
      chosen = [&dead] { return run_dead(dead); };
    });
    return what;
  };
  CLI::App* list = add("list", "the newest thousand of each sink, a line each");
  list->add_option("SINK", dead.sink, "only of this sink");
  list->add_flag("--json", dead.json, "one JSON object a line");
  for (CLI::App* what : {add("requeue", "sends them once more, as they were"),
                         add("drop", "gives them up for good")}) {
    what->add_option("SINK", dead.sink, "the sink's name")->required();
    what->add_option("MESSAGE", dead.message,
                     "how the message's id begins, or all; the newest thousand at a time")
        ->required();
  }
  command->footer("Examples:\n  fastrsi dead list mail\n  fastrsi dead requeue mail kq3w7");
}

void add_reload(CLI::App& app, ReloadCommand& reload, std::function<int()>& chosen) {
  CLI::App* command = app.add_subcommand(
      "reload",
      "the service reads its configuration anew, all of it or nothing; prints what changed");
  add_service_words(*command, reload.service);
  command->callback([&] { chosen = [&reload] { return run_reload(reload); }; });
}

}  // namespace

void add_service_commands(CLI::App& app, ServiceCommandWords& words, std::function<int()>& chosen) {
  add_tail(app, words.tail, chosen);
  add_status(app, words.status, chosen);
  add_scan(app, words.scan, chosen);
  add_levels(app, words, chosen);
  add_why(app, words.why, chosen);
  add_silence(app, words.silence, chosen);
  add_watch(app, words.watch, chosen);
  add_dead(app, words.dead, chosen);
  add_reload(app, words.reload, chosen);
}

}  // namespace fastrsi
