// What the journal does with files it cannot use: they step aside under a name of their own, are
// never deleted, and give what can still be read.
#include "sinks/sqlite.hpp"
#include "tests/journal_bench.hpp"

namespace fastrsi::test {
namespace {

// Some entries, a cursor and a state, and the WAL brought over into journal.db.
void fill(JournalBench& bench, const JournalFolderOfTest& folder, std::uint32_t entries) {
  for (std::uint32_t i = 0; i < entries; ++i) {
    JournalEntry entry = entry_of_test(i);
    REQUIRE(bench.journal->add(entry));
  }
  bench.journal->set_cursor("mail", 7);
  bench.journal->set_checkpoint({{{"input", "here"}}});
  bench.journal.reset();
  Database(folder.path("journal.db"), Database::Use::Write).checkpoint_wal(true);
}

TEST_CASE("journal: what is no journal steps aside whole, and a new one begins", "[journal]") {
  const JournalFolderOfTest folder;
  JournalBench bench(folder.path(""));
  fill(bench, folder, 10);
  const std::string how =
      GENERATE(as<std::string>(), "garbage", "version", "other program", "other tables", "header");
  CAPTURE(how);
  if (how == "garbage") {
    folder.write("journal.db", "this is a text\n" + std::string(9000, 'x'));
  } else if (how == "header") {
    folder.write("journal.db", folder.bytes("journal.db").substr(0, 99));
  } else {
    Database database(folder.path("journal.db"), Database::Use::Write);
    if (how == "version") database.run("PRAGMA user_version=99");
    if (how == "other program") database.run("PRAGMA application_id=1");
    if (how == "other tables") database.run("ALTER TABLE notes ADD COLUMN more TEXT");
    database.checkpoint_wal(true);
  }
  const std::string bytes = folder.bytes("journal.db");
  bench.open();
  CHECK(folder.bytes("journal.db.aside-1") == bytes);
  REQUIRE(bench.said.size() == 1);
  CHECK_THAT(bench.said[0], ContainsSubstring("kept as " + folder.path("journal.db.aside-1")));
  CHECK(bench.journal->read(0, 100).empty());
  JournalEntry entry = entry_of_test(0);
  REQUIRE(bench.journal->add(entry));
  REQUIRE(bench.journal->commit());
  bench.reopen();
  CHECK(bench.journal->read(0, 100).size() == 1);
  CHECK(bench.said.size() == 1);
}

TEST_CASE("journal: a file cut short steps aside and gives what is left", "[journal]") {
  const JournalFolderOfTest folder;
  JournalBench bench(folder.path(""));
  fill(bench, folder, 2000);
  const std::string bytes = folder.bytes("journal.db");
  folder.write("journal.db", bytes.substr(0, bytes.size() / 2 / 4096 * 4096));
  bench.open();
  CHECK(folder.asides() == "1 ");
  CHECK(folder.bytes("journal.db.aside-1").size() < bytes.size());
  CHECK(bench.has_said("is only in the old one"));
  // Whatever was left: it is in order, it can be added to, and it stays.
  const auto entries = bench.journal->read(0, 10'000);
  for (std::size_t i = 1; i < entries.size(); ++i) REQUIRE(entries[i - 1].seq < entries[i].seq);
  JournalEntry entry = entry_of_test(9999);
  REQUIRE(bench.journal->add(entry));
  REQUIRE(bench.journal->commit());
  bench.reopen();
  CHECK(bench.journal->read(0, 10'000).size() == entries.size() + 1);
  CHECK(folder.asides() == "1 ");
}

TEST_CASE("journal: a damaged page costs what stands on it, and numbers go on", "[journal]") {
  const JournalFolderOfTest folder;
  JournalBench bench(folder.path(""));
  fill(bench, folder, 2000);
  std::string bytes = folder.bytes("journal.db");
  // A page with rows of `signals` in the middle of the file: found by a text only rows hold.
  std::size_t page = bytes.size() / 4096 / 2;
  while (bytes.substr(page * 4096, 4096).find("complete") == std::string::npos) ++page;
  bytes.replace(page * 4096, 4096, std::string(4096, '\xA5'));
  folder.write("journal.db", bytes);
  bench.open();
  CHECK(folder.bytes("journal.db.aside-1") == bytes);
  const auto entries = bench.journal->read(0, 10'000);
  CHECK(entries.size() > 1900);
  CHECK(entries.size() < 2000);
  CHECK(entries.front().seq == 1);
  CHECK(entries.back().seq == 2000);
  CHECK(bench.journal->cursor("mail") == 7);
  CHECK(part_of(bench.journal->checkpoint(), "input") == "here");
  JournalEntry entry = entry_of_test(2000);
  REQUIRE(bench.journal->add(entry));
  CHECK(entry.seq == 2001);
}

TEST_CASE("journal: a row that makes no sense is left behind when it is met", "[journal]") {
  const JournalFolderOfTest folder;
  JournalBench bench(folder.path(""));
  fill(bench, folder, 10);
  const std::string damage = GENERATE(
      as<std::string>(), "kind='nothing'", "timeframe='7m'", "evidence=x'0205'", "firing=-1",
      "type='list',reason='scan',symbols='[[\"a\",\"b\"],[\"\\u00zz\",\"b\"]]'");
  CAPTURE(damage);
  Database(folder.path("journal.db"), Database::Use::Write)
      .run("UPDATE signals SET " + damage + " WHERE seq=5");
  bench.open();
  CHECK(bench.said.empty());
  CHECK(bench.journal->read(0, 100).size() == 9);
  REQUIRE(bench.said.size() == 1);
  CHECK_THAT(bench.said[0], ContainsSubstring("entry 5 has"));
  CHECK_THAT(bench.said[0], ContainsSubstring("took over 9 entries"));
  CHECK(folder.asides() == "1 ");
  CHECK(bench.journal->status().entries == 9);
  CHECK(bench.journal->status().newest_seq == 10);
}

TEST_CASE("journal: asides are numbered and never overwritten", "[journal]") {
  const JournalFolderOfTest folder;
  folder.write("journal.db.aside-2-wal", "somebody's");
  for (int i = 0; i < 3; ++i) {
    folder.write("journal.db", std::string(5000, static_cast<char>('a' + i)));
    folder.write("journal.db-wal", "");
    const JournalBench bench(folder.path(""));
  }
  CHECK(folder.bytes("journal.db.aside-1").front() == 'a');
  CHECK(folder.bytes("journal.db.aside-2-wal") == "somebody's");
  CHECK(folder.bytes("journal.db.aside-3").front() == 'b');
  CHECK(folder.bytes("journal.db.aside-4").front() == 'c');
}

// The renames of an exchange, each time cut short at another one.
TEST_CASE("journal: an exchange that a crash cut short is finished", "[journal]") {
  const JournalFolderOfTest folder;
  JournalBench bench(folder.path(""));
  fill(bench, folder, 10);
  const bool wal_is_left = GENERATE(true, false);
  std::filesystem::rename(folder.path("journal.db"), folder.path("journal.db.next"));
  folder.write("journal.db.aside-1", "the old one");
  folder.write(wal_is_left ? "journal.db-wal" : "journal.db.aside-1-wal", "its WAL");
  if (!wal_is_left) std::filesystem::remove(folder.path("journal.db-wal"));
  bench.open();
  CHECK(bench.journal->read(0, 100).size() == 10);
  CHECK(folder.bytes("journal.db.aside-1") == "the old one");
  CHECK(folder.bytes(wal_is_left ? "journal.db.aside-2-wal" : "journal.db.aside-1-wal") ==
        "its WAL");
  CHECK_FALSE(folder.has("journal.db.next"));
}

TEST_CASE("journal: a new one that a crash left half made is forgotten", "[journal]") {
  const JournalFolderOfTest folder;
  JournalBench bench(folder.path(""));
  fill(bench, folder, 10);
  folder.write("journal.db.next", "half");
  folder.write("journal.db.next-journal", "half");
  bench.open();
  CHECK(bench.journal->read(0, 100).size() == 10);
  CHECK_FALSE(folder.has("journal.db.next"));
  CHECK_FALSE(folder.has("journal.db.next-journal"));
}

}  // namespace
}  // namespace fastrsi::test
