// The texts made from the table of keys, and that every valid configuration survives being written.
#include <rapidcheck.h>

#include <algorithm>
#include <cstdint>
#include <sstream>
#include <string>
#include <vector>

#include "tests/catch.hpp"
#include "tools/config.hpp"
#include "tools/config_table.hpp"

namespace fastrsi {
namespace {

std::vector<std::string> text_lines(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

std::string heading_of(const SectionRow& row) {
  return row.listed ? "[[" + std::string(row.name) + "]]" : "[" + std::string(row.name) + "]";
}

// The lines from a section's heading to the next one, comment signs of switched-off keys removed;
// with those of keys for other types, or without.
std::vector<std::string> section_lines(const std::string& text, const SectionRow& row,
                                       bool others = false) {
  std::vector<std::string> lines;
  bool inside = false;
  for (std::string line : text_lines(text)) {
    if (line.starts_with("#   ")) {
      if (!others) continue;
      line.erase(0, 4);
    }
    if (line.starts_with("# ")) line.erase(0, 2);
    if (line.starts_with("[")) inside = line == heading_of(row);
    if (inside) lines.push_back(line);
  }
  return lines;
}

template <class Enum>
Enum any_of(int count) {
  return static_cast<Enum>(*rc::gen::inRange(0, count));
}

Nanoseconds any_duration(std::int64_t least) {
  const auto most = *rc::gen::element<std::int64_t>(10, 1'000'000, 86'400'000'000'000, INT64_MAX);
  return Nanoseconds{*rc::gen::inRange<std::int64_t>(least, most)};
}

double any_points(double min, double max) {
  return min + (max - min) * (*rc::gen::inRange(0, 1'000'001) / 1'000'000.0);
}

std::string any_name(const std::string& prefix, std::size_t index) {
  const std::string tail =
      *rc::gen::container<std::string>(rc::gen::elementOf(std::string("abcXYZ0189_.-")));
  return (prefix + std::to_string(index) + "." + tail).substr(0, 64);
}

// Texts with all that TOML has to escape, and letters of two, three and four bytes.
std::string any_text() {
  const auto parts = *rc::gen::container<std::vector<std::string>>(
      rc::gen::element<std::string>("a", "Z", " ", "\"", "\\", "'", "#", "=", "[", "]", ".", ",",
                                    "\\u0041", "é", "ش", "\u200C", "€", "😀"));
  std::string text;
  for (const std::string& part : parts) text += part;
  return text.substr(0, text.size() > 100 ? 0 : std::string::npos);
}

std::vector<std::string> any_symbols(std::size_t least) {
  const auto count = *rc::gen::inRange<std::size_t>(least, 6);
  std::vector<std::string> symbols;
  for (std::size_t i = 0; i < count; ++i) symbols.push_back("*:" + any_text() + std::to_string(i));
  return symbols;
}

FeedSettings any_feed(std::size_t index) {
  static const std::vector<std::string> kVenues = {"binance", "kraken", "okx", "generic"};
  FeedSettings feed;
  feed.venue = kVenues[index];
  if (index == 0) feed.stream = *rc::gen::element<std::string>("trade", "aggTrade");
  feed.symbols = any_symbols(0);
  feed.url = *rc::gen::element<std::string>("", "wss://host/ws", "file:a.zst,b c.zst");
  if (feed.url.starts_with("file:")) feed.speed = any_points(0.001, 1e6);
  feed.calendar.day_start = std::chrono::minutes{*rc::gen::inRange(0, 24 * 60)};
  feed.backfill = *rc::gen::arbitrary<bool>();
  if (feed.venue != "generic") return feed;
  if (feed.url.empty()) feed.url = "ws://host";
  const auto path = [] {
    return *rc::gen::element<std::string>("a", "a.b[].c", "[2][0]", "$.t", "$", "a.\"b.c\"");
  };
  GenericSettings& generic = feed.generic;
  generic.trades = path();
  generic.symbol = path();
  generic.constant_symbol = any_text();
  generic.price = path();
  generic.quantity = *rc::gen::element<std::string>("", "q");
  generic.id = path();
  generic.id_rises = *rc::gen::arbitrary<bool>();
  generic.time = path();
  generic.time_unit = any_of<TimeUnit>(5);
  generic.subscribe = {any_text(), R"({"s":["{symbol}"]})"};
  generic.unsubscribe = {any_text()};
  generic.ping = any_text();
  generic.ping_every = any_duration(1);
  return feed;
}

RuleSettings any_rule(std::size_t index) {
  RuleSettings rule;
  rule.name = any_name("rule", index);
  rule.symbols = any_symbols(1);
  const int first = *rc::gen::inRange(0, static_cast<int>(kTimeframeCount));
  rule.timeframes = {static_cast<Timeframe>(first)};
  if (first > 0) rule.timeframes.push_back(static_cast<Timeframe>(first - 1));
  rule.evaluate = any_of<Evaluate>(2);
  rule.apply_to = any_of<ApplyTo>(7);
  rule.profile = any_of<Profile>(3);
  rule.warmup_bars = *rc::gen::element(kWarmupAuto, kPeriodMax + 1, 1'000'000);
  rule.empty_bars = any_of<EmptyBars>(2);
  rule.period_default = *rc::gen::inRange(kPeriodMin, kPeriodMax + 1);
  rule.period_first = *rc::gen::inRange(kPeriodMin, kPeriodMax);
  rule.period_second = rule.period_first + 1;
  rule.level_middle = any_points(1, 99);
  rule.level_overbought = any_points(rule.level_middle + 0.5, 100);
  rule.level_oversold = any_points(0, rule.level_middle);
  rule.cross_lookback = *rc::gen::inRange(1, 3);
  rule.cross_filter = *rc::gen::arbitrary<bool>();
  rule.trend_rule = any_of<TrendRule>(3);
  rule.once_per = any_of<OncePer>(2);
  rule.hysteresis = any_points(0, 100);
  rule.cooldown = any_duration(0);
  rule.repeat_every = any_duration(0);
  rule.first_load_kinds = *rc::gen::arbitrary<KindSet>();
  rule.first_load_sinks.clear();
  rule.auto_enabled = *rc::gen::arbitrary<bool>();
  rule.auto_mode = any_of<AutoMode>(2);
  rule.auto_every = any_duration(1);
  rule.auto_kinds = *rc::gen::arbitrary<KindSet>();
  return rule;
}

SocketConsumer any_consumer(std::size_t index) {
  SocketConsumer consumer;
  consumer.name = any_name("consumer", index);
  consumer.token_sha256 = std::string(64, *rc::gen::elementOf(std::string("0123456789abcdef")));
  if (*rc::gen::arbitrary<bool>()) {
    consumer.expires = std::chrono::year_month_day{
        std::chrono::year{*rc::gen::inRange(1970, 2200)},
        std::chrono::month{static_cast<unsigned>(*rc::gen::inRange(1, 13))},
        std::chrono::day{static_cast<unsigned>(*rc::gen::inRange(1, 29))}};
  }
  return consumer;
}

SinkConfig any_sink(std::size_t index) {
  SinkConfig sink;
  sink.name = any_name("sink", index);
  sink.format = *rc::gen::element<std::string>("text", "json");
  sink.path = any_text() + ".log";
  sink.kinds = *rc::gen::arbitrary<KindSet>();
  sink.stages = {any_of<Stage>(3)};
  return sink;
}

Config any_config() {
  Config config;
  const auto count = [](int most) {
    return *rc::gen::inRange<std::size_t>(0, static_cast<std::size_t>(most) + 1);
  };
  config.rules.clear();
  config.sinks.clear();
  for (std::size_t i = 0, n = count(4); i < n; ++i) config.feeds.push_back(any_feed(i));
  for (std::size_t i = 0, n = count(3); i < n; ++i) config.rules.push_back(any_rule(i));
  for (std::size_t i = 0, n = count(2); i < n; ++i) config.sinks.push_back(any_sink(i));
  for (std::size_t i = 0, n = count(2); i < n; ++i) {
    config.socket.consumers.push_back(any_consumer(i));
  }
  for (RuleSettings& rule : config.rules) {
    for (const SinkConfig& sink : config.sinks) rule.first_load_sinks.push_back(sink.name);
  }
  config.engine.shards = *rc::gen::inRange(0, 257);
  config.engine.grace = Nanoseconds{*rc::gen::inRange<std::int64_t>(0, 60'000'000'001)};
  config.engine.silence = any_duration(1);
  config.state.dir = any_text();
  config.socket.path = any_text();
  config.socket.mode = *rc::gen::inRange<std::uint32_t>(0, 01000);
  return config;
}

}  // namespace

TEST_CASE("config: a dump reads back to the same settings", "[config]") {
  CHECK(rc::check([] {
    const Config config = any_config();
    const std::string text = dump_config(config);
    const ConfigResult again = parse_config(text, "dump");
    if (!again.errors.empty() || !again.warnings.empty()) RC_FAIL(to_text(again) + text);
    const auto differences = config_differences(config, again.config);
    if (!differences.empty()) RC_FAIL(differences.front());
    RC_ASSERT(dump_config(again.config) == text);
  }));
}

TEST_CASE("config: the default file means the defaults", "[config]") {
  const ConfigResult result = parse_config(default_config_text(), "default");
  CHECK(to_text(result).empty());
  CHECK(config_differences(Config{}, result.config).empty());
}

TEST_CASE("config: the default file shows every key once, with its help and what is allowed",
          "[config]") {
  for (const SectionRow& row : kSections) {
    const std::vector<std::string> lines = section_lines(default_config_text(), row, true);
    std::string joined;
    for (const std::string& line : lines) joined += line + " ";
    for (const KeyRow& key : config_keys()) {
      if (key.section != row.section) continue;
      INFO(full_name(key));
      const std::string start = std::string(key.name) + " = ";
      CHECK(std::count_if(lines.begin(), lines.end(),
                          [&](const std::string& line) { return line.starts_with(start); }) == 1);
      CHECK_THAT(joined, ContainsSubstring(std::string(key.help)));
      CHECK_THAT(joined, ContainsSubstring("Allowed: " + key.allowed));
    }
  }
}

TEST_CASE("config: the default file is right with everything in it switched on", "[config]") {
  std::string text;
  for (const SectionRow& row : kSections) {
    for (const std::string& line : section_lines(default_config_text(), row)) {
      const bool is_key = line.find(" = ") != std::string::npos && line[0] >= 'a' && line[0] <= 'z';
      if (line == "venue = \"\"") {
        text += "venue = \"binance\"\n";
      } else if (row.section == Section::Consumer && line == "name = \"\"") {
        text += "name = \"desk\"\n";
      } else if (is_key || line.starts_with("[")) {
        text += line + "\n";
      }
    }
  }
  INFO(text);
  const ConfigResult result = parse_config(text, "default");
  CHECK(result.errors.empty());
  CHECK(result.config.feeds.size() == 1);
  CHECK(result.config.socket.consumers.size() == 1);
}

TEST_CASE("config: lines of the default file end by column 100", "[config]") {
  for (const std::string& line : text_lines(default_config_text())) CHECK(line.size() <= 100);
}

TEST_CASE("config: the reference has a row for every key", "[config]") {
  const std::string reference = config_reference();
  for (const SectionRow& row : kSections) {
    CHECK_THAT(reference, ContainsSubstring("### `" + heading_of(row) + "`"));
  }
  for (const KeyRow& key : config_keys()) {
    CHECK_THAT(reference, ContainsSubstring("| `" + std::string(key.name) + "` |"));
  }
}

TEST_CASE("config: no key is in the table twice", "[config]") {
  std::vector<std::string> names;
  for (const KeyRow& key : config_keys()) names.push_back(full_name(key));
  std::sort(names.begin(), names.end());
  CHECK(std::adjacent_find(names.begin(), names.end()) == names.end());
}

}  // namespace fastrsi
