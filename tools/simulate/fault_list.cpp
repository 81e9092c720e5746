#include "tools/simulate/fault_list.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#include <stdexcept>

#include "engine/base/decimal.hpp"
#include "sinks/printable.hpp"
#include "tools/did_you_mean.hpp"
#include "tools/duration.hpp"

namespace fastrsi::simulate {
namespace {

// What a fault's words are, in order; those behind `needed` may be left out.
enum class Word : std::uint8_t { Duration, Delay, Count, File };
struct Shape {
  std::string_view name;
  std::array<Word, 2> words{};
  std::size_t words_count = 0;
  std::size_t needed = 0;
  std::uint64_t count = 0;  // when it is left out
  std::uint64_t count_min = 1;
  std::uint64_t count_max = 1'000'000;
};

constexpr std::array<Shape, kFaultKindCount> kShapes = {{
    {"refuse", {Word::Duration}, 1, 1},
    {"close-in-handshake", {Word::Duration}, 1, 1},
    {"silent", {Word::Duration}, 1, 1},
    {"mute", {Word::Duration}, 1, 1},
    {"half", {Word::Duration}, 1, 1},
    {"swallow", {Word::Count}, 1, 1},
    {"duplicate", {Word::Count}, 1, 1},
    {"reorder", {Word::Count}, 1, 1, 0, 2, 10'000},
    {"stale", {Word::Count}, 1, 1},
    {"junk", {Word::Count}, 1, 1},
    {"drop", {}, 0, 0},
    {"drop-one", {}, 0, 0},
    {"close", {Word::Count}, 1, 0, 1000, 1000, 4999},
    {"shutdown", {Word::Duration}, 1, 1},
    {"slow", {Word::Duration, Word::Delay}, 2, 2},
    {"certificate", {Word::File, Word::File}, 2, 2},
    {"limit", {Word::Duration, Word::Count}, 2, 1, 5, 1, 86'400},
    {"broken", {Word::Duration, Word::Count}, 2, 1, 503, 500, 599},
}};

// One line being read, and what errors in it begin with.
class LineParser {
 public:
  LineParser(std::string place, std::string_view text) : place_(std::move(place)) {
    std::istringstream stream{std::string(text)};
    words_.assign(std::istream_iterator<std::string>(stream), {});
  }

  bool is_empty() const noexcept { return words_.empty(); }

  FaultLine read() {
    FaultLine line = read_when();
    line.turns.push_back(read_turn());
    while (at_ < words_.size()) {
      if (words_[at_] != "|") {
        fail("one word too many: " + printable(words_[at_]), "separate turns by |");
      }
      ++at_;
      line.turns.push_back(read_turn());
    }
    if (line.turns.size() > 1 && line.every.count() == 0) {
      fail("several turns at one time", "begin the line with every, or write two lines");
    }
    return line;
  }

 private:
  [[noreturn]] void fail(const std::string& what, const std::string& mend) const {
    throw std::invalid_argument(fmt::format("{}: {} ({})", place_, what, mend));
  }

  const std::string& take(const std::string& wanted) {
    if (at_ == words_.size() || words_[at_] == "|") {
      fail("a word is missing", "here stands " + wanted);
    }
    return words_[at_++];
  }

  Nanoseconds take_duration(const std::string& wanted) {
    const std::string& word = take(wanted);
    const DurationResult result = parse_duration(word);
    if (!result.value) {
      fail(printable(word) + ": " + result.why,
           result.hint.empty() ? "write it like 30s or 250ms" : result.hint);
    }
    return *result.value;
  }

  FaultLine read_when() {
    FaultLine line;
    const std::string& word = take("at or every");
    if (word == "at") {
      line.first = take_duration("a duration");
      return line;
    }
    if (word != "every") {
      fail(printable(word) + ": is no time", "begin with at DURATION or every DURATION");
    }
    line.every = take_duration("a duration");
    if (line.every.count() == 0) fail("every 0s never ends", "name a longer time");
    line.first = line.every;
    if (at_ < words_.size() && words_[at_] == "from") {
      ++at_;
      line.first = take_duration("a duration");
    }
    if (at_ < words_.size() && words_[at_] == "until") {
      ++at_;
      line.until = take_duration("a duration");
    }
    return line;
  }

  Fault read_turn() {
    const std::string& name = take("a fault");
    const auto* const shape = std::find_if(kShapes.begin(), kShapes.end(),
                                           [&](const Shape& one) { return one.name == name; });
    if (shape == kShapes.end()) {
      std::vector<std::string_view> names;
      names.reserve(std::size(kShapes));
      for (const Shape& one : kShapes) names.push_back(one.name);
      const std::string meant = did_you_mean(name, names);
      fail(printable(name) + ": is no fault",
           meant.empty() ? "fastrsi simulate --help names them" : meant);
    }
    Fault fault;
    fault.kind = static_cast<FaultKind>(shape - kShapes.begin());
    fault.count = shape->count;
    for (std::size_t i = 0; i < shape->words_count; ++i) {
      const bool is_there = at_ < words_.size() && words_[at_] != "|";
      if (i >= shape->needed && !is_there) break;
      read_word(*shape, shape->words[i], fault);
    }
    return fault;
  }

  void read_word(const Shape& shape, Word word, Fault& fault) {
    switch (word) {
      case Word::Duration:
        fault.duration = take_duration("a duration");
        return;
      case Word::Delay:
        fault.delay = take_duration("a delay");
        return;
      case Word::File:
        (fault.certificate_file.empty() ? fault.certificate_file : fault.key_file) =
            take("a file's name");
        return;
      case Word::Count:
        break;
    }
    const std::string& text = take("a number");
    const auto number = parse_unsigned(text);
    if (!number || *number < shape.count_min || *number > shape.count_max) {
      fail(printable(text) + ": is no number that " + std::string(shape.name) + " takes",
           fmt::format("from {} to {}", shape.count_min, shape.count_max));
    }
    fault.count = *number;
  }

  const std::string place_;
  std::vector<std::string> words_;
  std::size_t at_ = 0;
};

}  // namespace

std::string_view to_text(FaultKind kind) noexcept {
  return kShapes[static_cast<std::size_t>(kind)].name;
}

std::vector<FaultLine> parse_faults(const std::string& name, std::string_view text) {
  std::vector<FaultLine> lines;
  std::size_t number = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view whole = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::string place = fmt::format("{}:{}", name, ++number);
    LineParser parser(place, whole.substr(0, whole.find('#')));
    if (parser.is_empty()) continue;
    if (lines.size() == kFaultLinesMax) {
      throw std::invalid_argument(
          fmt::format("{}: more than {} faults (use every)", place, kFaultLinesMax));
    }
    lines.push_back(parser.read());
  }
  return lines;
}

std::vector<FaultLine> read_fault_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file || !text) {
    throw std::invalid_argument(path + ": cannot be read (name a file of faults)");
  }
  return parse_faults(path, text.str());
}

FaultSchedule::FaultSchedule(std::vector<FaultLine> lines) {
  for (FaultLine& line : lines) {
    const Nanoseconds first = line.first;
    const bool is_over = first > line.until;
    pending_.push_back({std::move(line), first, 0, is_over});
  }
}

const Fault* FaultSchedule::next(Nanoseconds now, Nanoseconds& when) {
  Pending* earliest = nullptr;
  for (Pending& one : pending_) {
    if (one.is_over || one.next > now) continue;
    if (earliest == nullptr || one.next < earliest->next) earliest = &one;
  }
  if (earliest == nullptr) return nullptr;
  when = earliest->next;
  const Fault& fault = earliest->line.turns[earliest->turn];
  earliest->turn = (earliest->turn + 1) % earliest->line.turns.size();
  earliest->next += earliest->line.every;
  earliest->is_over = earliest->line.every.count() == 0 || earliest->next > earliest->line.until;
  return &fault;
}

}  // namespace fastrsi::simulate
