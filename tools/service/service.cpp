#include "tools/service/service.hpp"

#include <fmt/format.h>
#include <signal.h>

#include <algorithm>
#include <future>
#include <stdexcept>
#include <utility>

#include "tools/commands.hpp"
#include "tools/replay_judge.hpp"

#include "tools/service/clocks.hpp"

namespace fastrsi {
namespace {

using Clock = std::chrono::steady_clock;

// For sinks to begin with what is due: at a stop, and when all of the input is through. At a stop
// what is under way then has kStopWait (driver.hpp): 10 s from the signal to the end are enough.
constexpr std::chrono::seconds kDrainAtStop{2};
constexpr std::chrono::seconds kDrainWhole{120};
constexpr std::chrono::milliseconds kTickMost{100};
constexpr std::chrono::milliseconds kTickLeast{2};

// The number of the one that came; -1 when none did.
int wait_for_signal(Nanoseconds most) {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int number : {SIGTERM, SIGINT, SIGHUP, SIGUSR1}) sigaddset(&signals, number);
  const timespec wait{0, static_cast<long>(most.count())};
  return sigtimedwait(&signals, nullptr, &wait);
}

bool is_stop(int number) {
  return number == SIGTERM || number == SIGINT;
}

}  // namespace

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
    input_->start();
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
    return !sink->is_done(recorder_->window().newest());
  });
  for (const auto& sink : sinks_) sink->stop();
  for (const auto& sink : sinks_) sink->give_up();
  sinks_.clear();
  recorder_->stop();
  recorder_thread_.join();
  if (!fault.empty()) throw std::runtime_error(fault);
  const bool damaged = whole && tell_input();
  const JournalStatus journal = recorder_->status();
  if (!journal.degraded && !left) return damaged ? kExitFailed : kExitDone;
  print_error(left ? "stopped with records that a sink has not taken (they come at the next start)"
                   : "stopped with records that are not in the journal: " + journal.trouble);
  return kExitWorkLeft;
}

// Waits for a signal or the next timer. False when the service shall stop.
bool Service::handle_signals() {
  const Nanoseconds tick =
      std::clamp<Nanoseconds>(config_.state.checkpoint_every / 4, kTickLeast, kTickMost);
  const int number = wait_for_signal(tick);
  if (number == SIGHUP) tell_reload();
  return !is_stop(number);
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
  input_->keep_time();
  recorder_->wake_up().ring();
  if (Clock::now() < next_checkpoint_ || checkpoint_done_.load() < checkpoint_begun_) return;
  const bool all_live = std::all_of(runners_.begin(), runners_.end(),
                                    [](const auto& runner) { return runner->is_live(); });
  if (!all_live) return;
  // Nothing has come in since the last one, and nobody has changed anything.
  std::uint64_t lines = 0;
  for (const auto& runner : runners_) lines += runner->lines();
  if (lines == checkpoint_lines_ && !is_changed_) return;
  checkpoint_lines_ = lines;
  is_changed_ = false;
  begin_checkpoint(false);
  next_checkpoint_ = Clock::now() + config_.state.checkpoint_every;
}

void Service::begin_checkpoint(bool and_stop) {
  const std::uint64_t mark = checkpoint_begun_ = ++marks_given_;
  for (std::size_t i = 0; i < runners_.size(); ++i) {
    ShardRunner* const runner = runners_[i].get();
    runner->post([runner, mark, and_stop] { runner->begin_checkpoint(mark, and_stop); });
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
      {std::string(kInputPart), to_bytes({gathered.line, input_->position().files})});
  status.parts = gathered.checkpoint.parts.size();
  for (const StatePart& part : gathered.checkpoint.parts) status.bytes += part.bytes.size();
  journal.set_checkpoint(std::move(gathered.checkpoint));
  gathered_.erase(mark);
  {
    const std::lock_guard lock(mutex_);
    checkpoint_status_ = status;
  }
  checkpoint_done_.store(mark);
  checkpoint_done_.notify_all();
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
    wait_for_checkpoint();
    begin_checkpoint(true);
    wait_for_checkpoint();
  }
  input_->give_up();
  for (std::thread& thread : shard_threads_) thread.join();
  input_->join();
  {
    // What the socket asked meanwhile: its clients are told that we stop.
    const std::lock_guard lock(mutex_);
    tasks_.clear();
  }
  drain_queues();
  drain_sinks(whole ? kDrainWhole : kDrainAtStop);
  if (socket_ != nullptr) {
    if (whole) drain_socket();
    socket_->stop();
    if (socket_thread_.joinable()) socket_thread_.join();
  }
}

// What was wrong with the input, and why there may be less to see than was hoped for. Whether
// anything was wrong.
bool Service::tell_input() const {
  ReplayReport report;
  input_->judge(runners_[0]->shard(), report);
  for (const std::string& line : report.diagnostics) print_error(line);
  for (const std::string& line : report.hints) print_error(line);
  return !report.diagnostics.empty();
}

void Service::drain_queues() {
  // A round that takes records may leave some; each of these is a round that ends later.
  do {
    recorder_->ask([](Journal&) {});
  } while (std::any_of(runners_.begin(), runners_.end(),
                       [](const auto& runner) { return runner->queue().size_approximate() > 0; }));
  recorder_->ask([](Journal&) {});
}

// Of the one that was begun last.
void Service::wait_for_checkpoint() {
  for (std::uint64_t done = checkpoint_done_.load(); done < checkpoint_begun_;
       done = checkpoint_done_.load()) {
    checkpoint_done_.wait(done);
  }
}

void Service::drain_sinks(std::chrono::seconds most) {
  const auto began = Clock::now();
  auto until = began + most;
  bool is_told = false;
  for (auto now = began; now < until; now = Clock::now()) {
    const std::uint64_t newest = recorder_->window().newest();
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - now);
    const auto busy = std::find_if(sinks_.begin(), sinks_.end(), [&](const auto& sink) {
      return !sink->is_resting(newest, left);
    });
    if (busy == sinks_.end()) return;
    if (now - began >= kDrainAtStop && !is_told) {
      const std::string error = (*busy)->status().last_error;
      print_error(
          fmt::format("all input is through; sink {} has not taken all of it{}{} (waits up "
                      "to {} s; a signal to stop ends it sooner)",
                      (*busy)->config().name, error.empty() ? "" : ": ", error, most.count()));
      is_told = true;
    }
    if (is_stop(wait_for_signal(std::chrono::milliseconds{1}))) {
      until = std::min(until, now + kDrainAtStop);
    }
  }
}

// Clients that follow get what is theirs, unless they are too slow for it.
void Service::drain_socket() {
  const std::uint64_t newest = recorder_->window().newest();
  const auto has_all = [newest](const LocalSocketStatus::Client& client) {
    return !client.subscribed || (client.next_after >= newest && client.waiting_bytes == 0);
  };
  socket_->wait_until(
      [&](const LocalSocketStatus& status) {
        return std::all_of(status.clients.begin(), status.clients.end(), has_all);
      },
      Clock::now() + std::chrono::seconds{1});
}

void Service::in_every_shard(const std::function<void(ShardRunner&)>& task) {
  std::vector<std::future<void>> done;
  for (std::size_t i = 0; i < runners_.size(); ++i) {
    auto promise = std::make_shared<std::promise<void>>();
    done.push_back(promise->get_future());
    ShardRunner* const runner = runners_[i].get();
    runner->post([&task, promise, runner] {
      task(*runner);
      promise->set_value();
    });
  }
  for (std::future<void>& one : done) one.wait();
}

}  // namespace fastrsi
