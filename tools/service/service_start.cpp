// How the service begins: its state folder, its input, its shards and its sinks.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <sstream>
#include <stdexcept>
#include <thread>

#include "sinks/transport/secret.hpp"
#include "tools/commands.hpp"
#include "tools/delivery_parts.hpp"
#include "tools/service/clocks.hpp"
#include "tools/service/delivery_runner.hpp"
#include "tools/service/service.hpp"
#include "tools/service/sink_runner.hpp"

namespace fastrsi {
namespace {

JournalSettings journal_settings(const StateSettings& state) {
  JournalSettings settings;
  settings.dir = state_folder(state.dir);
  settings.keep_age = state.keep_age;
  settings.keep_entries = static_cast<std::uint64_t>(state.keep_records);
  settings.ballast_bytes = static_cast<std::uint64_t>(state.ballast_mib) * 1024 * 1024;
  return settings;
}

std::size_t shards_of(const Config& config) {
  const auto count = static_cast<std::size_t>(config.engine.shards);
  return count == 0 ? std::max(1U, std::thread::hardware_concurrency()) : count;
}

std::unique_ptr<Input> make_input(const Config& config, const std::string& config_file,
                                  const Checkpoint& checkpoint) {
  const auto is_file = [](const FeedSettings& feed) { return feed.url.starts_with(kFileScheme); };
  const auto files = std::count_if(config.feeds.begin(), config.feeds.end(), is_file);
  if (config.feeds.empty()) {
    throw std::invalid_argument(
        "no [[feed]] is configured (add one: venue = \"binance\", symbols = [\"BTCUSDT\"])");
  }
  if (files != 0 && files != static_cast<std::ptrdiff_t>(config.feeds.size())) {
    throw std::invalid_argument(
        "some feeds are files and some are not: run them in two services, each with its own "
        "state.dir");
  }
  if (files == 0) return make_live_input(config, checkpoint, shards_of(config));
  return make_file_input(config, config_file, checkpoint, shards_of(config));
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
  input_ = make_input(config_, options_.config_file, checkpoint);
  make_runners(checkpoint);
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

void Service::make_runners(const Checkpoint& checkpoint) {
  const std::size_t count = shards_of(config_);
  EngineSettings settings = config_.engine;
  settings.symbols_max = input_->symbols_max();
  const std::vector<ShardFeed> feeds = watched_feeds();
  std::vector<RecordQueue*> queues;
  for (std::size_t i = 0; i < count; ++i) {
    runners_.push_back(
        input_->make_runner({i, count, settings, config_.rules, feeds, recorder_->wake_up(),
                             checkpoint.parts, input_->after_break()}));
    queues.push_back(&runners_.back()->queue());
  }
  recorder_->follow(std::move(queues));
}

// Those that do not run yet. A sink that the configuration has no more holds no record back.
void Service::start_sinks() {
  std::vector<SinkConfig> fresh;
  for (const SinkConfig& settings : config_.sinks) {
    const bool runs = std::any_of(sinks_.begin(), sinks_.end(), [&](const auto& sink) {
      return sink->config().name == settings.name;
    });
    if (!runs && settings.delivery.enabled) fresh.push_back(settings);
  }
  // The secrets of all are out of the environment before one of them runs a program.
  std::vector<std::vector<std::unique_ptr<Transport>>> transports;
  for (const SinkConfig& settings : fresh) {
    if (is_delivery(settings.type)) transport::forbid_core_files();
    transports.push_back(is_delivery(settings.type) ? make_transports(settings)
                                                    : std::vector<std::unique_ptr<Transport>>{});
  }
  for (std::size_t i = 0; i < fresh.size(); ++i) {
    const SinkConfig& settings = fresh[i];
    WantsList wants = [this, name = settings.name](const std::string& rule) {
      return wants_list(name, rule);
    };
    if (is_delivery(settings.type)) {
      sinks_.push_back(std::make_unique<DeliveryRunner>(settings, *recorder_, silences_, wants,
                                                        std::move(transports[i])));
    } else {
      sinks_.push_back(std::make_unique<SinkRunner>(settings, *recorder_, silences_, wants));
    }
  }
  std::set<std::string> names;
  for (const SinkConfig& settings : config_.sinks) names.insert(settings.name);
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
