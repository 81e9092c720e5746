// Trouble costs the capture alone, and its files say what is missing: full rings, cut files, full
// disks.
#include "feeds/capture_writer.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <latch>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "feeds/capture.hpp"
#include "tests/capture_writing.hpp"
#include "tests/catch.hpp"

namespace fastrsi {
namespace {

using namespace test;

TEST_CASE("capture writer: what its ring had no room for is a hole in its place",
          "[capture_writer]") {
  const ScratchFolder folder;
  CaptureSettings settings = settings_in(folder);
  settings.queue_bytes = 4096;
  std::latch may_write(1);
  constexpr std::int64_t kLines = 400;
  {
    // The writer stands still at its first look at the disk, so that the ring fills.
    CaptureWriter writer(settings, {}, [&](const std::string&) {
      may_write.wait();
      return std::uint64_t{1} << 40U;
    });
    const auto tap = writer.open(link_of());
    for (std::int64_t i = 0; i < kLines; ++i) {
      tap->frame(received_at(i), "{\"n\":" + std::to_string(i) + "}", true);
    }
    CHECK(writer.statistics().lines == 0);
    may_write.count_down();
    while (writer.statistics().lines == 0) std::this_thread::yield();
    tap->frame(received_at(kLines), std::string(5000, ' '), true);  // never has room
    tap->frame(received_at(kLines + 1), "{\"last\":1}", true);
  }
  const ReadResult result = read_back(settings.dir);
  CHECK(result.diagnostics.empty());
  CHECK(frames_and_holes(result) == kLines + 2);
  CHECK(result.statistics.dropped_frames > 100);
  // Each frame stands behind as many frames and lost ones as were given before it.
  std::int64_t before = 0;
  for (const OwnedLine& line : result.lines) {
    CAPTURE(before);
    CHECK(line.received_ns == to_unix_ns(received_at(before)));
    before += line.kind == LineKind::Dropped ? static_cast<std::int64_t>(line.dropped) : 1;
  }
}

TEST_CASE("capture writer: a hole at the very end is told too", "[capture_writer]") {
  const ScratchFolder folder;
  CaptureSettings settings = settings_in(folder);
  settings.queue_bytes = 4096;
  {
    CaptureWriter writer(settings);
    const auto tap = writer.open(link_of());
    tap->frame(received_at(0), "{}", true);
    for (int i = 1; i < 6; ++i) tap->frame(received_at(i), std::string(8000, ' '), true);
  }
  const ReadResult result = read_back(settings.dir);
  REQUIRE(result.lines.size() == 2);
  CHECK(result.lines[1].kind == LineKind::Dropped);
  CHECK(result.lines[1].dropped == 5);
}

TEST_CASE("capture writer: a frame too long for a line is a hole", "[capture_writer]") {
  const ScratchFolder folder;
  CaptureSettings settings = settings_in(folder);
  settings.queue_bytes = 64U << 20U;
  {
    CaptureWriter writer(settings);
    const auto tap = writer.open(link_of());
    tap->frame(received_at(0), std::string(kFrameBytesMax, 'a'), true);
    tap->frame(received_at(1), "{}", true);
  }
  const ReadResult result = read_back(settings.dir);
  CHECK(result.statistics.oversized_lines == 0);
  REQUIRE(result.lines.size() == 2);
  CHECK(result.lines[0].kind == LineKind::Dropped);
  CHECK(result.lines[1].bytes == "{}");
}

TEST_CASE("capture writer: what was flushed can be read while the file is open",
          "[capture_writer]") {
  const ScratchFolder folder;
  CaptureSettings settings = settings_in(folder);
  settings.flush_every = std::chrono::milliseconds(0);
  CaptureWriter writer(settings);
  const auto tap = writer.open(link_of());
  for (std::int64_t round = 0; round < 3; ++round) {
    const std::uint64_t before = writer.statistics().file_bytes;
    tap->frame(received_at(round), "{\"n\":" + std::to_string(round) + "}", true);
    while (writer.statistics().file_bytes == before) std::this_thread::yield();
    const ReadResult result = read_back(settings.dir);
    CHECK(result.error.empty());
    CHECK(result.statistics.damaged_tails == 1);  // the file goes on
    REQUIRE(result.lines.size() == static_cast<std::size_t>(round) + 1);
    CHECK(result.lines.back().bytes == "{\"n\":" + std::to_string(round) + "}");
  }
}

TEST_CASE("capture writer: a file cut anywhere keeps whole lines from its begin",
          "[capture_writer]") {
  const ScratchFolder folder;
  const CaptureSettings settings = settings_in(folder);
  {
    CaptureWriter writer(settings);
    const auto tap = writer.open(link_of());
    for (std::int64_t i = 0; i < 40; ++i)
      tap->frame(received_at(i), "{\"n\":" + std::to_string(i) + "}", true);
  }
  const auto files = files_in(settings.dir);
  const ReadResult whole = read_back(settings.dir);
  REQUIRE(whole.lines.size() == 40);
  const std::string bytes = bytes_of(files[0]);
  for (std::size_t size = 0; size <= bytes.size(); ++size) {
    CAPTURE(size);
    const auto cut = read_capture(
        test::options_for({folder.write("cut.capture.zst", bytes.substr(0, size))}, "binance"));
    REQUIRE(cut.lines.size() <= whole.lines.size());
    REQUIRE(std::equal(cut.lines.begin(), cut.lines.end(), whole.lines.begin()));
  }
}

TEST_CASE("capture writer: too little space pauses it once, and it goes on with a mark",
          "[capture_writer]") {
  const ScratchFolder folder;
  CaptureSettings settings = settings_in(folder);
  settings.keep_free_bytes = 1000;
  settings.retry_every = std::chrono::milliseconds(0);
  settings.flush_every = std::chrono::milliseconds(0);
  std::atomic<std::uint64_t> free_bytes{999};
  std::vector<std::string> said;
  {
    CaptureWriter writer(
        settings, [&](const std::string& sentence) { said.push_back(sentence); },
        [&](const std::string&) { return free_bytes.load(); });
    const auto tap = writer.open(link_of());
    for (std::int64_t i = 0; i < 10; ++i) tap->frame(received_at(i), "{}", true);
    while (writer.statistics().disk_dropped < 10) std::this_thread::yield();
    CHECK(files_in(settings.dir).empty());
    free_bytes = 1001;  // above the limit, but not by enough to begin again
    tap->frame(received_at(10), "{}", true);
    while (writer.statistics().disk_dropped < 11) std::this_thread::yield();
    free_bytes = 5000;
    tap->frame(received_at(11), "{\"n\":11}", true);
    while (writer.statistics().lines < 1) std::this_thread::yield();
    CHECK(writer.statistics().disk_errors >= 1);
  }
  REQUIRE(said.size() == 2);
  CHECK(said[0] == "capture of binance connection 0 pauses: " + settings.dir +
                       ": 999 bytes are free, and 1000 are to stay so (make room; it goes on by "
                       "itself)");
  CHECK(said[1] == "capture of binance connection 0: goes on in " + settings.dir +
                       "/binance-0-20240808T235413Z.capture.zst; 11 lines are missing");
  const ReadResult result = read_back(settings.dir);
  REQUIRE(result.lines.size() == 2);
  CHECK(result.lines[0].kind == LineKind::Dropped);
  CHECK(result.lines[0].dropped == 11);
  CHECK(result.lines[1].bytes == "{\"n\":11}");
}

TEST_CASE("capture writer: a disk that refuses is said once, and what it cost is told",
          "[capture_writer]") {
  const ScratchFolder folder;
  CaptureSettings settings = settings_in(folder);
  settings.retry_every = std::chrono::milliseconds(0);
  settings.queue_bytes = 32U << 20U;
  std::vector<std::string> said;
  std::mt19937_64 random(11);
  constexpr std::int64_t kLines = 3000;
  struct rlimit before {};
  REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
  struct rlimit small = before;
  small.rlim_cur = 100'000;  // each file ends there, as on a full disk
  auto* const handler = std::signal(SIGXFSZ, SIG_IGN);
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
  CaptureWriterStatistics statistics;
  {
    CaptureWriter writer(settings, [&](const std::string& sentence) { said.push_back(sentence); });
    auto tap = writer.open(link_of());
    for (std::int64_t i = 0; i < kLines; ++i) {
      std::string frame = "{\"n\":\"";
      for (int word = 0; word < 20; ++word) frame += std::to_string(random());
      tap->frame(received_at(i), frame + "\"}", true);
    }
    tap.reset();
    while (writer.statistics().lines + writer.statistics().disk_dropped < kLines) {
      std::this_thread::yield();
    }
    statistics = writer.statistics();
  }
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &before) == 0);
  std::signal(SIGXFSZ, handler);
  CHECK(statistics.disk_errors >= 1);
  REQUIRE_FALSE(said.empty());
  CHECK(said[0].find("File too large") != std::string::npos);
  const ReadResult result = read_back(settings.dir);
  for (const OwnedLine& line : result.lines) {
    if (line.kind == LineKind::Frame) CHECK(line.bytes.starts_with("{\"n\":\""));
  }
  CHECK(result.statistics.dropped_frames <= statistics.disk_dropped);
}

TEST_CASE("capture writer: a folder that cannot be written is a bad start", "[capture_writer]") {
  const ScratchFolder folder;
  CaptureSettings settings;
  settings.dir = folder.write("file", "x") + "/captures";
  CHECK_THROWS_WITH(CaptureWriter(settings), ContainsSubstring("name a folder for captures"));
}

}  // namespace
}  // namespace fastrsi
