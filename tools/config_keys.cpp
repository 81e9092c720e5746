// THE table: every key of the configuration, its field, its help and what it may be. Reading,
// checking, the default file, the dump and the documentation follow from it; a new key is a row
// here and a field in the settings.
#include "tools/config_keys.hpp"

#include <fmt/format.h>

#include <type_traits>

#include "tools/config_codec.hpp"
#include "tools/config_proxy_codec.hpp"
#include "tools/config_values.hpp"

namespace fastrsi {
namespace {

template <class Settings, class ConfigRef>
auto& entry_of(ConfigRef& config, std::size_t index) {
  if constexpr (std::is_same_v<Settings, FeedSettings>) return config.feeds[index];
  if constexpr (std::is_same_v<Settings, RuleSettings>) return config.rules[index];
  if constexpr (std::is_same_v<Settings, EngineSettings>) return config.engine;
  if constexpr (std::is_same_v<Settings, StateSettings>) return config.state;
  if constexpr (std::is_same_v<Settings, TapSettings>) return config.capture;
  if constexpr (std::is_same_v<Settings, AlertSettings>) return config.alert;
  if constexpr (std::is_same_v<Settings, SocketSettings>) return config.socket;
  if constexpr (std::is_same_v<Settings, SocketConsumer>) return config.socket.consumers[index];
  if constexpr (std::is_same_v<Settings, SinkSettings>) return config.sinks[index];
}

template <class Settings>
constexpr Section section_of() {
  if constexpr (std::is_same_v<Settings, FeedSettings>) return Section::Feed;
  if constexpr (std::is_same_v<Settings, RuleSettings>) return Section::Rule;
  if constexpr (std::is_same_v<Settings, EngineSettings>) return Section::Engine;
  if constexpr (std::is_same_v<Settings, StateSettings>) return Section::State;
  if constexpr (std::is_same_v<Settings, TapSettings>) return Section::Capture;
  if constexpr (std::is_same_v<Settings, AlertSettings>) return Section::Alert;
  if constexpr (std::is_same_v<Settings, SocketSettings>) return Section::Socket;
  if constexpr (std::is_same_v<Settings, SocketConsumer>) return Section::Consumer;
  if constexpr (std::is_same_v<Settings, SinkSettings>) return Section::Sink;
}

bool always(const Config&, std::size_t) {
  return true;
}

// A row: `field` gives the reference of the key's field in its settings.
template <class Settings, class Field, class Codec>
KeyRow row(std::string_view name, Field Settings::*field, Codec codec, std::string_view help) {
  return {section_of<Settings>(),
          name,
          help,
          codec.allowed(),
          [field, codec](const TomlNode& node, const ValueReader& reader, Config& config,
                         std::size_t index) {
            auto value = codec.read(node, reader);
            if (value) {
              entry_of<Settings>(config, index).*field = static_cast<Field>(std::move(*value));
            }
          },
          [field, codec](const Config& config, std::size_t index) {
            return codec.write(entry_of<Settings>(config, index).*field);
          },
          always};
}

template <class Field, class Codec>
KeyRow calendar_row(std::string_view name, Field CalendarSettings::*field, Codec codec,
                    std::string_view help) {
  return {Section::Feed,
          name,
          help,
          codec.allowed(),
          [field, codec](const TomlNode& node, const ValueReader& reader, Config& config,
                         std::size_t index) {
            auto value = codec.read(node, reader);
            if (value) config.feeds[index].calendar.*field = std::move(*value);
          },
          [field, codec](const Config& config, std::size_t index) {
            return codec.write(config.feeds[index].calendar.*field);
          },
          always};
}

template <class Field, class Codec>
KeyRow generic_row(std::string_view name, Field GenericSettings::*field, Codec codec,
                   std::string_view help) {
  return {Section::Feed,
          name,
          help,
          codec.allowed(),
          [field, codec](const TomlNode& node, const ValueReader& reader, Config& config,
                         std::size_t index) {
            auto value = codec.read(node, reader);
            if (value) config.feeds[index].generic.*field = std::move(*value);
          },
          [field, codec](const Config& config, std::size_t index) {
            return codec.write(config.feeds[index].generic.*field);
          },
          [](const Config& config, std::size_t index) {
            return config.feeds[index].venue == kGenericVenue;
          }};
}

KeyRow only_if(KeyRow key, bool (*applies)(const FeedSettings&)) {
  key.applies = [applies](const Config& config, std::size_t index) {
    return applies(config.feeds[index]);
  };
  return key;
}

std::vector<Word<Timeframe>> timeframe_words() {
  std::vector<Word<Timeframe>> words;
  for (std::size_t i = 0; i < kTimeframeCount; ++i) {
    const auto timeframe = static_cast<Timeframe>(i);
    words.push_back({to_text(timeframe), timeframe});
  }
  return words;
}

constexpr Nanoseconds kLongest = Nanoseconds::max();
constexpr DurationCodec kAnyDuration{Nanoseconds{0}, kLongest};
constexpr DurationCodec kAboveZero{Nanoseconds{1}, kLongest};
constexpr WholeCodec kPeriod{kPeriodMin, kPeriodMax};
constexpr NumberCodec kRsiPoints{0.0, 100.0};
constexpr double kWarmupBarsMax = 1'000'000.0;
constexpr double kSpeedLeast = 0.001;
constexpr double kSpeedMost = 1'000'000.0;

void add_feed_keys(std::vector<KeyRow>& keys) {
  using S = FeedSettings;
  keys.push_back(row("venue", &S::venue, TextWordCodec{known_venues()},
                     "The market of the exchange; every feed must say it."));
  keys.push_back(only_if(row("stream", &S::stream, TextWordCodec{{"trade", "aggTrade"}},
                             "Which of Binance's two streams of the same trades counts."),
                         [](const S& feed) { return feed.venue.starts_with("binance"); }));
  keys.push_back(
      only_if(row("symbols", &S::symbols,
                  TextListCodec{"a list of the venue's own symbol names", check_symbol, true},
                  "The watch list. None: every symbol that the feed shows."),
              [](const S& feed) { return feed.symbols_file.empty(); }));
  keys.push_back(row("symbols_file", &S::symbols_file,
                     TextCodec{"a file name, taken from the configuration's own folder", check_any},
                     "The watch list as a file in place of `symbols`: UTF-8, one symbol a line, "
                     "# begins a comment."));
  keys.push_back(row("url", &S::url,
                     TextCodec{"\"\", ws://HOST..., wss://HOST... or file:A.zst,B.zst", check_url},
                     "Where to connect. Empty: the venue's own address. file: runs the service "
                     "from captures."));
  keys.push_back(row("speed", &S::speed,
                     WordOrNumberCodec{"max", kSpeedMax, kSpeedLeast, kSpeedMost, false},
                     "How many times faster than real a file: url is played."));
  keys.push_back(calendar_row("calendar.zone", &CalendarSettings::zone,
                              TextCodec{"an IANA time zone", check_zone},
                              "Bars are counted from local midnight of this zone."));
  keys.push_back(calendar_row("calendar.day_start", &CalendarSettings::day_start, ClockCodec{},
                              "When 1d, 1w and 1mo bars begin, local time."));
  keys.push_back(row("backfill", &S::backfill, FlagCodec{},
                     "Ask the venue for closed bars at start and after a gap."));
  keys.push_back(row("rest_url", &S::rest_url, TextCodec{"http://HOST or https://HOST", check_any},
                     "Where to ask for them. Empty: the venue's own address; with a `url` of your "
                     "own, nobody."));
  keys.push_back(row("history_dir", &S::history_dir, TextCodec{"a folder", check_any},
                     "CSV files to warm up from, of bars or trades: SYMBOL.csv, "
                     "SYMBOL-1h-2024.csv.gz."));
  keys.push_back(row("twin", &S::twin, FlagCodec{},
                     "Two connections for every symbol: whichever brings a trade first wins."));
  keys.push_back(row("proxy", &S::proxy, ProxyCodec{},
                     "Connect through it; user:password@ may stand before the host."));
  keys.push_back(row("ca_file", &S::ca_file, TextCodec{"a file name, PEM", check_any},
                     "Certificates to trust in place of the system's."));
  keys.push_back(row("pin", &S::pin, TextCodec{"SHA-256 in base64", check_any},
                     "The server's public key must have this digest, as curl's --pinnedpubkey has "
                     "it."));
}

void add_generic_keys(std::vector<KeyRow>& keys) {
  using S = GenericSettings;
  const TextCodec path{"a path such as \"data.trades[].p\" or \"[2][0]\"", check_path};
  const TextListCodec texts{"a list of texts", check_any, true};
  keys.push_back(generic_row("generic.trades", &S::trades, path,
                             "Venue generic: where a frame has its trades, one or a list. Empty: "
                             "the frame itself."));
  keys.push_back(generic_row("generic.symbol", &S::symbol, path,
                             "Where a trade has its symbol; a path that begins with $ starts at "
                             "the frame's root."));
  keys.push_back(generic_row("generic.constant_symbol", &S::constant_symbol,
                             TextCodec{"\"\" or a symbol", check_any},
                             "The symbol of all trades, in place of a path."));
  keys.push_back(generic_row("generic.price", &S::price, path, "Where a trade has its price."));
  keys.push_back(generic_row("generic.quantity", &S::quantity, path,
                             "Where a trade has its quantity. Empty: it has none."));
  keys.push_back(generic_row("generic.id", &S::id, path,
                             "Where a trade has its id. Empty: it has none, and repeats are not "
                             "noticed."));
  keys.push_back(generic_row("generic.id_rises", &S::id_rises, FlagCodec{},
                             "Whether ids rise by one for each symbol, so that gaps are noticed."));
  keys.push_back(generic_row("generic.time", &S::time, path,
                             "Where a trade has its time. Empty: the time it was received."));
  keys.push_back(generic_row("generic.time_unit", &S::time_unit,
                             WordCodec<TimeUnit>{{{"s", TimeUnit::Second},
                                                  {"ms", TimeUnit::Millisecond},
                                                  {"us", TimeUnit::Microsecond},
                                                  {"ns", TimeUnit::Nanosecond},
                                                  {"iso", TimeUnit::Iso}}},
                             "What the time counts since 1970, or iso: a date and a time."));
  keys.push_back(generic_row("generic.subscribe", &S::subscribe, texts,
                             "Sent after connecting, with {symbol}, or {symbols} as \"A\",\"B\", "
                             "and {id} put in. A text without symbols is sent once."));
  keys.push_back(generic_row("generic.unsubscribe", &S::unsubscribe, texts,
                             "Sent when a symbol leaves the watch list, likewise."));
  keys.push_back(generic_row("generic.ping", &S::ping, TextCodec{"\"\" or a text", check_any},
                             "Sent at intervals. Empty: nothing is."));
  keys.push_back(
      generic_row("generic.ping_every", &S::ping_every, kAboveZero, "The interval of the pings."));
}

void add_rule_keys(std::vector<KeyRow>& keys) {
  using S = RuleSettings;
  keys.push_back(row("name", &S::name, TextCodec{"1 to 64 of: A-Z a-z 0-9 _ . -", check_name},
                     "Begins the id of every signal; each rule has its own."));
  keys.push_back(row("symbols", &S::symbols,
                     TextListCodec{"a list of globs over venue:symbol", check_glob, false},
                     "For which symbols."));
  keys.push_back(row("timeframes", &S::timeframes, WordListCodec<Timeframe>{{timeframe_words()}},
                     "On which timeframes."));
  keys.push_back(
      row("evaluate", &S::evaluate,
          WordCodec<Evaluate>{{{"forming", Evaluate::Forming}, {"close", Evaluate::Close}}},
          "After every tick on the forming bar, or once on the closed one."));
  keys.push_back(row("apply_to", &S::apply_to,
                     WordCodec<ApplyTo>{{{"close", ApplyTo::Close},
                                         {"open", ApplyTo::Open},
                                         {"high", ApplyTo::High},
                                         {"low", ApplyTo::Low},
                                         {"median", ApplyTo::Median},
                                         {"typical", ApplyTo::Typical},
                                         {"weighted", ApplyTo::Weighted}}},
                     "The price that the RSI reads."));
  keys.push_back(row("profile", &S::profile,
                     WordCodec<Profile>{{{"mt5", Profile::Mt5},
                                         {"tradingview", Profile::TradingView},
                                         {"talib", Profile::TaLib}}},
                     "The RSI of a flat series: 50, 100 or 0."));
  keys.push_back(row("warmup_bars", &S::warmup_bars,
                     WordOrNumberCodec{"auto", kWarmupAuto, kPeriodMin + 1, kWarmupBarsMax, true},
                     "Closed bars before the first signal, at least the largest period + 1. "
                     "auto: until the seed weighs less than 0.0001."));
  keys.push_back(row("empty_bars", &S::empty_bars,
                     WordCodec<EmptyBars>{{{"skip", EmptyBars::Skip}, {"carry", EmptyBars::Carry}}},
                     "A bar without ticks does not exist, or repeats the last close."));
  keys.push_back(row("rsi.default", &S::period_default, kPeriod,
                     "D: the period that levels, trends and phases read."));
  keys.push_back(row("rsi.first", &S::period_first, kPeriod,
                     "F: the period of the fast line of buy and sell."));
  keys.push_back(row("rsi.second", &S::period_second, kPeriod,
                     "S: the period of the slow line of buy and sell."));
  keys.push_back(row("levels.middle", &S::level_middle, kRsiPoints,
                     "The line that phase_up and phase_down cross."));
  keys.push_back(
      row("levels.overbought", &S::level_overbought, kRsiPoints, "overbought is true above it."));
  keys.push_back(
      row("levels.oversold", &S::level_oversold, kRsiPoints, "oversold is true below it."));
  keys.push_back(row("cross.lookback", &S::cross_lookback, ClampedCodec{1, 2},
                     "Bars back to where the lines must have stood the other way."));
  keys.push_back(row("cross.filter", &S::cross_filter, FlagCodec{},
                     "Buy only when also oversold, sell only when also overbought."));
  keys.push_back(row("trend.rule", &S::trend_rule,
                     WordCodec<TrendRule>{{{"two_back", TrendRule::TwoBack},
                                           {"both", TrendRule::Both},
                                           {"monotone", TrendRule::Monotone}}},
                     "Rising and falling: against two bars back, both bars, or in strict order."));
}

void add_sending_keys(std::vector<KeyRow>& keys) {
  using S = RuleSettings;
  keys.push_back(row("edge.once_per", &S::once_per,
                     WordCodec<OncePer>{{{"bar", OncePer::Bar}, {"none", OncePer::None}}},
                     "At most one firing of a kind per bar, or as many as there are."));
  keys.push_back(row("edge.hysteresis", &S::hysteresis, kRsiPoints,
                     "RSI points to go back before a condition ends."));
  keys.push_back(row("edge.cooldown", &S::cooldown, kAnyDuration,
                     "Exchange time between two firings of a kind, at least."));
  keys.push_back(row("edge.repeat_every", &S::repeat_every, kAnyDuration,
                     "Fire again after this long while the condition holds. 0s: never."));
  keys.push_back(row("first_load.kinds", &S::first_load_kinds, KindsCodec{},
                     "Kinds listed once after warm-up: for which symbols they are true then."));
  keys.push_back(row("first_load.sinks", &S::first_load_sinks,
                     TextListCodec{"a list of names of sinks", check_name, true},
                     "The sinks that get these lists."));
  keys.push_back(row("auto.enabled", &S::auto_enabled, FlagCodec{}, "Send signals by themselves."));
  keys.push_back(row("auto.mode", &S::auto_mode,
                     WordCodec<AutoMode>{{{"edge", AutoMode::Edge}, {"scan", AutoMode::Scan}}},
                     "Each firing, or a list of all that is true at intervals."));
  keys.push_back(
      row("auto.every", &S::auto_every, kAboveZero, "The interval of the lists of mode scan."));
  keys.push_back(
      row("auto.kinds", &S::auto_kinds, KindsCodec{}, "Kinds that are sent by themselves."));
}

void add_service_keys(std::vector<KeyRow>& keys) {
  const auto add = [&keys](const auto&... words) { keys.push_back(row(words...)); };
  add("shards", &EngineSettings::shards, WholeCodec{0, kShardsMax},
      "Threads, each with its own connections, graph and symbols. 0: one per core.");
  add("grace", &EngineSettings::grace, DurationCodec{Nanoseconds{0}, std::chrono::minutes{1}},
      "How long after its end a bar waits for a late trade.");
  add("silence", &EngineSettings::silence, kAboveZero,
      "After this long without a message venue time goes on with our clock.");
  add("dir", &StateSettings::dir, TextCodec{"a folder", check_any},
      "Folder of the journal. Empty: $STATE_DIRECTORY, else $XDG_STATE_HOME/fastrsi.");
  add("checkpoint_every", &StateSettings::checkpoint_every, kAboveZero,
      "How often the engine's state is saved; a restart goes on from there.");
  add("keep_age", &StateSettings::keep_age, kAboveZero,
      "Records older than this leave the journal, once every sink has had them.");
  add("keep_records", &StateSettings::keep_records, WholeCodec{1000, 1'000'000'000},
      "So do the oldest ones beyond this many.");
  add("ballast_mib", &StateSettings::ballast_mib, WholeCodec{0, 1024},
      "Disk space kept for the day the disk is full, in MiB.");
  add("dir", &TapSettings::dir, TextCodec{"a folder", check_any},
      "Folder for the captures of all connections. Empty: nothing is captured.");
  add("level", &TapSettings::level, WholeCodec{1, 19}, "How hard zstd packs.");
  add("file_mib", &TapSettings::file_mib, WholeCodec{1, 1'000'000},
      "A new file begins at this size, packed, in MiB.");
  add("file_time", &TapSettings::file_time, kAboveZero, "A new file begins after this long.");
  add("queue_mib", &TapSettings::queue_mib, WholeCodec{1, 2047},
      "Memory of each connection for lines on their way to the disk, in MiB.");
  add("keep_free_mib", &TapSettings::keep_free_mib, WholeCodec{0, 1'000'000'000},
      "Captures pause while the disk has less than this left, in MiB.");
  add("command", &AlertSettings::command, TextListCodec{"a program and its words", check_any, true},
      "Gets what has begun and what is over as one line of JSON. Empty: nobody is told.");
  add("every", &AlertSettings::every, kAboveZero, "At most one message in this time.");
  add("enabled", &SocketSettings::enabled, FlagCodec{}, "Whether there is a socket at all.");
  add("path", &SocketSettings::path, TextCodec{"a path of at most 107 bytes", check_socket},
      "Where the socket is. Empty: $XDG_RUNTIME_DIR/fastrsi.sock.");
  add("mode", &SocketSettings::mode, FileModeCodec{}, "Who may open the socket.");
  add("group", &SocketSettings::group, TextCodec{"a group of this system", check_any},
      "The group the socket belongs to, with mode \"0660\". Empty: our own.");
  add("users", &SocketSettings::users,
      TextListCodec{"a list of user names or numbers", check_any, true},
      "Who else may connect. We and root always may.");
  add("clients_max", &SocketSettings::clients_max, WholeCodec{1, 10'000}, "Connections at a time.");
  add("name", &SocketConsumer::name, TextCodec{"1 to 64 of: A-Z a-z 0-9 _ . -", check_name},
      "Every consumer must say it, each its own.");
  add("token_sha256", &SocketConsumer::token_sha256, TokenCodec{},
      "The SHA-256 of the consumer's token.");
  add("expires", &SocketConsumer::expires, DateCodec{},
      "The first day (UTC) on which the token no longer works.");
}

void add_sink_keys(std::vector<KeyRow>& keys) {
  using S = SinkSettings;
  keys.push_back(row("type", &S::type, TextWordCodec{built_sinks()}, "Where it takes signals to."));
  keys.push_back(row("name", &S::name, TextCodec{"1 to 64 of: A-Z a-z 0-9 _ . -", check_name},
                     "How others speak of it; each sink has its own."));
  const auto of_log = [](KeyRow key) {
    key.applies = [](const Config& config, std::size_t index) {
      return !is_delivery(config.sinks[index].type);
    };
    return key;
  };
  keys.push_back(of_log(row("format", &S::format, TextWordCodec{{"text", "json"}},
                            "Lines for people, or one JSON record a line.")));
  keys.push_back(
      of_log(row("path", &S::path, TextCodec{"\"-\", \"journald\" or a file name", check_log_path},
                 "What it writes to; - is standard output, journald the system's journal.")));
  keys.push_back(of_log(row("file_mib", &S::file_mib, WholeCodec{0, 1'000'000},
                            "A new file begins at this size, in MiB. 0: it grows for ever.")));
  keys.push_back(of_log(row("files_kept", &S::files_kept, WholeCodec{1, 10'000},
                            "Old files, PATH.1 the newest; older ones are removed.")));
  keys.push_back(row("kinds", &S::kinds, KindsCodec{}, "Kinds that it takes."));
  keys.push_back(row("stages", &S::stages,
                     WordListCodec<Stage>{{{{"provisional", Stage::Provisional},
                                            {"confirmed", Stage::Confirmed},
                                            {"retracted", Stage::Retracted}}}},
                     "Stages that it takes."));
}

}  // namespace

const std::vector<KeyRow>& config_keys() {
  static const std::vector<KeyRow> kKeys = [] {
    std::vector<KeyRow> keys;
    add_feed_keys(keys);
    add_generic_keys(keys);
    add_rule_keys(keys);
    add_sending_keys(keys);
    add_service_keys(keys);
    add_sink_keys(keys);
    add_delivery_keys(keys);
    return keys;
  }();
  return kKeys;
}

}  // namespace fastrsi
