// fastrsi tail: the records of the running service, as they come.
#include <fmt/format.h>
#include <fnmatch.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include "engine/market/record.hpp"
#include "sinks/printable.hpp"
#include "tools/service_call.hpp"

namespace fastrsi {
namespace {

using ClientRecord = fastrsi_client::Record;

// Up is green, down is red; what is beyond a level is a warning. A retracted one fades.
std::string_view color_of(const std::string& kind, const std::string& stage) {
  if (stage == "retracted") return "\x1b[2m";
  if (kind == "overbought" || kind == "oversold") return "\x1b[33m";
  return kind == "buy" || kind == "rising" || kind == "phase_up" ? "\x1b[32m" : "\x1b[31m";
}

bool wants_color() {
  const char* const no_color = std::getenv("NO_COLOR");
  return isatty(STDOUT_FILENO) == 1 && (no_color == nullptr || *no_color == '\0');
}

// "2024-08-08T23:54:12.345000000Z" -> "23:54:12.345"
std::string clock_of(const std::string& time) {
  return time.size() >= 23 ? printable(time.substr(11, 12)) : printable(time);
}

std::string title_of(const std::string& word) {
  const std::optional<Kind> kind = kind_from_text(word);
  return kind ? std::string(to_title(*kind)) : printable(word);
}

std::string signal_text(const ClientRecord& record, const Json& json) {
  std::string text =
      fmt::format("  {}  {}  {}  {}  {}", printable(record.symbol), printable(record.timeframe),
                  title_of(record.kind), printable(record.stage), record.price);
  const Json& rsi = member(json, "rsi");
  if (rsi.is_object() && !rsi.empty()) text += "  RSI";
  for (const auto& [period, value] : rsi.items()) {
    text += value.is_number() ? fmt::format(" {}:{:.1f}", printable(period), value.get<double>())
                              : fmt::format(" {}:-", printable(period));
  }
  const std::string quality = text_member(json, "quality");
  if (!quality.empty() && quality != "complete") text += "  " + printable(quality);
  if (flag_member(json, "repeat")) text += "  repeat";
  if (flag_member(json, "offline")) text += "  offline";
  return text;
}

std::string list_record_text(const ClientRecord& record, const Json& json) {
  std::string text = fmt::format("  {}  {}  {}", printable(record.timeframe),
                                 printable(text_member(json, "reason")), title_of(record.kind));
  for (const Json& symbol : member(json, "symbols")) {
    if (symbol.is_string()) text += " - " + printable(symbol.get<std::string>());
  }
  return text;
}

std::string record_text(const ClientRecord& record, bool color) {
  const Json json = Json::parse(record.line, nullptr, false);
  const std::string text =
      record.type == "signal" ? signal_text(record, json) : list_record_text(record, json);
  const std::string clock = clock_of(record.time);
  if (!color) return clock + text + "\n";
  return fmt::format("{}{}{}\x1b[0m\n", clock, color_of(record.kind, record.stage), text);
}

bool is_one_of(const std::string& word, const std::vector<std::string>& words) {
  return words.empty() || std::find(words.begin(), words.end(), word) != words.end();
}

// The service's own filters: lists have no symbol and no stage.
bool is_wanted(const TailCommand& command, const ClientRecord& record) {
  if (!is_one_of(record.kind, command.kinds)) return false;
  if (!is_one_of(record.timeframe, command.timeframes)) return false;
  if (record.type != "signal") return true;
  const bool named = std::any_of(command.symbols.begin(), command.symbols.end(),
                                 [&record](const std::string& glob) {
                                   return fnmatch(glob.c_str(), record.symbol.c_str(), 0) == 0;
                                 });
  return is_one_of(record.stage, command.stages) && (named || command.symbols.empty());
}

void print_record(const TailCommand& command, const ClientRecord& record, bool color) {
  print_text(command.json ? record.line + "\n" : record_text(record, color));
  finish_text();  // who follows wants it now
}

int follow(const TailCommand& command, fastrsi_client::Options options) {
  options.since = command.since;
  options.kinds = command.kinds;
  options.symbols = command.symbols;
  options.timeframes = command.timeframes;
  options.stages = command.stages;
  bool met = false;
  bool lost = false;
  options.note = [&](const std::string& why) {
    const bool back = why == "connected";
    if (!met || lost != back) return;  // each try has a note, each loss and return has a line
    lost = !back;
    print_error(back ? "the service is back"
                     : "the service is lost (" + printable(why) + "); waiting for it");
  };
  fastrsi_client::Client client(std::move(options));
  met = true;
  const bool color = wants_color();
  for (std::uint64_t printed = 0; command.count == 0 || printed < command.count; ++printed) {
    const std::optional<ClientRecord> record = client.next();
    if (!record) break;
    print_record(command, *record, color);
  }
  return kExitDone;
}

// Without filters on the service's side, so that its newest record comes for certain and says that
// this is the end.
int catch_up(const TailCommand& command, fastrsi_client::Options options) {
  options.since = command.since.value_or(0);
  fastrsi_client::Client client(std::move(options));
  const bool color = wants_color();
  const std::uint64_t newest = client.newest_seq();
  std::uint64_t seq = command.since.value_or(0);
  for (std::uint64_t printed = 0; seq < newest;) {
    const std::optional<ClientRecord> record = client.next();
    if (!record) break;
    seq = record->seq;
    if (seq > newest) break;
    if (!is_wanted(command, *record)) continue;
    print_record(command, *record, color);
    if (++printed == command.count) break;
  }
  return kExitDone;
}

}  // namespace

int run_tail(const TailCommand& command) {
  return with_service(command.service, [&](fastrsi_client::Options options) {
    return command.no_follow ? catch_up(command, std::move(options))
                             : follow(command, std::move(options));
  });
}

}  // namespace fastrsi
