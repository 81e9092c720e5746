// fastrsi scan, levels (of the running service), silence, watch, reload: one question, one answer.
#include <fmt/format.h>

#include <chrono>
#include <stdexcept>
#include <string>

#include "engine/base/iso_time.hpp"
#include "engine/market/record.hpp"
#include "engine/market/timeframe.hpp"
#include "sinks/printable.hpp"
#include "tools/duration.hpp"
#include "tools/service_call.hpp"

namespace fastrsi {
namespace {

// A list in one line: "23:54:00  1m  Overbought - binance:BTCUSDT - binance:ETHUSDT".
std::string scan_line(const Json& list) {
  const std::string word = text_member(list, "kind");
  const std::optional<Kind> kind = kind_from_text(word);
  std::string text =
      fmt::format("{}  {}  {}  {}", printable(text_member(list, "time")),
                  printable(text_member(list, "timeframe")), printable(text_member(list, "rule")),
                  kind ? std::string(to_title(*kind)) : printable(word));
  for (const Json& symbol : member(list, "symbols")) {
    if (symbol.is_string()) text += " - " + printable(symbol.get<std::string>());
  }
  return text + "\n";
}

// "binance:BTC*  until 2026-08-09T12:00:00Z (29 min left)"
int print_silences(const Json& reply) {
  const Json& silences = member(reply, "silences");
  if (silences.empty()) print_text("nothing is silenced\n");
  for (const Json& silence : silences) {
    const std::string until = text_member(silence, "until");
    std::string left;
    if (const auto end_ns = parse_iso_ns(until); end_ns && *end_ns > wall_clock_ns()) {
      left = fmt::format(" ({} left)", span_words(*end_ns - wall_clock_ns()));
    }
    print_text(fmt::format("{}  until {}{}\n", printable(text_member(silence, "glob")),
                           printable(until), left));
  }
  return kExitDone;
}

void print_names(std::string_view what, const Json& names) {
  for (const Json& name : names) {
    if (name.is_string()) {
      print_text(fmt::format("{:<10} {}\n", what, printable(name.get<std::string>())));
    }
  }
}

// Whole seconds; what is less than one counts as one, because 0 would end the silence.
std::int64_t seconds_from(const std::string& text) {
  const DurationResult duration = parse_duration(text);
  if (!duration.value) {
    throw std::invalid_argument(
        fmt::format("{}: {} ({})", printable(text), duration.why, duration.hint));
  }
  return std::chrono::ceil<std::chrono::seconds>(*duration.value).count();
}

}  // namespace

int run_scan(const ScanCommand& command) {
  return ask_service(command.service, {{"cmd", "scan"}}, [&](const Json& reply) {
    const Json& lists = member(reply, "lists");
    for (const Json& list : lists) print_text(command.json ? json_line(list) : scan_line(list));
    if (lists.empty() && !command.json) print_text("no condition is true for any symbol now\n");
    return kExitDone;
  });
}

int run_service_levels(const ServiceLevelsCommand& command) {
  Json question = {{"cmd", "levels"}, {"symbol", command.symbol}};
  if (!command.timeframe.empty()) {
    if (!timeframe_from_text(command.timeframe)) {
      throw std::invalid_argument("--timeframe " + printable(command.timeframe) +
                                  ": no such timeframe (1s 5s 15s 30s 1m ... 1h ... 1d 1w 1mo)");
    }
    question["timeframe"] = command.timeframe;
  }
  return ask_service(command.service, question, [&](const Json& reply) {
    const Json& levels = member(reply, "levels");
    if (levels.empty()) {
      print_error(fmt::format(
          "no symbol and timeframe matches --symbol \"{}\"{}", printable(command.symbol),
          command.timeframe.empty() ? "" : " and --timeframe " + command.timeframe));
      return kExitFailed;
    }
    if (!command.json) print_text(printable_page(text_member(reply, "text")));
    if (command.json) {
      for (const Json& level : levels) print_text(json_line(level));
    }
    return kExitDone;
  });
}

int run_silence(const SilenceCommand& command) {
  Json question = {{"cmd", "silence"}};
  if (!command.glob.empty()) {
    question["glob"] = command.glob;
    question["seconds"] = seconds_from(command.duration);
  }
  return ask_service(command.service, question, print_silences);
}

int run_watch(const WatchCommand& command) {
  Json question = {{"cmd", "watch"}};
  if (!command.add.empty()) question["add"] = command.add;
  if (!command.remove.empty()) question["remove"] = command.remove;
  return ask_service(command.service, question, [](const Json& reply) {
    print_names("added", member(reply, "added"));
    print_names("removed", member(reply, "removed"));
    print_names("unchanged", member(reply, "unchanged"));
    print_text(fmt::format("{:<10} {}\n", "symbols", count_member(reply, "symbols")));
    return kExitDone;
  });
}

int run_reload(const ReloadCommand& command) {
  return ask_service(command.service, {{"cmd", "reload"}}, [](const Json& reply) {
    const Json& differences = member(reply, "differences");
    if (differences.empty()) print_text("nothing has changed\n");
    for (const Json& difference : differences) {
      if (difference.is_string()) print_text(printable(difference.get<std::string>()) + "\n");
    }
    return kExitDone;
  });
}

}  // namespace fastrsi
