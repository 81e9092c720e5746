// Bybit frames, version 5 and before: which are trades, and what refuses the rest.
#include <algorithm>
#include <string>
#include <vector>

#include "feeds/trade_id.hpp"
#include "tests/catch.hpp"
#include "tests/frames.hpp"

using namespace fastrsi;
using testing::FrameTester;
using testing::replaced;

namespace {

FrameTester bybit() {
  return FrameTester{make_bybit_parser()};
}

const std::string kSpot =
    R"({"topic":"publicTrade.BTCUSDT","ts":1680652847526,"type":"snapshot","data":[)"
    R"({"i":"2290000000050703790","T":1680652847524,"p":"28165.38","v":"0.008513","S":"Sell","s":"BTCUSDT","BT":false},)"
    R"({"i":"2290000000050703789","T":1680652847524,"p":"28165.37","v":"0.041732","S":"Sell","s":"BTCUSDT","BT":false}]})";

const std::string kLinear =
    R"({"topic":"publicTrade.LTCUSDT","type":"snapshot","ts":1680688979985,"data":[)"
    R"({"T":1680688979983,"s":"LTCUSDT","S":"Buy","v":"0.4","p":"94.53","L":"ZeroMinusTick","i":"4c7b6bdc-b4a3-5716-9c7b-bbe01dc7072f","BT":false}]})";

// FNV-1a and MurmurHash3's finalizer, reckoned apart from the code in Python.
constexpr std::uint64_t kLinearId = 1793762986866220716U;

constexpr std::int64_t kBybitMs = 1'000'000;

}  // namespace

TEST_CASE("bybit: reads the trades of spot, ordered by time and id", "[bybit]") {
  auto tester = bybit();
  const auto& events = tester.parse(kSpot);
  REQUIRE(events.kind == FrameKind::Trades);
  REQUIRE(events.ticks.size() == 2);
  CHECK(events.rejected_trades == 0);
  CHECK(events.symbols[0] == "BTCUSDT");
  CHECK(events.ticks[0].id == TradeId{2290000000050703789});
  CHECK(events.ticks[0].has_id);
  CHECK(events.ticks[0].price.value == 28165.37);
  CHECK(events.ticks[0].quantity.value == 0.041732);
  CHECK(events.ticks[1].id == TradeId{2290000000050703790});
  CHECK(to_unix_ns(events.ticks[1].time) == 1'680'652'847'524 * kBybitMs);
  CHECK(to_unix_ns(events.venue_time) == 1'680'652'847'526 * kBybitMs);
}

TEST_CASE("bybit: hashes the UUIDs of linear trades, whatever the order of keys", "[bybit]") {
  const std::vector<std::string> frames = {
      kLinear,
      R"({"data":[{"BT":false,"i":"4c7b6bdc-b4a3-5716-9c7b-bbe01dc7072f","p":94.53,"v":0.4,"s":"LTCUSDT","T":"1680688979983","p":"1"}],"data":[{}],"ts":1680688979985,"type":"snapshot","topic":"publicTrade.LTCUSDT"})"};
  for (const std::string& frame : frames) {
    INFO(frame);
    auto tester = bybit();
    const auto& events = tester.parse(frame);
    REQUIRE(events.kind == FrameKind::Trades);
    REQUIRE(events.ticks.size() == 1);
    CHECK(events.rejected_trades == 0);
    CHECK(events.symbols[0] == "LTCUSDT");
    CHECK(events.ticks[0].price.value == 94.53);
    CHECK(events.ticks[0].quantity.value == 0.4);
    CHECK(events.ticks[0].id == TradeId{kLinearId});
    CHECK(to_unix_ns(events.ticks[0].time) == 1'680'688'979'983 * kBybitMs);
  }
}

TEST_CASE("bybit: trades of one time stay as they came where ids are words", "[bybit]") {
  std::string list;
  for (int i = 0; i < 40; ++i) {
    list += (i == 0 ? "" : ",") + std::string(R"({"T":16806889799)") + (i < 20 ? "84" : "83") +
            R"(,"s":"LTCUSDT","S":"Buy","v":"0.4","p":")" + std::to_string(100 + i) +
            R"(","L":"PlusTick","i":"4c7b6bdc-b4a3-5716-9c7b-bbe01dc70)" + std::to_string(100 + i) +
            R"(","BT":false})";
  }
  auto tester = bybit();
  const auto& events = tester.parse(
      R"({"topic":"publicTrade.LTCUSDT","type":"snapshot","ts":1680688979985,"data":[)" + list +
      "]}");
  REQUIRE(events.ticks.size() == 40);
  for (std::size_t i = 0; i < 40; ++i) {
    CHECK(events.ticks[i].price.value == 100.0 + static_cast<double>((i + 20) % 40));
  }
}

TEST_CASE("bybit: ids that differ in one character have different numbers", "[bybit]") {
  const std::string id = "4c7b6bdc-b4a3-5716-9c7b-bbe01dc7072f";
  std::vector<std::uint64_t> hashes = {hash_of(id)};
  for (std::size_t i = 0; i < id.size(); ++i) {
    std::string other = id;
    other[i] = other[i] == '0' ? '1' : '0';
    hashes.push_back(hash_of(other));
  }
  std::sort(hashes.begin(), hashes.end());
  CHECK(std::unique(hashes.begin(), hashes.end()) == hashes.end());
}

TEST_CASE("bybit: says what is wrong with a trade", "[bybit]") {
  const auto check = [](const std::string& from, const std::string& to, Reject reason,
                        std::size_t ticks) {
    INFO(from << " -> " << to);
    auto tester = bybit();
    const auto& events = tester.parse(replaced(kLinear, from, to));
    CHECK(events.reject == reason);
    CHECK(events.rejected_trades == 1);
    REQUIRE(events.ticks.size() == ticks);
    if (ticks == 1) CHECK(events.ticks[0].id_only);
    CHECK(testing::is_consistent(events));
  };
  const std::string id = R"("i":"4c7b6bdc-b4a3-5716-9c7b-bbe01dc7072f")";
  check(R"("p":"94.53")", R"("p":"0")", Reject::BadPrice, 1);
  check(R"("p":"94.53")", R"("p":"-1")", Reject::BadPrice, 1);
  check(R"("p":"94.53")", R"("p":null)", Reject::BadPrice, 1);
  check(R"("p":"94.53",)", "", Reject::MissingField, 1);
  check(R"("v":"0.4")", R"("v":"x")", Reject::BadQuantity, 1);
  check(R"("v":"0.4",)", "", Reject::MissingField, 1);
  check(R"("T":1680688979983)", R"("T":0)", Reject::BadTime, 0);
  check(R"("T":1680688979983,)", "", Reject::MissingField, 0);
  check(R"("s":"LTCUSDT",)", "", Reject::MissingField, 0);
  check(id, R"("i":"")", Reject::BadId, 0);
  check(id, R"("i":null)", Reject::BadId, 0);
  check(id, R"("i":"-5")", Reject::BadId, 0);
  check(id, R"("i":"1.5")", Reject::BadId, 0);
  check(id, R"("i":"99999999999999999999")", Reject::BadId, 0);
  check(id, R"("i":"a b")", Reject::BadId, 0);
  check(id, R"("i":")" + std::string(kTradeIdBytesMax + 1, 'a') + '"', Reject::BadId, 0);
  check(id, R"("i":{})", Reject::BadId, 0);
  check(R"("BT":false)", R"("BT":true)", Reject::NotMarketTrade, 1);
}

TEST_CASE("bybit: reads the trades of the versions before 5", "[bybit]") {
  struct Row {
    std::string frame;
    std::string symbol;
    double price;
    double quantity;
    std::uint64_t id;
    std::int64_t time_ms;
  };
  const std::vector<Row> rows = {
      {R"({"topic":"trade.BTCUSD","data":[{"timestamp":"2019-11-06T12:50:52.000Z","symbol":"BTCUSD","side":"Buy","size":6000,"price":9366,"tick_direction":"ZeroPlusTick","trade_id":"8c53dd53-2df5-563d-8e3b-e0dbba7c55a0","cross_seq":794201989}]})",
       "BTCUSD", 9366, 6000, hash_of("8c53dd53-2df5-563d-8e3b-e0dbba7c55a0"), 1'573'044'652'000},
      {R"({"topic":"trade.ETHUSD","data":[{"trade_time_ms":1590683463041,"timestamp":"2020-05-28T16:31:03.000Z","symbol":"ETHUSD","side":"Buy","size":1,"price":215.15,"trade_id":"52079383-86f0-52bf-ab1f-f943a34a8aeb"}]})",
       "ETHUSD", 215.15, 1, hash_of("52079383-86f0-52bf-ab1f-f943a34a8aeb"), 1'590'683'463'041},
      {R"({"topic":"trade.BTCPERP","data":[{"symbol":"BTCPERP","tickDirection":"PlusTick","price":"21213.00","size":0.007,"timestamp":"2022-06-21T09:36:58.000Z","tradeTimeMs":"1655804218524","side":"Sell","tradeId":"7aad7741-f763-5f78-bf43-c38b29a40f67"}]})",
       "BTCPERP", 21213, 0.007, hash_of("7aad7741-f763-5f78-bf43-c38b29a40f67"), 1'655'804'218'524},
      {R"({"topic":"trade","params":{"symbol":"ETHUSDT","binary":"false","symbolName":"ETHUSDT"},"data":{"v":"2280000000007453966","t":1659312000103,"p":"1678.54","q":"1.4","m":true}})",
       "ETHUSDT", 1678.54, 1.4, 2280000000007453966, 1'659'312'000'103},
      {R"({"data":{"v":"2280000000007453966","t":1659312000103,"p":"1678.54","q":"1.4","m":true},"params":{"symbol":"ETHUSDT"},"topic":"trade"})",
       "ETHUSDT", 1678.54, 1.4, 2280000000007453966, 1'659'312'000'103},
      {R"({"topic":"trade.BTCUSDT","ts":1673437259397,"type":"snapshot","data":{"v":"2290000000036455162","t":1673437259395,"p":"17440","q":"0.0002","m":false,"type":"0"}})",
       "BTCUSDT", 17440, 0.0002, 2290000000036455162, 1'673'437'259'395}};
  for (const Row& row : rows) {
    INFO(row.frame);
    auto tester = bybit();
    const auto& events = tester.parse(row.frame);
    REQUIRE(events.kind == FrameKind::Trades);
    REQUIRE(events.ticks.size() == 1);
    CHECK(events.rejected_trades == 0);
    CHECK(events.symbols[0] == row.symbol);
    CHECK(events.ticks[0].price.value == row.price);
    CHECK(events.ticks[0].quantity.value == row.quantity);
    CHECK(static_cast<std::uint64_t>(events.ticks[0].id) == row.id);
    CHECK(to_unix_ns(events.ticks[0].time) == row.time_ms * kBybitMs);
  }
}

TEST_CASE("bybit: candles say whether they have closed", "[bybit]") {
  const std::string frame =
      R"({"topic":"kline.240.BTCUSDT","data":[{"start":1672324800000,"end":1672339199999,"interval":"240","open":"16649.5","close":"16677","high":"16678","low":"16608","volume":"2.081","turnover":"34666.4005","confirm":false,"timestamp":1672324988882}],"ts":1672324988882,"type":"snapshot"})";
  auto tester = bybit();
  {
    const auto& events = tester.parse(frame);
    REQUIRE(events.kind == FrameKind::Kline);
    CHECK(events.kline.symbol == "BTCUSDT");
    CHECK(events.kline.timeframe == Timeframe::H4);
    CHECK(to_unix_ns(events.kline.open_time) == 1'672'324'800'000 * kBybitMs);
    CHECK(events.kline.open.value == 16649.5);
    CHECK(events.kline.high.value == 16678);
    CHECK(events.kline.low.value == 16608);
    CHECK(events.kline.close.value == 16677);
    CHECK_FALSE(events.kline.closed);
    CHECK(to_unix_ns(events.venue_time) == 1'672'324'988'882 * kBybitMs);
  }
  CHECK(tester.parse(replaced(frame, R"("confirm":false)", R"("confirm":true)")).kline.closed);
  CHECK(tester.parse(replaced(frame, R"("interval":"240")", R"("interval":"7")")).kind ==
        FrameKind::Ticker);
  CHECK(tester.parse(replaced(frame, R"("data":[)", R"("data":[{},)")).kind == FrameKind::Ticker);
  CHECK(tester.parse(replaced(frame, R"("high":"16678")", R"("high":"")")).reject ==
        Reject::BadPrice);
  CHECK(tester.parse(replaced(frame, R"("start":1672324800000)", R"("start":1)")).reject ==
        Reject::BadTime);
  CHECK(tester.parse(replaced(frame, "kline.240.BTCUSDT", "kline")).reject == Reject::MissingField);
}

TEST_CASE("bybit: knows every other message and takes none for a trade", "[bybit]") {
  struct Row {
    std::string frame;
    FrameKind kind;
    std::int64_t time_ms;  // 0: none
  };
  const std::vector<Row> rows = {
      {R"({"topic":"orderbook.1.BTCUSDT","type":"delta","ts":1682092584425,"data":{"s":"BTCUSDT","b":[["27994.60","0"]],"a":[],"u":1,"seq":1}})",
       FrameKind::Book, 1'682'092'584'425},
      {R"({"data":{"s":"BTCUSDT","b":[],"a":[]},"topic":"orderbook.50.BTCUSDT","type":"snapshot","ts":1682092584425})",
       FrameKind::Book, 1'682'092'584'425},
      {R"({"topic":"tickers.BTCUSD","type":"delta","data":{"symbol":"BTCUSD","bid1Price":"28560.00"},"cs":20856433603,"ts":1680673822776})",
       FrameKind::Ticker, 1'680'673'822'776},
      {R"({"topic":"allLiquidation.PIPPINUSDT","type":"snapshot","ts":1740480207578,"data":[{"T":1740480207110,"s":"PIPPINUSDT","S":"Sell","v":"2846","p":"0.02456"}]})",
       FrameKind::Ticker, 1'740'480'207'578},
      {R"({"data":[{"T":1740480207110,"s":"PIPPINUSDT","S":"Sell","v":"2846","p":"0.02456"}],"topic":"allLiquidation.PIPPINUSDT","type":"snapshot","ts":1740480207578})",
       FrameKind::Ticker, 1'740'480'207'578},
      {R"({"data":{"price":"0.03803","side":"Buy","size":"1637","symbol":"GALAUSDT","updatedTime":1673251091822},"topic":"liquidation.GALAUSDT","ts":1673251091822,"type":"snapshot"})",
       FrameKind::Ticker, 1'673'251'091'822},
      {R"({"topic":"orderBookL2_25.BTCPERP","type":"delta","data":{"delete":[],"update":[],"insert":[]},"crossSeq":"385208816","timestampE6":"1655804279360632"})",
       FrameKind::Book, 1'655'804'279'360},
      {R"({"topic":"instrument_info.100ms.BTCUSDT","type":"delta","data":{"update":[]},"timestamp_e6":"1590683462401579"})",
       FrameKind::Ticker, 1'590'683'462'401},
      {R"({"topic":"bookTicker","params":{"symbol":"BTCUSDT"},"data":{"symbol":"BTCUSDT","bidPrice":"1","time":1659312000113}})",
       FrameKind::Book, 0},
      {R"({"topic":"publicTrade.BTCUSDT","type":"snapshot","ts":1680688979985,"data":[]})",
       FrameKind::Heartbeat, 1'680'688'979'985},
      {R"({"success":true,"ret_msg":"","conn_id":"d8bu-j6akw","req_id":"","op":"subscribe"})",
       FrameKind::Ack, 0},
      {R"({"success":true,"ret_msg":"subscribe","conn_id":"d9av-4zd1x","op":"subscribe"})",
       FrameKind::Ack, 0},
      {R"({"success":true,"conn_id":"aa01","data":{"failTopics":[],"successTopics":["tickers.BTC-6JAN23-17500-C"]},"type":"COMMAND_RESP"})",
       FrameKind::Ack, 0},
      {R"({"success":true,"ret_msg":"","conn_id":"f428f979","request":{"op":"subscribe","args":["trade.BTCUSD"]}})",
       FrameKind::Ack, 0},
      {R"({"topic":"depth","event":"sub","params":{"symbol":"SAND2SUSDT","binary":"false"},"code":"0","msg":"Success"})",
       FrameKind::Ack, 0},
      {R"({"topic":"trade","event":"sub","params":{"symbol":"X"},"code":"-10001","msg":"no"})",
       FrameKind::Error, 0},
      {R"({"success":false,"ret_msg":"Invalid topic: invalid.topic.BTCUSDT","conn_id":"cejr","op":"subscribe"})",
       FrameKind::Error, 0},
      {R"({"code":"-100010","desc":"Invalid Symbols!"})", FrameKind::Error, 0},
      {R"({"success":true,"ret_msg":"pong","conn_id":"0970e817","op":"ping"})",
       FrameKind::Heartbeat, 0},
      {R"({"req_id":"1","op":"pong","args":["1675418560633"],"conn_id":"cfcb4ocsvfriu23r3er0"})",
       FrameKind::Heartbeat, 0},
      {R"({"success":true,"ret_msg":"pong","conn_id":"036e","request":{"op":"ping","args":null}})",
       FrameKind::Heartbeat, 0},
      {R"({"pong":1535975085152})", FrameKind::Heartbeat, 0},
      {R"({"success":true,"ret_msg":"","op":"auth","conn_id":"cejr"})", FrameKind::Status, 0}};
  for (const Row& row : rows) {
    INFO(row.frame);
    auto tester = bybit();
    const auto& events = tester.parse(row.frame);
    CHECK(events.kind == row.kind);
    CHECK(events.reject == Reject::None);
    CHECK(testing::is_nothing(events));
    const bool has_time = events.venue_time != kNoExchangeTime;
    CHECK((has_time ? to_unix_ns(events.venue_time) / kBybitMs : 0) == row.time_ms);
  }
}

TEST_CASE("bybit: refuses what Bybit does not send", "[bybit]") {
  for (const char* frame :
       {"{}", "[]", R"([{"topic":"publicTrade.BTCUSDT"}])", R"({"topic":"publicTrade.BTCUSDT"})",
        R"({"topic":"publicTrade.BTCUSDT","data":1})", R"({"topic":"trades.BTCUSDT","data":[]})",
        R"({"topic":"publicTradeX","data":[]})", R"({"topic":1,"data":[]})",
        R"({"e":"trade","s":"BTCUSDT","p":"1","q":"1"})", R"({"success":"yes"})",
        R"({"event":"sub"})"}) {
    INFO(frame);
    auto tester = bybit();
    CHECK(tester.parse(frame).reject == Reject::UnknownMessage);
    CHECK(testing::is_nothing(tester.events()));
  }
}

TEST_CASE("bybit: a list's elements that are no trades are counted, the others taken", "[bybit]") {
  auto tester = bybit();
  const auto& events = tester.parse(replaced(kLinear, R"("data":[)", R"("data":[1,[],null,{},)"));
  CHECK(events.kind == FrameKind::Trades);
  CHECK(events.ticks.size() == 1);
  CHECK(events.rejected_trades == 4);
  CHECK(events.reject == Reject::MissingField);
}
