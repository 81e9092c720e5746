// What the service tells of itself, and how its socket is to be.
#include <pwd.h>
#include <unistd.h>

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <stdexcept>

#include "tools/commands.hpp"
#include "tools/json.hpp"
#include "tools/service/clocks.hpp"
#include "tools/service/service.hpp"

namespace fastrsi {
namespace {

Json iso_or_null(ExchangeTime time) {
  return time == kNoExchangeTime ? Json(nullptr) : Json(to_iso_ns(time));
}

EngineStatistics engine_of(const std::vector<ShardReport>& reports) {
  EngineStatistics engine;
  for (const ShardReport& report : reports) engine.add(report.engine);
  // Every shard reads every frame: one of them speaks for the session.
  engine.messages = reports[0].engine.messages;
  engine.ticks = reports[0].engine.ticks;
  return engine;
}

double microseconds(std::uint64_t ns) {
  return static_cast<double>(ns) / 1000.0;
}

Json latency_of(const std::vector<ShardReport>& reports) {
  Histogram latency;
  for (const ShardReport& report : reports) latency.add(report.latency);
  return {{"p50", microseconds(latency.percentile_ns(0.5))},
          {"p99", microseconds(latency.percentile_ns(0.99))},
          {"p999", microseconds(latency.percentile_ns(0.999))},
          {"max", microseconds(latency.max_ns())}};
}

Json signals_of(const EngineStatistics& engine) {
  Json kinds = Json::object();
  for (std::size_t kind = 0; kind < kKindCount; ++kind) {
    Json stages = Json::object();
    for (std::size_t stage = 0; stage < engine.signals[kind].size(); ++stage) {
      stages[std::string(to_text(static_cast<Stage>(stage)))] = engine.signals[kind][stage];
    }
    kinds[std::string(to_text(static_cast<Kind>(kind)))] = std::move(stages);
  }
  return kinds;
}

Json journal_of(const JournalStatus& status, const std::string& dir) {
  return {{"dir", dir},
          {"oldest", status.oldest_seq},
          {"newest", status.newest_seq},
          {"durable", status.durable_seq},
          {"entries", status.entries},
          {"waiting", status.waiting},
          {"given_up", status.given_up},
          {"bytes", status.bytes},
          {"commits", status.commits},
          {"failed_commits", status.failed_commits},
          {"degraded", status.degraded},
          {"ballast", status.ballast_there},
          {"trouble", status.trouble}};
}

Json socket_of(const LocalSocketStatus& status, const std::string& path) {
  Json clients = Json::array();
  for (const LocalSocketStatus::Client& client : status.clients) {
    clients.push_back({{"number", client.number},
                       {"name", client.name},
                       {"user", client.user},
                       {"process", client.process},
                       {"subscribed", client.subscribed},
                       {"after", client.next_after},
                       {"waiting_bytes", client.waiting_bytes},
                       {"sent", client.sent_records}});
  }
  return {{"path", path},
          {"connects", status.connects},
          {"refused", status.refused},
          {"slow", status.slow},
          {"errors", status.errors},
          {"records", status.records},
          {"clients", std::move(clients)}};
}

std::uint32_t user_number(const std::string& user) {
  std::uint32_t number = 0;
  const auto [end, fault] = std::from_chars(user.data(), user.data() + user.size(), number);
  if (fault == std::errc{} && end == user.data() + user.size()) return number;
  const passwd* entry = getpwnam(user.c_str());
  if (entry == nullptr) {
    throw std::runtime_error(fmt::format(
        "socket.users: this system has no user {} (mend the name, or leave it out)", user));
  }
  return entry->pw_uid;
}

}  // namespace

LocalSocketSettings Service::socket_settings() const {
  LocalSocketSettings settings;
  settings.path = socket_path(config_.socket.path);
  settings.mode = config_.socket.mode;
  settings.group = config_.socket.group;
  settings.clients_max = static_cast<std::size_t>(config_.socket.clients_max);
  settings.commands = "status, scan, levels, why, silence, watch, dead, reload";
  settings.server = std::string("fastrsi ") + program_version();
  for (const std::string& user : config_.socket.users) settings.users.push_back(user_number(user));
  for (const SocketConsumer& consumer : config_.socket.consumers) {
    LocalConsumer one{consumer.name, consumer.token_sha256, {}};
    if (consumer.expires) {
      one.expires_ns = std::chrono::duration_cast<Nanoseconds>(
                           std::chrono::sys_days{*consumer.expires}.time_since_epoch())
                           .count();
    }
    settings.consumers.push_back(std::move(one));
  }
  return settings;
}

std::vector<ShardReport> Service::shard_reports() {
  std::vector<ShardReport> reports;
  std::mutex mutex;
  in_every_shard([&](ShardRunner& runner) {
    const Shard& shard = runner.shard();
    ShardReport report;
    report.engine = shard.engine_statistics();
    report.latency = runner.latency();
    for (std::size_t feed = 0; feed < input_->feeds().size(); ++feed) {
      report.frames.push_back(shard.frame_statistics(feed));
      report.venue_times.push_back(shard.venue_time(feed));
      report.symbols.push_back(shard.symbols_of(feed).size());
    }
    const std::lock_guard lock(mutex);
    reports.push_back(std::move(report));
  });
  return reports;
}

std::string Service::status_json() {
  const std::vector<ShardReport> reports = shard_reports();
  // At the input's end, when everything that was said is written down too.
  const bool over = input_is_over();
  if (over) drain_queues();
  const std::int64_t now = wall_ns();
  std::size_t symbols = 0;
  for (const ShardReport& report : reports) {
    for (const std::size_t count : report.symbols) symbols += count;
  }
  const EngineStatistics engine = engine_of(reports);
  Json status = {{"server", std::string("fastrsi ") + program_version()},
                 {"pid", getpid()},
                 {"config", options_.config_file},
                 {"started", to_iso_seconds(exchange_time_from_ns(began_ns_))},
                 {"uptime_s", (now - began_ns_) / 1'000'000'000},
                 {"state", over ? "drained" : "running"},
                 {"feeds", feeds_status(reports, over)},
                 {"engine",
                  {{"shards", runners_.size()},
                   {"symbols", symbols},
                   {"messages", engine.messages},
                   {"ticks", engine.ticks},
                   {"duplicates", engine.duplicates},
                   {"gaps", engine.gaps},
                   {"missing_trades", engine.missing_trades},
                   {"late", engine.late_ticks},
                   {"bars_closed", engine.bars_closed},
                   {"signals", signals_of(engine)}}},
                 {"latency_us", latency_of(reports)},
                 {"journal", journal_of(recorder_->status(), state_folder(config_.state.dir))},
                 {"checkpoint", checkpoint_status(now)},
                 {"sinks", sinks_status()},
                 {"silences", silences_status()},
                 {"watch", {{"added", watch_.added()}, {"removed", watch_.removed()}}}};
  if (socket_ != nullptr) {
    status["socket"] = socket_of(socket_->status(), socket_path(config_.socket.path));
  }
  return R"("ok":true,"status":)" + status.dump(-1, ' ', false, Json::error_handler_t::replace);
}

nlohmann::ordered_json Service::feeds_status(const std::vector<ShardReport>& reports,
                                             bool over) const {
  Json feeds = Json::array();
  for (std::size_t i = 0; i < input_->feeds().size(); ++i) {
    const FrameStatistics& frames = reports[0].frames[i];
    std::size_t symbols = 0;
    for (const ShardReport& report : reports) symbols += report.symbols[i];
    std::uint64_t read = 0;
    std::uint64_t rejected = 0;
    for (const std::uint64_t count : frames.frames) read += count;
    for (const std::uint64_t count : frames.rejected) rejected += count;
    feeds.push_back({{"venue", input_->feeds()[i].venue},
                     {"url", url_of(input_->feeds()[i].venue)},
                     {"symbols", symbols},
                     {"frames", read},
                     {"trades", frames.trades},
                     {"rejected", rejected},
                     {"venue_time", iso_or_null(reports[0].venue_times[i])},
                     {"at_end", over}});
    input_->tell(i, feeds.back());
  }
  return feeds;
}

nlohmann::ordered_json Service::checkpoint_status(std::int64_t now_ns) const {
  const std::lock_guard lock(mutex_);
  const CheckpointStatus& status = checkpoint_status_;
  const double age = static_cast<double>(now_ns - status.at_ns) / 1e9;
  return {{"age_s", status.at_ns == 0 ? Json(nullptr) : Json(age)},
          {"lines", status.lines},
          {"parts", status.parts},
          {"bytes", status.bytes}};
}

namespace {

constexpr std::array<std::string_view, 3> kBreakers = {"closed", "open", "half_open"};

Json wall_or_null(WallMs at) {
  if (at == 0) return nullptr;
  return to_iso_seconds(exchange_time_from_ns(at * 1'000'000));
}

Json delivery_status(const DeliveryDriverStatus& status) {
  const DeliveryStatus& sink = status.sink;
  Json tallies = Json::object();
  for (std::size_t i = 0; i < kTallyCount; ++i) {
    tallies[std::string(kTallyNames[i])] = sink.tallies.of(static_cast<Tally>(i));
  }
  Json endpoints = Json::array();
  for (const DeliveryStatus::Endpoint& endpoint : sink.endpoints) {
    endpoints.push_back({{"name", endpoint.name},
                         {"breaker", kBreakers[static_cast<std::size_t>(endpoint.breaker)]},
                         {"open_until", wall_or_null(endpoint.open_until)},
                         {"paused_until", wall_or_null(endpoint.paused_until)}});
  }
  return {{"queue", sink.queue},
          {"live", sink.live},
          {"oldest", wall_or_null(sink.oldest_live)},
          {"last_success", wall_or_null(sink.last_success)},
          {"paused_until", wall_or_null(sink.paused_until)},
          {"quota_left", sink.quota_left ? Json(*sink.quota_left) : Json(nullptr)},
          {"config_error", sink.config_error},
          {"waits_for_disk", status.is_waiting_for_disk},
          {"endpoints", std::move(endpoints)},
          {"counts", std::move(tallies)}};
}

}  // namespace

nlohmann::ordered_json Service::sinks_status() const {
  Json sinks = Json::array();
  const std::uint64_t newest = recorder_->window().newest();
  for (const auto& sink : sinks_) {
    const SinkStatus status = sink->status();
    const SinkConfig& config = sink->config();
    sinks.push_back({{"name", config.name},
                     {"type", config.type},
                     {"format", status.delivery ? "" : config.format},
                     {"path", status.delivery ? "" : config.path},
                     {"cursor", status.cursor},
                     {"behind", newest - std::min(newest, status.cursor)},
                     {"failed", status.failed},
                     {"last_error", status.last_error}});
    if (status.delivery) sinks.back()["delivery"] = delivery_status(*status.delivery);
  }
  return sinks;
}

nlohmann::ordered_json Service::silences_status() const {
  Json silences = Json::array();
  for (const Silence& silence : silences_.list(wall_ns())) {
    silences.push_back({{"glob", silence.glob},
                        {"until", to_iso_seconds(exchange_time_from_ns(silence.until_ns))}});
  }
  return silences;
}

std::string Service::url_of(const std::string& venue) const {
  const auto feed = std::find_if(config_.feeds.begin(), config_.feeds.end(),
                                 [&](const FeedSettings& one) { return one.venue == venue; });
  return feed == config_.feeds.end() ? std::string{} : feed->url;
}

}  // namespace fastrsi
