// The parsers on real captures, against a count that knows nothing of them
// (tests/oracle/count_trades.py).
#include <bit>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include <unistd.h>

#include "tests/catch.hpp"
#include "tests/classification.hpp"
#include "tests/frames.hpp"

using namespace fastrsi;

namespace {

// Captures that are none of our markets': Kraken's futures, and version 3 of OKCoin, whose frames
// are compressed.
bool is_other_market(const std::string& name) {
  return name.starts_with("kraken_futures") || name.starts_with("okcoin");
}

struct Files {
  std::filesystem::path frames;
  std::filesystem::path trades;
};

Files count_trades(const std::filesystem::path& capture) {
  const auto folder = std::filesystem::temp_directory_path();
  const std::string stem = "fastrsi_" + std::to_string(::getpid()) + "_";
  Files files{folder / (stem + "frames"), folder / (stem + "trades")};
  const std::string command = "python3 '" FASTRSI_SOURCE_DIR "/tests/oracle/count_trades.py' '" +
                              capture.string() + "' '" + files.frames.string() + "' '" +
                              files.trades.string() + "'";
  REQUIRE(std::system(command.c_str()) == 0);
  return files;
}

// One line of the count.
struct Expected {
  std::size_t frame = 0;
  std::string symbol;
  double price = 0.0;
  double quantity = 0.0;
  std::string id;
  std::int64_t time_ns = 0;
};

bool read_expected(std::istream& in, Expected& trade) {
  std::string line;
  if (!std::getline(in, line)) return false;
  std::istringstream fields{line};
  std::string price;
  std::string quantity;
  fields >> trade.frame >> trade.symbol >> price >> quantity >> trade.id >> trade.time_ns;
  REQUIRE_FALSE(fields.fail());
  trade.price = std::strtod(price.c_str(), nullptr);
  trade.quantity = std::strtod(quantity.c_str(), nullptr);
  return true;
}

bool equals(const Tick& tick, std::string_view symbol, const Expected& expected) {
  const std::string id = tick.has_id ? std::to_string(static_cast<std::uint64_t>(tick.id)) : "-";
  return symbol == expected.symbol && id == expected.id && !tick.id_only &&
         to_unix_ns(tick.time) == expected.time_ns &&
         std::bit_cast<std::uint64_t>(tick.price.value) ==
             std::bit_cast<std::uint64_t>(expected.price) &&
         std::bit_cast<std::uint64_t>(tick.quantity.value) ==
             std::bit_cast<std::uint64_t>(expected.quantity);
}

struct Totals {
  std::size_t frames = 0;
  std::size_t trades = 0;
  std::size_t rejected = 0;
};

// Every trade of the capture has the bits that the count has, in the same frame and order.
Totals check_capture(const std::string& name, const std::string& venue, const Files& files,
                     testing::Classification& table) {
  testing::FrameTester tester{make_parser(venue, TradeStream::FirstSeen)};
  std::ifstream frames{files.frames};
  std::ifstream trades{files.trades};
  Totals totals;
  std::string frame;
  Expected expected;
  for (; std::getline(frames, frame); ++totals.frames) {
    const FrameEvents& events = tester.parse(frame);
    table.add(name, events);
    const bool is_sound = testing::is_consistent(events) && events.rejected_trades == 0;
    if (!is_sound) {
      INFO(frame.substr(0, 300));
      REQUIRE(is_sound);
    }
    if (events.kind == FrameKind::Rejected) {
      ++totals.rejected;
      const bool is_foreign = is_other_market(name) && events.reject != Reject::UnknownMessage;
      if (!is_foreign) REQUIRE(is_foreign);
    }
    for (std::size_t i = 0; i < events.ticks.size(); ++i) {
      const bool is_equal = read_expected(trades, expected) && expected.frame == totals.frames &&
                            equals(events.ticks[i], events.symbols[i], expected);
      if (!is_equal) {
        INFO(frame.substr(0, 300));
        REQUIRE(is_equal);
      }
      ++totals.trades;
    }
  }
  CHECK_FALSE(read_expected(trades, expected));
  return totals;
}

}  // namespace

TEST_CASE("parsers: find every trade of real captures, bit by bit, and refuse no legal message",
          "[corpus][parsers]") {
  const auto corpus = testing::corpus_folder();
  if (!corpus) return;
  std::size_t captures = 0;
  std::size_t trades = 0;
  testing::Classification table;
  for (const auto& entry : std::filesystem::directory_iterator{*corpus / "captures"}) {
    const std::string name = entry.path().filename().string();
    const std::string venue = testing::venue_of_file(name);
    if (venue.empty()) continue;
    INFO(name);
    const Files files = count_trades(entry.path());
    const Totals totals = check_capture(name, venue, files, table);
    std::filesystem::remove(files.frames);
    std::filesystem::remove(files.trades);
    CHECK(totals.frames > 0);
    CHECK(totals.rejected == (is_other_market(name) ? totals.frames : 0));
    ++captures;
    trades += totals.trades;
  }
  CHECK(captures > 0);
  CHECK(trades > 0);
  const std::string text = table.text();
  CHECK(text == testing::golden_classification("captures.txt", text));
}
