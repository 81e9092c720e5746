// fastrsi dead: messages that a sink could not bring to somebody.
#include <fmt/format.h>

#include <string>

#include "engine/market/record.hpp"
#include "sinks/printable.hpp"
#include "tools/service_call.hpp"

namespace fastrsi {
namespace {

// "2026-08-09T12:00:00Z  mail  kq3w...  to trader@example.org  Buy signal 1m - BTCUSDT: permanent,
// 550 5.1.1 no such user"
std::string letter_line(const Json& letter) {
  const std::string word = text_member(letter, "kind");
  const std::optional<Kind> kind = kind_from_text(word);
  std::string text =
      fmt::format("{}  {}  {}  to {}  {} {}", printable(text_member(letter, "at")),
                  printable(text_member(letter, "sink")), printable(text_member(letter, "message")),
                  printable(text_member(letter, "target")),
                  kind ? std::string(to_title(*kind)) : printable(word),
                  printable(text_member(letter, "timeframe")));
  for (const Json& symbol : member(letter, "symbols")) {
    if (symbol.is_string()) text += " - " + printable(symbol.get<std::string>());
  }
  text += ": " + printable(text_member(letter, "reason"));
  const std::string said = text_member(letter, "text");
  if (!said.empty()) text += ", " + printable(said);
  return text + "\n";
}

int print_list(const Json& letters, bool json) {
  for (const Json& letter : letters) print_text(json ? json_line(letter) : letter_line(letter));
  if (letters.empty() && !json) print_text("no dead letters\n");
  return kExitDone;
}

// What was asked for, a line a letter; one that stays a dead letter is an error.
int print_settled(const Json& letters, std::string_view done) {
  int code = kExitDone;
  for (const Json& letter : letters) {
    const std::string why = text_member(letter, "why_not");
    const std::string name = fmt::format("{}  to {}", printable(text_member(letter, "message")),
                                         printable(text_member(letter, "target")));
    if (why.empty()) {
      print_text(fmt::format("{}  {}\n", done, name));
    } else {
      print_error(fmt::format("{}: {}", name, printable(why)));
      code = kExitFailed;
    }
  }
  return code;
}

}  // namespace

int run_dead(const DeadCommand& command) {
  // An unset variable of a shell must not mean all of them.
  if (command.what != "list" && command.message.empty()) {
    print_error("dead " + command.what + ": MESSAGE is empty (say how its id begins, or all)");
    return kExitWrongUse;
  }
  Json question = {{"cmd", "dead"}, {"what", command.what}};
  if (!command.sink.empty()) question["sink"] = command.sink;
  if (!command.message.empty() && command.message != "all") question["message"] = command.message;
  if (!command.target.empty()) question["target"] = command.target;
  return ask_service(command.service, question, [&](const Json& reply) {
    const Json& letters = member(reply, "letters");
    const bool is_list = command.what == "list";
    const int code = is_list
                         ? print_list(letters, command.json)
                         : print_settled(letters, command.what == "drop" ? "dropped " : "requeued");
    if (flag_member(reply, "more")) {
      print_error(is_list ? "there are more: these are the newest"
                          : "there are more: these were the newest (drop those that cannot go, "
                            "then ask again)");
    }
    return code;
  });
}

}  // namespace fastrsi
