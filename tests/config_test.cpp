// The configuration: every broken file says exactly what is wrong, every good one arrives whole.
//
// tests/data/config/NNN-name.toml with NNN-name.expected beside it: the whole output, file names
// without their folder. Those in good/ have no errors.
#include "tools/config.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "tests/catch.hpp"

namespace fastrsi {
namespace {

namespace fs = std::filesystem;

const fs::path kData = fs::path(FASTRSI_SOURCE_DIR) / "tests" / "data" / "config";

std::string contents(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  REQUIRE(file);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::string without(std::string text, const std::string& part) {
  for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos;) {
    text.erase(at, part.size());
  }
  return text;
}

std::vector<fs::path> files(const fs::path& folder, const std::string& extension) {
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == extension) found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

// The one door of the tests: a text in, what `config check` prints out.
std::string check(const std::string& text) {
  return to_text(parse_config(text, "t"));
}

Config parsed(const std::string& text) {
  ConfigResult result = parse_config(text, "t");
  INFO(to_text(result));
  REQUIRE(result.errors.empty());
  return result.config;
}

}  // namespace

TEST_CASE("config: every broken file gets exactly its expected errors", "[config]") {
  const std::vector<fs::path> broken = files(kData, ".toml");
  REQUIRE(broken.size() >= 40);
  for (const fs::path& path : broken) {
    INFO(path.filename().string());
    const ConfigResult result = read_config(path.string());
    CHECK_FALSE(result.errors.empty());
    fs::path expected = path;
    expected.replace_extension(".expected");
    CHECK(without(to_text(result), kData.string() + "/") == contents(expected));
  }
}

TEST_CASE("config: good files have no errors, and their warnings are the expected ones",
          "[config]") {
  const std::vector<fs::path> good = files(kData / "good", ".toml");
  REQUIRE(good.size() >= 4);
  for (const fs::path& path : good) {
    INFO(path.filename().string());
    const ConfigResult result = read_config(path.string());
    CHECK(result.errors.empty());
    fs::path expected = path;
    expected.replace_extension(".expected");
    const std::string text = without(to_text(result), (kData / "good").string() + "/");
    CHECK(text == (fs::exists(expected) ? contents(expected) : ""));
  }
}

TEST_CASE("config: an empty file gives the defaults", "[config]") {
  const Config config = parsed("");
  CHECK(config_differences(Config{}, config).empty());
  CHECK(config.feeds.empty());
  REQUIRE(config.rules.size() == 1);
  CHECK(config.rules[0].name == "tars");
  REQUIRE(config.sinks.size() == 1);
  CHECK(config.sinks[0].name == "log");
}

TEST_CASE("config: every value arrives in its own field", "[config]") {
  const ConfigResult result = read_config((kData / "good" / "all-fields.toml").string());
  REQUIRE(result.errors.empty());
  const Config& c = result.config;
  REQUIRE(c.feeds.size() == 1);
  CHECK(c.feeds[0].venue == "binance-usdm");
  CHECK(c.feeds[0].stream == "aggTrade");
  CHECK(c.feeds[0].symbols == std::vector<std::string>{"BTCUSDT", "می\u200Cنام"});
  CHECK(c.feeds[0].url == "file:a.zst,b.zst");
  CHECK(c.feeds[0].speed == 10.0);
  CHECK(c.feeds[0].calendar.zone == "Etc/UTC");
  CHECK(c.feeds[0].calendar.day_start == std::chrono::minutes{9 * 60 + 30});
  CHECK_FALSE(c.feeds[0].backfill);
  REQUIRE(c.rules.size() == 1);
  const RuleSettings& r = c.rules[0];
  CHECK(r.name == "my.rule-1");
  CHECK(r.symbols == std::vector<std::string>{"binance-usdm:BTC*", "*:ETH*"});
  CHECK(r.timeframes == std::vector<Timeframe>{Timeframe::Mo1, Timeframe::S1});
  CHECK(r.evaluate == Evaluate::Close);
  CHECK(r.apply_to == ApplyTo::Weighted);
  CHECK(r.profile == Profile::TaLib);
  CHECK(r.warmup_bars == 40);
  CHECK(r.empty_bars == EmptyBars::Carry);
  CHECK(r.period_default == 21);
  CHECK(r.period_first == 3);
  CHECK(r.period_second == 34);
  CHECK(r.level_middle == 51.5);
  CHECK(r.level_overbought == 81.0);
  CHECK(r.level_oversold == 19.25);
  CHECK(r.cross_lookback == 2);
  CHECK(r.cross_filter);
  CHECK(r.trend_rule == TrendRule::Monotone);
  CHECK(r.once_per == OncePer::None);
  CHECK(r.hysteresis == 0.5);
  CHECK(r.cooldown == std::chrono::seconds{90});
  CHECK(r.repeat_every == std::chrono::hours{1});
  CHECK(r.first_load_kinds == (set_of(Kind::Buy) | set_of(Kind::PhaseDown)));
  CHECK(r.first_load_sinks == std::vector<std::string>{"file"});
  CHECK_FALSE(r.auto_enabled);
  CHECK(r.auto_mode == AutoMode::Scan);
  CHECK(r.auto_every == std::chrono::minutes{15});
  CHECK(r.auto_kinds == set_of(Kind::Oversold));
  CHECK(c.engine.shards == 4);
  CHECK(c.engine.grace == std::chrono::milliseconds{1500});
  CHECK(c.engine.silence == std::chrono::seconds{30});
  CHECK(c.state.dir == "/var/lib/fastrsi");
  CHECK(c.socket.path == "/run/fastrsi.sock");
  CHECK(c.socket.mode == 0660);
  REQUIRE(c.socket.consumers.size() == 1);
  CHECK(c.socket.consumers[0].name == "desk");
  CHECK(c.socket.consumers[0].token_sha256 == std::string(64, 'a'));
  CHECK(c.socket.consumers[0].expires == std::chrono::year_month_day{std::chrono::year{2027},
                                                                     std::chrono::month{1},
                                                                     std::chrono::day{31}});
  REQUIRE(c.sinks.size() == 1);
  CHECK(c.sinks[0].type == "log");
  CHECK(c.sinks[0].name == "file");
  CHECK(c.sinks[0].format == "json");
  CHECK(c.sinks[0].path == "signals \"1\".ndjson");
  CHECK(c.sinks[0].kinds == set_of(Kind::Sell));
  CHECK(c.sinks[0].stages == std::vector<Stage>{Stage::Retracted, Stage::Confirmed});
}

TEST_CASE("config: a look-back out of range is clamped with a warning", "[config]") {
  for (const auto& [written, taken] : {std::pair{"-7", 1}, {"0", 1}, {"3", 2}, {"99", 2}}) {
    const ConfigResult result =
        parse_config(std::string("[[rule]]\ncross.lookback = ") + written, "t");
    CHECK(result.errors.empty());
    CHECK(result.warnings.size() == 1);
    CHECK(result.config.rules[0].cross_lookback == taken);
  }
}

TEST_CASE("config: the order of a level's borders is inclusive where the rules allow it",
          "[config]") {
  CHECK(check("[[rule]]\nlevels = { oversold = 30, middle = 30, overbought = 70 }").empty());
  CHECK(check("[[rule]]\nlevels = { oversold = 30, middle = 70, overbought = 70 }").empty());
  CHECK(check("[[rule]]\nlevels = { oversold = 0, middle = 50, overbought = 100 }").empty());
  CHECK_FALSE(check("[[rule]]\nlevels = { oversold = 50, overbought = 50 }").empty());
}

TEST_CASE("config: bounds are inside, their neighbours outside", "[config]") {
  for (const std::string good :
       {"[[rule]]\nrsi.default = 2", "[[rule]]\nrsi.default = 1000", "[[rule]]\nwarmup_bars = 15",
        "[engine]\ngrace = \"1m\"", "[engine]\ngrace = \"0s\"", "[engine]\nshards = 256",
        "[engine]\nsilence = \"1ns\"", "[[rule]]\nedge.hysteresis = 100"}) {
    CHECK(check(good).empty());
  }
  for (const std::string bad :
       {"[[rule]]\nrsi.default = 1", "[[rule]]\nrsi.default = 1001", "[[rule]]\nwarmup_bars = 14",
        "[engine]\ngrace = \"60001ms\"", "[engine]\nshards = 257", "[engine]\nsilence = \"0ns\"",
        "[[rule]]\nedge.hysteresis = 100.1"}) {
    CHECK_FALSE(check(bad).empty());
  }
}

TEST_CASE("config: a list of symbols keeps names as they are and drops what is not part of them",
          "[config]") {
  const ConfigResult result = read_config((kData / "good" / "lists-and-dots.toml").string());
  REQUIRE(result.config.feeds.size() == 1);
  const FeedSettings& feed = result.config.feeds[0];
  CHECK(feed.symbols ==
        std::vector<std::string>{"BTCUSDT", "ETHUSDT", "شاخص کل (هم وزن)6", "می\u200Cنام", "C#1"});
  CHECK(fs::path(feed.symbols_file).is_absolute());
  const Config again = parsed(dump_config(result.config));
  CHECK(config_differences(result.config, again).empty());
}

TEST_CASE("config: a dump shows a proxy without its password, and another one is a difference",
          "[config]") {
  const auto with_proxy = [](const std::string& proxy) {
    return parsed("[[feed]]\nvenue = \"binance\"\nsymbols = [\"BTCUSDT\"]\nproxy = \"" + proxy +
                  "\"\n");
  };
  for (const std::string good :
       {"", "http://proxy.test:3128", "socks5h://[::1]:1080", "socks5://proxy.test:1"}) {
    CHECK(dump_config(with_proxy(good)).find("proxy = \"" + good + "\"") != std::string::npos);
  }
  const Config one = with_proxy("http://me:pass%20word@proxy.test:3128");
  const Config other = with_proxy("http://me:pass%21word@proxy.test:3128");
  const std::string dump = dump_config(one);
  CHECK(dump.find("proxy = \"http://me:a-secret-mark-") != std::string::npos);
  CHECK(dump.find("@proxy.test:3128\"") != std::string::npos);
  CHECK(dump.find("word") == std::string::npos);
  for (const std::string token : {"token", "token:"}) {
    const std::string shown = dump_config(with_proxy("http://" + token + "@proxy.test:3128"));
    CHECK(shown.find("token") == std::string::npos);
  }
  parsed(dump);
  CHECK(config_differences(one, other).size() == 1);
  CHECK(config_differences(one, one).empty());
}

TEST_CASE("config: what is no readable file is one clear error", "[config]") {
  const fs::path folder = fs::temp_directory_path() / "fastrsi_config_test";
  fs::create_directories(folder);
  const auto only_error = [](const fs::path& path) {
    const ConfigResult result = read_config(path.string());
    REQUIRE(result.errors.size() == 1);
    CHECK(result.errors[0].line == 0);
    return result.errors[0].message;
  };
  CHECK(only_error(folder / "missing.toml") == "does not exist");
  CHECK(only_error(folder / "missing" / "missing.toml") == "does not exist");
  CHECK(only_error(folder) == "is a directory, not a file");
  const fs::path large = folder / "large.toml";
  std::ofstream(large) << std::string(kConfigBytesMax, '\n');
  CHECK(read_config(large.string()).errors.empty());
  std::ofstream(large, std::ios::app) << '\n';
  CHECK(only_error(large) == "is larger than 1024 KiB");
  fs::remove_all(folder);
}

TEST_CASE("config: at most a hundred errors are shown, and the rest counted", "[config]") {
  std::string text = "[engine]\n";
  for (int i = 0; i < 250; ++i) text += "key" + std::to_string(i) + " = 1\n";
  const ConfigResult result = parse_config(text, "t");
  REQUIRE(result.errors.size() == kConfigErrorsMax + 1);
  CHECK(result.errors.back().message == "and 150 more errors");
}

TEST_CASE("config: a file of nothing but entries is refused at the limit", "[config]") {
  std::string text;
  for (int i = 0; i < 40'000; ++i) text += "[[feed]]\nvenue=\"okx\"\n";
  const ConfigResult result = parse_config(text, "t");
  CHECK(result.config.feeds.size() == kConfigEntriesMax);
  CHECK_THAT(to_text(result), ContainsSubstring("and 156 more errors"));
}

TEST_CASE("config: nesting that would end the stack is refused", "[config]") {
  std::string dotted = "a";
  for (int i = 0; i < 500'000; ++i) dotted += ".a";
  CHECK_THAT(check(dotted + " = 1"), ContainsSubstring("nested too deeply"));
  CHECK_THAT(check("a = " + std::string(500'000, '[')), ContainsSubstring("nested too deeply"));
  std::string mixed;
  for (int i = 0; i < 20'000; ++i) mixed += "a.a.a.a.a.a.a.a = { ";
  CHECK_THAT(check(mixed), ContainsSubstring("nested too deeply"));
  const std::string dots(300, '.');
  CHECK(check("# " + dots + "\n[state]\ndir = \"" + dots + "[[[[[[[[[[[[[[[[[[\"").empty());
}

TEST_CASE("config: differences name each key that changed, and the number of entries", "[config]") {
  const Config before = parsed("[engine]\ngrace = \"250ms\"\n[[rule]]\nrsi.default = 14\n");
  const Config after =
      parsed("[engine]\ngrace = \"1s\"\n[[rule]]\nrsi.default = 9\n[[rule]]\nname = \"second\"\n");
  CHECK(config_differences(before, before).empty());
  CHECK(config_differences(before, after) ==
        std::vector<std::string>{"rule: 1 -> 2 entries", "rule[0].rsi.default: 14 -> 9",
                                 "engine.grace: \"250ms\" -> \"1s\""});
}

}  // namespace fastrsi
