// The rows of deliveries in the journal's database: as they were after every restart, carried over
// when the file is exchanged, and there for a journal that was made before they were.
#include "sinks/journal_delivery_store.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <limits>
#include <set>
#include <sstream>

#include "sinks/journal_delivery_rows.hpp"
#include "tests/delivery_bench.hpp"
#include "tests/faulty_vfs.hpp"
#include "tests/journal_bench.hpp"

namespace fastrsi::test {
namespace {

// Every column of a row as text.
struct Printer {
  std::ostringstream& out;
  void operator()(const std::string& text) { out << '\'' << text << "' "; }
  void operator()(double value) { out << value << ' '; }
  void operator()(ExchangeTime time) { out << to_unix_ns(time) << ' '; }
  template <typename Value>
  void operator()(Value value) {
    out << static_cast<long long>(value) << ' ';
  }
  void blob(const std::string& bytes) { (*this)(bytes); }
};

template <typename Rows>
void print(std::ostringstream& out, const char* name, Rows rows) {
  std::multiset<std::string> lines;
  for (auto& row : rows) {
    std::ostringstream line;
    each_column(Printer{line}, row);
    lines.insert(line.str());
  }
  for (const std::string& line : lines) out << name << ' ' << line << '\n';
}

std::string text_of(const DeliveryRows& rows) {
  std::ostringstream out;
  print(out, "event", rows.events);
  print(out, "message", rows.messages);
  print(out, "target", rows.targets);
  print(out, "group", rows.groups);
  print(out, "limiter", rows.limiters);
  print(out, "pause", rows.pauses);
  print(out, "stamp", rows.stamps);
  print(out, "breaker", rows.breakers);
  print(out, "notified", rows.notified);
  print(out, "tally", rows.tallies);
  out << rows.cursor;
  return out.str();
}

// A sink whose changes go into memory and into a journal.
struct StoreBench {
  explicit StoreBench(const std::string& dir)
      : journal(dir), store([this](const auto& task) { task(*journal.journal); }) {
    settings.sink = "mail";
    settings.targets = {"one@example.org", "two@example.org"};
    settings.endpoints = {"primary", "secondary"};
    settings.targets_most = {50, 1};
    settings.group_wait = Milliseconds{0};
    settings.group_interval = Milliseconds{1};
    settings.rates = {{10, std::chrono::seconds{1}, 10}};
    settings.quota.most = 400;
    settings.backoff.attempts_most = 3;
    make();
  }
  void make() {
    sink = std::make_unique<DeliverySink>(settings, composer, sha256_hex, store.load(settings.sink),
                                          now);
    commit();
  }
  void commit() {
    DeliveryChanges changes = sink->take_changes();
    memory.apply(changes);
    REQUIRE(store.commit(settings.sink, changes) == DeliveryStore::Commit::Durable);
    REQUIRE(changes.empty());
  }
  // Some of everything, by the number of the round.
  void round(unsigned n) {
    const std::string symbol = "S" + std::to_string(n % 7) + "\xff'";
    DeliveryEvent event = event_of_test(++seq, symbol, static_cast<Kind>(n % 3),
                                        n % 2 == 0 ? Timeframe::M1 : Timeframe::H1, now);
    event.signal_id = "id" + std::to_string(seq);
    event.rsi.by_first = std::numeric_limits<double>::quiet_NaN();
    sink->offer(event, now);
    sink->passed(seq);
    commit();
    auto attempt = sink->next(now);
    commit();
    for (unsigned i = n; attempt; ++i) {
      const auto outcome = static_cast<Outcome>(i % 9);
      SendAnswer answer;
      for (std::size_t k = 0; k < attempt->targets.size(); ++k) {
        answer.targets.push_back({k, k == 0 ? outcome : Outcome::Done, 250, "words\n"});
      }
      attempt = sink->answer(answer, now);
      commit();
    }
    now += 20'000;
  }

  JournalBench journal;
  JournalDeliveryStore store;
  DeliverySettings settings;
  ReadableComposer composer{3};
  MemoryRows memory;
  std::unique_ptr<DeliverySink> sink;
  WallMs now = kStart;
  std::uint64_t seq = 0;
};

}  // namespace

TEST_CASE("delivery store: every row is as it was after each restart", "[delivery][journal]") {
  const JournalFolderOfTest folder;
  StoreBench bench(folder.path(""));
  for (unsigned n = 0; n < 60; ++n) {
    bench.round(n);
    if (n % 3 != 0) continue;
    bench.journal.reopen();
    REQUIRE(text_of(bench.store.load("mail")) == text_of(bench.memory.load()));
    bench.make();
  }
  CHECK(bench.memory.tally("done") > 0);
  CHECK(bench.memory.tally("dead") + bench.memory.dead().size() > 0);
  CHECK(bench.store.dead("mail", {}, 1000).size() == bench.memory.dead().size());
  CHECK_FALSE(bench.store.load("other").known);
  CHECK(bench.store.load("other").events.empty());
  CHECK(bench.journal.said.empty());
}

TEST_CASE("delivery store: what a signal's delivery came to can be told", "[delivery][journal]") {
  const JournalFolderOfTest folder;
  StoreBench bench(folder.path(""));
  bench.round(0);
  const auto story = bench.journal.journal->delivery_story("mail", "id1");
  REQUIRE(story);
  CHECK(story->state == EventState::Done);
  CHECK(story->targets.size() == 2);
  REQUIRE(story->attempts.size() == 2);
  CHECK(story->attempts[0].endpoint == "primary");
  CHECK_FALSE(bench.journal.journal->delivery_story("mail", "id2"));
  CHECK_FALSE(bench.journal.journal->delivery_story("other", "id1"));
}

TEST_CASE("delivery store: dead letters are found by what their names begin with",
          "[delivery][journal]") {
  const JournalFolderOfTest folder;
  StoreBench bench(folder.path(""));
  for (unsigned n = 0; n < 60; ++n) bench.round(n);
  const auto& dead = bench.memory.dead();
  REQUIRE(dead.size() > 1);
  const DeadRow& row = dead.begin()->second;
  const auto same_mid = std::count_if(
      dead.begin(), dead.end(), [&](const auto& other) { return other.second.mid == row.mid; });
  CHECK(bench.store.dead("mail", {row.mid, ""}, 1000).size() == static_cast<std::size_t>(same_mid));
  const auto one = bench.store.dead("mail", {row.mid.substr(0, row.mid.size() - 1), row.target}, 1);
  REQUIRE(one.size() == 1);
  CHECK(one[0].dead.target == row.target);
  CHECK_FALSE(one[0].symbols.empty());
  CHECK(bench.store.dead("mail", {row.mid + "x", ""}, 1000).empty());
  CHECK(bench.store.dead("mail", {"", "nobody"}, 1000).empty());
  CHECK(bench.store.dead("mail", {"", ""}, 1).size() == 1);

  const std::vector<DeadLetterKey> asked{{row.mid, row.target}, {row.mid, "nobody"}, {"m", "a"}};
  const std::vector<DeadFound> found = bench.store.find_dead("mail", asked);
  REQUIRE(found.size() == 3);
  CHECK(found[0].is_dead);
  REQUIRE(found[0].message);
  CHECK(found[0].message->octets == bench.memory.messages().at(row.mid).octets);
  CHECK_FALSE(found[1].is_dead);
  CHECK_FALSE(found[2].is_dead);
}

TEST_CASE("delivery store: a file that takes another's place has every row",
          "[delivery][journal]") {
  FaultyVfs vfs;
  const JournalFolderOfTest folder;
  StoreBench bench(folder.path(""));
  for (unsigned n = 0; n < 25; ++n) bench.round(n);
  vfs.fail(FaultyVfs::Sync, 1, SQLITE_IOERR_FSYNC, false);
  bench.round(25);
  CHECK(folder.has("journal.db.aside-1"));
  bench.journal.reopen();
  CHECK(text_of(bench.store.load("mail")) == text_of(bench.memory.load()));
  CHECK(bench.store.dead("mail", {}, 1000).size() == bench.memory.dead().size());
}

TEST_CASE("delivery store: changes that find a full disk wait for it", "[delivery][journal]") {
  FaultyVfs vfs;
  const JournalFolderOfTest folder;
  StoreBench bench(folder.path(""));
  bench.round(0);
  vfs.decide_by(
      [](FaultyVfs::Call call) { return call == FaultyVfs::Write ? SQLITE_FULL : SQLITE_OK; });
  DeliveryChanges changes{TallyRow{"done", 41}, NotifiedRow{"key", 5}, CursorRow{77}};
  CHECK(bench.store.commit("mail", changes) == DeliveryStore::Commit::Waiting);
  CHECK(changes.empty());
  // Rows that are behind what waits are given to nobody.
  CHECK_THROWS_WITH(bench.store.load("mail"), ContainsSubstring("cannot be read"));
  DeliveryChanges many(kDeliveryChangesWaitingMax, TallyRow{"done", 42});
  CHECK(bench.store.commit("mail", many) == DeliveryStore::Commit::Refused);
  CHECK(many.size() == kDeliveryChangesWaitingMax);
  vfs.heal();
  bench.journal.now_ns += kSecondNs;
  REQUIRE(bench.journal.journal->commit());
  const DeliveryRows rows = bench.store.load("mail");
  CHECK(rows.cursor == 77);
  CHECK(std::count_if(rows.tallies.begin(), rows.tallies.end(), [](const TallyRow& row) {
          return row.name == "done" && row.count == 41;
        }) == 1);
}

TEST_CASE("delivery store: a journal of version 1 gets the tables and keeps its entries",
          "[delivery][journal]") {
  const JournalFolderOfTest folder;
  {
    JournalBench bench(folder.path(""));
    JournalEntry entry = entry_of_test(1);
    REQUIRE(bench.journal->add(entry));
    bench.journal->set_cursor("log", 1);
  }
  {
    Database database(folder.path("journal.db"), Database::Use::Write);
    for (const char* name : {"events", "messages", "targets", "groups", "limiters", "pauses",
                             "stamps", "breakers", "notified", "tallies", "dead", "attempts"}) {
      database.run(std::string("DROP TABLE delivery_") + name);
    }
    database.run("PRAGMA user_version=1");
  }
  StoreBench bench(folder.path(""));
  CHECK(bench.journal.said.empty());
  CHECK(folder.asides().empty());
  CHECK(bench.journal.journal->read(0, 10).size() == 1);
  CHECK(bench.journal.journal->cursor("log") == 1U);
  bench.round(0);
  bench.journal.reopen();
  CHECK(text_of(bench.store.load("mail")) == text_of(bench.memory.load()));
}

TEST_CASE("delivery store: what is over is forgotten after its time, what waits never",
          "[delivery][journal]") {
  const JournalFolderOfTest folder;
  StoreBench bench(folder.path(""));
  bench.journal.now_ns = kStart * 1'000'000;
  for (unsigned n = 0; n < 20; ++n) bench.round(n);
  const std::string live = text_of(bench.store.load("mail"));
  const auto count = [&](const std::string& of) {
    bench.journal.journal.reset();
    const std::int64_t rows =
        Database(folder.path("journal.db"), Database::Use::Write).number("SELECT count(*) " + of);
    bench.journal.open();
    return rows;
  };
  const char* const over = "FROM delivery_events WHERE ended IS NOT NULL";
  CHECK(count(over) > 0);
  CHECK(count("FROM delivery_attempts") > 0);
  bench.journal.now_ns += 31 * 86'400 * kSecondNs;
  while (bench.journal.journal->tidy()) {
  }
  CHECK(text_of(bench.store.load("mail")) == live);
  CHECK(count(over) == 0);
  CHECK(count("FROM delivery_attempts") == 0);
  CHECK(count("FROM delivery_dead") == 0);
}

}  // namespace fastrsi::test
