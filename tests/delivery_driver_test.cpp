// The threads that drive sinks: everything arrives, a sink that hangs holds up no other, and the
// end comes in time.
#include "sinks/delivery/driver.hpp"

#include <condition_variable>
#include <deque>
#include <future>
#include <mutex>
#include <utility>

#include "tests/catch.hpp"
#include "tests/delivery_fakes.hpp"
#include "tests/delivery_rows.hpp"

namespace fastrsi::test {
namespace {

constexpr std::size_t kEvents = 40;

// A journal that a test fills.
class SourceOfTest final : public EventSource {
 public:
  void add(const DeliveryEvent& event) {
    const std::lock_guard lock(mutex_);
    events_.push_back(event);
    more_.notify_all();
  }
  Batch read(std::uint64_t after, std::size_t most) override {
    const std::lock_guard lock(mutex_);
    Batch batch;
    batch.reached = after;
    while (batch.reached < events_.size() && batch.events.size() < most) {
      batch.events.push_back(events_[batch.reached++]);
    }
    return batch;
  }
  std::uint64_t newest() override { return 0; }
  void wait(std::uint64_t after, Milliseconds at_most) override {
    std::unique_lock lock(mutex_);
    more_.wait_for(lock, at_most, [&] { return events_.size() > after; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable more_;
  std::deque<DeliveryEvent> events_;
};

class StoreOfTest final : public DeliveryStore {
 public:
  DeliveryRows load(const std::string&) override {
    const std::lock_guard lock(mutex_);
    return rows_.load();
  }
  Commit commit(const std::string&, DeliveryChanges& changes) noexcept override {
    const std::lock_guard lock(mutex_);
    if (refusals > 0 && refusals-- > 0) return Commit::Refused;
    rows_.apply(changes);
    changed_.notify_all();
    return Commit::Durable;
  }
  std::vector<DeadLetterRow> dead(const std::string&, const DeadSearch&, std::size_t) override {
    const std::lock_guard lock(mutex_);
    std::vector<DeadLetterRow> letters;
    for (const auto& [key, row] : rows_.dead()) letters.push_back({row, {}, {}});
    return letters;
  }
  std::vector<DeadFound> find_dead(const std::string&,
                                   std::span<const DeadLetterKey> letters) override {
    const std::lock_guard lock(mutex_);
    std::vector<DeadFound> found;
    for (const DeadLetterKey& letter : letters) {
      found.push_back(
          {rows_.dead().contains({letter.mid, letter.target}), rows_.messages().at(letter.mid)});
    }
    return found;
  }
  // Waits until `holds(rows)`; false after a long time.
  template <typename Holds>
  bool wait_until(Holds holds) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds{60}, [&] { return holds(rows_); });
  }
  int refusals = 0;

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  MemoryRows rows_;
};

// Answers `outcome`; or never, until it is cancelled.
class TransportOfTest final : public Transport {
 public:
  explicit TransportOfTest(Outcome outcome, bool hangs = false, std::promise<void>* begun = nullptr)
      : outcome_(outcome), hangs_(hangs), begun_(begun) {}
  SendAnswer send(const Shipment& shipment) noexcept override {
    if (begun_ != nullptr) std::exchange(begun_, nullptr)->set_value();
    std::unique_lock lock(mutex_);
    if (hangs_) cancelled_.wait(lock, [&] { return is_cancelled_; });
    SendAnswer answer;
    for (std::size_t i = 0; i < shipment.targets.size(); ++i) {
      answer.targets.push_back({i, hangs_ ? Outcome::InDoubt : outcome_, 0, ""});
    }
    return answer;
  }
  SendAnswer probe() noexcept override { return {}; }
  std::size_t targets_most() const noexcept override { return 1; }
  void cancel() noexcept override {
    const std::lock_guard lock(mutex_);
    is_cancelled_ = true;
    cancelled_.notify_all();
  }

 private:
  const Outcome outcome_;
  const bool hangs_;
  std::promise<void>* begun_;
  std::mutex mutex_;
  std::condition_variable cancelled_;
  bool is_cancelled_ = false;
};

DeliverySettings settings_of(const std::string& name) {
  DeliverySettings settings;
  settings.sink = name;
  settings.targets = {"one"};
  settings.endpoints = {"primary"};
  settings.rates = {{1000, std::chrono::seconds{1}, 1000}};
  settings.group_wait = Milliseconds{0};
  settings.group_interval = Milliseconds{0};
  return settings;
}

std::unique_ptr<DeliveryDriver> drive(DeliverySettings settings, SourceOfTest& source,
                                      StoreOfTest& store, std::unique_ptr<Transport> transport) {
  DeliveryDriver::Parts parts{
      std::make_unique<ReadableComposer>(5), {}, source, store, sha256_hex, steady_wall_clock()};
  parts.transports.push_back(std::move(transport));
  return std::make_unique<DeliveryDriver>(std::move(settings), std::move(parts));
}

void fill_source(SourceOfTest& source) {
  const WallMs now = steady_wall_clock()();
  for (std::size_t i = 1; i <= kEvents; ++i) {
    source.add(event_of_test(i, "S" + std::to_string(i), Kind::Buy, Timeframe::H1, now));
  }
}

}  // namespace

TEST_CASE("delivery driver: everything arrives while another sink hangs and a third only fails",
          "[delivery]") {
  SourceOfTest source;
  StoreOfTest good_store;
  StoreOfTest hanging_store;
  StoreOfTest failing_store;
  std::promise<void> begun;
  auto hanging = drive(settings_of("hanging"), source, hanging_store,
                       std::make_unique<TransportOfTest>(Outcome::Done, true, &begun));
  auto failing = drive(settings_of("failing"), source, failing_store,
                       std::make_unique<TransportOfTest>(Outcome::Temporary));
  source.add(event_of_test(1, "S0", Kind::Buy, Timeframe::H1, steady_wall_clock()()));
  begun.get_future().wait();
  auto good = drive(settings_of("good"), source, good_store,
                    std::make_unique<TransportOfTest>(Outcome::Done));
  fill_source(source);
  CHECK(good_store.wait_until(
      [](const MemoryRows& rows) { return rows.tally("done") == kEvents + 1; }));
  CHECK(good->status().cursor == kEvents + 1);
  // What the hanging one has under way stays so: the next start finds it in doubt.
  hanging->stop();
  failing->stop();
  hanging.reset();
  CHECK(hanging_store.wait_until([](const MemoryRows& rows) {
    return rows.targets().size() == 1 &&
           rows.targets().begin()->second.state == TargetState::InFlight;
  }));
  CHECK(
      failing_store.wait_until([](const MemoryRows& rows) { return rows.tally("attempts") > 0; }));
}

TEST_CASE("delivery driver: nothing is sent before its changes are taken, and none gets lost",
          "[delivery]") {
  SourceOfTest source;
  StoreOfTest store;
  store.refusals = 3;
  auto driver =
      drive(settings_of("mail"), source, store, std::make_unique<TransportOfTest>(Outcome::Done));
  fill_source(source);
  CHECK(store.wait_until([](const MemoryRows& rows) { return rows.tally("done") == kEvents; }));
  driver.reset();
  CHECK(store.wait_until(
      [](const MemoryRows& rows) { return rows.live() == 0 && rows.cursor() == kEvents; }));
}

TEST_CASE("delivery driver: dead letters are sent once more or given up on demand", "[delivery]") {
  SourceOfTest source;
  StoreOfTest store;
  auto refusing = drive(settings_of("mail"), source, store,
                        std::make_unique<TransportOfTest>(Outcome::Permanent));
  fill_source(source);
  REQUIRE(store.wait_until([](const MemoryRows& rows) { return rows.tally("dead") == kEvents; }));
  refusing.reset();
  const std::vector<DeadLetterRow> letters = store.dead("mail", {}, 100);
  // How many messages there are depends on when the thread looks; all events are in them (above).
  REQUIRE(letters.size() >= kEvents / 5);
  auto driver =
      drive(settings_of("mail"), source, store, std::make_unique<TransportOfTest>(Outcome::Done));
  const std::vector<std::string> whys =
      driver->requeue({{letters[0].dead.mid, "one"}, {letters[0].dead.mid, "two"}});
  REQUIRE(whys.size() == 2);
  CHECK(whys[0].empty());
  CHECK_THAT(whys[1], ContainsSubstring("no such dead letter"));
  CHECK(driver->drop_dead({{letters[1].dead.mid, "one"}}) == std::vector<std::string>{""});
  CHECK(store.wait_until([&](const MemoryRows& rows) {
    return rows.tally("deliveries_done") == 1 && rows.dead().size() == letters.size() - 2;
  }));
}

TEST_CASE("delivery driver: it rests until its next try, and while there is nothing to do",
          "[delivery]") {
  for (const Outcome outcome : {Outcome::Done, Outcome::Temporary}) {
    SourceOfTest source;
    StoreOfTest store;
    auto driver =
        drive(settings_of("mail"), source, store, std::make_unique<TransportOfTest>(outcome));
    fill_source(source);
    const std::function<WallMs()> clock = steady_wall_clock();
    const auto rests = [&] {
      const DeliveryDriverStatus status = driver->status();
      return status.cursor == kEvents && status.rests_until > clock() + 1000;
    };
    while (!rests()) std::this_thread::yield();
    const DeliveryDriverStatus status = driver->status();
    CHECK((status.sink.live == 0) == (outcome == Outcome::Done));
  }
}

TEST_CASE("delivery driver: a dry run sends nothing", "[delivery]") {
  SourceOfTest source;
  StoreOfTest store;
  DeliverySettings settings = settings_of("mail");
  settings.dry_run = true;
  auto driver =
      drive(settings, source, store, std::make_unique<TransportOfTest>(Outcome::Permanent));
  fill_source(source);
  CHECK(store.wait_until([](const MemoryRows& rows) { return rows.tally("done") == kEvents; }));
}

}  // namespace fastrsi::test
