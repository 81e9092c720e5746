#include "tools/command_line_words.hpp"

#include <fmt/format.h>

#include <string>

#include "engine/settings.hpp"
#include "sinks/printable.hpp"

namespace fastrsi {

CLI::Validator between(int least, int most) {
  const auto fault = [least, most](const std::string& text) {
    int number = 0;
    if (CLI::detail::lexical_cast(text, number) && number >= least && number <= most) {
      return std::string{};
    }
    return fmt::format("wants a whole number from {} to {}, not {}", least, most, printable(text));
  };
  return {fault, fmt::format("{} to {}", least, most)};
}

void add_capture_words(CLI::App& command, ReplayCommand& words) {
  command.add_option(
      "CAPTURE", words.captures,
      "capture files, plain, .gz or .zst; several are merged by receive time; - is standard input");
  command.add_option("--config", words.config,
                     "configuration file (default: one rule, every default)");
  command.add_option("--venue", words.venue,
                     "venue of captures whose first line does not name it, e.g. binance");
  command
      .add_option("--stream", words.stream,
                  "Binance stream to count: trade or aggTrade (default: the feed's)")
      ->check(CLI::IsMember({"trade", "aggTrade"}));
  command
      .add_option("--shards", words.shards,
                  "threads, each with its own symbols; 0: one a core (default: engine.shards)")
      ->check(between(0, kShardsMax));
}

}  // namespace fastrsi
