// The journal through its contract: what was committed is there after a restart, each field as it
// was, and what cannot be read steps aside.
#include "sinks/journal.hpp"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <cstdlib>
#include <limits>

#include "sinks/sqlite.hpp"
#include "tests/journal_bench.hpp"

namespace fastrsi::test {
namespace {

void add_record(JournalBench& bench, std::uint32_t n) {
  JournalEntry entry = entry_of_test(n);
  REQUIRE(bench.journal->add(entry));
}

void add_and_commit(JournalBench& bench, std::uint32_t first, std::uint32_t count) {
  for (std::uint32_t i = 0; i < count; ++i) add_record(bench, first + i);
  REQUIRE(bench.journal->commit());
}

std::vector<std::uint64_t> seqs(const std::vector<JournalEntry>& entries) {
  std::vector<std::uint64_t> numbers;
  numbers.reserve(entries.size());
  for (const JournalEntry& entry : entries) numbers.push_back(entry.seq);
  return numbers;
}

using Seqs = std::vector<std::uint64_t>;

// Changes a closed journal's database from outside.
void change(const JournalFolderOfTest& folder, const std::string& sql) {
  Database(folder.path("journal.db"), Database::Use::Write).run(sql);
}

// Every field at its far ends.
std::vector<JournalEntry> extreme_entries(NameStore& names) {
  using Limits = std::numeric_limits<double>;
  const std::vector<double> values{0.0,           -0.0,  1.0,
                                   -3.0,          0.1,   Limits::denorm_min(),
                                   Limits::max(), -1e30, Limits::infinity(),
                                   Limits::min(), 1e15,  Limits::quiet_NaN()};
  const std::vector<std::string> texts{
      "BTCUSDT", "", std::string("a\0b", 3), "\xff\xfe\x80", "\"\\\n\x01\x1f\x7f/:[,]", "نماد"};
  std::vector<JournalEntry> entries;
  for (std::size_t i = 0; i < 60; ++i) {
    JournalEntry& entry = entries.emplace_back();
    const auto value = [&](std::size_t offset) { return values[(i + offset) % values.size()]; };
    const auto text = [&](std::size_t offset) { return texts[(i + offset) % texts.size()]; };
    const int period = i % 2 == 0 ? std::numeric_limits<int>::max() : static_cast<int>(i);
    const RuleLabel* const rule = names.rule({text(0), period, 2, 12});
    entry.taken_ns = std::numeric_limits<std::int64_t>::min() + static_cast<std::int64_t>(i);
    entry.fired_ns = std::numeric_limits<std::int64_t>::max();
    if (i % 5 == 4) {
      entry.type = JournalEntry::Type::Snapshot;
      const auto reason = static_cast<ListReason>(i % 2);
      entry.snapshot = {reason,
                        rule,
                        static_cast<Kind>(i % kKindCount),
                        static_cast<Timeframe>(i % kTimeframeCount),
                        ExchangeTime::min(),
                        {}};
      for (std::size_t k = 0; k < i % 4; ++k) {
        entry.snapshot.symbols.push_back(names.symbol(text(k), text(k + 1)));
      }
      entry.snapshot.time += Nanoseconds{i};
      continue;
    }
    Signal& signal = entry.signal;
    signal = make_signal(*rule, *names.symbol(text(1), text(2)));
    signal.bar_open = exchange_time_from_ns(static_cast<std::int64_t>(i) - 30);
    signal.time = i % 2 == 0 ? kNoExchangeTime : kNeverExchangeTime;
    signal.received = kNoReceiveTime;
    signal.price = Price{value(0)};
    signal.rsi = {value(1), value(2), value(3)};
    signal.firing = std::numeric_limits<std::uint32_t>::max() - static_cast<std::uint32_t>(i);
    signal.timeframe = static_cast<Timeframe>(i % kTimeframeCount);
    signal.kind = static_cast<Kind>(i % kKindCount);
    signal.stage = static_cast<Stage>(i % 3);
    signal.quality = static_cast<Quality>(i % 5);
    signal.repeat = i % 2 == 0;
    signal.offline = i % 3 == 0;
    entry.evidence.trade_count = static_cast<std::uint32_t>(i % (Evidence::kTradesMax + 1));
    for (std::uint32_t k = 0; k < entry.evidence.trade_count; ++k) {
      entry.evidence.trades[k] = {Price{value(k)}, Quantity{value(k + 1)}, TradeId{~0ULL - k},
                                  kNeverExchangeTime};
    }
    entry.evidence.before.by_first = value(4);
    entry.evidence.second_back = value(5);
  }
  return entries;
}

TEST_CASE("journal: every field comes back as it was, before and after a restart", "[journal]") {
  const JournalFolderOfTest folder;
  JournalBench bench(folder.path("state"));
  std::vector<JournalEntry> entries = extreme_entries(bench.names);
  for (JournalEntry& entry : entries) {
    bench.now_ns += 7;
    REQUIRE(bench.journal->add(entry));
    REQUIRE(entry.journaled_ns == bench.now_ns);
  }
  const auto check = [&] {
    const auto found = bench.journal->read(0, 1000);
    REQUIRE(found.size() == entries.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
      CAPTURE(i);
      CHECK(same(found[i], entries[i]));
      CHECK(entry_key(found[i]) == entry_key(entries[i]));
    }
  };
  check();
  REQUIRE(bench.journal->commit());
  check();
  bench.reopen();
  check();
}

TEST_CASE("journal: an entry of a known key is refused, waiting, committed or long ago",
          "[journal]") {
  const JournalFolderOfTest folder;
  JournalBench bench(folder.path("state"));
  JournalEntry entry = entry_of_test(1);
  REQUIRE(bench.journal->add(entry));
  JournalEntry again = entry_of_test(1);
  again.signal.price = Price{1.0};
  CHECK_FALSE(bench.journal->add(again));
  CHECK(again.seq == 0);
  REQUIRE(bench.journal->commit());
  CHECK_FALSE(bench.journal->add(again));
  bench.reopen();
  CHECK_FALSE(bench.journal->add(again));
  again.signal.stage = Stage::Confirmed;
  CHECK(bench.journal->add(again));
  CHECK(again.seq == 2);
  CHECK(seqs(bench.journal->find(signal_id(entry.signal))) == Seqs{1, 2});
}

TEST_CASE("journal: reads behind a place, in order, across what is stored and what waits",
          "[journal]") {
  const JournalFolderOfTest folder;
  JournalBench bench(folder.path("state"));
  add_and_commit(bench, 0, 5);
  add_record(bench, 5);
  add_record(bench, 6);
  CHECK(seqs(bench.journal->read(0, 100)) == Seqs{1, 2, 3, 4, 5, 6, 7});
  CHECK(seqs(bench.journal->read(3, 3)) == Seqs{4, 5, 6});
  CHECK(seqs(bench.journal->read(0, 2)) == Seqs{1, 2});
  CHECK(seqs(bench.journal->read(6, 9)) == Seqs{7});
  CHECK(bench.journal->read(7, 9).empty());
  const JournalStatus status = bench.journal->status();
  CHECK(status.oldest_seq == 1);
  CHECK(status.newest_seq == 7);
  CHECK(status.durable_seq == 5);
  CHECK(status.entries == 7);
  CHECK(status.waiting == 2);
  CHECK(status.bytes > 0);
}

TEST_CASE("journal: a process that dies loses what it had not committed, and nothing else",
          "[journal]") {
  const JournalFolderOfTest folder;
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    JournalBench bench(folder.path("state"));
    for (std::uint32_t i = 0; i < 3; ++i) add_record(bench, i);
    bench.journal->set_cursor("mail", 2);
    bench.journal->set_checkpoint({{{"input", "committed"}, {"gone", "x"}}});
    bench.journal->set_note("watch", "BTC");
    bench.journal->commit();
    add_record(bench, 3);
    bench.journal->set_cursor("mail", 3);
    bench.journal->set_checkpoint({{{"input", "never"}}});
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  JournalBench bench(folder.path("state"));
  CHECK(seqs(bench.journal->read(0, 100)) == Seqs{1, 2, 3});
  CHECK(bench.journal->cursor("mail") == 2);
  CHECK(bench.journal->note("watch") == "BTC");
  CHECK(part_of(bench.journal->checkpoint(), "input") == "committed");
  CHECK(bench.journal->checkpoint().parts.size() == 2);
  CHECK(bench.said.empty());
}

TEST_CASE("journal: the state is the one set last, parts that are gone are gone", "[journal]") {
  const JournalFolderOfTest folder;
  JournalBench bench(folder.path("state"));
  CHECK(bench.journal->checkpoint().parts.empty());
  const std::string raw("\0\xff\n", 3);
  bench.journal->set_checkpoint({{{"a", "1"}, {"b", raw}, {"c", ""}}});
  CHECK(part_of(bench.journal->checkpoint(), "b") == raw);
  REQUIRE(bench.journal->commit());
  bench.journal->set_checkpoint({{{"a", "2"}, {"b", raw}}});
  const auto check = [&] {
    const Checkpoint found = bench.journal->checkpoint();
    REQUIRE(found.parts.size() == 2);
    CHECK(part_of(found, "a") == "2");
    CHECK(part_of(found, "b") == raw);
  };
  check();
  REQUIRE(bench.journal->commit());
  check();
  bench.reopen();
  check();
}

TEST_CASE("journal: a damaged state is said and not used, and the next one is whole", "[journal]") {
  const JournalFolderOfTest folder;
  JournalBench bench(folder.path(""));
  bench.journal->set_checkpoint({{{"a", "1"}, {"b", "2"}}});
  const std::string damage =
      GENERATE(as<std::string>(), "UPDATE checkpoint SET bytes=x'33' WHERE name='a'",
               "DELETE FROM checkpoint WHERE name='b'");
  bench.journal.reset();
  change(folder, damage);
  bench.open();
  CHECK(bench.journal->checkpoint().parts.empty());
  CHECK(bench.has_said("is damaged"));
  bench.journal->set_checkpoint({{{"a", "1"}, {"b", "2"}}});
  bench.reopen();
  CHECK(part_of(bench.journal->checkpoint(), "a") == "1");
  CHECK(part_of(bench.journal->checkpoint(), "b") == "2");
}

TEST_CASE("journal: keeps what is young enough and few enough, and what a cursor waits for",
          "[journal]") {
  const JournalFolderOfTest folder;
  JournalBench bench(folder.path("state"));
  bench.settings.keep_age = std::chrono::hours{1};
  bench.settings.keep_entries = 3000;
  bench.reopen();
  // All of it, a bounded piece at a time.
  const auto tidy = [&] {
    for (bool is_more = true; is_more;) {
      const std::uint64_t before = bench.journal->status().entries;
      is_more = bench.journal->tidy();
      CHECK(before - bench.journal->status().entries <= 1000);
    }
  };
  add_and_commit(bench, 0, 5000);
  bench.journal->set_cursor("mail", 1500);
  bench.journal->set_cursor("log", 4000);
  tidy();
  CHECK(bench.journal->status().oldest_seq == 1501);
  bench.journal->remove_cursor("mail");
  tidy();
  CHECK(bench.journal->status().oldest_seq == 2001);
  CHECK(bench.journal->status().entries == 3000);
  bench.now_ns += 3601 * kSecondNs;
  add_and_commit(bench, 5000, 1);
  tidy();
  CHECK(bench.journal->status().oldest_seq == 4001);
  bench.journal->set_cursor("log", 5000);
  tidy();
  CHECK(bench.journal->status().oldest_seq == 5001);
  bench.now_ns += 3601 * kSecondNs;
  bench.journal->set_cursor("log", 5001);
  tidy();
  CHECK(bench.journal->status().entries == 0);
  CHECK(bench.journal->status().oldest_seq == 0);
  bench.reopen();
  CHECK(bench.journal->status().newest_seq == 5001);
  JournalEntry entry = entry_of_test(0);
  REQUIRE(bench.journal->add(entry));
  CHECK(entry.seq == 5002);
}

TEST_CASE("journal: a second process is told who has the folder", "[journal]") {
  const JournalFolderOfTest folder;
  const JournalBench bench(folder.path("state"));
  const std::string pid = std::to_string(::getpid());
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    try {
      JournalBench second(folder.path("state"));
    } catch (const std::runtime_error& error) {
      const std::string wanted = "state folder " + folder.path("state") + " is in use by process " +
                                 pid + " (stop it, or give this one its own state.dir)";
      ::_exit(error.what() == wanted ? 7 : 8);
    }
    ::_exit(9);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 7);
}

TEST_CASE("journal: makes its folder for its owner alone", "[journal]") {
  const JournalFolderOfTest folder;
  const mode_t mask = ::umask(0);
  const JournalBench bench(folder.path("a/b/c"));
  ::umask(mask);
  const auto mode = [&](const std::string& name) {
    struct stat status {};
    REQUIRE(::stat(folder.path(name).c_str(), &status) == 0);
    return status.st_mode & 0777U;
  };
  CHECK(mode("a") == 0700);
  CHECK(mode("a/b/c") == 0700);
  for (const std::string name : {"journal.db", "journal.db-wal", "lock"}) {
    CAPTURE(name);
    CHECK(mode("a/b/c/" + name) == 0600);
  }
}

TEST_CASE("journal: a folder that cannot be used is said with the mend", "[journal]") {
  const JournalFolderOfTest folder;
  folder.write("file", "");
  CHECK_THROWS_WITH(JournalBench(folder.path("file/state")), ContainsSubstring("state.dir"));
}

TEST_CASE("journal: the state folder is the configured one, systemd's, XDG's or in HOME",
          "[journal]") {
  ::setenv("STATE_DIRECTORY", "/var/lib/fastrsi:/var/lib/other", 1);
  ::setenv("XDG_STATE_HOME", "/x", 1);
  CHECK(state_folder("/mine") == "/mine");
  CHECK(state_folder("") == "/var/lib/fastrsi");
  ::unsetenv("STATE_DIRECTORY");
  CHECK(state_folder("") == "/x/fastrsi");
  ::unsetenv("XDG_STATE_HOME");
  const char* const value = std::getenv("HOME");
  const std::string home = value == nullptr ? "" : value;
  ::setenv("HOME", "/home/trader", 1);
  CHECK(state_folder("") == "/home/trader/.local/state/fastrsi");
  ::unsetenv("HOME");
  CHECK_THROWS_WITH(state_folder(""), ContainsSubstring("state.dir"));
  if (value != nullptr) ::setenv("HOME", home.c_str(), 1);
}

}  // namespace
}  // namespace fastrsi::test
