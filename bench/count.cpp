// fastrsi_bench_count MODE MESSAGES: works a fixed number of made-up frames off and measures
// nothing, for instructions.py to count its instructions. The difference between two numbers of
// messages is what they cost; making the input costs the same whatever is done with it.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <exception>
#include <string_view>

#include "bench/input.hpp"
#include "bench/pipeline.hpp"
#include "bench/yardstick.hpp"

namespace {

using namespace fastrsi;
using namespace fastrsi::bench;

constexpr std::size_t kMessagesMost = 32'768;

int usage() {
  fmt::print(stderr, "usage: fastrsi_bench_count parse|graph|plain|eight MESSAGES (at most {})\n",
             kMessagesMost);
  return 2;
}

std::uint64_t count_parsed(std::span<const CaptureLine> lines) {
  const ParseSum sum = Yardstick(IdKey::Aggregate).parse_all(lines);
  fmt::print("{} frames, sum {:x}\n", sum.frames, sum.sum);
  return sum.frames;
}

std::uint64_t count_worked(const Input& input, std::span<const CaptureLine> lines,
                           std::string_view mode) {
  PipelineSettings settings;
  settings.symbols = input.symbols();
  if (mode == "plain") settings.make = make_plain_executor;
  if (mode == "eight") settings.timeframes = eight_timeframes();
  Pipeline pipeline(settings);
  pipeline.tell_history(input);
  const std::uint64_t before = pipeline.statistics().ticks;
  pipeline.run(lines);
  pipeline.require_sound();
  fmt::print("{} frames, {} records, {} evaluations\n", pipeline.statistics().ticks - before,
             pipeline.records().records, pipeline.statistics().evaluations);
  return pipeline.statistics().ticks - before;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return usage();
  const std::string_view mode = argv[1];
  const std::string_view number = argv[2];
  std::size_t messages = 0;
  const auto read = std::from_chars(number.data(), number.data() + number.size(), messages);
  constexpr std::array<std::string_view, 4> kModes = {"parse", "graph", "plain", "eight"};
  if (read.ptr != number.data() + number.size() || messages > kMessagesMost ||
      std::find(kModes.begin(), kModes.end(), mode) == kModes.end()) {
    return usage();
  }
  try {
    const auto input = make_market({});
    const auto lines = input->next(kMessagesMost).first(messages);
    const std::uint64_t done =
        mode == "parse" ? count_parsed(lines) : count_worked(*input, lines, mode);
    return done == messages ? 0 : 1;
  } catch (const std::exception& error) {
    fmt::print(stderr, "fastrsi_bench_count: {}\n", error.what());
    return 1;
  }
}
