// The journal's thread: what it lets others see is on the disk.
#include "tools/service/recorder.hpp"

#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "tests/catch.hpp"
#include "tests/records.hpp"
#include "tests/scratch_folder.hpp"

namespace fastrsi::test {
namespace {

const RuleLabel kRecorderRule{"tars", 14, 2, 12};
const Symbol kRecorderSymbol{"binance", "BTCUSDT", "binance:BTCUSDT"};

}  // namespace

TEST_CASE("recorder: who reads the journal finds nothing that is not on the disk", "[journal]") {
  const ScratchFolder folder;
  JournalSettings settings;
  settings.dir = folder.path("state");
  settings.ballast_bytes = 0;
  Recorder recorder(
      settings, [](const std::string&) {}, 0);
  RecordQueue queue(64);
  recorder.follow({&queue});
  Record record;
  record.signal = make_signal(kRecorderRule, kRecorderSymbol);
  REQUIRE(queue.try_push(record));
  // Both wait when the thread begins: it comes to the records first, then to the question.
  std::uint64_t read = 0;
  std::uint64_t durable = 0;
  recorder.post([&](Journal& journal) {
    const auto entries = journal.read(0, 10);
    read = entries.empty() ? 0 : entries.back().seq;
    durable = journal.status().durable_seq;
  });
  std::thread thread([&recorder] { recorder.run(); });
  recorder.stop();
  thread.join();
  CHECK(read == 1);
  CHECK(durable == 1);
  CHECK(recorder.window().newest() == 1);
}

}  // namespace fastrsi::test
