#include "sinks/delivery/driver.hpp"

#include <ctime>

#include <algorithm>
#include <iterator>
#include <span>
#include <stdexcept>
#include <utility>

#include "engine/base/assert.hpp"

namespace fastrsi {
namespace {

constexpr std::size_t kPulledAtOnce = 256;
// Between looks at whether it shall stop, and attempts to have changes taken.
constexpr Milliseconds kPause{100};
constexpr Milliseconds kCommandWait{2'000};
// Dead letters with their octets, in memory.
constexpr std::size_t kDeadAtOnce = 64;

std::int64_t milliseconds_of(clockid_t clock) noexcept {
  timespec time{};
  clock_gettime(clock, &time);
  return static_cast<std::int64_t>(time.tv_sec) * 1000 + time.tv_nsec / 1'000'000;
}

DeliverySettings with_limits(DeliverySettings settings, const DeliveryDriver::Parts& parts) {
  if (parts.transports.size() != settings.endpoints.size()) {
    throw std::runtime_error("sink \"" + settings.sink + "\": every endpoint needs a transport");
  }
  settings.targets_most.clear();
  for (const auto& transport : parts.transports) {
    settings.targets_most.push_back(transport->targets_most());
  }
  return settings;
}

}  // namespace

std::function<WallMs()> steady_wall_clock() {
  const std::int64_t offset = milliseconds_of(CLOCK_REALTIME) - milliseconds_of(CLOCK_BOOTTIME);
  return [offset] { return offset + milliseconds_of(CLOCK_BOOTTIME); };
}

DeliveryDriver::DeliveryDriver(DeliverySettings settings, Parts parts)
    : settings_(with_limits(std::move(settings), parts)), parts_(std::move(parts)) {
  begin();
  thread_ = std::thread([this] { run(); });
}

void DeliveryDriver::begin() {
  DeliveryRows rows = parts_.store.load(settings_.sink);
  const bool is_new = !rows.known;
  sink_.emplace(settings_, *parts_.composer, parts_.sha256, std::move(rows), parts_.now());
  // One that is new begins with what comes from now on.
  if (is_new) sink_->passed(parts_.source.newest());
  commit(false);
  publish(0);
}

DeliveryDriver::~DeliveryDriver() {
  stop();
  give_up();
  thread_.join();
}

void DeliveryDriver::stop() noexcept {
  if (stop_.load(std::memory_order_acquire)) return;
  stop_begun_ = std::chrono::steady_clock::now();
  stop_.store(true, std::memory_order_release);  // pairs with the acquires in run() and deliver()
}

void DeliveryDriver::give_up() noexcept {
  if (give_up_.load(std::memory_order_acquire)) return;
  {
    std::unique_lock lock(mutex_);
    if (ended_.wait_until(lock, stop_begun_ + kStopWait, [&] { return is_over_; })) return;
  }
  give_up_.store(true, std::memory_order_release);  // pairs with the acquires in deliver()
  for (const auto& transport : parts_.transports) transport->cancel();
}

void DeliveryDriver::run() noexcept {
  while (!stop_.load(std::memory_order_acquire)) {
    const bool pulled = pull();
    const WallMs now = parts_.now();
    const bool sent = deliver(now);
    const bool commanded = run_commands();
    const bool is_at_work = pulled || sent || commanded;
    const WallMs wake = is_at_work ? 0 : sink_->wake_at(now);
    // What waits for the disk is work, too.
    publish(waiting_.empty() ? wake : 0);
    if (is_at_work) continue;
    const Milliseconds most = wake - now < kPause.count() ? Milliseconds{wake - now} : kPause;
    // Changes that wait are tried again; a moment that has come was used, or cannot be.
    parts_.source.wait(sink_->cursor(), std::max(most, Milliseconds{1}));
  }
  const std::lock_guard lock(mutex_);
  is_over_ = true;
  for (Command* const command : commands_) {
    command->refuse("the sink stops");
    command->is_over = true;
  }
  commands_.clear();
  answered_.notify_all();
  ended_.notify_all();
}

// Changes in their order, the refused ones first. With `must_be_taken` it waits until they are:
// false then means that the driver stops.
bool DeliveryDriver::commit(bool must_be_taken) {
  DeliveryChanges fresh = sink_->take_changes();
  waiting_.insert(waiting_.end(), std::make_move_iterator(fresh.begin()),
                  std::make_move_iterator(fresh.end()));
  while (!waiting_.empty()) {
    const DeliveryStore::Commit result = parts_.store.commit(settings_.sink, waiting_);
    {
      const std::lock_guard lock(mutex_);
      status_.is_waiting_for_disk = result != DeliveryStore::Commit::Durable;
    }
    if (result != DeliveryStore::Commit::Refused) {
      waiting_.clear();
      return true;
    }
    if (!must_be_taken || stop_.load(std::memory_order_acquire)) return false;
    std::this_thread::sleep_for(kPause);
  }
  return true;
}

bool DeliveryDriver::pull() {
  // While changes are refused nothing new is taken: memory is bounded, and the journal has it.
  if (!waiting_.empty() && !commit(false)) return false;
  EventSource::Batch batch = parts_.source.read(sink_->cursor(), kPulledAtOnce);
  if (batch.reached <= sink_->cursor()) return false;
  const WallMs now = parts_.now();
  for (DeliveryEvent& event : batch.events) sink_->offer(std::move(event), now);
  sink_->passed(batch.reached);
  commit(false);
  return true;
}

bool DeliveryDriver::deliver(WallMs now) {
  if (!waiting_.empty()) return false;
  std::optional<DeliveryAttempt> attempt = sink_->next(now);
  const bool any = attempt.has_value();
  while (attempt) {
    // Nothing leaves before it is durable that it does; where the disk fails it is in memory, and
    // people hear of their signals all the same.
    if (!commit(true)) return false;
    publish(0);
    if (give_up_.load(std::memory_order_acquire)) return false;
    const SendAnswer answer = send(*attempt);
    if (give_up_.load(std::memory_order_acquire)) return false;
    const bool goes_on = !stop_.load(std::memory_order_acquire);
    attempt = sink_->answer(answer, parts_.now(), goes_on);
  }
  commit(false);
  return any;
}

SendAnswer DeliveryDriver::send(const DeliveryAttempt& attempt) noexcept {
  if (!settings_.dry_run) {
    const Shipment shipment{attempt.mid, attempt.octets, attempt.targets};
    return parts_.transports[attempt.endpoint]->send(shipment);
  }
  SendAnswer answer;
  for (std::size_t i = 0; i < attempt.targets.size(); ++i) {
    answer.targets.push_back({i, Outcome::Done, 0, "would send"});
  }
  return answer;
}

void DeliveryDriver::publish(WallMs rests_until) {
  DeliveryStatus now = sink_->status(parts_.now());
  const std::lock_guard lock(mutex_);
  status_.sink = std::move(now);
  status_.cursor = sink_->cursor();
  status_.rests_until = rests_until;
}

DeliveryDriverStatus DeliveryDriver::status() const {
  const std::lock_guard lock(mutex_);
  return status_;
}

bool DeliveryDriver::run_commands() {
  std::vector<Command*> commands;
  {
    const std::lock_guard lock(mutex_);
    commands.swap(commands_);
    // Under the lock: who waits takes its command back under it.
    for (Command* const command : commands) {
      run_command(*command);
      command->is_over = true;
    }
  }
  if (!commands.empty()) answered_.notify_all();
  return !commands.empty();
}

void DeliveryDriver::run_command(Command& command) {
  std::span<const DeadLetterKey> left = command.letters;
  while (!left.empty()) {
    const auto letters = left.first(std::min(left.size(), kDeadAtOnce));
    left = left.subspan(letters.size());
    std::vector<DeadFound> found = parts_.store.find_dead(settings_.sink, letters);
    for (std::size_t i = 0; i < letters.size(); ++i) {
      command.answers.push_back(settle_dead(letters[i], std::move(found[i]), command.is_drop));
    }
  }
}

std::string DeliveryDriver::settle_dead(const DeadLetterKey& letter, DeadFound found,
                                        bool is_drop) {
  if (!found.is_dead) return "there is no such dead letter";
  if (is_drop) {
    waiting_.emplace_back(DeadGone{letter.mid, letter.target});
    return {};
  }
  if (!found.message || found.message->octets.empty()) return "its message is no longer there";
  if (!sink_->requeue(std::move(*found.message), letter.target, parts_.now())) {
    return "its recipient is no longer configured, it waits already, or there is no room";
  }
  return {};
}

std::vector<std::string> DeliveryDriver::command(Command command) {
  std::unique_lock lock(mutex_);
  if (is_over_) {
    command.refuse("the sink stops");
    return std::move(command.answers);
  }
  commands_.push_back(&command);
  if (!answered_.wait_for(lock, kCommandWait, [&] { return command.is_over; })) {
    std::erase(commands_, &command);
    command.refuse("the sink is busy with an attempt (try again later)");
  }
  return std::move(command.answers);
}

std::vector<std::string> DeliveryDriver::requeue(std::vector<DeadLetterKey> letters) {
  return command({std::move(letters), false, {}, false});
}

std::vector<std::string> DeliveryDriver::drop_dead(std::vector<DeadLetterKey> letters) {
  return command({std::move(letters), true, {}, false});
}

}  // namespace fastrsi
