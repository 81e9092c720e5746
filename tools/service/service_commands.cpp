// The commands of the socket that look at the engine: scan, levels, watch, silence, reload.
#include <fnmatch.h>
#include <grp.h>
#include <pwd.h>

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "tools/commands.hpp"
#include "tools/delivery_parts.hpp"
#include "tools/json.hpp"
#include "tools/level_texts.hpp"
#include "tools/records.hpp"
#include "tools/service/clocks.hpp"
#include "tools/service/service.hpp"

namespace fastrsi {
namespace {

std::string json_dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// The venue of a live feed that would be left without symbols; empty when there is none.
std::string feed_without_symbols(const Config& config, const WatchList& watch) {
  for (const FeedSettings& feed : config.feeds) {
    if (feed.url.starts_with("file:")) continue;
    const std::optional<ShardFeed> whole = feed_for(config, {}, feed.venue);
    if (watch.applied_to({*whole}).front().symbols.empty()) return feed.venue;
  }
  return {};
}

// Keeps lists as they pass on their way out.
class ListTap final : public RecordOutput {
 public:
  explicit ListTap(RecordOutput& out) : out_(out) {}
  void record(const Record& record) noexcept override {
    assembler_.add(record, [&](const Snapshot& list) { lists_.push_back(list); });
    out_.record(record);
  }
  const std::vector<Snapshot>& lists() const noexcept { return lists_; }

 private:
  RecordOutput& out_;
  ListAssembler assembler_;
  std::vector<Snapshot> lists_;
};

}  // namespace

std::string Service::scan_json() {
  is_changed_ = true;
  std::vector<Snapshot> lists;
  std::mutex mutex;
  const std::int64_t stamp = steady_ns();
  in_every_shard([&](ShardRunner& runner) {
    ListTap tap(runner.output());
    runner.shard().engine().list_now(stamp, tap);
    const std::lock_guard lock(mutex);
    lists.insert(lists.end(), tap.lists().begin(), tap.lists().end());
  });
  Json array = Json::array();
  for (const Snapshot& list : joined_lists(std::move(lists))) {
    Json symbols = Json::array();
    for (const Symbol* symbol : list.symbols) symbols.push_back(symbol->full_name);
    array.push_back({{"rule", list.rule->name},
                     {"kind", std::string(to_text(list.kind))},
                     {"timeframe", std::string(to_text(list.timeframe))},
                     {"time", to_iso_ns(list.time)},
                     {"symbols", std::move(symbols)}});
  }
  return R"("ok":true,"lists":)" + json_dump(array);
}

std::string Service::levels_json(const std::string& symbol, const std::string& timeframe) {
  if (!timeframe.empty() && !timeframe_from_text(timeframe)) {
    throw std::runtime_error("no such timeframe: " + timeframe);
  }
  LevelTexts texts(symbol, timeframe, config_.rules);
  std::mutex mutex;
  in_every_shard([&](ShardRunner& runner) {
    const std::lock_guard lock(mutex);
    texts.add(runner.shard().engine());
  });
  std::string items = texts.json_lines();
  if (!items.empty()) items.pop_back();
  std::replace(items.begin(), items.end(), '\n', ',');
  return R"("ok":true,"text":)" + json_dump(texts.text()) + R"(,"levels":[)" + items + "]";
}

std::string Service::silence_json(const std::string& glob, std::int64_t seconds) {
  constexpr std::int64_t kSecondsMax = 10LL * 366 * 86'400;
  if (seconds < 0 || seconds > kSecondsMax) {
    throw std::runtime_error("a silence lasts from 0 seconds to ten years");
  }
  const std::int64_t now = wall_ns();
  if (!glob.empty()) {
    silences_.set(glob, now + seconds * 1'000'000'000, now);
    recorder_->post(
        [note = silences_.to_note()](Journal& journal) { journal.set_note("silence", note); });
  }
  return R"("ok":true,"silences":)" + json_dump(silences_status());
}

std::string Service::watch_json(const std::vector<std::string>& add,
                                const std::vector<std::string>& remove) {
  WatchChange change;
  const std::string fault = watch_.change(add, remove, input_->feeds(), change);
  if (!fault.empty()) throw std::runtime_error(fault);
  if (!change.added.empty() || !change.removed.empty()) {
    recorder_->post(
        [note = watch_.to_note()](Journal& journal) { journal.set_note("watch", note); });
    reconfigure_shards(config_);
  }
  // Asked for nothing: what has been changed so far.
  if (add.empty() && remove.empty()) {
    change.added.assign(watch_.added().begin(), watch_.added().end());
    change.removed.assign(watch_.removed().begin(), watch_.removed().end());
  }
  std::size_t symbols = 0;
  for (const ShardReport& report : shard_reports()) {
    for (const std::size_t count : report.symbols) symbols += count;
  }
  return fmt::format(R"("ok":true,"added":{},"removed":{},"unchanged":{},"symbols":{})",
                     json_dump(Json(change.added)), json_dump(Json(change.removed)),
                     json_dump(Json(change.unchanged)), symbols);
}

void Service::reconfigure_shards(const Config& config) {
  is_changed_ = true;
  EngineSettings settings = config.engine;
  settings.symbols_max = input_->symbols_max();
  const std::vector<ShardFeed> feeds = watched_feeds();
  in_every_shard([&](ShardRunner& runner) {
    std::unique_ptr<Engine> before = runner.reconfigure(settings, config.rules, feeds);
    std::uint64_t mark = 0;
    {
      const std::lock_guard lock(mutex_);
      mark = ++marks_given_;
      retired_[mark].push_back(std::move(before));
    }
    // Records on their way still point into it.
    runner.send_mark(mark);
  });
}

std::string Service::needs_restart(const std::vector<std::string>& differences,
                                   const Config& next) const {
  constexpr std::array<std::string_view, 5> kFixed = {"engine.shards", "state.", "alert.",
                                                      "socket.", "feed"};
  if (next.feeds.size() != config_.feeds.size()) return "the number of feeds";
  for (const std::string& line : differences) {
    std::string key = line.substr(0, line.find(": "));
    const bool fixed = std::any_of(kFixed.begin(), kFixed.end(), [&](std::string_view prefix) {
      return key.starts_with(prefix);
    });
    const bool is_list = key.starts_with("feed[") && key.find("].symbols") != std::string::npos;
    if (fixed && !is_list && !key.starts_with("socket.consumer")) return key;
  }
  return {};
}

namespace {

// Throws what making it would throw.
void try_sink(const SinkConfig& sink) {
  if (!is_delivery(sink.type)) {
    make_sink(sink);
    return;
  }
  delivery_settings(sink);
  make_composer(sink);
  make_transports(sink);
}

}  // namespace

// Sinks first: one that cannot be opened leaves everything as it was.
void Service::change_to(Config next) {
  const auto is_kept = [](const SinkConfig& a, const SinkConfig& b) {
    return dump_sink(a) == dump_sink(b);
  };
  for (const SinkConfig& sink : next.sinks) {
    const bool kept = std::any_of(sinks_.begin(), sinks_.end(),
                                  [&](const auto& one) { return is_kept(one->config(), sink); });
    if (!kept && sink.delivery.enabled) try_sink(sink);
  }
  {
    const std::lock_guard lock(mutex_);
    config_ = std::move(next);
  }
  std::erase_if(sinks_, [&](const auto& one) {
    return std::none_of(config_.sinks.begin(), config_.sinks.end(),
                        [&](const SinkConfig& sink) { return is_kept(one->config(), sink); });
  });
  start_sinks();
  for (ShardFeed& feed : input_->feeds()) {
    if (const auto configured = feed_for(config_, {}, feed.venue)) {
      feed.symbols = configured->symbols;
    }
  }
  reconfigure_shards(config_);
  if (socket_ != nullptr) socket_->set_consumers(socket_settings().consumers);
}

std::vector<std::string> Service::reload() {
  ConfigResult read = read_config(options_.config_file);
  if (!read.errors.empty()) {
    throw std::runtime_error("the configuration has errors, nothing is changed:\n" + to_text(read));
  }
  std::vector<std::string> differences = config_differences(config_, read.config);
  const std::string fixed = needs_restart(differences, read.config);
  if (!fixed.empty()) {
    throw std::runtime_error(
        fmt::format("{} can only change with a restart; nothing is changed", fixed));
  }
  if (const std::string deaf = feed_without_symbols(read.config, watch_); !deaf.empty()) {
    throw std::runtime_error(
        fmt::format("feed {} would have no symbols (symbols = [...] or symbols_file); nothing is "
                    "changed",
                    deaf));
  }
  change_to(std::move(read.config));
  return differences;
}

std::string Service::reload_json() {
  return R"("ok":true,"differences":)" + json_dump(Json(reload()));
}

}  // namespace fastrsi
