// The checks that look at more than one value. A value that was already refused takes no part: its
// default stands in its field and would only cause errors nobody wrote.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tools/config_checks.hpp"
#include "tools/config_codec.hpp"
#include "tools/config_file.hpp"
#include "tools/config_table.hpp"
#include "tools/config_values.hpp"
#include "tools/did_you_mean.hpp"

namespace fastrsi {
namespace {

class Check {
 public:
  Check(Config& config, const Origins& origins, Report& report)
      : config_(config), origins_(origins), report_(report) {}

  void run() {
    for (std::size_t i = 0; i < config_.feeds.size(); ++i) feed(i);
    overlaps();
    for (std::size_t i = 0; i < config_.feeds.size(); ++i) agreement(i);
    for (std::size_t i = 0; i < config_.rules.size(); ++i) rule(i);
    for (std::size_t i = 0; i < config_.socket.consumers.size(); ++i) consumer(i);
    names(Section::Rule, [&](std::size_t i) { return config_.rules[i].name; });
    names(Section::Consumer, [&](std::size_t i) { return config_.socket.consumers[i].name; });
    for (std::size_t i = 0; i < config_.sinks.size(); ++i) {
      check_delivery_sink(config_, i, origins_, report_);
    }
    names(Section::Sink, [&](std::size_t i) { return config_.sinks[i].name; });
    first_load_sinks();
  }

 private:
  using Keys = std::initializer_list<std::string_view>;

  bool is_set(Section section, std::size_t index, std::string_view key) const {
    return origins_.is_set(Origins::name_of(section, index, key));
  }
  bool are_good(Section section, std::size_t index, Keys keys) const {
    return std::all_of(keys.begin(), keys.end(), [&](std::string_view key) {
      return origins_.is_good(Origins::name_of(section, index, key));
    });
  }
  // At the first of `keys` the file sets. Nothing when one of them was refused.
  void error(Section section, std::size_t index, Keys keys, std::string message,
             std::string hint = {}) const {
    if (!are_good(section, index, keys)) return;
    report_.error(origins_.place(section, index, keys), std::move(message), std::move(hint));
  }
  void warning(Section section, std::size_t index, Keys keys, std::string message,
               std::string hint) const {
    report_.warning(origins_.place(section, index, keys), std::move(message), std::move(hint));
  }

  void feed(std::size_t i) {
    const FeedSettings& feed = config_.feeds[i];
    if (!is_set(Section::Feed, i, "venue")) {
      error(Section::Feed, i, {}, "feed.venue is missing", words_text(known_venues()));
    }
    if (is_set(Section::Feed, i, "stream") && !feed.venue.starts_with("binance") &&
        !feed.venue.empty()) {
      error(Section::Feed, i, {"stream", "venue"},
            fmt::format("feed.stream is for Binance only, not for {}", feed.venue), "leave it out");
    }
    if (feed.speed != kSpeedMax && !feed.url.starts_with("file:")) {
      error(Section::Feed, i, {"speed", "url"}, "feed.speed needs a feed that reads files",
            "url = \"file:A.zst\", or leave speed out");
    }
    if (has_password(feed.proxy) && others_can_read(report_.file())) {
      error(Section::Feed, i, {"proxy"},
            "feed.proxy has a password, in a file that others can read",
            "chmod 600 " + report_.file());
    }
    generic(i);
    check_history_dir(i);
    if (feed.symbols_file.empty()) return;
    if (is_set(Section::Feed, i, "symbols")) {
      error(Section::Feed, i, {"symbols_file"},
            "feed.symbols_file and feed.symbols cannot both be set", "keep one of them");
    } else {
      load_symbols(i);
    }
  }

  void generic(std::size_t i) const {
    const FeedSettings& feed = config_.feeds[i];
    if (feed.venue != kGenericVenue) {
      Config defaults;
      add_entry(defaults, Section::Feed);
      for (const KeyRow& key : config_keys()) {
        if (!key.name.starts_with("generic.") || !is_set(Section::Feed, i, key.name)) continue;
        if (feed.venue.empty() || key.write(config_, i) == key.write(defaults, 0)) continue;
        return error(
            Section::Feed, i, {key.name, "venue"},
            fmt::format("feed.{} is for the venue generic only, not for {}", key.name, feed.venue),
            "leave it out, or venue = \"generic\"");
      }
      return;
    }
    if (feed.url.empty() && are_good(Section::Feed, i, {"url"})) {
      warning(Section::Feed, i, {"venue"},
              "feed.url is not set: the venue generic has no address of its own",
              "url = \"wss://HOST...\"");
    }
    if (feed.generic.price.empty()) {
      error(Section::Feed, i, {"generic.price"}, "feed.generic.price is empty",
            "where a trade has its price, such as \"price\"");
    }
    if (feed.generic.symbol.empty() && feed.generic.constant_symbol.empty()) {
      error(Section::Feed, i, {"generic.symbol", "generic.constant_symbol"},
            "feed.generic.symbol is empty", "a path, or generic.constant_symbol = \"NAME\"");
    }
    if (feed.generic.id_rises && feed.generic.id.empty()) {
      error(Section::Feed, i, {"generic.id_rises", "generic.id"},
            "feed.generic.id_rises needs feed.generic.id", "where a trade has its id");
    }
  }

  void check_history_dir(std::size_t i) {
    if (!are_good(Section::Feed, i, {"history_dir"})) return;
    std::string& dir = config_.feeds[i].history_dir;
    if (dir.empty()) return;
    const std::string written = dir;
    std::error_code ignored;
    const auto path = std::filesystem::path(report_.file()).parent_path() / written;
    dir = std::filesystem::absolute(path, ignored).lexically_normal().string();
    if (std::filesystem::is_directory(path, ignored)) return;
    error(Section::Feed, i, {"history_dir"},
          fmt::format("feed.history_dir: {} is no folder", shown(written)),
          "it is looked for beside the configuration");
  }

  // The path becomes absolute, so that a dump reads back the same from any folder.
  void load_symbols(std::size_t i) {
    if (!are_good(Section::Feed, i, {"symbols_file"})) return;
    FeedSettings& feed = config_.feeds[i];
    const std::string written = feed.symbols_file;
    const auto path = std::filesystem::path(report_.file()).parent_path() / written;
    std::error_code ignored;
    const auto absolute = std::filesystem::absolute(path, ignored).lexically_normal();
    if (!ignored) feed.symbols_file = absolute.string();
    if (std::filesystem::exists(path, ignored) &&
        !std::filesystem::is_regular_file(path, ignored)) {
      error(Section::Feed, i, {"symbols_file"},
            fmt::format("feed.symbols_file: {} is not a regular file", shown(written)));
      return;
    }
    const TextFile file = read_text_file(path.string(), kConfigBytesMax);
    if (!file.fault.empty()) {
      error(Section::Feed, i, {"symbols_file"},
            fmt::format("feed.symbols_file: {} {}", shown(written), file.fault),
            "it is looked for beside the configuration");
      return;
    }
    SymbolFile list = parse_symbol_file(file.text, path.string());
    feed.symbols = std::move(list.symbols);
    for (ConfigError& fault : list.errors) report_.add(std::move(fault));
    for (ConfigError& fault : list.warnings) report_.add_warning(std::move(fault));
  }

  // What the feeds so far take of one venue.
  struct Taken {
    std::map<std::string_view, std::size_t> symbols;  // and by which feed
    std::vector<std::size_t> all;                     // feeds that take every symbol
    std::vector<std::size_t> feeds;
  };

  // One symbol of one venue comes from one feed: two would count each trade twice.
  void overlaps() const {
    std::map<std::string_view, Taken> venues;
    for (std::size_t i = 0; i < config_.feeds.size(); ++i) {
      const FeedSettings& feed = config_.feeds[i];
      if (feed.venue.empty() || !lists_known(i)) continue;
      Taken& taken = venues[feed.venue];
      if (feed.symbols.empty()) taken.all.push_back(i);
      if (!taken.all.empty() && !taken.feeds.empty()) {
        error(Section::Feed, i, {"venue"},
              fmt::format("two feeds of {} overlap: the one in line {} takes every symbol",
                          feed.venue, line_of(taken.all.front())),
              "give each feed its own symbols");
      }
      taken.feeds.push_back(i);
      for (std::size_t s = 0; s < feed.symbols.size(); ++s) {
        const auto [other, is_new] = taken.symbols.emplace(feed.symbols[s], i);
        if (is_new) continue;
        error(Section::Feed, i, {fmt::format("symbols[{}]", s), "symbols_file"},
              fmt::format("two feeds of {} both take {}, the other stands in line {}", feed.venue,
                          shown(feed.symbols[s]), line_of(other->second)),
              "one feed a symbol");
      }
    }
  }

  // Feeds of one venue go over the same connections and through the same parser.
  void agreement(std::size_t i) const {
    const FeedSettings& feed = config_.feeds[i];
    const auto first =
        std::find_if(config_.feeds.begin(), config_.feeds.end(),
                     [&feed](const FeedSettings& other) { return other.venue == feed.venue; });
    const auto other = static_cast<std::size_t>(first - config_.feeds.begin());
    if (feed.venue.empty() || other == i || !are_good(Section::Feed, other, {"venue"})) return;
    for (const KeyRow& key : config_keys()) {
      if (key.section != Section::Feed || is_of_one_feed(key.name, feed, *first)) continue;
      if (!key.applies(config_, i) || !are_good(Section::Feed, other, {key.name})) continue;
      if (key.write(config_, i) == key.write(config_, other)) continue;
      error(Section::Feed, i, {key.name},
            fmt::format("two feeds of {} differ in {}, the other stands in line {}", feed.venue,
                        key.name, line_of(other)),
            "what is of one venue goes one way: set it the same in each");
    }
  }
  static bool is_of_one_feed(std::string_view key, const FeedSettings& a, const FeedSettings& b) {
    const bool are_files = a.url.starts_with("file:") && b.url.starts_with("file:");
    return key == "symbols" || key == "symbols_file" || (key == "url" && are_files);
  }

  std::uint32_t line_of(std::size_t feed) const {
    return origins_.place(Section::Feed, feed, {}).line;
  }

  bool lists_known(std::size_t i) const {
    return are_good(Section::Feed, i, {"venue", "symbols", "symbols_file"}) &&
           config_.feeds[i].symbols_file.empty() == !is_set(Section::Feed, i, "symbols_file");
  }

  void rule(std::size_t i) const {
    periods(i);
    levels(i);
    for (std::size_t g = 0; g < config_.rules[i].symbols.size(); ++g) glob(i, g);
  }

  void periods(std::size_t i) const {
    const RuleSettings& rule = config_.rules[i];
    if (rule.period_first == rule.period_second) {
      error(Section::Rule, i, {"rsi.second", "rsi.first"},
            fmt::format("rule.rsi.first and rule.rsi.second are both {}: the lines can never cross",
                        rule.period_first),
            "give them different periods");
    }
    const int largest = std::max({rule.period_default, rule.period_first, rule.period_second});
    if (rule.warmup_bars != kWarmupAuto && rule.warmup_bars <= largest &&
        are_good(Section::Rule, i, {"rsi.default", "rsi.first", "rsi.second"})) {
      error(Section::Rule, i, {"warmup_bars"},
            fmt::format("rule.warmup_bars is {}, but the period {} needs at least {}",
                        rule.warmup_bars, largest, largest + 1),
            "\"auto\" finds the number by itself");
    }
  }

  void levels(std::size_t i) const {
    const RuleSettings& rule = config_.rules[i];
    if (rule.level_oversold >= rule.level_overbought) {
      error(Section::Rule, i, {"levels.oversold", "levels.overbought"},
            fmt::format("rule.levels.oversold ({}) must lie below rule.levels.overbought ({})",
                        rule.level_oversold, rule.level_overbought));
      return;
    }
    if (rule.level_middle < rule.level_oversold || rule.level_middle > rule.level_overbought) {
      error(Section::Rule, i, {"levels.middle", "levels.oversold", "levels.overbought"},
            fmt::format("rule.levels.middle ({}) must lie from oversold ({}) to overbought ({})",
                        rule.level_middle, rule.level_oversold, rule.level_overbought));
    }
  }

  // A glob is matched with the whole "venue:symbol".
  void glob(std::size_t i, std::size_t g) const {
    const std::string& glob = config_.rules[i].symbols[g];
    const std::string place = fmt::format("symbols[{}]", g);
    const std::size_t colon = glob.find(':');
    const std::string_view venue = std::string_view(glob).substr(0, colon);
    if (venue.find_first_of("*?[\\") != std::string_view::npos) return;
    const auto& venues = known_venues();
    if (colon == std::string::npos) {
      warning(Section::Rule, i, {place},
              fmt::format("rule.symbols: {} matches nothing, it names no venue", shown(glob)),
              "symbols are matched as venue:symbol, write " + shown("*:" + glob));
    } else if (std::find(venues.begin(), venues.end(), venue) == venues.end()) {
      warning(Section::Rule, i, {place},
              fmt::format("rule.symbols: {} matches nothing, there is no venue {}", shown(glob),
                          shown(venue)),
              word_hint(venue, venues));
    }
  }

  void consumer(std::size_t i) const {
    const SocketConsumer& consumer = config_.socket.consumers[i];
    if (!is_set(Section::Consumer, i, "name")) {
      error(Section::Consumer, i, {}, "socket.consumer.name is missing");
    }
    if (consumer.token_sha256.empty() && are_good(Section::Consumer, i, {"token_sha256"})) {
      warning(Section::Consumer, i, {"token_sha256"},
              "socket.consumer.token_sha256 is not set: this consumer cannot log in",
              "printf %s TOKEN | sha256sum");
    }
  }

  template <class NameOf>
  void names(Section section, NameOf name_of) const {
    std::map<std::string, std::size_t> first;
    for (std::size_t i = 0; i < entry_count(config_, section); ++i) {
      const std::string name = name_of(i);
      if (name.empty() || !are_good(section, i, {"name"})) continue;
      const auto [other, is_new] = first.emplace(name, i);
      if (is_new) continue;
      error(section, i, {"name"},
            fmt::format("{}.name: {} is taken by the one in line {}", section_row(section).name,
                        shown(name), origins_.place(section, other->second, {}).line),
            "each has its own name");
    }
  }

  void first_load_sinks() {
    std::vector<std::string_view> names;
    for (const SinkSettings& sink : config_.sinks) names.push_back(sink.name);
    const auto exists = [&](const std::string& name) {
      return std::find(names.begin(), names.end(), name) != names.end();
    };
    for (std::size_t i = 0; i < config_.rules.size(); ++i) {
      std::vector<std::string>& chosen = config_.rules[i].first_load_sinks;
      if (std::all_of(chosen.begin(), chosen.end(), exists)) continue;
      if (is_set(Section::Rule, i, "first_load.sinks")) {
        unknown_sinks(i, names, exists);
      } else {
        // The default names a sink that this file does without.
        chosen.clear();
        warning(Section::Rule, i, {},
                "first-load lists go nowhere: there is no sink \"log\", their default",
                "name the sinks in first_load.sinks");
      }
    }
  }

  template <class Exists>
  void unknown_sinks(std::size_t i, const std::vector<std::string_view>& names,
                     Exists exists) const {
    const std::vector<std::string>& chosen = config_.rules[i].first_load_sinks;
    for (std::size_t s = 0; s < chosen.size(); ++s) {
      if (exists(chosen[s])) continue;
      error(Section::Rule, i, {fmt::format("first_load.sinks[{}]", s)},
            fmt::format("rule.first_load.sinks: there is no sink {}", shown(chosen[s])),
            names.empty() ? "this file has no sinks" : word_hint(chosen[s], names));
    }
  }

  Config& config_;
  const Origins& origins_;
  Report& report_;
};

}  // namespace

void check_config(Config& config, const Origins& origins, Report& report) {
  Check(config, origins, report).run();
}

}  // namespace fastrsi
