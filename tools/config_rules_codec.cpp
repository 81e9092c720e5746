// The codecs of what a sink holds to: times, rates, quota, quiet hours, priorities.
#include <fmt/format.h>

#include <array>
#include <chrono>

#include "tools/config_delivery_codec.hpp"
#include "tools/config_inline_table.hpp"
#include "tools/config_list_codec.hpp"
#include "tools/config_values.hpp"

namespace fastrsi {
namespace {

constexpr Milliseconds kDurationMost = std::chrono::hours{24 * 365};

const WordCodec<QuietMode>& quiet_words() {
  static const WordCodec<QuietMode> kWords{
      {{"hold", QuietMode::Hold}, {"silent", QuietMode::Silent}, {"drop", QuietMode::Drop}}};
  return kWords;
}

const WordCodec<Priority>& priority_words() {
  static const WordCodec<Priority> kWords{{{"low", Priority::Low},
                                           {"normal", Priority::Normal},
                                           {"high", Priority::High},
                                           {"critical", Priority::Critical}}};
  return kWords;
}

const WordCodec<Repeat>& repeat_words() {
  static const WordCodec<Repeat> kWords{{{"once_per_bar_close", Repeat::OncePerBarClose},
                                         {"once_per_bar", Repeat::OncePerBar},
                                         {"once", Repeat::Once},
                                         {"every_scan", Repeat::EveryScan}}};
  return kWords;
}

std::string days_text(unsigned days) {
  constexpr std::array<std::string_view, 7> kDays = {"mon", "tue", "wed", "thu",
                                                     "fri", "sat", "sun"};
  if (days == 0x7F) return "mon-sun";
  std::string text;
  for (std::size_t day = 0; day < kDays.size(); ++day) {
    if ((days >> day & 1U) == 0) continue;
    text += text.empty() ? "" : ",";
    text += kDays[day];
  }
  return text;
}

std::string clock_text(int minutes) {
  return fmt::format("{:02}:{:02}", minutes / 60, minutes % 60);
}

// A value that is read from a text, or wrong.
template <class Value, class Parse>
std::optional<Value> parsed(const TomlNode& node, const ValueReader& reader,
                            const std::string& allowed, Parse&& parse) {
  const std::string* const text = text_of(node, reader, allowed);
  if (text == nullptr) return std::nullopt;
  std::optional<Value> value = parse(*text);
  if (!value) reader.expected(node, allowed);
  return value;
}

}  // namespace

std::string MillisecondsCodec::allowed() const {
  return DurationCodec{min, max}.allowed();
}
std::optional<Milliseconds> MillisecondsCodec::read(const TomlNode& node,
                                                    const ValueReader& reader) const {
  const auto value = DurationCodec{min, max}.read(node, reader);
  if (!value) return std::nullopt;
  return std::chrono::duration_cast<Milliseconds>(*value);
}
std::string MillisecondsCodec::write(Milliseconds value) const {
  return DurationCodec{min, max}.write(value);
}

std::string ExpiryCodec::allowed() const {
  return "\"auto\": one bar, at least 5m, at most 24h; or a duration";
}
std::optional<ExpiryCodec::Value> ExpiryCodec::read(const TomlNode& node,
                                                    const ValueReader& reader) const {
  if (node.type == TomlType::Text && node.text == "auto") return Value{};
  const auto value = MillisecondsCodec{Milliseconds{1000}, kDurationMost}.read(node, reader);
  if (!value) return std::nullopt;
  return Value{*value};
}
std::string ExpiryCodec::write(const Value& value) const {
  return value ? DurationCodec{}.write(*value) : "\"auto\"";
}

std::string RepeatCodec::allowed() const {
  return repeat_words().allowed() + ", or a duration";
}
std::optional<RepeatRule> RepeatCodec::read(const TomlNode& node, const ValueReader& reader) const {
  if (node.type == TomlType::Text && parse_duration_ms(node.text)) {
    const auto every = MillisecondsCodec{Milliseconds{1000}, kDurationMost}.read(node, reader);
    if (!every) return std::nullopt;
    return RepeatRule{Repeat::Interval, *every};
  }
  const auto word = repeat_words().read(node, reader);
  if (!word) return std::nullopt;
  return RepeatRule{*word, Milliseconds{0}};
}
std::string RepeatCodec::write(const RepeatRule& value) const {
  if (value.repeat == Repeat::Interval) return DurationCodec{}.write(value.interval);
  return repeat_words().write(value.repeat);
}

std::optional<std::vector<Rate>> RatesCodec::read(const TomlNode& node,
                                                  const ValueReader& reader) const {
  return read_list<Rate>(node, reader, allowed(), [](const TomlNode& item, const auto& within) {
    return parsed<Rate>(item, within, "a rate such as \"10/1m\"", parse_rate);
  });
}
std::string RatesCodec::write(const std::vector<Rate>& value) const {
  return write_list(value, [](const Rate& rate) { return toml_quoted(to_text(rate)); });
}

std::optional<Quota> QuotaCodec::read(const TomlNode& node, const ValueReader& reader) const {
  return parsed<Quota>(node, reader, allowed(), [](const std::string& text) {
    return text.empty() ? std::optional<Quota>(Quota{}) : parse_quota(text);
  });
}
std::string QuotaCodec::write(const Quota& value) const {
  if (value.most == 0) return "\"\"";
  const auto hours = std::chrono::duration_cast<std::chrono::hours>(value.period);
  return hours == value.period ? fmt::format("\"{}/{}h\"", value.most, hours.count())
                               : fmt::format("\"{}/{}s\"", value.most, value.period.count() / 1000);
}

std::optional<std::vector<QuietHours>> QuietHoursCodec::read(const TomlNode& node,
                                                             const ValueReader& reader) const {
  return read_list<QuietHours>(
      node, reader, allowed(),
      [](const TomlNode& item, const ValueReader& within) -> std::optional<QuietHours> {
        QuietHours hours;
        std::string days = "mon-sun";
        std::string from;
        std::string to;
        InlineTable table(item, within);
        table.take("days", kAnyText, days);
        const bool has_from = table.take("from", kAnyText, from);
        const bool has_to = table.take("to", kAnyText, to);
        table.take("zone", TextCodec{"an IANA time zone", check_zone}, hours.zone);
        table.take("mode", quiet_words(), hours.mode);
        if (!table.finish()) return std::nullopt;
        const auto parsed_days = parse_days(days);
        const auto begin = parse_clock(from);
        const auto end = parse_clock(to);
        if (!parsed_days) table.wrong(item, "days are such as \"mon-fri\" or \"sat,sun\"");
        if (!has_from || !begin) table.wrong(item, "from is a time of day such as \"23:00\"");
        if (!has_to || !end) table.wrong(item, "to is a time of day such as \"07:00\"");
        if (!table.finish()) return std::nullopt;
        hours.days = *parsed_days;
        hours.from = *begin;
        hours.to = *end;
        return hours;
      });
}
std::string QuietHoursCodec::write(const std::vector<QuietHours>& value) const {
  return write_list(value, [](const QuietHours& hours) {
    InlineWriter table;
    table.add("days", toml_quoted(days_text(hours.days)));
    table.add("from", toml_quoted(clock_text(hours.from)));
    table.add("to", toml_quoted(clock_text(hours.to)));
    table.add("zone", toml_quoted(hours.zone));
    table.add("mode", quiet_words().write(hours.mode));
    return table.text();
  });
}

std::optional<Priority> PriorityCodec::read(const TomlNode& node, const ValueReader& reader) const {
  return priority_words().read(node, reader);
}
std::string PriorityCodec::write(Priority value) const {
  return priority_words().write(value);
}

std::optional<std::vector<PriorityRule>> PrioritiesCodec::read(const TomlNode& node,
                                                               const ValueReader& reader) const {
  return read_list<PriorityRule>(
      node, reader, allowed(),
      [](const TomlNode& item, const ValueReader& within) -> std::optional<PriorityRule> {
        PriorityRule rule;
        InlineTable table(item, within);
        table.take("level", priority_words(), rule.level);
        table.take("kinds", KindsCodec{}, rule.kinds);
        table.take("symbols", kGlobs, rule.symbols);
        table.take("timeframes", kGlobs, rule.timeframes);
        const bool has_level = item.type != TomlType::Table || member_of(item, "level") != nullptr;
        if (!has_level) table.wrong(item, "level is missing");
        if (!table.finish()) return std::nullopt;
        return rule;
      });
}
std::string PrioritiesCodec::write(const std::vector<PriorityRule>& value) const {
  return write_list(value, [](const PriorityRule& rule) {
    InlineWriter table;
    table.add("level", priority_words().write(rule.level));
    table.add("kinds", KindsCodec{}.write(rule.kinds));
    table.add("symbols", kGlobs.write(rule.symbols));
    table.add("timeframes", kGlobs.write(rule.timeframes));
    return table.text();
  });
}

}  // namespace fastrsi
