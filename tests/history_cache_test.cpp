// Bars kept on disk: they come back as they were, or not at all.
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "feeds/live/history_cache.hpp"
#include "tests/catch.hpp"
#include "tests/scratch_folder.hpp"

using namespace fastrsi;
using namespace fastrsi::live;

namespace {

constexpr std::string_view kKey = "binance/BTCUSDT/1m";

ExchangeTime minute(int number) {
  return exchange_time_from_ns((1'714'521'600 + 60LL * number) * 1'000'000'000);
}

CaptureBar bar_of(int number, double price = 100.0) {
  return {minute(number), {price}, {price + 2.5}, {price - 0.1}, {price + 1}, 7};
}

KnownBars known_of(int begin, int end, double price = 100.0) {
  KnownBars known{minute(begin), minute(end), {}};
  for (int i = begin; i < end; ++i) known.bars.push_back(bar_of(i, price));
  return known;
}

bool is_same(const KnownBars& a, const KnownBars& b) {
  return a.begin == b.begin && a.end == b.end && a.bars == b.bars;
}

std::string hex_of(const std::string& bytes) {
  std::string text;
  for (const char byte : bytes) {
    constexpr char kDigits[] = "0123456789abcdef";
    text += kDigits[static_cast<unsigned char>(byte) >> 4];
    text += kDigits[static_cast<unsigned char>(byte) & 15];
  }
  return text;
}

}  // namespace

TEST_CASE("history cache: bars come back as they were written", "[live_history]") {
  const test::ScratchFolder folder;
  HistoryCache cache(folder.path("a/b"), "binance");
  const std::vector<std::string> symbols = {"BTCUSDT", "BTC/USD", "..", "فولاد", "a b", "%2F"};
  for (std::size_t i = 0; i < symbols.size(); ++i) {
    cache.save(symbols[i], Timeframe::M1, known_of(0, static_cast<int>(i) + 3));
  }
  for (std::size_t i = 0; i < symbols.size(); ++i) {
    INFO(symbols[i]);
    CHECK(is_same(cache.load(symbols[i], Timeframe::M1), known_of(0, static_cast<int>(i) + 3)));
    CHECK(cache.load(symbols[i], Timeframe::M5).is_empty());
  }
  CHECK(HistoryCache(folder.path("a/b"), "okx").load("BTCUSDT", Timeframe::M1).is_empty());
  CHECK(cache.failed_writes_total() == 0);
  CHECK(cache.damaged_total() == 0);
  // Replaced as a whole, and nothing beside the files is left.
  cache.save("BTCUSDT", Timeframe::M1, known_of(5, 9));
  CHECK(is_same(cache.load("BTCUSDT", Timeframe::M1), known_of(5, 9)));
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder.path("a/b"))) {
    files += entry.is_regular_file() ? 1 : 0;
  }
  CHECK(files == symbols.size());
}

TEST_CASE("history cache: the bytes of version 1 stay what they are", "[live_history]") {
  KnownBars known = known_of(0, 2);
  known.bars.resize(1);
  const std::string bytes = write_known_bars(known, kKey);
  CHECK(hex_of(bytes) ==
        "4652534942415253"
        "01000000"
        "01000000"
        "0000bcaf4f34cb17"
        "00b04aa06b34cb17"
        "0000bcaf4f34cb17"
        "0000000000005940"
        "0000000000a05940"
        "9a99999999f95840"
        "0000000000405940"
        "0700000000000000"
        "3e642bfb1531f777");
}

TEST_CASE("history cache: a file cut or changed anywhere is as none", "[live_history]") {
  const std::string bytes = write_known_bars(known_of(0, 3), kKey);
  REQUIRE(read_known_bars(bytes, kKey).has_value());
  CHECK_FALSE(read_known_bars(bytes, "binance/BTCUSDT/5m"));
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    CHECK_FALSE(read_known_bars(std::string_view{bytes}.substr(0, i), kKey));
    for (const int bit : {0, 7}) {
      std::string flipped = bytes;
      flipped[i] = static_cast<char>(flipped[i] ^ (1 << bit));
      CHECK_FALSE(read_known_bars(flipped, kKey));
    }
  }
  CHECK_FALSE(read_known_bars(bytes + "x", kKey));
}

TEST_CASE("history cache: bars that make no sense are refused under a right checksum too",
          "[live_history]") {
  const auto is_taken = [](const auto& change) {
    KnownBars known = known_of(0, 3);
    change(known);
    return read_known_bars(write_known_bars(known, kKey), kKey).has_value();
  };
  CHECK(is_taken([](KnownBars&) {}));
  CHECK_FALSE(is_taken([](KnownBars& known) { known.bars[1].open_time = minute(0); }));
  CHECK_FALSE(is_taken([](KnownBars& known) { known.bars[2].open_time = minute(3); }));
  CHECK_FALSE(is_taken([](KnownBars& known) { known.bars[0].open_time = minute(-1); }));
  CHECK_FALSE(is_taken([](KnownBars& known) { known.bars[1].low = {0.0}; }));
  CHECK_FALSE(is_taken([](KnownBars& known) { known.bars[1].close = {1e308 * 10}; }));
  CHECK_FALSE(is_taken([](KnownBars& known) { known.bars[1].high = {1.0}; }));
  CHECK_FALSE(is_taken([](KnownBars& known) { known.end = known.begin; }));
  CHECK_FALSE(is_taken([](KnownBars& known) { known.begin = kNoExchangeTime; }));
}

TEST_CASE("history cache: a damaged file is counted, and written anew", "[live_history]") {
  const test::ScratchFolder folder;
  HistoryCache cache(folder.path("kept"), "binance");
  cache.save("A", Timeframe::H1, known_of(0, 3));
  const std::string path = folder.path("kept/binance/A/1h.bars");
  REQUIRE(std::filesystem::exists(path));
  std::filesystem::resize_file(path, 100);
  CHECK(cache.load("A", Timeframe::H1).is_empty());
  CHECK(cache.damaged_total() == 1);
  cache.save("A", Timeframe::H1, known_of(0, 3));
  CHECK(is_same(cache.load("A", Timeframe::H1), known_of(0, 3)));
}

TEST_CASE("history cache: a folder that cannot be written costs nothing but the bars",
          "[live_history]") {
  const test::ScratchFolder folder;
  HistoryCache cache(folder.write("file", "x") + "/under", "binance");
  cache.save("A", Timeframe::H1, known_of(0, 3));
  CHECK(cache.failed_writes_total() == 1);
  CHECK(cache.load("A", Timeframe::H1).is_empty());
  HistoryCache none("", "binance");
  none.save("A", Timeframe::H1, known_of(0, 3));
  CHECK(none.load("A", Timeframe::H1).is_empty());
  CHECK(none.failed_writes_total() == 0);
}

TEST_CASE("history cache: a file keeps the newest bars, so many at most", "[live_history]") {
  const test::ScratchFolder folder;
  HistoryCache cache(folder.path("kept"), "binance");
  const int count = static_cast<int>(kCachedBarsMax) + 10;
  cache.save("A", Timeframe::M1, known_of(0, count));
  CHECK(is_same(cache.load("A", Timeframe::M1), known_of(10, count)));
}

TEST_CASE("history cache: what is known grows at both ends and never hides a hole",
          "[live_history]") {
  KnownBars known;
  const auto add = [&known](int from, int to, double price = 100.0) {
    known.add(minute(from), minute(to), known_of(from, to, price).bars);
  };
  add(10, 20);
  CHECK(is_same(known, known_of(10, 20)));
  add(20, 25);
  add(5, 10);
  CHECK(is_same(known, known_of(5, 25)));
  // What came later counts where both know.
  add(8, 10, 200.0);
  CHECK(known.within(minute(8), minute(10)) == known_of(8, 10, 200.0).bars);
  CHECK(known.within(minute(10), minute(30)) == known_of(10, 25).bars);
  CHECK(known.within(minute(9), minute(9)).empty());
  // With a hole between, the newer part stays.
  add(0, 3);
  CHECK(known.begin == minute(5));
  add(40, 45);
  CHECK(is_same(known, known_of(40, 45)));
  known.forget_from(minute(43));
  CHECK(is_same(known, known_of(40, 43)));
  known.forget_old(1);
  CHECK(is_same(known, known_of(42, 43)));
  known.forget_from(minute(0));
  CHECK(known.is_empty());
  CHECK(known.bars.empty());
}
