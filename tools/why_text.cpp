// A story as a page for people. Times of different clocks stand beside each other and are never
// subtracted: the venue's clock and ours may be seconds apart.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/market/record.hpp"
#include "engine/market/timeframe.hpp"
#include "sinks/printable.hpp"
#include "tools/duration.hpp"
#include "tools/why.hpp"

namespace fastrsi {
namespace {

// A step longer than this is no step: a capture's receive time beside the clock of its replay.
constexpr std::int64_t kStepNsMax = 3'600'000'000'000;

std::string_view quality_words(Quality quality) {
  switch (quality) {
    case Quality::Complete:
      return "complete: no trade of the bar is missing";
    case Quality::Gap:
      return "gap: trades of the bar are missing";
    case Quality::Late:
      return "late: a trade came after its bar had closed";
    case Quality::Repaired:
      return "repaired: made whole from the venue's history";
    case Quality::Partial:
      return "partial: the bar's first part was not seen";
  }
  return {};
}

std::string_view evaluate_words(const RuleSettings& rule) {
  return rule.evaluate == Evaluate::Forming ? "the forming bar at each trade" : "closed bars only";
}

std::string rule_words(const WhyStory& story) {
  const Signal& signal = story.stages.front().signal;
  std::string text = fmt::format("{}: ", printable(signal.rule->name));
  if (!story.rule) {
    return text + "is not in the configuration any more, or has other periods by now";
  }
  const RuleSettings& rule = *story.rule;
  text += evaluate_words(rule);
  text += rule.once_per == OncePer::Bar ? ", once a bar at most" : ", as often as it turns true";
  if (rule.hysteresis > 0.0) text += fmt::format(", hysteresis {}", rule.hysteresis);
  if (rule.cooldown.count() > 0) text += ", cooldown " + duration_text(rule.cooldown);
  if (rule.repeat_every.count() > 0) text += ", repeated every " + duration_text(rule.repeat_every);
  return text;
}

std::string rounded_text(double value) {
  return std::isnan(value) ? std::string("-") : fmt::format("{:.2f}", value);
}

std::string ordinal(std::uint32_t n) {
  const bool teen = n % 100 >= 11 && n % 100 <= 13;
  const char* const end = teen          ? "th"
                          : n % 10 == 1 ? "st"
                          : n % 10 == 2 ? "nd"
                          : n % 10 == 3 ? "rd"
                                        : "th";
  return fmt::format("{}{}", n, end);
}

std::string title(const WhyStory& story) {
  const Signal& signal = story.stages.front().signal;
  const Stage stage = story.stages.back().signal.stage;
  return fmt::format(
      "{}\n{} on {} of {}, the {} of its kind in the bar of {}: {}\n", printable(story.id),
      to_title(signal.kind), to_text(signal.timeframe), printable(signal.symbol->full_name),
      ordinal(signal.firing), to_iso_seconds(signal.bar_open),
      stage == Stage::Provisional ? "provisional, its bar has not closed yet" : to_text(stage));
}

void append_rsi(std::string& out, const JournalEntry& entry) {
  const Signal& signal = entry.signal;
  const auto line = [&out](std::string_view name, int period, double before, double now) {
    out += fmt::format("  {:<8}{:>6} -> {:<6}  {}\n", fmt::format("r({})", period),
                       rounded_text(before), rounded_text(now), name);
  };
  out += "\nRSI of the bar, at the price before and at the one that fired\n";
  const RsiValues& before = entry.evidence.before;
  line("default", signal.rule->default_period, before.by_default, signal.rsi.by_default);
  line("first", signal.rule->first_period, before.by_first, signal.rsi.by_first);
  line("second", signal.rule->second_period, before.by_second, signal.rsi.by_second);
}

std::string_view stage_words(const WhyStory& story, const JournalEntry& entry) {
  switch (entry.signal.stage) {
    case Stage::Provisional:
      return "fired while its bar was forming";
    case Stage::Confirmed:
      return story.stages.size() == 1 ? "fired at its bar's end" : "true on the closed bar as well";
    case Stage::Retracted:
      return "not true any more on the closed bar";
  }
  return {};
}

void append_stages(std::string& out, const WhyStory& story) {
  out += "\nstages, by the venue's clock\n";
  for (const JournalEntry& entry : story.stages) {
    const Signal& signal = entry.signal;
    out += fmt::format("  {}  {:<11}  price {}  {}\n", to_iso_ns(signal.time),
                       to_text(signal.stage), signal.price.value, stage_words(story, entry));
    out += fmt::format("    {}\n", condition_text(story, entry));
    out += fmt::format("    quality {}\n", quality_words(signal.quality));
  }
}

void append_trades(std::string& out, const WhyStory& story) {
  if (story.trades.empty()) {
    out += "\ntrades: none fired it, its bar's end did\n";
  } else {
    out += "\ntrades, by the venue's clock\n";
  }
  const auto line = [&out](char mark, const Evidence::Trade& trade, std::string_view words) {
    out += fmt::format("{} {}  price {}  quantity {}  id {}{}\n", mark, to_iso_ns(trade.time),
                       trade.price.value, trade.quantity.value,
                       static_cast<std::uint64_t>(trade.id), words);
  };
  for (std::size_t i = 0; i < story.trades.size(); ++i) {
    const bool cause = i + 1 == story.trades.size();
    line(cause ? '>' : ' ', story.trades[i], cause ? "  fired it" : "");
  }
  for (const Evidence::Trade& trade : story.after) line(' ', trade, "  afterwards");
}

std::string step_text(std::int64_t ns) {
  if (ns < 1'000) return fmt::format("+{} ns", ns);
  if (ns < 1'000'000) return fmt::format("+{:.1f} us", static_cast<double>(ns) / 1e3);
  if (ns < 1'000'000'000) return fmt::format("+{:.1f} ms", static_cast<double>(ns) / 1e6);
  return fmt::format("+{:.1f} s", static_cast<double>(ns) / 1e9);
}

// The way of one stage by our own clock; each step with what it took since the one before.
void append_way(std::string& out, const JournalEntry& entry) {
  const Signal& signal = entry.signal;
  struct Step {
    std::string_view what;
    std::int64_t ns;
  };
  const Step steps[] = {
      {"received", signal.received == kNoReceiveTime ? 0 : to_unix_ns(signal.received)},
      {"taken by the shard", entry.taken_ns},
      {"fired", entry.fired_ns},
      {"journaled", entry.journaled_ns},
  };
  out += fmt::format("\nway of the {} stage, by our own clock", to_text(signal.stage));
  if (entry.seq > 0) out += fmt::format(" (record {})", entry.seq);
  out += "\n";
  std::int64_t before = 0;
  for (const Step& step : steps) {
    if (step.ns == 0) continue;
    const std::int64_t took = step.ns - before;
    const bool tells = before != 0 && took >= 0 && took <= kStepNsMax;
    out += fmt::format("  {}  {}{}{}\n", to_iso_ns(exchange_time_from_ns(step.ns)), step.what,
                       tells ? "  " : "", tells ? step_text(took) : "");
    before = step.ns;
  }
  if (before == 0) out += "  not known\n";
}

}  // namespace

std::string to_text(const WhyStory& story) {
  const JournalEntry& first = story.stages.front();
  std::string out = title(story);
  out += fmt::format("\nrule {}\n", rule_words(story));
  if (first.signal.repeat) out += "a repeat: the condition had stayed true since it fired before\n";
  if (first.signal.offline) {
    out += "it became true while nobody was looking: found at the first look after a break\n";
  }
  append_stages(out, story);
  append_rsi(out, first);
  append_trades(out, story);
  for (const JournalEntry& entry : story.stages) append_way(out, entry);
  if (!story.answers.empty()) out += "\nsinks\n";
  std::size_t width = 0;
  for (const SinkAnswer& sink : story.answers) width = std::max(width, printable(sink.name).size());
  for (const SinkAnswer& sink : story.answers) {
    out += fmt::format("  {:<{}}  {}\n", printable(sink.name), width, printable(sink.answer));
  }
  return out;
}

}  // namespace fastrsi
