// The configuration: one TOML file, every key with a default. One table (config_keys.cpp) knows the
// keys; reading, checking, the commented default file, the dump, the key reference and the "did you
// mean" are all made from it.
//
// Thread: any; nothing here keeps state.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/settings.hpp"
#include "feeds/feeds.hpp"
#include "tools/delivery_config.hpp"

namespace fastrsi {

// A larger file is refused unread: the largest real one, 4,096 symbols in a list, takes 60 KB.
inline constexpr std::size_t kConfigBytesMax = 1U << 20;
// Errors shown of one file; what is beyond is summed up in one last line.
inline constexpr std::size_t kConfigErrorsMax = 100;
// [[feed]]s, [[rule]]s, [[sink]]s and [[socket.consumer]]s of one file, of each kind.
inline constexpr std::size_t kConfigEntriesMax = 256;
// What a Unix socket's address holds (sockaddr_un, without the closing zero byte).
inline constexpr std::size_t kSocketPathBytesMax = 107;
inline constexpr std::size_t kSymbolBytesMax = 128;

// [state]
struct StateSettings {
  std::string dir;  // dir; empty: $STATE_DIRECTORY, else $XDG_STATE_HOME/fastrsi
  Nanoseconds checkpoint_every = std::chrono::seconds{10};  // checkpoint_every
  Nanoseconds keep_age = std::chrono::hours{30 * 24};       // keep_age
  int keep_records = 1'000'000;                             // keep_records
  int ballast_mib = 32;                                     // ballast_mib
};

// [capture]
struct TapSettings {
  std::string dir;                                // dir; empty: nothing is captured
  int level = 3;                                  // level
  int file_mib = 1024;                            // file_mib
  Nanoseconds file_time = std::chrono::hours{1};  // file_time
  int queue_mib = 8;                              // queue_mib
  int keep_free_mib = 1024;                       // keep_free_mib
};

// [alert]
struct AlertSettings {
  std::vector<std::string> command;             // command; empty: nobody is told
  Nanoseconds every = std::chrono::minutes{1};  // every
};

// [[socket.consumer]]
struct SocketConsumer {
  std::string name;          // name
  std::string token_sha256;  // token_sha256: 64 hex digits; empty: no log-in
  std::optional<std::chrono::year_month_day> expires;  // expires; none: never
};

// [socket]
struct SocketSettings {
  std::string path;                // path; empty: $XDG_RUNTIME_DIR/fastrsi.sock
  std::uint32_t mode = 0600;       // mode, octal
  std::string group;               // group; empty: our own
  std::vector<std::string> users;  // users: names or numbers
  int clients_max = 64;            // clients_max
  bool enabled = true;             // enabled
  std::vector<SocketConsumer> consumers;
};

// The whole file. A file that says nothing has one rule and one log sink.
struct Config {
  std::vector<FeedSettings> feeds;
  std::vector<RuleSettings> rules = {RuleSettings{}};
  EngineSettings engine;
  StateSettings state;
  TapSettings capture;
  AlertSettings alert;
  SocketSettings socket;
  std::vector<SinkConfig> sinks = {SinkConfig{}};
};

// Line and column count from 1, columns in characters; 0 where a file has no such place (it cannot
// be read).
struct ConfigError {
  std::string file;
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  std::string message;
  std::string hint;
};

// "file:line:column: message (hint)"
std::string to_text(const ConfigError& error);

// `config` is meant for use only when `errors` is empty. Both lists are sorted by position.
struct ConfigResult {
  Config config;
  std::vector<ConfigError> errors;
  std::vector<ConfigError> warnings;
};

// What `config check` prints: every error, then every warning, one a line. Empty when all is well.
std::string to_text(const ConfigResult& result);

// Reads and checks a file, and the symbol files it names.
ConfigResult read_config(const std::string& path);

// The same for a text; `name` stands in its errors, and symbol files are looked for beside it.
ConfigResult parse_config(std::string_view text, const std::string& name);

// The commented default file: every key once, with its default.
std::string default_config_text();

// The effective settings as TOML that reads back to the same settings.
std::string dump_config(const Config& config);

// One sink of it: two that say the same are the same.
std::string dump_sink(const SinkConfig& sink);

// Every key as a Markdown table a section: for the documentation.
std::string config_reference();

// What changed, one line a key ("engine.grace: 250ms -> 1s"); nothing when both say the same.
std::vector<std::string> config_differences(const Config& before, const Config& after);

}  // namespace fastrsi
