// One sink's delivery step by step, in virtual time: digests, failover, dead letters, limits over
// restarts.
#include "tests/catch.hpp"
#include "tests/delivery_bench.hpp"

namespace fastrsi::test {
namespace {

using Bench = DeliveryBench;
using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("delivery: what comes while a digest waits is in it, in order, and once", "[delivery]") {
  DeliverySettings settings = settings_of_test();
  settings.group_wait = std::chrono::seconds{30};
  settings.group_interval = std::chrono::minutes{5};
  Bench bench(settings);
  bench.offer("B");
  bench.now += 20'000;
  bench.offer("A");
  bench.offer("B");
  CHECK_FALSE(bench.next());
  CHECK(bench.sink->wake_at(bench.now) == kStart + 30'000);
  bench.now = kStart + 30'000;
  const auto message = bench.next();
  REQUIRE(message);
  CHECK(bench.symbols(*message) == Names{"B", "A"});
  CHECK_FALSE(bench.answer(Outcome::Done));
  CHECK(bench.rows.tally("duplicate") == 1);
  bench.offer("C");
  bench.now += 5 * kWallMinute - 1;
  CHECK_FALSE(bench.next());
  bench.now += 1;
  CHECK(bench.next());
}

TEST_CASE("delivery: what the settings call important goes first, what is not enough never",
          "[delivery]") {
  DeliverySettings settings = settings_of_test();
  settings.priorities = {{.level = Priority::High, .symbols = {"*:BTC*"}},
                         {.level = Priority::Critical, .kinds = set_of(Kind::Sell)},
                         {.level = Priority::Low, .timeframes = {"1m"}}};
  settings.least = Priority::Normal;
  Bench bench(settings, 1);
  bench.offer("ETH");
  bench.offer("ADA", Kind::Buy, Priority::Normal, Timeframe::M1);
  bench.offer("BTC", Kind::Sell);
  bench.offer("XRP", Kind::Sell);
  Names sent;
  while (const auto message = bench.next()) {
    sent.push_back(bench.symbols(*message).front());
    bench.answer(Outcome::Done);
    bench.now += 1;
  }
  CHECK(sent == Names{"XRP", "BTC", "ETH"});
  CHECK(bench.rows.tally("suppressed") == 1);
}

TEST_CASE("delivery: a digest too large for one message goes on in parts, without the interval",
          "[delivery]") {
  DeliverySettings settings = settings_of_test();
  settings.group_interval = std::chrono::minutes{5};
  Bench bench(settings, 2);
  for (const char* symbol : {"A", "B", "C", "D", "E"}) bench.offer(symbol);
  for (const std::size_t part : {1U, 2U, 3U}) {
    const auto message = bench.next();
    REQUIRE(message);
    CHECK(message->part == part);
    CHECK(message->parts == 3);
    if (part == 1) bench.offer("F");
    bench.answer(Outcome::Done);
    bench.restart();
  }
  CHECK_FALSE(bench.next());
  bench.now += 5 * kWallMinute;
  const auto later = bench.next();
  REQUIRE(later);
  CHECK(bench.symbols(*later) == Names{"F"});
  CHECK(later->parts == 1);
}

TEST_CASE("delivery: what a full sink gives up is the lowest and oldest, and the digest says so",
          "[delivery]") {
  DeliverySettings settings = settings_of_test();
  settings.live_most = 4;
  Bench bench(settings);
  bench.offer("A", Kind::Buy, Priority::High);
  for (const char* symbol : {"B", "C", "D", "E"}) bench.offer(symbol);
  CHECK(bench.rows.tally("dropped") == 1);
  const auto message = bench.next();
  REQUIRE(message);
  // Its own delivery needs a place too.
  CHECK(message->dropped == 2);
  CHECK(bench.symbols(*message) == Names{"A", "D", "E"});
  bench.answer(Outcome::Done);
  const std::uint64_t ends = bench.rows.tally("done") + bench.rows.tally("dropped");
  CHECK(ends == 5);
  CHECK(bench.rows.live() == 0);
}

TEST_CASE(
    "delivery: the secondary is asked in the same attempt, and the primary again when it is well",
    "[delivery]") {
  DeliverySettings settings = settings_of_test();
  settings.endpoints = {"primary", "secondary"};
  Bench bench(settings);
  for (const Outcome outcome : {Outcome::EndpointFailure, Outcome::Temporary,
                                Outcome::SenderRejected, Outcome::AuthFailure}) {
    bench.offer("S" + std::to_string(static_cast<int>(outcome)));
    const auto message = bench.next();
    REQUIRE(message);
    REQUIRE(bench.attempt->endpoint == 0);
    REQUIRE(bench.answer(outcome));
    CHECK(bench.attempt->endpoint == 1);
    CHECK(bench.attempt->mid == message->mid);
    CHECK(bench.attempt->octets == bench.octets);
    CHECK_FALSE(bench.answer(Outcome::Done));
  }
  CHECK(bench.sink->status(bench.now).config_error);
  // What the secondary takes does not mend it.
  CHECK(bench.sink->status(bench.now).last_error.starts_with("primary: "));
  // Its credentials were refused: 15 minutes of rest.
  bench.offer("later");
  REQUIRE(bench.next());
  CHECK(bench.attempt->endpoint == 1);
  bench.answer(Outcome::Done);
  bench.now += 15 * kWallMinute;
  bench.offer("again");
  REQUIRE(bench.next());
  CHECK(bench.attempt->endpoint == 0);
  bench.answer(Outcome::Done);
  CHECK_FALSE(bench.sink->status(bench.now).config_error);
  CHECK(bench.sink->status(bench.now).last_error.empty());
}

TEST_CASE("delivery: nobody else is asked after a no for good, or in doubt", "[delivery]") {
  DeliverySettings settings = settings_of_test();
  settings.endpoints = {"primary", "secondary"};
  Bench bench(settings);
  bench.offer("A");
  REQUIRE(bench.next());
  CHECK_FALSE(bench.answer(Outcome::Permanent));
  CHECK(bench.rows.dead().size() == 1);
  CHECK(bench.rows.tally("dead") == 1);
  bench.offer("B");
  REQUIRE(bench.next());
  CHECK_FALSE(bench.answer(Outcome::InDoubt));
  CHECK(bench.rows.tally("in_doubt") == 1);
  bench.now += 2 * kWallMinute;
  const std::string before = bench.octets;
  REQUIRE(bench.next());
  CHECK(bench.octets == before);
}

TEST_CASE("delivery: each recipient has a result of its own", "[delivery]") {
  DeliverySettings settings = settings_of_test();
  settings.targets = {"one", "two", "three"};
  settings.targets_most = {50};
  Bench bench(settings);
  bench.offer("A");
  REQUIRE(bench.next());
  SendAnswer answer;
  answer.targets = {{0, Outcome::Done, 250, ""},
                    {1, Outcome::Permanent, 550, "no such user"},
                    {2, Outcome::Temporary, 451, "greylisted"}};
  CHECK_FALSE(bench.sink->answer(answer, bench.now));
  bench.rows.apply(bench.sink->take_changes());
  bench.now += 10 * kWallMinute;
  REQUIRE(bench.next());
  CHECK(bench.attempt->targets == std::vector<std::string_view>{"three"});
  bench.answer(Outcome::Done);
  CHECK(bench.rows.tally("done") == 1);
  CHECK(bench.rows.tally("deliveries_dead") == 1);
  CHECK(bench.rows.dead().begin()->second.code == 550);
}

TEST_CASE("delivery: what was under way at a crash is in doubt, and sent with the same octets",
          "[delivery]") {
  Bench bench(settings_of_test());
  bench.offer("A");
  REQUIRE(bench.next());
  const std::string before = bench.octets;
  bench.restart();
  CHECK(bench.rows.tally("in_doubt") == 1);
  REQUIRE(bench.next());
  CHECK(bench.octets == before);
  bench.answer(Outcome::Done);
  bench.restart();
  CHECK_FALSE(bench.next());
}

TEST_CASE("delivery: a pause outlives a restart", "[delivery]") {
  Bench bench(settings_of_test());
  bench.offer("A");
  REQUIRE(bench.next());
  bench.answer(Outcome::RateLimited, std::chrono::seconds{90});
  bench.restart();
  bench.now += 89'999;
  CHECK_FALSE(bench.next());
  bench.now += 1;
  CHECK(bench.next());
}

TEST_CASE("delivery: a dead letter is sent once more on demand, with the same octets",
          "[delivery]") {
  Bench bench(settings_of_test());
  bench.offer("A");
  REQUIRE(bench.next());
  bench.answer(Outcome::Permanent);
  const MessageRow message = bench.rows.messages().begin()->second;
  REQUIRE_FALSE(message.octets.empty());
  CHECK_FALSE(bench.sink->requeue(message, "somebody else", bench.now));
  bench.now += 30 * 24 * 60 * kWallMinute;
  REQUIRE(bench.sink->requeue(message, "one", bench.now));
  CHECK_FALSE(bench.sink->requeue(message, "one", bench.now));
  bench.rows.apply(bench.sink->take_changes());
  CHECK(bench.rows.dead().empty());
  bench.restart();
  REQUIRE(bench.next());
  CHECK(bench.octets == message.octets);
  bench.answer(Outcome::Done);
  CHECK(bench.rows.live() == 0);
  CHECK(bench.rows.tally("deliveries") ==
        bench.rows.tally("deliveries_done") + bench.rows.tally("deliveries_dead"));
}

TEST_CASE("delivery: a recipient who is gone from the settings is not written to", "[delivery]") {
  Bench bench(settings_of_test());
  bench.offer("A");
  REQUIRE(bench.next());
  bench.answer(Outcome::Temporary);
  bench.settings.targets = {"another"};
  bench.restart();
  bench.now += 20 * kWallMinute;
  CHECK_FALSE(bench.next());
  REQUIRE(bench.rows.dead().size() == 1);
  CHECK(bench.rows.dead().begin()->second.reason == "recipient_gone");
}

TEST_CASE("delivery: a dry run uses no tokens and no quota", "[delivery]") {
  DeliverySettings settings = settings_of_test();
  settings.dry_run = true;
  settings.rates = {{1, std::chrono::hours{1}, 1}};
  settings.quota.most = 1;
  settings.quota.reserve_percent = 0;
  Bench bench(settings);
  for (const char* symbol : {"A", "B", "C"}) {
    bench.offer(symbol);
    REQUIRE(bench.next());
    bench.answer(Outcome::Done);
  }
  CHECK(bench.rows.tally("done") == 3);
}

TEST_CASE("delivery: held events go in one digest at the end of quiet hours, the critical at once",
          "[delivery]") {
  DeliverySettings settings = settings_of_test();
  const auto minute = static_cast<int>(kStart / kWallMinute % (24 * 60));
  settings.quiet = {{0x7F, minute, (minute + 30) % 1440, "UTC", QuietMode::Hold}};
  Bench bench(settings);
  bench.offer("A");
  bench.offer("B", Kind::Buy, Priority::Critical);
  const auto urgent = bench.next();
  REQUIRE(urgent);
  CHECK(bench.symbols(*urgent) == Names{"B"});
  bench.answer(Outcome::Done);
  bench.now += 10 * kWallMinute;
  bench.offer("C");
  CHECK_FALSE(bench.next());
  bench.now = kStart + 30 * kWallMinute;
  const auto digest = bench.next();
  REQUIRE(digest);
  CHECK(bench.symbols(*digest) == Names{"A", "C"});
}

TEST_CASE("delivery: an answer that leaves a recipient out leaves it in doubt", "[delivery]") {
  Bench bench(settings_of_test());
  bench.offer("A");
  REQUIRE(bench.next());
  CHECK_FALSE(bench.sink->answer(SendAnswer{}, bench.now));
  bench.rows.apply(bench.sink->take_changes());
  CHECK(bench.rows.tally("in_doubt") == 1);
  CHECK(bench.rows.live() == 2);
}

}  // namespace fastrsi::test
