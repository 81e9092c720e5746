// fastrsi why: the story of one signal, told by the running service, or from captures replayed.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "tools/command_session.hpp"
#include "tools/service_call.hpp"
#include "tools/why.hpp"

namespace fastrsi {
namespace {

// Keeps the stages of one id, and of the others what lies near.
class StoryConsumer final : public RecordConsumer {
 public:
  explicit StoryConsumer(const std::string& wanted)
      : wanted_(wanted), parts_(parse_signal_id(wanted_)), nearest_(wanted) {}
  StoryConsumer(const StoryConsumer&) = delete;
  StoryConsumer& operator=(const StoryConsumer&) = delete;

  void signal(const Signal& signal, const Evidence& evidence) override {
    // Ids are made for the few that can be meant.
    if (!parts_ || signal.kind != parts_->kind || signal.timeframe != parts_->timeframe) return;
    const std::string id = signal_id(signal);
    if (id != wanted_) return nearest_.add(id);
    JournalEntry entry;
    entry.signal = signal;
    entry.evidence = evidence;
    entries_.push_back(std::move(entry));
  }
  void snapshot(const Snapshot&) override {}
  void idle() override {}
  void finish() override {}

  const std::vector<JournalEntry>& entries() const { return entries_; }
  std::string error() const { return nearest_.error(); }

 private:
  const std::string wanted_;
  const std::optional<SignalIdParts> parts_;  // points into wanted_
  NearestIds nearest_;
  std::vector<JournalEntry> entries_;
};

int tell_from_captures(const WhyCommand& command) {
  Config config;
  if (!load_config(command.replay.config, config)) return kExitWrongUse;
  StoryConsumer consumer(command.id);
  Replay replay(config, replay_options(command.replay, config));
  const int damage = report_damage(replay.run(consumer, false));
  if (consumer.entries().empty()) {
    print_error(consumer.error());
    return kExitFailed;
  }
  const std::string& name = consumer.entries().front().signal.rule->name;
  const auto rule =
      std::find_if(config.rules.begin(), config.rules.end(),
                   [&name](const RuleSettings& settings) { return settings.name == name; });
  const WhyStory story =
      make_story(consumer.entries(), rule == config.rules.end() ? nullptr : &*rule, {}, {});
  print_text(command.json ? to_json(story) + "\n" : to_text(story));
  return damage;
}

}  // namespace

int run_why(const WhyCommand& command) {
  if (!command.replay.captures.empty()) return tell_from_captures(command);
  return ask_service(command.service, {{"cmd", "why"}, {"id", command.id}}, [&](const Json& reply) {
    print_text(command.json ? json_line(member(reply, "why"))
                            : printable_page(text_member(reply, "text")));
    return kExitDone;
  });
}

}  // namespace fastrsi
