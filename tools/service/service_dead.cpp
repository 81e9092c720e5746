// The socket's command `dead`: messages that a sink could not bring to somebody are listed, sent
// once more, or given up for good.
#include <fmt/format.h>

#include <stdexcept>

#include "tools/json.hpp"
#include "tools/service/clocks.hpp"
#include "tools/service/service.hpp"

namespace fastrsi {
namespace {

// Of one sink, in one answer.
constexpr std::size_t kLettersMost = 1000;

Json letter_json(const std::string& sink, const DeadLetterRow& letter) {
  return {{"sink", sink},
          {"message", letter.dead.mid},
          {"target", letter.dead.target},
          {"reason", letter.dead.reason},
          {"at", to_iso_seconds(exchange_time_from_ns(letter.dead.at * kNsPerWallMs))},
          {"code", letter.dead.code},
          {"text", letter.dead.text},
          {"kind", to_text(letter.group.kind)},
          {"timeframe", to_text(letter.group.timeframe)},
          {"stage", to_text(letter.group.stage)},
          {"symbols", letter.symbols}};
}

}  // namespace

std::string Service::dead_json(const std::string& what, const std::string& sink,
                               const std::string& mid, const std::string& target) {
  const bool is_list = what == "list";
  if (!is_list && what != "requeue" && what != "drop") {
    throw std::runtime_error("no such thing to do with dead letters: " + what +
                             " (list, requeue or drop)");
  }
  if (!is_list && sink.empty()) throw std::runtime_error("name the sink");
  Json letters = Json::array();
  bool is_known = sink.empty();
  bool are_more = false;
  for (const auto& one : sinks_) {
    const std::string& name = one->config().name;
    if (!sink.empty() && name != sink) continue;
    DeadLetters* const dead = one->dead_letters();
    is_known = is_known || dead != nullptr;
    if (dead == nullptr) continue;
    std::vector<DeadLetterKey> keys;
    std::vector<DeadLetterRow> rows = dead->list({mid, target}, kLettersMost + 1);
    if (rows.size() > kLettersMost) {
      are_more = true;
      rows.pop_back();
    }
    for (const DeadLetterRow& row : rows) {
      letters.push_back(letter_json(name, row));
      keys.push_back({row.dead.mid, row.dead.target});
    }
    if (is_list) continue;
    const std::vector<std::string> whys =
        what == "drop" ? dead->drop(std::move(keys)) : dead->requeue(std::move(keys));
    for (std::size_t i = 0; i < whys.size(); ++i) letters[i]["why_not"] = whys[i];
  }
  if (!is_known) {
    throw std::runtime_error("no sink that brings messages to people has the name " + sink);
  }
  if (!is_list && letters.empty()) throw std::runtime_error("there is no such dead letter");
  return fmt::format(R"("ok":true,"more":{},"letters":)", are_more) +
         letters.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace fastrsi
