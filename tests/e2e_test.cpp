// From a capture's bytes to bars and RSI(14), against vectors that other programs made of the same
// trades: every row, for both rules on empty bars.
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <limits>
#include <memory>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/decimal.hpp"
#include "engine/engine.hpp"
#include "engine/executor.hpp"
#include "feeds/capture.hpp"
#include "feeds/feeds.hpp"
#include "tests/capture_files.hpp"
#include "tests/catch.hpp"
#include "tests/corpus.hpp"

namespace fastrsi {
namespace {

// A row of a vector, and what the engine makes of the same bar.
struct Row {
  std::int64_t open_ms = 0;
  double close = 0.0;
  std::uint64_t trades = 0;
  double rsi = std::numeric_limits<double>::quiet_NaN();
};

struct Source {
  std::vector<std::string> files;
  std::string venue;
  TradeStream stream;
  std::string symbol;
};

std::vector<Row> read_vector(const std::filesystem::path& path) {
  std::ifstream file(path);
  REQUIRE(file);
  std::vector<Row> rows;
  std::string line;
  std::getline(file, line);
  REQUIRE(line == "bar_start_ms_utc,close,trades,rsi14");
  while (std::getline(file, line)) {
    std::istringstream cells(line);
    std::string cell;
    Row row;
    std::getline(cells, cell, ',');
    row.open_ms = std::stoll(cell);
    std::getline(cells, cell, ',');
    row.close = parse_decimal(cell).value();
    std::getline(cells, cell, ',');
    row.trades = std::stoull(cell);
    if (std::getline(cells, cell, ',')) row.rsi = parse_decimal(cell).value();
    rows.push_back(row);
  }
  return rows;
}

// One symbol's closed bars, one by one: the venue's clock is moved to each bar's end in turn, so
// that no two bars close in one message.
class BarReader {
 public:
  BarReader(const Source& source, Timeframe timeframe, EmptyBars empty_bars)
      : engine_(settings(), {rule(timeframe, empty_bars)}),
        connection_(engine_.add_connection(source.venue, IdRule::Window, {})),
        symbol_(engine_.add_symbol(connection_, source.symbol)) {}

  void trade(Tick tick) {
    close_until(tick.time);
    tick.symbol = symbol_;
    handle(tick.time, {&tick, 1});
  }
  // The forming bar ends with the input.
  std::vector<Row> finish() {
    if (const Bar* bar = engine_.symbol(symbol_).forming_bar(0)) handle(bar->span.end, {});
    return rows_;
  }

 private:
  class Nowhere final : public RecordOutput {
    void record(const Record&) noexcept override {}
  };

  static EngineSettings settings() {
    EngineSettings settings;
    settings.grace = Nanoseconds{0};
    return settings;
  }
  static RuleSettings rule(Timeframe timeframe, EmptyBars empty_bars) {
    RuleSettings rule;
    rule.timeframes = {timeframe};
    rule.empty_bars = empty_bars;
    rule.evaluate = Evaluate::Close;
    return rule;
  }

  void close_until(ExchangeTime time) {
    const SymbolCore& core = engine_.symbol(symbol_);
    while (core.forming_bar(0) != nullptr && core.forming_bar(0)->span.end <= time) {
      handle(core.forming_bar(0)->span.end, {});
    }
  }
  void handle(ExchangeTime time, std::span<const Tick> ticks) {
    engine_.handle({connection_, kNoReceiveTime, time, ticks, 0}, out_);
    const SymbolCore& core = engine_.symbol(symbol_);
    const Bar* bar = core.closed_bar(0);
    if (bar == nullptr) return;
    const std::int64_t open_ms = to_unix_ns(bar->span.open) / 1'000'000;
    if (!rows_.empty() && rows_.back().open_ms == open_ms) return;
    rows_.push_back({open_ms, bar->close, bar->trades, core.closed_rsi(0)});
  }

  Engine engine_;
  const ConnectionId connection_;
  const SymbolId symbol_;
  Nowhere out_;
  std::vector<Row> rows_;
};

std::vector<Tick> trades_of(const Source& source) {
  CaptureReader reader(test::options_for(source.files, source.venue));
  const std::unique_ptr<Parser> parser = make_parser(source.venue, source.stream);
  FrameEvents events;
  CaptureBlock block;
  std::vector<Tick> ticks;
  while (reader.next(block)) {
    for (const CaptureLine& line : block.lines) {
      if (line.kind == LineKind::Trade) ticks.push_back(line.tick);
      if (line.kind != LineKind::Frame) continue;
      REQUIRE(parser != nullptr);
      parser->parse(line.bytes, line.received, events);
      for (std::size_t i = 0; i < events.ticks.size(); ++i) {
        if (events.symbols[i] == source.symbol) ticks.push_back(events.ticks[i]);
      }
    }
  }
  CHECK(reader.diagnostics().empty());
  return ticks;
}

void check_equal(const std::vector<Row>& rows, const std::vector<Row>& expected) {
  REQUIRE(rows.size() == expected.size());
  std::size_t values = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    CAPTURE(i, expected[i].open_ms);
    REQUIRE(rows[i].open_ms == expected[i].open_ms);
    REQUIRE(rows[i].close == expected[i].close);
    REQUIRE(rows[i].trades == expected[i].trades);
    REQUIRE(std::isnan(rows[i].rsi) == std::isnan(expected[i].rsi));
    if (std::isnan(expected[i].rsi)) continue;
    REQUIRE(std::abs(rows[i].rsi - expected[i].rsi) <= 1e-9);
    ++values;
  }
  CHECK(values == rows.size() - 14);
}

// Vectors are named STEM_TIMEFRAME_RULE.csv, with `end` behind.
void check_engine_vectors(const Source& source, const std::filesystem::path& stem,
                          std::initializer_list<const char*> timeframes, const std::string& end) {
  const std::vector<Tick> ticks = trades_of(source);
  REQUIRE_FALSE(ticks.empty());
  for (const char* timeframe : timeframes) {
    for (const EmptyBars empty_bars : {EmptyBars::Skip, EmptyBars::Carry}) {
      const std::string name = stem.string() + "_" + timeframe +
                               (empty_bars == EmptyBars::Skip ? "_skip" : "_carry") + end + ".csv";
      CAPTURE(name);
      BarReader reader(source, timeframe_from_text(timeframe).value(), empty_bars);
      for (const Tick& tick : ticks) reader.trade(tick);
      check_equal(reader.finish(), read_vector(name));
    }
  }
}

// The rows of a REST answer carry neither event nor symbol; a stream's frames do.
std::string as_stream(const std::string& rest_rows, const std::string& symbol) {
  CaptureReader reader(test::options_for({rest_rows}));
  CaptureBlock block;
  std::string frames;
  while (reader.next(block)) {
    for (const CaptureLine& line : block.lines) {
      REQUIRE(line.bytes.starts_with("{\"a\":"));
      frames += R"({"e":"aggTrade","s":")" + symbol + "\",";
      frames.append(line.bytes.substr(1)).push_back('\n');
    }
  }
  return frames;
}

}  // namespace

TEST_CASE("e2e: the demo's trades make the bars and RSI values of an independent program",
          "[e2e]") {
  const std::filesystem::path demo =
      std::filesystem::path(FASTRSI_SOURCE_DIR) / "tools" / "demo" / "demo.capture.zst";
  const std::filesystem::path vectors = testing::data_folder() / "e2e";
  check_engine_vectors({{demo}, "binance", TradeStream::Trade, "BTCUSDT"}, vectors / "btcusdt",
                       {"5s", "15s"}, "_rsi14");
  check_engine_vectors({{demo}, "binance", TradeStream::Trade, "ETHUSDT"}, vectors / "ethusdt",
                       {"5s", "15s"}, "_rsi14");
}

TEST_CASE("e2e: days of captures make the bars and RSI values of an independent program",
          "[e2e][corpus]") {
  const auto corpus = testing::corpus_folder();
  if (!corpus) return;
  for (const std::string symbol : {"btcusdt", "ethusdt"}) {
    const std::string stem = "binance_raw_spot_" + symbol + "_20240808";
    check_engine_vectors(
        {{(*corpus / "captures" / (stem + ".gz")).string(),
          (*corpus / "captures" / ("binance_raw_spot_" + symbol + "_20240809.gz")).string()},
         "binance",
         TradeStream::Trade,
         symbol == "btcusdt" ? "BTCUSDT" : "ETHUSDT"},
        *corpus / "e2e" / (stem + "_09"), {"5s", "15s"}, "_rsi14");
  }
}

TEST_CASE("e2e: a day of a trade CSV makes the bars and RSI values of an independent program",
          "[e2e][corpus]") {
  const auto corpus = testing::corpus_folder();
  if (!corpus) return;
  const std::string csv = (*corpus / "history" / "trades_gemini_ETHUSD_2021-07-01.csv").string();
  check_engine_vectors({{csv}, "gemini", TradeStream::Trade, "ETHUSD"},
                       *corpus / "e2e" / "gemini_ETHUSD_2021-07-01", {"1m", "5m"}, "_rsi14");
}

TEST_CASE("e2e: rows of a REST history make the bars and RSI values of an independent program",
          "[e2e][corpus]") {
  const auto corpus = testing::corpus_folder();
  if (!corpus) return;
  const test::ScratchFolder folder;
  const std::string rows =
      (*corpus / "history" / "binance_aggTrades_XRPETH_2019-10.jsonl.zst").string();
  check_engine_vectors({{folder.write("frames", as_stream(rows, "XRPETH"))},
                        "binance",
                        TradeStream::AggTrade,
                        "XRPETH"},
                       *corpus / "e2e" / "binance_XRPETH_2019-10", {"1m", "5m"}, "_rsi14");
}

}  // namespace fastrsi
