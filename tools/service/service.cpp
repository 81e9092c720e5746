#include "tools/service/service.hpp"

#include <signal.h>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <future>
#include <sstream>
#include <stdexcept>
#include <utility>

#include "tools/commands.hpp"

namespace fastrsi {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kBlocks = 8;
constexpr std::chrono::milliseconds kTickMost{100};
constexpr std::chrono::milliseconds kTickLeast{2};
constexpr std::string_view kFileScheme = "file:";

std::int64_t wall_ns() {
  return std::chrono::duration_cast<Nanoseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

std::int64_t steady_ns() {
  return Clock::now().time_since_epoch().count();
}

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
    : config_(config),
      options_(options),
      began_(Clock::now()),
      began_ns_(wall_ns()),
      main_thread_(pthread_self()) {
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

int Service::run() {
  recorder_thread_ = std::thread([this] { recorder_->run(); });
  bool whole = false;
  std::string fault;
  try {
    start_sinks();
    if (socket_ != nullptr) socket_thread_ = std::thread([this] { socket_->run(); });
    for (const auto& runner : runners_) {
      shard_threads_.emplace_back([&one = *runner] { one.run(); });
    }
    reader_thread_ = std::thread([this] { read_input(); });
    next_checkpoint_ = Clock::now() + config_.state.checkpoint_every;
    while (handle_signals()) {
      run_tasks();
      keep_time();
      if (!input_is_over() || options_.stay) continue;
      whole = true;
      break;
    }
  } catch (const std::exception& error) {
    fault = error.what();
  }
  finish(whole);
  const bool left = !sinks_.empty() && std::any_of(sinks_.begin(), sinks_.end(), [&](auto& sink) {
    return sink->cursor() < recorder_->window().newest();
  });
  sinks_.clear();
  recorder_->stop();
  recorder_thread_.join();
  if (!fault.empty()) throw std::runtime_error(fault);
  const JournalStatus journal = recorder_->status();
  if (!journal.degraded && !left) return kExitDone;
  print_error(left ? "stopped with records that a sink has not taken (they come at the next start)"
                   : "stopped with records that are not in the journal: " + journal.trouble);
  return kExitWorkLeft;
}

void Service::read_input() {
  while (true) {
    CaptureBlock* block = blocks_->take_free();
    if (block == nullptr || !session_.reader->next(*block)) break;
    blocks_->hand_over(session_.reader->progress());
  }
  blocks_->close();
}

// Waits for a signal or the next timer. False when the service shall stop.
bool Service::handle_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int number : {SIGTERM, SIGINT, SIGHUP, SIGUSR1}) sigaddset(&signals, number);
  const Nanoseconds tick =
      std::clamp<Nanoseconds>(config_.state.checkpoint_every / 4, kTickLeast, kTickMost);
  const timespec wait{0, static_cast<long>(tick.count())};
  const int number = sigtimedwait(&signals, nullptr, &wait);
  if (number == SIGHUP) tell_reload();
  return number != SIGTERM && number != SIGINT;
}

void Service::tell_reload() {
  try {
    const std::vector<std::string> differences = reload();
    for (const std::string& line : differences) print_error("reload: " + line);
    if (differences.empty()) print_error("reload: nothing has changed");
  } catch (const std::exception& error) {
    print_error(std::string("reload: ") + error.what());
  }
}

void Service::post(std::function<void()> task) {
  {
    const std::lock_guard lock(mutex_);
    tasks_.push_back(std::move(task));
  }
  pthread_kill(main_thread_, SIGUSR1);
}

void Service::run_tasks() {
  std::vector<std::function<void()>> tasks;
  {
    const std::lock_guard lock(mutex_);
    tasks.swap(tasks_);
  }
  for (const auto& task : tasks) task();
}

void Service::keep_time() {
  recorder_->wake_up().ring();
  if (Clock::now() < next_checkpoint_ || checkpoint_done_.load() < checkpoint_begun_) return;
  const bool all_live = std::all_of(runners_.begin(), runners_.end(),
                                    [](const auto& runner) { return runner->is_live(); });
  if (!all_live) return;
  // Nothing has come in since the last one, and nobody has changed anything.
  const std::uint64_t lines = runners_[0]->lines();
  if (lines == checkpoint_lines_ && !is_changed_) return;
  checkpoint_lines_ = lines;
  is_changed_ = false;
  begin_checkpoint(false);
  next_checkpoint_ = Clock::now() + config_.state.checkpoint_every;
}

void Service::begin_checkpoint(bool and_stop) {
  const std::uint64_t mark = checkpoint_begun_ = ++marks_given_;
  for (std::size_t i = 0; i < runners_.size(); ++i) {
    blocks_->post(i, [runner = runners_[i].get(), mark, and_stop] {
      runner->begin_checkpoint(mark, and_stop);
    });
  }
}

// In the journal's thread: everything that the shard said before its state was saved has been
// added, so the state may follow, in the same transaction or a later one.
void Service::on_mark(std::size_t shard, std::uint64_t mark, Journal& journal) {
  {
    const std::lock_guard lock(mutex_);
    if (retired_.erase(mark) > 0) return;
  }
  Gathered& gathered = gathered_[mark];
  for (StatePart& part : runners_[shard]->take_saved(gathered.line)) {
    gathered.checkpoint.parts.push_back(std::move(part));
  }
  if (++gathered.shards < runners_.size()) return;
  CheckpointStatus status;
  status.at_ns = wall_ns();
  status.lines = gathered.line;
  gathered.checkpoint.parts.push_back(
      {std::string(kInputPart), to_bytes({gathered.line, input_.files})});
  status.parts = gathered.checkpoint.parts.size();
  for (const StatePart& part : gathered.checkpoint.parts) status.bytes += part.bytes.size();
  journal.set_checkpoint(std::move(gathered.checkpoint));
  gathered_.erase(mark);
  {
    const std::lock_guard lock(mutex_);
    checkpoint_status_ = status;
  }
  checkpoint_done_.store(mark);
}

bool Service::input_is_over() const {
  return std::all_of(runners_.begin(), runners_.end(),
                     [](const auto& runner) { return runner->is_at_end(); });
}

// The state of the end is saved, then everybody may take what is left.
void Service::finish(bool whole) {
  const bool all_live =
      !shard_threads_.empty() && std::all_of(runners_.begin(), runners_.end(),
                                             [](const auto& runner) { return runner->is_live(); });
  if (all_live) {
    while (checkpoint_done_.load() < checkpoint_begun_) std::this_thread::yield();
    begin_checkpoint(true);
    while (checkpoint_done_.load() < checkpoint_begun_) {
      std::this_thread::sleep_for(std::chrono::milliseconds{1});
    }
  }
  stopping_.store(true);
  blocks_->give_up();
  for (std::thread& thread : shard_threads_) thread.join();
  if (reader_thread_.joinable()) reader_thread_.join();
  {
    // What the socket asked meanwhile: its clients are told that we stop.
    const std::lock_guard lock(mutex_);
    tasks_.clear();
  }
  // A round of the journal: all that was said is in the window.
  recorder_->ask([](Journal&) {});
  recorder_->ask([](Journal&) {});
  drain_sinks(std::chrono::seconds{5});
  if (socket_ != nullptr) {
    if (whole) drain_socket();
    socket_->stop();
    if (socket_thread_.joinable()) socket_thread_.join();
  }
  if (whole) {
    for (const std::string& line : session_.reader->diagnostics()) print_error(line);
  }
}

bool Service::drain_sinks(std::chrono::seconds most) {
  const auto until = Clock::now() + most;
  while (Clock::now() < until) {
    const std::uint64_t newest = recorder_->window().newest();
    if (std::all_of(sinks_.begin(), sinks_.end(),
                    [&](const auto& sink) { return sink->cursor() >= newest; })) {
      return true;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
  }
  return false;
}

// Clients that follow get what is theirs, unless they are too slow for it.
void Service::drain_socket() {
  const auto until = Clock::now() + std::chrono::seconds{1};
  while (Clock::now() < until) {
    const std::uint64_t newest = recorder_->window().newest();
    const LocalSocketStatus status = socket_->status();
    if (std::all_of(status.clients.begin(), status.clients.end(), [&](const auto& client) {
          return !client.subscribed || (client.next_after >= newest && client.waiting_bytes == 0);
        })) {
      return;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
  }
}

void Service::in_every_shard(const std::function<void(ShardRunner&)>& task) {
  std::vector<std::future<void>> done;
  for (std::size_t i = 0; i < runners_.size(); ++i) {
    auto promise = std::make_shared<std::promise<void>>();
    done.push_back(promise->get_future());
    blocks_->post(i, [&task, promise, runner = runners_[i].get()] {
      task(*runner);
      promise->set_value();
    });
  }
  for (std::future<void>& one : done) one.wait();
}

}  // namespace fastrsi
