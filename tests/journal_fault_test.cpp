// The journal on a disk that fails: whatever fails, and however often, no entry is lost or doubled,
// numbers have no gap, and once the disk is well again everything is on it.
#include <sqlite3.h>

#include <random>

#include "tests/faulty_vfs.hpp"
#include "tests/journal_bench.hpp"

namespace fastrsi::test {
namespace {

constexpr int kRounds = 14;
constexpr std::uint32_t kEntriesARound = 4;
// Enough for the WAL to reach its checkpoint in the first half of the rounds, and in the second.
constexpr std::size_t kPartBytes = 700'000;

// What one round puts in: entries, a cursor, a note and a state, all of the same round.
void add_round(JournalBench& bench, int round) {
  for (std::uint32_t i = 0; i < kEntriesARound; ++i) {
    JournalEntry entry = entry_of_test(static_cast<std::uint32_t>(round) * kEntriesARound + i);
    REQUIRE(bench.journal->add(entry));
    JournalEntry again = entry;
    REQUIRE_FALSE(bench.journal->add(again));
  }
  const std::string mark = std::to_string(round);
  bench.journal->set_cursor("mail", static_cast<std::uint64_t>(round) + 1);
  bench.journal->set_note("round", "r" + mark);
  std::string bytes(kPartBytes, static_cast<char>('a' + round % 26));
  bench.journal->set_checkpoint({{{"input", mark}, {"fixed", "same"}, {"large", bytes}}});
}

void check_content(JournalBench& bench, int rounds) {
  const auto entries = bench.journal->read(0, 10'000);
  REQUIRE(entries.size() == static_cast<std::size_t>(rounds) * kEntriesARound);
  for (std::size_t i = 0; i < entries.size(); ++i) {
    REQUIRE(entries[i].seq == i + 1);
    REQUIRE(entries[i].signal.firing == i);
  }
  const std::string mark = std::to_string(rounds - 1);
  REQUIRE(bench.journal->cursor("mail") == static_cast<std::uint64_t>(rounds));
  REQUIRE(bench.journal->note("round") == "r" + mark);
  const Checkpoint checkpoint = bench.journal->checkpoint();
  REQUIRE(checkpoint.parts.size() == 3);
  REQUIRE(part_of(checkpoint, "input") == mark);
  REQUIRE(part_of(checkpoint, "fixed") == "same");
  REQUIRE(part_of(checkpoint, "large").size() == kPartBytes);
}

void commit_until_well(JournalBench& bench) {
  for (int i = 0; i < 10 && bench.journal->has_open_batch(); ++i) {
    bench.now_ns += 2 * kSecondNs;
    bench.journal->commit();
  }
  bench.now_ns += 2 * kSecondNs;
  bench.journal->tidy();
  const JournalStatus status = bench.journal->status();
  REQUIRE_FALSE(status.degraded);
  REQUIRE(status.trouble.empty());
  REQUIRE(status.waiting == 0);
  REQUIRE(status.durable_seq == status.newest_seq);
}

// Rounds on a disk that `make_faults` has a say in, healed after `heal_at` of them.
template <typename MakeFaults>
void run_rounds(FaultyVfs& vfs, MakeFaults make_faults, int heal_at) {
  const JournalFolderOfTest folder;
  JournalBench bench(folder.path("state"));
  make_faults();
  for (int round = 0; round < kRounds; ++round) {
    if (round == heal_at) vfs.heal();
    add_round(bench, round);
    bench.journal->commit();
    bench.now_ns += kSecondNs / 4;
    check_content(bench, round + 1);
    bench.journal->tidy();
    check_content(bench, round + 1);
  }
  vfs.heal();
  commit_until_well(bench);
  check_content(bench, kRounds);
  bench.reopen();
  check_content(bench, kRounds);
  CHECK(bench.journal->status().entries == kRounds * kEntriesARound);
  CHECK(vfs.violations() == 0);
}

// Fails the n-th call for each n until there are no more calls; at least `least` of them.
void fail_each(FaultyVfs::Call call, int code, bool sticky, int least) {
  int hits = 0;
  for (std::uint64_t i = 1; i <= 90; ++i) {
    // Each of the first, then some far behind: checkpoints and later commits.
    const std::uint64_t n = i <= 60 ? i : 60 + (i - 60) * 101;
    CAPTURE(static_cast<int>(call), code, sticky, n);
    FaultyVfs vfs;
    run_rounds(
        vfs, [&] { vfs.fail(call, n, code, sticky); }, sticky ? kRounds / 2 : kRounds);
    if (vfs.failures() == 0) break;
    ++hits;
  }
  CHECK(hits >= least);
}

TEST_CASE("journal: a full disk at any write costs no entry", "[journal][slow]") {
  fail_each(FaultyVfs::Write, SQLITE_FULL, false, 80);
  fail_each(FaultyVfs::Write, SQLITE_FULL, true, 80);
}

TEST_CASE("journal: a failure of any write costs no entry", "[journal][slow]") {
  fail_each(FaultyVfs::Write, SQLITE_IOERR_WRITE, false, 80);
  fail_each(FaultyVfs::Write, SQLITE_IOERR_WRITE, true, 80);
}

TEST_CASE("journal: a failure of any fsync costs no entry, and its file is left alone",
          "[journal][slow]") {
  fail_each(FaultyVfs::Sync, SQLITE_IOERR_FSYNC, false, 15);
  fail_each(FaultyVfs::Sync, SQLITE_IOERR_FSYNC, true, 8);
}

TEST_CASE("journal: a failure of any truncation costs no entry", "[journal][slow]") {
  fail_each(FaultyVfs::Truncate, SQLITE_IOERR_TRUNCATE, false, 2);
  fail_each(FaultyVfs::Truncate, SQLITE_FULL, true, 1);
}

TEST_CASE("journal: failures at random cost no entry", "[journal][slow]") {
  for (unsigned seed = 1; seed <= 60; ++seed) {
    CAPTURE(seed);
    FaultyVfs vfs;
    std::mt19937 random(seed);
    // From a failure now and then to a disk that is all but dead.
    const auto one_in = 2 + random() % (seed % 3 == 0 ? 4 : 300);
    run_rounds(
        vfs,
        [&] {
          vfs.decide_by([&random, one_in](FaultyVfs::Call call) -> int {
            if (random() % one_in != 0) return SQLITE_OK;
            if (call == FaultyVfs::Sync) return SQLITE_IOERR_FSYNC;
            if (call == FaultyVfs::Truncate) return SQLITE_IOERR_TRUNCATE;
            return random() % 2 == 0 ? SQLITE_FULL : SQLITE_IOERR_WRITE;
          });
        },
        kRounds - 2);
  }
}

TEST_CASE("journal: after a failed fsync the file steps aside, and a new one takes over",
          "[journal]") {
  FaultyVfs vfs;
  const JournalFolderOfTest folder;
  JournalBench bench(folder.path(""));
  add_round(bench, 0);
  REQUIRE(bench.journal->commit());
  vfs.fail(FaultyVfs::Sync, 1, SQLITE_IOERR_FSYNC, false);
  add_round(bench, 1);
  CHECK(bench.journal->commit());
  CHECK(folder.has("journal.db.aside-1"));
  CHECK(folder.has("journal.db.aside-1-wal"));
  CHECK_FALSE(folder.has("journal.db.next"));
  REQUIRE(bench.said.size() == 1);
  CHECK_THAT(bench.said[0], ContainsSubstring("kept as " + folder.path("journal.db.aside-1")));
  check_content(bench, 2);
}

TEST_CASE("journal: a disk that stays dead is tried once a second at most", "[journal]") {
  FaultyVfs vfs;
  const JournalFolderOfTest folder;
  JournalBench bench(folder.path(""));
  vfs.fail(FaultyVfs::Sync, 1, SQLITE_IOERR_FSYNC, true);
  add_round(bench, 0);
  REQUIRE_FALSE(bench.journal->commit());
  const std::uint64_t tried = vfs.count(FaultyVfs::Sync);
  for (int i = 0; i < 9; ++i) {
    bench.now_ns += kSecondNs / 10;
    CHECK_FALSE(bench.journal->commit());
  }
  CHECK(vfs.count(FaultyVfs::Sync) == tried);
  bench.now_ns += kSecondNs / 5;
  CHECK_FALSE(bench.journal->commit());
  CHECK(vfs.count(FaultyVfs::Sync) > tried);
  CHECK(bench.journal->status().degraded);
  CHECK_FALSE(bench.journal->status().trouble.empty());
  vfs.heal();
  commit_until_well(bench);
  CHECK(bench.has_said("back to normal, 4 entries that waited are on disk"));
  CHECK(folder.asides() == "1 ");
  check_content(bench, 1);
}

TEST_CASE("journal: on a full disk the ballast goes first, and comes back", "[journal]") {
  FaultyVfs vfs;
  const JournalFolderOfTest folder;
  JournalBench bench(folder.path(""));
  bench.settings.ballast_bytes = 100'000;
  bench.reopen();
  REQUIRE(folder.bytes("ballast").size() == 100'000);
  // Full until the ballast is gone.
  vfs.decide_by([&](FaultyVfs::Call call) {
    return call == FaultyVfs::Write && folder.has("ballast") ? SQLITE_FULL : SQLITE_OK;
  });
  add_round(bench, 0);
  CHECK(bench.journal->commit());
  CHECK_FALSE(folder.has("ballast"));
  CHECK_FALSE(bench.journal->status().ballast_there);
  CHECK(bench.has_said("ballast"));
  vfs.heal();
  bench.now_ns += 59 * kSecondNs;
  bench.journal->tidy();
  CHECK_FALSE(folder.has("ballast"));
  bench.now_ns += 2 * kSecondNs;
  bench.journal->tidy();
  CHECK(folder.has("ballast"));
  CHECK(bench.journal->status().ballast_there);
}

TEST_CASE("journal: as many entries as may wait do, then the oldest are given up", "[journal]") {
  FaultyVfs vfs;
  const JournalFolderOfTest folder;
  JournalBench bench(folder.path(""));
  vfs.fail(FaultyVfs::Write, 1, SQLITE_FULL, true);
  for (std::uint32_t i = 0; i < kEntriesWaitingMax + 10; ++i) {
    JournalEntry entry = entry_of_test(i);
    REQUIRE(bench.journal->add(entry));
    if (i == 0) REQUIRE_FALSE(bench.journal->commit());
  }
  CHECK(bench.journal->status().waiting == kEntriesWaitingMax);
  CHECK(bench.journal->status().given_up == 10);
  CHECK(bench.journal->read(0, 1)[0].seq == 11);
  vfs.heal();
  commit_until_well(bench);
  CHECK(bench.journal->status().entries == kEntriesWaitingMax);
  CHECK(bench.has_said("10 were given up before"));
}

// The folder as it is after each call while one file takes another's place: a crash there.
TEST_CASE("journal: a crash at any point of an exchange leaves a whole journal", "[journal]") {
  const JournalFolderOfTest folder;
  const JournalFolderOfTest copies;
  int copied = 0;
  {
    FaultyVfs vfs;
    JournalBench bench(folder.path(""));
    add_round(bench, 0);
    REQUIRE(bench.journal->commit());
    vfs.fail(FaultyVfs::Sync, 1, SQLITE_IOERR_FSYNC, false);
    vfs.watch([&] {
      std::filesystem::copy(folder.path(""), copies.path(std::to_string(copied++)),
                            std::filesystem::copy_options::recursive);
    });
    JournalEntry entry = entry_of_test(1000);
    REQUIRE(bench.journal->add(entry));
    CHECK(bench.journal->commit());
    CHECK(folder.has("journal.db.aside-1"));
  }
  REQUIRE(copied > 20);
  for (int i = 0; i < copied; ++i) {
    CAPTURE(i);
    JournalBench bench(copies.path(std::to_string(i)));
    const auto entries = bench.journal->read(0, 100);
    REQUIRE(entries.size() >= kEntriesARound);
    CHECK(entries.size() <= kEntriesARound + 1);
    CHECK(part_of(bench.journal->checkpoint(), "input") == "0");
    CHECK(bench.journal->cursor("mail") == 1);
    CHECK_FALSE(std::filesystem::exists(copies.path(std::to_string(i) + "/journal.db.next")));
  }
}

}  // namespace
}  // namespace fastrsi::test
