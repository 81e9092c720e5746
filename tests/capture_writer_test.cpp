// What is written reads back as it was given: every byte and event, in order, over new files.
#include "feeds/capture_writer.hpp"

#include <algorithm>
#include <limits>
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

TEST_CASE("capture writer: frames of any bytes read back as they were", "[capture_writer]") {
  const ScratchFolder folder;
  const CaptureSettings settings = settings_in(folder);
  std::string all_bytes;
  for (int i = 0; i < 256; ++i) all_bytes += static_cast<char>(i);
  struct Given {
    std::string bytes;
    bool is_text;
  };
  std::vector<Given> given = {
      {R"({"e":"trade","s":"BTCUSDT"})", true},
      {"{\n \"e\": \"trade\"\n}\n", true},
      {"{\"a\":1}\r", true},
      {"", true},
      {"", false},
      {" {\"space\":\"in front\"}", true},
      {R"({"fastrsi":{"event":"disconnected"}})", true},
      {R"({"fastrsi":{"capture":1,"venue":"kraken"}})", true},
      {R"({"fastrsi":)", true},
      {all_bytes, true},
      {all_bytes, false},
      {"\xEF\xBB\xBF{}", true},
      {R"({"e":"trade"})", false},
      {std::string("\0\0\0", 3), true},
      {std::string(300'000, 'x'), true},
  };
  for (std::size_t size = 1; size < 9; ++size)
    given.push_back({all_bytes.substr(250 - size, size), false});
  {
    CaptureWriter writer(settings);
    const auto tap = writer.open(link_of(3));
    for (std::size_t i = 0; i < given.size(); ++i) {
      tap->frame(received_at(static_cast<std::int64_t>(i)), given[i].bytes, given[i].is_text);
    }
  }
  const ReadResult result = read_back(settings.dir);
  CHECK(result.error.empty());
  CHECK(result.diagnostics.empty());
  CHECK(result.venues == std::vector<std::string>{"binance"});
  CHECK(result.links == std::vector<std::uint32_t>{3});
  REQUIRE(result.lines.size() == given.size());
  for (std::size_t i = 0; i < given.size(); ++i) {
    CAPTURE(i);
    CHECK(result.lines[i].kind == LineKind::Frame);
    CHECK(result.lines[i].bytes == given[i].bytes);
    CHECK(result.lines[i].received_ns == to_unix_ns(received_at(static_cast<std::int64_t>(i))));
  }
}

TEST_CASE("capture writer: a usual frame stands in the file as the venue sent it",
          "[capture_writer]") {
  const ScratchFolder folder;
  const CaptureSettings settings = settings_in(folder);
  {
    CaptureWriter writer(settings);
    const auto tap = writer.open(link_of());
    tap->connected(received_at(0));
    tap->frame(received_at(1), R"({"e":"trade"})", true);
    tap->disconnected(received_at(2), "the \"server\"\nsaid \xFF no");
  }
  const auto files = files_in(settings.dir);
  REQUIRE(files.size() == 1);
  CHECK(std::filesystem::path(files[0]).filename() == "binance-0-20240808T235413Z.capture.zst");
  std::string text(1 << 16, '\0');
  const std::string packed = bytes_of(files[0]);
  text.resize(ZSTD_decompress(text.data(), text.size(), packed.data(), packed.size()));
  CHECK(text ==
        "1723161253000000000 {\"fastrsi\":{\"capture\":1,\"venue\":\"binance\",\"url\":"
        "\"wss://stream.binance.com:9443/ws\",\"link\":0}}\n"
        "1723161253000000000 {\"fastrsi\":{\"event\":\"connected\"}}\n"
        "1723161253001000000 {\"e\":\"trade\"}\n"
        "1723161253002000000 {\"fastrsi\":{\"event\":\"disconnected\",\"reason\":"
        "\"the \\\"server\\\"\\u000asaid \xEF\xBF\xBD no\"}}\n");
}

TEST_CASE("capture writer: events read back in their places", "[capture_writer]") {
  const ScratchFolder folder;
  const CaptureSettings settings = settings_in(folder);
  const std::vector<CaptureBar> bars = {
      {exchange_time_from_ns(kBeginNs), {0.1 + 0.2}, {1e22}, {5e-324}, {64000.0}, 0},
      {exchange_time_from_ns(kBeginNs + 60'000'000'000),
       {1.0 / 3},
       {std::numeric_limits<double>::max()},
       {1e-7},
       {123456789.12345678},
       std::numeric_limits<std::uint64_t>::max()}};
  {
    CaptureWriter writer(settings);
    const auto tap = writer.open(link_of());
    tap->connected(received_at(0));
    tap->time(received_at(1));
    tap->bars(received_at(2), {"B\"TC\\\xD9\x81", Timeframe::H1, true, bars});
    tap->bars(received_at(3), {"X", Timeframe::M1, false, {}});
    tap->disconnected(received_at(4), "");
    // No clock says so, but lines of damaged times would be lost to a reader.
    tap->time(receive_time_from_ns(5));
  }
  const ReadResult result = read_back(settings.dir);
  CHECK(result.diagnostics.empty());
  REQUIRE(result.lines.size() == 6);
  CHECK(result.lines[0].kind == LineKind::Connected);
  CHECK(result.lines[1].kind == LineKind::Time);
  CHECK(result.lines[1].received_ns == to_unix_ns(received_at(1)));
  REQUIRE(result.lines[2].kind == LineKind::Bars);
  CaptureBars read;
  REQUIRE(read_bars(result.lines[2].bytes, read));
  CHECK(read.symbol == "B\"TC\\\xD9\x81");
  CHECK(read.timeframe == Timeframe::H1);
  CHECK(read.repair);
  CHECK(read.bars == bars);
  REQUIRE(read_bars(result.lines[3].bytes, read));
  CHECK_FALSE(read.repair);
  CHECK(read.bars.empty());
  CHECK(result.lines[4].kind == LineKind::Disconnected);
  CHECK(result.lines[5].kind == LineKind::Time);
  CHECK(result.lines[5].received_ns == to_unix_ns(kEarliestSaneTime));
}

TEST_CASE("capture bars: what is not of the form is refused", "[capture_writer]") {
  const std::string good =
      write_bars({"BTCUSDT",
                  Timeframe::M1,
                  false,
                  {{exchange_time_from_ns(kBeginNs), {1.5}, {2.5}, {0.5}, {1.25}, 7}}});
  CaptureBars bars;
  REQUIRE(read_bars(good, bars));
  for (std::size_t size = 0; size < good.size(); ++size) {
    CAPTURE(size);
    CHECK_FALSE(read_bars(good.substr(0, size), bars));
    CHECK(bars.bars.empty());
  }
  const auto replaced = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    text.replace(text.find(from), from.size(), to);
    return text;
  };
  CHECK_FALSE(read_bars(replaced("1.5", "inf"), bars));
  CHECK_FALSE(read_bars(replaced("1.5", "\"1.5\""), bars));
  CHECK_FALSE(read_bars(replaced(",7]", ",7.5]"), bars));
  CHECK_FALSE(read_bars(replaced(",7]", ",7,8]"), bars));
  CHECK_FALSE(read_bars(replaced(",7]]", ",7],]"), bars));
  CHECK_FALSE(read_bars(replaced(",7]]", ",7] ]"), bars));
  CHECK_FALSE(read_bars(replaced("\"1m\"", "\"7m\""), bars));
  CHECK_FALSE(read_bars(replaced("BTCUSDT", "\\ud800"), bars));
  CHECK_FALSE(read_bars(replaced("false", "0"), bars));
  CHECK_FALSE(read_bars(replaced("[1723161253000000000", "[17"), bars));
}

TEST_CASE("capture reader: a hole is counted, one without a number is damage", "[capture_writer]") {
  const ScratchFolder folder;
  const std::string text =
      "1723161253000000000 {\"fastrsi\":{\"capture\":1,\"venue\":\"okx\",\"link\":4294967296}}\n"
      "1723161253000000001 {\"fastrsi\":{\"event\":\"dropped\",\"frames\":12}}\n"
      "1723161253000000002 {\"fastrsi\":{\"event\":\"dropped\",\"frames\":-1}}\n"
      "1723161253000000003 {\"fastrsi\":{\"event\":\"dropped\"}}\n"
      "1723161253000000004 {\"fastrsi\":{\"event\":\"of a later version\"}}\n"
      "1723161253000000005 {}\n";
  const ReadResult result = read_capture(test::options_for({folder.write("holes", text)}, ""));
  REQUIRE(result.lines.size() == 2);
  CHECK(result.lines[0].kind == LineKind::Dropped);
  CHECK(result.lines[0].dropped == 12);
  CHECK(result.lines[1].bytes == "{}");
  CHECK(result.statistics.dropped_frames == 12);
  CHECK(result.statistics.damaged_lines == 3);
  CHECK(result.links == std::vector<std::uint32_t>{0});
}

TEST_CASE("capture writer: a new file begins by the lines' time and by size, and loses nothing",
          "[capture_writer]") {
  const ScratchFolder folder;
  CaptureSettings settings = settings_in(folder);
  std::mt19937_64 random(7);  // bytes that do not pack, so that files grow
  constexpr std::int64_t kLines = 2000;
  SECTION("by time") {
    settings.file_time_max = std::chrono::milliseconds(500);
  }
  SECTION("by size") {
    settings.file_bytes_max = 400'000;
  }
  std::vector<std::string> frames;
  for (std::int64_t i = 0; i < kLines; ++i) {
    frames.push_back("{\"n\":\"");
    for (int word = 0; word < 100; ++word) frames.back() += std::to_string(random());
    frames.back() += "\"}";
  }
  CaptureWriterStatistics statistics;
  {
    CaptureWriter writer(settings);
    auto tap = writer.open(link_of());
    for (std::int64_t i = 0; i < kLines; ++i) {
      tap->frame(received_at(i), frames[static_cast<std::size_t>(i)], true);
    }
    tap.reset();
    const auto wanted = static_cast<std::uint64_t>(kLines);
    while (writer.statistics().lines < wanted) std::this_thread::yield();
    statistics = writer.statistics();
  }
  const auto files = files_in(settings.dir);
  CHECK(files.size() >= 4);
  CHECK(statistics.files == files.size());
  const ReadResult result = read_back(settings.dir);
  CHECK(result.diagnostics.empty());
  REQUIRE(result.lines.size() == static_cast<std::size_t>(kLines));
  std::size_t different = 0;
  for (std::size_t i = 0; i < frames.size(); ++i) different += result.lines[i].bytes != frames[i];
  CHECK(different == 0);
}

TEST_CASE("capture writer: many connections, each its own files", "[capture_writer]") {
  const ScratchFolder folder;
  CaptureSettings settings = settings_in(folder);
  settings.queue_bytes = 64U * 1024;
  constexpr std::uint32_t kLinks = 4;
  constexpr std::int64_t kLines = 20'000;
  std::uint64_t dropped = 0;
  {
    CaptureWriter writer(settings);
    std::vector<std::thread> shards;
    for (std::uint32_t link = 0; link < kLinks; ++link) {
      shards.emplace_back([&writer, link] {
        const auto tap = writer.open(link_of(link));
        for (std::int64_t i = 0; i < kLines; ++i) {
          tap->frame(received_at(i), "{\"link\":" + std::to_string(link) + "}", i % 2 == 0);
        }
      });
    }
    for (std::thread& shard : shards) shard.join();
    dropped = writer.statistics().queue_dropped;
  }
  const auto files = files_in(settings.dir);
  REQUIRE(files.size() == kLinks);
  std::uint64_t holes = 0;
  for (std::uint32_t link = 0; link < kLinks; ++link) {
    const ReadResult result = read_capture(test::options_for({files[link]}, ""));
    CHECK(result.links == std::vector<std::uint32_t>{link});
    CHECK(frames_and_holes(result) == kLines);
    holes += result.statistics.dropped_frames;
    const std::string frame = "{\"link\":" + std::to_string(link) + "}";
    CHECK(std::all_of(result.lines.begin(), result.lines.end(), [&](const OwnedLine& line) {
      return line.kind == LineKind::Dropped || line.bytes == frame;
    }));
  }
  CHECK(holes >= dropped);
}

}  // namespace
}  // namespace fastrsi
