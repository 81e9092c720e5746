// The shape of THE table: one row a key, one line a section, and what reading a file reports.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tools/config.hpp"
#include "tools/config_toml.hpp"

namespace fastrsi {

enum class Section : std::uint8_t {
  Feed,
  Rule,
  Engine,
  State,
  Capture,
  Alert,
  Socket,
  Consumer,
  Sink
};

struct SectionRow {
  Section section;
  std::string_view name;  // "socket.consumer"
  std::string_view help;
  bool listed;  // [[name]], any number of times
};
inline constexpr std::array<SectionRow, 9> kSections = {{
    {Section::Feed, "feed",
     "Where ticks come from: one connection to one venue. Feeds of one venue differ in symbols "
     "alone.",
     true},
    {Section::Rule, "rule", "What to watch for. A file without a rule has this one.", true},
    {Section::Engine, "engine", "How the engine runs.", false},
    {Section::State, "state", "What outlives the process.", false},
    {Section::Capture, "capture", "Frames as they come, kept for a replay.", false},
    {Section::Alert, "alert",
     "Who hears of symbols that are silent and connections that stay away.", false},
    {Section::Socket, "socket", "The local socket other programs read signals from.", false},
    {Section::Consumer, "socket.consumer",
     "Who may read from the socket, and until when. None listed: the same user only.", true},
    {Section::Sink, "sink",
     "Where signals go. A file without a sink has this one; sink = [] is none.", true},
}};

// Errors and warnings of one file.
class Report {
 public:
  explicit Report(std::string file) : file_(std::move(file)) {}

  void error(TextPosition at, std::string message, std::string hint = {});
  void warning(TextPosition at, std::string message, std::string hint = {});
  // The same for a place in a file that the configuration names.
  void add(ConfigError error) { errors_.push_back(std::move(error)); }
  void add_warning(ConfigError warning) { warnings_.push_back(std::move(warning)); }

  std::size_t error_count() const noexcept { return errors_.size(); }
  const std::string& file() const noexcept { return file_; }
  // Hands both lists over, sorted by position and cut at kConfigErrorsMax.
  void move_to(ConfigResult& result);

 private:
  const std::string file_;
  std::vector<ConfigError> errors_;
  std::vector<ConfigError> warnings_;
};

// One value on its way in: complaints name its key.
struct ValueReader {
  Report& report;
  std::string name;  // "rule.rsi.default"

  void wrong(const TomlNode& node, std::string_view what, std::string hint = {}) const {
    report.error(node.at, name + ": " + std::string(what), std::move(hint));
  }
  void expected(const TomlNode& node, std::string_view what, std::string hint = {}) const {
    wrong(node, "expected " + std::string(what) + ", found " + describe(node), std::move(hint));
  }
};

// A key. `index` chooses the entry of a listed section and is 0 elsewhere.
struct KeyRow {
  Section section;
  std::string_view name;  // "rsi.default"
  std::string_view help;
  std::string allowed;  // "a whole number from 2 to 1000"
  std::function<void(const TomlNode&, const ValueReader&, Config&, std::size_t index)> read;
  std::function<std::string(const Config&, std::size_t index)> write;  // as TOML; empty: not set
  // Whether the dump shows it for this entry: a key that does not go with the others' values is
  // left out.
  std::function<bool(const Config&, std::size_t index)> applies;
};

// The table itself, in the order of the default file.
const std::vector<KeyRow>& config_keys();

const SectionRow& section_row(Section section) noexcept;
std::string full_name(const KeyRow& key);  // "rule.rsi.default"

// How many entries a section has: 1 when it is not a list.
std::size_t entry_count(const Config& config, Section section) noexcept;
void add_entry(Config& config, Section section);
void clear_entries(Config& config, Section section);

// Where the file set what, for checks that look at several keys.
class Origins {
 public:
  static std::string name_of(Section section, std::size_t index, std::string_view key = {});

  // `name` as name_of makes it; `good` when the value was taken.
  void note(const std::string& name, TextPosition at, bool good);
  bool is_set(const std::string& name) const { return places_.contains(name); }
  // Not set counts as good: defaults are.
  bool is_good(const std::string& name) const;
  // The first of `keys` the file sets, else the entry itself, else the file's first line.
  TextPosition place(Section section, std::size_t index,
                     std::initializer_list<std::string_view> keys) const;

 private:
  struct Place {
    TextPosition at;
    bool good = false;
  };
  std::map<std::string, Place> places_;
};

// The checks that need more than one value. Symbol files are read here, into the feeds' symbols.
void check_config(Config& config, const Origins& origins, Report& report);

}  // namespace fastrsi
