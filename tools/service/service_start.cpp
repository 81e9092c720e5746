// How the service begins: its state folder, its input, its shards and its sinks.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <sstream>
#include <stdexcept>

#include "tools/commands.hpp"
#include "tools/service/clocks.hpp"
#include "tools/service/service.hpp"

namespace fastrsi {
namespace {

constexpr std::size_t kBlocks = 8;
constexpr std::string_view kFileScheme = "file:";

JournalSettings journal_settings(const StateSettings& state) {
  JournalSettings settings;
  settings.dir = state_folder(state.dir);
  settings.keep_age = state.keep_age;
  settings.keep_entries = static_cast<std::uint64_t>(state.keep_records);
  settings.ballast_bytes = static_cast<std::uint64_t>(state.ballast_mib) * 1024 * 1024;
  return settings;
}

// The files that the feeds read, looked for beside the configuration, each with its feed's venue.
CaptureFiles files_of(const Config& config, const std::string& config_file) {
  const auto folder = std::filesystem::path(config_file).parent_path();
  CaptureFiles files;
  for (const FeedSettings& feed : config.feeds) {
    if (!feed.url.starts_with(kFileScheme)) {
      throw std::runtime_error(
          fmt::format("feed {}: this program reads files only so far (url = \"file:A.zst,B.zst\")",
                      feed.venue));
    }
    if (feed.speed != config.feeds.front().speed) {
      throw std::runtime_error("feeds that read files run at one speed: set the same in each");
    }
    std::string_view rest = std::string_view(feed.url).substr(kFileScheme.size());
    while (!rest.empty()) {
      const std::string_view name = rest.substr(0, rest.find(','));
      rest.remove_prefix(std::min(rest.size(), name.size() + 1));
      files.paths.push_back((folder / name).string());
      files.venues.push_back(feed.venue);
    }
  }
  if (files.paths.empty()) {
    throw std::runtime_error(
        "no [[feed]] is configured (add one: venue = \"binance\", url = \"file:A.zst\")");
  }
  return files;
}

}  // namespace

Service::Service(const Config& config, const ServiceOptions& options)
    : config_(config), options_(options), began_ns_(wall_ns()), main_thread_(pthread_self()) {
  recorder_ = std::make_unique<Recorder>(
      journal_settings(config_.state), [](const std::string& line) { print_error(line); },
      wall_ns() - steady_ns());
  const Checkpoint checkpoint = recorder_->journal().checkpoint();
  silences_.from_note(recorder_->journal().note("silence"));
  watch_.from_note(recorder_->journal().note("watch"));
  open_input(checkpoint);
  start_shards(checkpoint);
  recorder_->on_mark = [this](std::size_t shard, std::uint64_t mark, Journal& journal) {
    on_mark(shard, mark, journal);
  };
  host_ = make_socket_host(*this, [this] { return socket_.get(); });
  if (config_.socket.enabled) socket_ = std::make_unique<LocalSocket>(socket_settings(), *host_);
  recorder_->on_publish = [this] {
    if (socket_ != nullptr) socket_->wake();
  };
}

Service::~Service() = default;

void Service::open_input(const Checkpoint& checkpoint) {
  const CaptureFiles files = files_of(config_, options_.config_file);
  speed_ = config_.feeds.front().speed;
  session_ = open_capture_session(config_, files);
  for (const std::string& line : session_.passed_over) print_error(line);
  const auto part = std::find_if(checkpoint.parts.begin(), checkpoint.parts.end(),
                                 [](const StatePart& one) { return one.name == kInputPart; });
  input_.files = files.paths;
  if (part == checkpoint.parts.end()) return;
  const std::optional<InputPosition> saved = position_from(part->bytes);
  is_other_input_ = !saved || saved->files != input_.files;
  if (!is_other_input_) input_.lines = saved->lines;
}

void Service::start_shards(const Checkpoint& checkpoint) {
  std::size_t count = static_cast<std::size_t>(config_.engine.shards);
  if (count == 0) count = std::max(1U, std::thread::hardware_concurrency());
  blocks_ = std::make_unique<BlockExchange>(kBlocks, count);
  gate_ = std::make_unique<LineGate>(count);
  EngineSettings settings = config_.engine;
  settings.symbols_max = session_.symbols_max;
  const ShardInput input{*blocks_, *gate_,       recorder_->wake_up(), session_.feed_of_source,
                         speed_,   input_.lines, is_other_input_};
  std::vector<RecordQueue*> queues;
  for (std::size_t i = 0; i < count; ++i) {
    runners_.push_back(std::make_unique<ShardRunner>(i, count, settings, config_.rules,
                                                     watched_feeds(), input, checkpoint.parts));
    queues.push_back(&runners_.back()->queue());
  }
  recorder_->follow(std::move(queues));
}

// Those that do not run yet. A sink that the configuration has no more holds no record back.
void Service::start_sinks() {
  for (const SinkSettings& settings : config_.sinks) {
    const bool runs = std::any_of(sinks_.begin(), sinks_.end(), [&](const auto& sink) {
      return sink->settings().name == settings.name;
    });
    if (runs) continue;
    sinks_.push_back(std::make_unique<SinkRunner>(
        settings, *recorder_, silences_,
        [this, name = settings.name](const std::string& rule) { return wants_list(name, rule); }));
  }
  std::set<std::string> names;
  for (const SinkSettings& settings : config_.sinks) names.insert(settings.name);
  recorder_->ask([&](Journal& journal) {
    std::istringstream before(journal.note("sinks"));
    for (std::string name; std::getline(before, name);) {
      if (!names.contains(name)) journal.remove_cursor(name);
    }
    journal.set_note("sinks", fmt::format("{}\n", fmt::join(names, "\n")));
  });
}

bool Service::wants_list(const std::string& sink, const std::string& rule) const {
  const std::lock_guard lock(mutex_);
  return std::any_of(config_.rules.begin(), config_.rules.end(), [&](const RuleSettings& one) {
    const std::vector<std::string>& sinks = one.first_load_sinks;
    return one.name == rule && std::find(sinks.begin(), sinks.end(), sink) != sinks.end();
  });
}

}  // namespace fastrsi
