// OKX frames, versions 5 and 3: which are trades, and what refuses the rest.
#include <string>
#include <vector>

#include "feeds/okx_names.hpp"
#include "tests/catch.hpp"
#include "tests/frames.hpp"

using namespace fastrsi;
using testing::FrameTester;
using testing::replaced;

namespace {

FrameTester okx() {
  return FrameTester{make_okx_parser()};
}

const std::string kOkxTrade =
    R"({"arg":{"channel":"trades","instId":"BTC-USDT"},"data":[{"instId":"BTC-USDT","tradeId":"130639474","px":"42219.9","sz":"0.12060306","side":"buy","ts":"1629386781174","count":"1"}]})";

constexpr std::int64_t kOkxMs = 1'000'000;

}  // namespace

TEST_CASE("okx: reads trades, whatever the order of keys", "[okx]") {
  const std::vector<std::string> frames = {
      kOkxTrade,
      R"({"data":[{"ts":1629386781174,"sz":0.12060306,"px":42219.9,"tradeId":130639474,"instId":"BTC-USDT","px":"1"}],"data":[{}],"arg":{"instId":"BTC-USDT","channel":"trades-all"}})"};
  for (const std::string& frame : frames) {
    INFO(frame);
    auto tester = okx();
    const auto& events = tester.parse(frame);
    REQUIRE(events.kind == FrameKind::Trades);
    REQUIRE(events.ticks.size() == 1);
    CHECK(events.rejected_trades == 0);
    CHECK(events.symbols[0] == "BTC-USDT");
    CHECK(events.ticks[0].price.value == 42219.9);
    CHECK(events.ticks[0].quantity.value == 0.12060306);
    CHECK(events.ticks[0].id == TradeId{130639474});
    CHECK(to_unix_ns(events.ticks[0].time) == 1'629'386'781'174 * kOkxMs);
    CHECK(events.venue_time == events.ticks[0].time);
  }
}

TEST_CASE("okx: a trade that stands for several keeps their places in the sequence of ids",
          "[okx]") {
  auto tester = okx();
  const auto& events = tester.parse(replaced(kOkxTrade, R"("count":"1")", R"("count":"4")"));
  REQUIRE(events.kind == FrameKind::Trades);
  REQUIRE(events.ticks.size() == 4);
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(events.ticks[i].id == TradeId{130639471 + i});
    CHECK(events.ticks[i].id_only == (i < 3));
    CHECK(events.symbols[i] == "BTC-USDT");
  }
  CHECK(events.rejected_trades == 0);
  CHECK(testing::is_consistent(events));
}

TEST_CASE("okx: a count that cannot be is no reason to lose the trade", "[okx]") {
  for (const char* count : {"0", "-4", "x", "", "130639475", "99999999999", "1e2"}) {
    INFO(count);
    auto tester = okx();
    const auto& events = tester.parse(
        replaced(kOkxTrade, R"("count":"1")", R"("count":")" + std::string{count} + '"'));
    REQUIRE(events.ticks.size() == 1);
    CHECK_FALSE(events.ticks[0].id_only);
  }
}

TEST_CASE("okx: says what is wrong with a trade", "[okx]") {
  const auto check = [](const std::string& from, const std::string& to, Reject reason,
                        std::size_t ticks) {
    INFO(from << " -> " << to);
    auto tester = okx();
    const auto& events = tester.parse(replaced(kOkxTrade, from, to));
    CHECK(events.reject == reason);
    CHECK(events.rejected_trades == 1);
    REQUIRE(events.ticks.size() == ticks);
    if (ticks == 1) CHECK(events.ticks[0].id_only);
    CHECK(testing::is_consistent(events));
  };
  check(R"("px":"42219.9")", R"("px":"")", Reject::BadPrice, 1);
  check(R"("px":"42219.9")", R"("px":"0")", Reject::BadPrice, 1);
  check(R"("px":"42219.9",)", "", Reject::MissingField, 1);
  check(R"("sz":"0.12060306")", R"("sz":"-1")", Reject::BadQuantity, 1);
  check(R"("sz":"0.12060306",)", "", Reject::MissingField, 1);
  check(R"("ts":"1629386781174")", R"("ts":"1")", Reject::BadTime, 0);
  check(R"("ts":"1629386781174",)", "", Reject::MissingField, 0);
  check(R"("instId":"BTC-USDT","tradeId")", R"("tradeId")", Reject::MissingField, 0);
  check(R"("tradeId":"130639474")", R"("tradeId":"a")", Reject::BadId, 0);
  check(R"("tradeId":"130639474")", R"("tradeId":"")", Reject::BadId, 0);
}

TEST_CASE("okx: reads the trades of version 3; those of futures have ids of another kind",
          "[okx]") {
  struct Row {
    std::string frame;
    std::string symbol;
    double price;
    double quantity;
    std::uint64_t id;  // 0: none
    std::int64_t time_ms;
  };
  const std::vector<Row> rows = {
      {R"({"table":"spot/trade","data":[{"instrument_id":"BCH-USDT","price":"328.74","side":"sell","size":"0.12","timestamp":"2019-08-01T00:00:08.806Z","trade_id":"423886239"}]})",
       "BCH-USDT", 328.74, 0.12, 423886239, 1'564'617'608'806},
      {R"({"table":"swap/trade","data":[{"instrument_id":"BTC-USD-SWAP","price":"328.74","side":"sell","size":"12","timestamp":"2019-08-01T00:00:08.806Z","trade_id":"423886239"}]})",
       "BTC-USD-SWAP", 328.74, 12, 423886239, 1'564'617'608'806},
      {R"({"table":"futures/trade","data":[{"side":"sell","trade_id":"2578238628528131","price":4061.94,"qty":4,"instrument_id":"BTC-USD-190628","timestamp":"2019-03-31T23:59:59.388Z"}]})",
       "BTC-USD-190628", 4061.94, 4, 0, 1'554'076'799'388}};
  for (const Row& row : rows) {
    INFO(row.frame);
    auto tester = okx();
    const auto& events = tester.parse(row.frame);
    REQUIRE(events.kind == FrameKind::Trades);
    REQUIRE(events.ticks.size() == 1);
    CHECK(events.rejected_trades == 0);
    CHECK(events.symbols[0] == row.symbol);
    CHECK(events.ticks[0].price.value == row.price);
    CHECK(events.ticks[0].quantity.value == row.quantity);
    CHECK(events.ticks[0].has_id == (row.id != 0));
    if (row.id != 0) CHECK(static_cast<std::uint64_t>(events.ticks[0].id) == row.id);
    CHECK(to_unix_ns(events.ticks[0].time) == row.time_ms * kOkxMs);
  }
}

TEST_CASE("okx: candles say whether they have closed", "[okx]") {
  const std::string frame =
      R"({"arg":{"channel":"candle4H","instId":"BTC-USDT"},"data":[["1597026384000","8533.02","8553.74","8527.17","8548.26","45247","529.5","529.5","0"]]})";
  auto tester = okx();
  {
    const auto& events = tester.parse(frame);
    REQUIRE(events.kind == FrameKind::Kline);
    CHECK(events.kline.symbol == "BTC-USDT");
    CHECK(events.kline.timeframe == Timeframe::H4);
    CHECK(to_unix_ns(events.kline.open_time) == 1'597'026'384'000 * kOkxMs);
    CHECK(events.kline.open.value == 8533.02);
    CHECK(events.kline.high.value == 8553.74);
    CHECK(events.kline.low.value == 8527.17);
    CHECK(events.kline.close.value == 8548.26);
    CHECK_FALSE(events.kline.closed);
    CHECK(events.venue_time == kNoExchangeTime);
  }
  CHECK(tester.parse(replaced(frame, R"("0"]]})", R"("1"]]})")).kline.closed);
  CHECK(tester.parse(replaced(frame, "candle4H", "candle1Dutc")).kline.timeframe == Timeframe::D1);
  // Cut at midnight of Hong Kong, from before "confirm", and several.
  CHECK(tester.parse(replaced(frame, "candle4H", "candle1D")).kind == FrameKind::Ticker);
  CHECK(tester.parse(replaced(frame, R"(,"529.5","0")", "")).kind == FrameKind::Ticker);
  CHECK(tester.parse(replaced(frame, R"("data":[)", R"("data":[[],)")).kind == FrameKind::Ticker);
  CHECK(tester.parse(replaced(frame, R"("8553.74")", R"("0")")).reject == Reject::BadPrice);
  CHECK(tester.parse(replaced(frame, R"("1597026384000")", R"("x")")).reject == Reject::BadTime);
  CHECK(tester.parse(replaced(frame, R"(,"instId":"BTC-USDT")", "")).reject ==
        Reject::MissingField);
}

TEST_CASE("okx: knows every other message and takes none for a trade", "[okx]") {
  struct Row {
    std::string frame;
    FrameKind kind;
    std::int64_t time_ms;  // 0: none
  };
  const std::vector<Row> rows = {
      {"pong", FrameKind::Heartbeat, 0},
      {" pong\r\n", FrameKind::Heartbeat, 0},
      {R"({"id":"1512","event":"subscribe","arg":{"channel":"trades","instId":"BTC-USDT"},"connId":"a4d3ae55"})",
       FrameKind::Ack, 0},
      {R"({"event":"unsubscribe","arg":{"channel":"trades","instId":"BTC-USDT"}})", FrameKind::Ack,
       0},
      {R"({"id":"1512","event":"error","code":"60018","msg":"Wrong URL or channel:trades,instId:FOO-USDT doesn't exist.","connId":"a4d3ae55"})",
       FrameKind::Error, 0},
      {R"({"event":"error","message":"Channel spot/foo doesn't exist","errorCode":30040})",
       FrameKind::Error, 0},
      {R"({"event":"notice","code":"64008","msg":"The connection will soon be closed for a service upgrade. Please reconnect.","connId":"a4d3ae55"})",
       FrameKind::Status, 0},
      {R"({"event":"login","code":"0","msg":"","connId":"a4d3ae55"})", FrameKind::Status, 0},
      {R"({"event":"channel-conn-count","channel":"orders","connCount":"2","connId":"abcd1234"})",
       FrameKind::Status, 0},
      {R"({"arg":{"channel":"trades","instId":"BTC-USDT"},"data":[]})", FrameKind::Heartbeat, 0},
      {R"({"arg":{"channel":"books-l2-tbt","instId":"UNI-USD-SWAP"},"action":"update","data":[{"asks":[],"bids":[["9.617","441","0","4"]],"ts":"1646003667640","checksum":-980833328}]})",
       FrameKind::Book, 1'646'003'667'640},
      {R"({"arg":{"channel":"bbo-tbt","instId":"BTC-USDT"},"data":[{"asks":[["1","2","0","1"]],"bids":[],"ts":"1597026383085"}]})",
       FrameKind::Book, 1'597'026'383'085},
      {R"({"arg":{"channel":"tickers","instId":"BTC-USDT"},"data":[{"instType":"SPOT","instId":"BTC-USDT","last":"9999.99","lastSz":"0.1","ts":"1597026383085"}]})",
       FrameKind::Ticker, 1'597'026'383'085},
      {R"({"data":[{"instId":"BTC-USDT","px":"1","sz":"1","tradeId":"5","ts":"1597026383085"}],"arg":{"channel":"option-trades","instType":"OPTION"}})",
       FrameKind::OtherTrades, 1'597'026'383'085},
      {R"({"arg":{"channel":"funding-rate","instId":"BTC-USDT-SWAP"},"data":[{"fundingRate":"0.0001","fundingTime":"1744590349506","ts":"1744590349500"}]})",
       FrameKind::Ticker, 1'744'590'349'500},
      {R"({"arg":{"channel":"mark-price-candle1m","instId":"BTC-USD-SWAP"},"data":[["1597026383085","3.721","3.743","3.677","3.708","0"]]})",
       FrameKind::Ticker, 0},
      {R"({"arg":{"channel":"instruments","instType":"SPOT"},"data":[{"instId":"BTC-USDT","state":"live"}]})",
       FrameKind::Status, 0},
      {R"({"event":"subscribe","channel":"spot/ticker:LTC-USD"})", FrameKind::Ack, 0},
      {R"({"table":"spot/depth","action":"partial","data":[{"instrument_id":"BTC-USD","asks":[],"bids":[],"timestamp":"2019-11-22T00:00:01.547Z"}]})",
       FrameKind::Book, 1'574'380'801'547},
      {R"({"table":"index/ticker","data":[{"last":"243.11","instrument_id":"ETH-USD","timestamp":"2020-06-08T12:52:00.802Z"}]})",
       FrameKind::Ticker, 1'591'620'720'802},
      {R"({"table":"futures/liquidation","generated":true,"data":[{"loss":"0.05","size":"475","price":"655.308","created_at":"2020-12-18T00:30:58.559Z","instrument_id":"ETH-USD-210326"}]})",
       FrameKind::Ticker, 0},
      {R"({"table":"swap/candle60s","data":[{"candle":["2019-04-16T10:49:00.000Z","162.03","162.04","161.96","161.98","336.4"],"instrument_id":"ETH-USD-SWAP"}]})",
       FrameKind::Ticker, 0}};
  for (const Row& row : rows) {
    INFO(row.frame);
    auto tester = okx();
    const auto& events = tester.parse(row.frame);
    CHECK(events.kind == row.kind);
    CHECK(events.reject == Reject::None);
    CHECK(testing::is_nothing(events));
    const bool has_time = events.venue_time != kNoExchangeTime;
    CHECK((has_time ? to_unix_ns(events.venue_time) / kOkxMs : 0) == row.time_ms);
  }
}

TEST_CASE("okx: refuses what OKX does not send", "[okx]") {
  for (const char* frame :
       {"{}", "[]", R"([["1"]])", R"({"arg":{"channel":"trades"}})",
        R"({"arg":{"channel":"trade"},"data":[{}]})", R"({"arg":{"channel":"trades"},"data":{}})",
        R"({"arg":"trades","data":[]})", R"({"event":"subscribed"})", R"({"event":1})",
        R"({"table":"trade","data":[]})", R"({"table":"margin/trade","data":[]})",
        R"({"table":"spot/trades","data":[]})", R"({"data":[{"px":"1"}]})"}) {
    INFO(frame);
    auto tester = okx();
    CHECK(tester.parse(frame).reject == Reject::UnknownMessage);
    CHECK(testing::is_nothing(tester.events()));
  }
  for (const char* frame : {"pong!", "ping", "pongpong", "\"pong\""}) {
    INFO(frame);
    auto tester = okx();
    CHECK(tester.parse(frame).reject == Reject::NotJson);
  }
}
