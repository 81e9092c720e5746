// Trade and bar CSV files, by header and as Binance publishes them without one.
#include <array>
#include <string>
#include <vector>

#include "feeds/capture.hpp"
#include "feeds/csv_rows.hpp"
#include "tests/capture_files.hpp"
#include "tests/catch.hpp"

namespace fastrsi {
namespace {

using test::options_for;
using test::OwnedLine;
using test::read_capture;
using test::ReadResult;
using test::ScratchFolder;

ReadResult read_csv(const std::string& text, const std::string& name = "FOO.csv") {
  const ScratchFolder folder;
  return read_capture(options_for({folder.write(name, text)}));
}

// The one row of a file that has nothing wrong.
OwnedLine one_row(const std::string& text, const std::string& name = "FOO.csv") {
  const ReadResult result = read_csv(text, name);
  CAPTURE(text, result.error);
  CHECK(result.diagnostics.empty());
  REQUIRE(result.lines.size() == 1);
  CHECK(result.lines[0].bytes.empty());
  CHECK(result.lines[0].received_ns == to_unix_ns(kNoReceiveTime));
  return result.lines[0];
}

void check_csv_trade(const OwnedLine& row, std::int64_t time_ns, double price, double quantity) {
  CHECK(row.kind == LineKind::Trade);
  CHECK(to_unix_ns(row.tick.time) == time_ns);
  CHECK(row.tick.price.value == price);
  CHECK(row.tick.quantity.value == quantity);
  CHECK(row.tick.received == kNoReceiveTime);
}

void check_bar(const OwnedLine& row, std::int64_t open_ns, const std::array<double, 4>& prices) {
  CHECK(row.kind == LineKind::Bar);
  CHECK(to_unix_ns(row.bar.open_time) == open_ns);
  CHECK(row.bar.open.value == prices[0]);
  CHECK(row.bar.high.value == prices[1]);
  CHECK(row.bar.low.value == prices[2]);
  CHECK(row.bar.close.value == prices[3]);
}

}  // namespace

TEST_CASE("capture csv: trades follow the header's names in any order", "[capture][csv]") {
  const OwnedLine plain = one_row("time,price,qty\n1625097621647,2278.15,0.0409\n");
  check_csv_trade(plain, 1625097621647000000, 2278.15, 0.0409);
  CHECK_FALSE(plain.tick.has_id);
  CHECK(plain.symbol == "FOO");

  const OwnedLine full = one_row(
      "Trade_ID, Symbol ,side,SIZE,Price,timestamp\n77,BAR,buy,3,\"1e-7\",1625097621.647\n");
  check_csv_trade(full, 1625097621647000000, 1e-7, 3);
  CHECK(full.tick.has_id);
  CHECK(full.tick.id == TradeId{77});
  CHECK(full.symbol == "BAR");

  const OwnedLine text_id = one_row("date,price,quantity,id\n2021-07-01T00:00:21Z,1,2,ab-c\n");
  CHECK(text_id.tick.has_id);
  CHECK(text_id.tick.id !=
        one_row("date,price,quantity,id\n2021-07-01T00:00:21Z,1,2,ab-d\n").tick.id);
}

TEST_CASE("capture csv: an id that is a word tells trades apart and has no order",
          "[capture][csv]") {
  const OwnedLine word = one_row("time,price,qty,id\n1625097621647,2278.15,0.0409,tx-7\n");
  CHECK(word.tick.has_id);
  CHECK(word.tick.id_is_text);
  const OwnedLine number = one_row("time,price,qty,id\n1625097621647,2278.15,0.0409,7\n");
  CHECK(number.tick.id == TradeId{7});
  CHECK_FALSE(number.tick.id_is_text);
}

TEST_CASE("capture csv: a line's own time is what it is paced by", "[capture][csv]") {
  CaptureLine line;
  CHECK(time_of(line) == kNoReceiveTime);
  line.received = receive_time_from_ns(5);
  CHECK(time_of(line) == receive_time_from_ns(5));
  line.kind = LineKind::Trade;
  line.tick.time = exchange_time_from_ns(7);
  CHECK(time_of(line) == receive_time_from_ns(7));
  line.kind = LineKind::Bar;
  line.bar.open_time = exchange_time_from_ns(9);
  CHECK(time_of(line) == receive_time_from_ns(9));
}

TEST_CASE("capture csv: bars keep their open time and their exact prices", "[capture][csv]") {
  const std::string header = "date,open,high,low,close,volume\n";
  const std::string prices = ",0.00002853,2854.1,1e-9,0.1,7\n";
  const std::array<double, 4> expected{0.00002853, 2854.1, 1e-9, 0.1};
  check_bar(one_row(header + "20141201 00:00" + prices), 1417392000000000000, expected);
  check_bar(one_row(header + "20141201" + prices), 1417392000000000000, expected);
  check_bar(one_row(header + "2014-12-01" + prices), 1417392000000000000, expected);
  check_bar(one_row("\xEF\xBB\xBF" + header + "2014-12-01 00:00" + prices), 1417392000000000000,
            expected);
  check_bar(one_row(header + "2014-12-01T00:00:00" + prices), 1417392000000000000, expected);
  check_bar(one_row(header + "2014-12-01 01:00:00+01:00" + prices), 1417392000000000000, expected);
  check_bar(one_row(header + "12/01/14" + prices), 1417392000000000000, expected);
  check_bar(one_row(header + "12/01/2014 00:00" + prices), 1417392000000000000, expected);
  check_bar(one_row(header + "1417392000" + prices), 1417392000000000000, expected);
  check_bar(one_row("time,open,high,low,close\r\n1417392000,1,2,0.5,1.5\r\n"), 1417392000000000000,
            {1, 2, 0.5, 1.5});
}

TEST_CASE("capture csv: a date and milliseconds since midnight make a time", "[capture][csv]") {
  const OwnedLine row = one_row(
      "symbol,date,ms_since_midnight_utc,open,high,low,close\nBTCEUR,20180404,61001,4,6,3,5\n");
  check_bar(row, 1522800061001000000, {4, 6, 3, 5});
  CHECK(row.symbol == "BTCEUR");
  CHECK_THAT(read_csv("date,ms_since_midnight_ET,price,size\n20131007,1,2,3\n").error,
             ContainsSubstring("ms_since_midnight_et is not in UTC"));
}

TEST_CASE("capture csv: scaled prices are rounded once", "[capture][csv]") {
  const OwnedLine row = one_row(
      "date,open_x10000,high_x10000,low_x10000,close_x10000\n19980102 "
      "00:00,136307,162500,135000,3\n");
  check_bar(row, 883699200000000000, {13.6307, 16.25, 13.5, 0.0003});
}

TEST_CASE("capture csv: Binance's public data are known without a header", "[capture][csv]") {
  const OwnedLine kline = one_row(
      "1637971200000,0.00002853,0.00002854,0.00002851,0.00002854,36304.2,1637971259999,1.03,79,"
      "19523.0,"
      "0.55,0\n",
      "ADABTC-1m-2021-11-27.csv");
  check_bar(kline, 1637971200000000000, {0.00002853, 0.00002854, 0.00002851, 0.00002854});
  CHECK(kline.symbol == "ADABTC");

  const OwnedLine spot =
      one_row("26129,0.01633102,4.70443515,27781,27782,1498793709153,True,True\n",
              "ETHBTC-aggTrades-2017-07.csv");
  check_csv_trade(spot, 1498793709153000000, 0.01633102, 4.70443515);
  CHECK(spot.tick.id == TradeId{26129});
  CHECK(spot.symbol == "ETHBTC");

  const OwnedLine futures = one_row("1,9.5,2,3,4,1609459200123,false\n", "X-aggTrades-2021-01.csv");
  check_csv_trade(futures, 1609459200123000000, 9.5, 2);
  const OwnedLine micro = one_row("1,9.5,2,3,4,1735689600123456,false,true\n");
  check_csv_trade(micro, 1735689600123456000, 9.5, 2);

  const OwnedLine spot_trade =
      one_row("7,9.5,2,19,1609459200123,True,True\n", "X-trades-2021-01.csv");
  check_csv_trade(spot_trade, 1609459200123000000, 9.5, 2);
  CHECK(spot_trade.symbol == "X");
  check_csv_trade(one_row("7,9.5,2,19,1609459200123,true\n"), 1609459200123000000, 9.5, 2);
}

TEST_CASE("capture csv: Binance's public data are known with a header", "[capture][csv]") {
  check_csv_trade(
      one_row("agg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,is_buyer_"
              "maker\n1,9.5,2,3,4,1609459200123,false\n"),
      1609459200123000000, 9.5, 2);
  check_csv_trade(
      one_row("id,price,qty,quote_qty,time,is_buyer_maker\n7,9.5,2,19,1609459200123,true\n"),
      1609459200123000000, 9.5, 2);
  check_bar(
      one_row("open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,"
              "taker_buy_quote_volume,ignore\n1637971200000,1,4,0.5,2,9,1637971259999,9,9,9,9,0\n"),
      1637971200000000000, {1, 4, 0.5, 2});
}

TEST_CASE("capture csv: a damaged row is skipped and told", "[capture][csv]") {
  const std::string good = "1625097621,2278.15,1\n";
  for (const std::string row :
       {"soon,2278.15,1", "1625097621,inf,1", "1625097621,-1,1", "1625097621,0,1", "1625097621,,1",
        "1625097621,2278.15", "1625097621,2278.15,1,1", "1625097621,2278.15,-1",
        "1625097621,1e400,1", "1625097621,2278.15x,1", "1625097621,0x10,1",
        "\"1625097621,2278.15,1", "99,1,1", "junk"}) {
    CAPTURE(row);
    const ReadResult result = read_csv(test::joined({"time,price,qty\n", good, row, "\n", good}));
    CHECK(result.lines.size() == 2);
    CHECK(result.statistics.damaged_lines == 1);
    REQUIRE(result.diagnostics.size() == 1);
    CHECK_THAT(result.diagnostics[0], ContainsSubstring("FOO.csv:3: "));
  }
}

TEST_CASE("capture csv: a cut last row of a damaged file is not taken for a price",
          "[capture][csv]") {
  const ScratchFolder folder;
  const std::string text = "time,price,qty\n1625097621,2278.15,1\n1625097622,2278.15,12345";
  const ReadResult whole = read_capture(options_for({folder.write("a.csv", text)}));
  CHECK(whole.lines.size() == 2);
  std::string packed = test::gzipped(text);
  packed.resize(packed.size() - 9);  // the check sum and the last bytes of data
  const ReadResult cut = read_capture(options_for({folder.write("b.csv", packed)}));
  CHECK(cut.lines.size() == 1);
  CHECK(cut.statistics.damaged_tails == 1);
}

TEST_CASE("capture csv: columns that are no trades and no bars are an error", "[capture][csv]") {
  CHECK_THAT(read_csv("symbol,date,bid,ask\nA,20140505,1,2\n").error,
             ContainsSubstring("neither time,price,qty nor time,open,high,low,close"));
  CHECK_THAT(read_csv("a,b,c\n1,2,3\n").error, ContainsSubstring("no known format"));
}

TEST_CASE("capture csv: the file's name stands in for a symbol column", "[capture][csv]") {
  CHECK(symbol_from_file_name("/data/BTCUSDT-aggTrades-2021-01-02.csv.gz") == "BTCUSDT");
  CHECK(symbol_from_file_name("BTCUSD_PERP-15m-2021-01.csv.zst") == "BTCUSD_PERP");
  CHECK(symbol_from_file_name("x/us_equity_daily_SPY.csv") == "us_equity_daily_SPY");
  CHECK(symbol_from_file_name("BTC-USD.csv") == "BTC-USD");
  CHECK(symbol_from_file_name("ETH-25JUN21.csv") == "ETH-25JUN21");
  CHECK(symbol_from_file_name("\u0641\u0648\u0644\u0627\u062F.csv") ==
        "\u0641\u0648\u0644\u0627\u062F");
  CHECK(symbol_from_file_name(".csv") == ".csv");
}

}  // namespace fastrsi
