// The story of one signal: what fired and by which numbers, the trades around it, each stage and
// what each sink made of it. Made of what the journal or a replay has kept, so that it can be told
// long after.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/settings.hpp"
#include "sinks/journal_entry.hpp"

namespace fastrsi {

struct SinkAnswer {
  std::string name;
  std::string answer;  // in words: "delivered at ...", "waiting behind 3 others"
};

// Values only; entries point at names, which outlive the story.
struct WhyStory {
  std::string id;
  std::optional<RuleSettings> rule;     // none: there is no such rule any more
  std::vector<JournalEntry> stages;     // at least one, in order of stages
  std::vector<Evidence::Trade> trades;  // up to the one that caused the first stage, in order
  std::vector<Evidence::Trade> after;   // in order
  std::vector<SinkAnswer> answers;
};

// `entries` are the stages of one signal, at least one. `rule` is the rule of its name as it is
// now; settings that cannot be those it was made with are left out.
WhyStory make_story(std::vector<JournalEntry> entries, const RuleSettings* rule,
                    std::vector<Evidence::Trade> after, std::vector<SinkAnswer> answers);

// A page for people, lines ended by line ends.
std::string to_text(const WhyStory& story);
// One JSON object without a line end.
std::string to_json(const WhyStory& story);

// The condition in words with its numbers, as this stage met it.
std::string condition_text(const WhyStory& story, const JournalEntry& stage);

// A signal's id, read from its end: rule and symbol may hold any character.
//
//   id = rule "/" symbol "/" timeframe "/" kind "/" bar-open "/" n
struct SignalIdParts {
  std::string_view series;  // rule, symbol, timeframe and kind
  std::string_view rule_and_symbol;
  std::optional<Timeframe> timeframe;
  std::optional<Kind> kind;
  std::optional<std::int64_t> bar_open_ns;
  std::uint64_t firing = 0;
};
// Nothing when `id` has not the form of one. Points into `id`.
std::optional<SignalIdParts> parse_signal_id(std::string_view id);

// Gathers what an id that is not there may have been meant to be: ids of the same series, nearest
// bars first.
class NearestIds {
 public:
  explicit NearestIds(std::string wanted);
  void add(std::string_view id);
  // "no signal ID is known; nearest: A, B", one line.
  std::string error() const;

 private:
  struct Near {
    std::int64_t distance_ns;
    std::string id;
  };
  std::string wanted_;
  std::string series_;
  std::int64_t bar_open_ns_ = 0;
  bool has_form_ = false;
  std::vector<Near> near_;
};

}  // namespace fastrsi
