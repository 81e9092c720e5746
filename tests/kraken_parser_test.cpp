// Kraken frames, versions 1 and 2: which are trades, and what refuses the rest.
#include <string>
#include <vector>

#include "tests/catch.hpp"
#include "tests/frames.hpp"

using namespace fastrsi;
using testing::FrameTester;
using testing::replaced;

namespace {

FrameTester kraken() {
  return FrameTester{make_kraken_parser()};
}

const std::string kTradesV1 =
    R"([321,[["58721.20000","0.02798644","1617666461.465618","s","m",""],)"
    R"(["58721.30000","0.12749400","1617666461.466773","b","l",""]],"trade","XBT/USD"])";

const std::string kTradesV2 =
    R"({"channel":"trade","type":"update","data":[{"symbol":"ETH/USD","side":"buy","price":1774.14,)"
    R"("qty":0.00147959,"ord_type":"limit","trade_id":64175815,"timestamp":"2026-07-07T23:00:04.585581Z"}]})";
constexpr std::int64_t kTimeV2 = 1'783'465'204'585'581'000;

}  // namespace

TEST_CASE("kraken: reads the trades of a version 1 list", "[kraken]") {
  auto tester = kraken();
  const auto& events = tester.parse(kTradesV1);
  REQUIRE(events.kind == FrameKind::Trades);
  REQUIRE(events.ticks.size() == 2);
  CHECK(events.symbols[0] == "XBT/USD");
  CHECK(events.symbols[1] == "XBT/USD");
  CHECK(events.ticks[0].price.value == 58721.2);
  CHECK(events.ticks[0].quantity.value == 0.02798644);
  CHECK_FALSE(events.ticks[0].has_id);
  CHECK(to_unix_ns(events.ticks[0].time) == 1'617'666'461'465'618'000);
  CHECK(events.ticks[1].price.value == 58721.3);
  CHECK(to_unix_ns(events.venue_time) == 1'617'666'461'466'773'000);
  CHECK(events.rejected_trades == 0);
}

TEST_CASE("kraken: version 1 trades without ids keep the venue's order at equal times",
          "[kraken]") {
  auto tester = kraken();
  const auto& events = tester.parse(
      R"([321,[["3","1","1617666461.2"],["1","1","1617666461.1"],["2","1","1617666461.1"]],"trade","XBT\/USD"])");
  REQUIRE(events.ticks.size() == 3);
  CHECK(events.ticks[0].price.value == 1.0);
  CHECK(events.ticks[1].price.value == 2.0);
  CHECK(events.ticks[2].price.value == 3.0);
  CHECK(events.symbols[2] == "XBT/USD");
}

TEST_CASE("kraken: says what is wrong with a version 1 trade", "[kraken]") {
  const auto check = [](const std::string& from, const std::string& to, Reject reason) {
    INFO(from << " -> " << to);
    auto tester = kraken();
    const auto& events = tester.parse(replaced(kTradesV1, from, to));
    REQUIRE(events.kind == FrameKind::Trades);
    CHECK(events.reject == reason);
    CHECK(events.rejected_trades == 1);
    CHECK(events.ticks.size() == 1);
    CHECK(testing::is_consistent(events));
  };
  check(R"("58721.20000")", R"("0")", Reject::BadPrice);
  check(R"("58721.20000")", "null", Reject::BadPrice);
  check(R"("0.02798644")", R"("x")", Reject::BadQuantity);
  check(R"("1617666461.465618")", R"("0.5")", Reject::BadTime);
  check(R"("1617666461.465618")", R"("1617666461.4656180001")", Reject::BadTime);
  check(R"(,"1617666461.465618","s","m","")", "", Reject::MissingField);
  check(R"("58721.20000","0.02798644","1617666461.465618","s","m","")", "", Reject::MissingField);
}

TEST_CASE("kraken: reads the trades of version 2, in any order of keys", "[kraken]") {
  const std::vector<std::string> frames = {
      kTradesV2,
      R"({"data":[{"timestamp":"2026-07-07T23:00:04.585581Z","trade_id":"64175815","qty":"0.00147959","price":"1774.14","symbol":"ETH\/USD"}],"type":"update","channel":"trade"})",
      R"( { "type" : "update" , "channel" : "trade" , "data" : [ { "symbol" : "ETH/USD" , "price" : 1774.14 , "qty" : 1.47959e-3 , "trade_id" : 64175815 , "timestamp" : "2026-07-07T23:00:04.585581Z" , "price" : 1 } ] , "data" : [ {} ] } )"};
  for (const std::string& frame : frames) {
    INFO(frame);
    auto tester = kraken();
    const auto& events = tester.parse(frame);
    REQUIRE(events.kind == FrameKind::Trades);
    REQUIRE(events.ticks.size() == 1);
    CHECK(events.rejected_trades == 0);
    CHECK(events.symbols[0] == "ETH/USD");
    CHECK(events.ticks[0].price.value == 1774.14);
    CHECK(events.ticks[0].quantity.value == 0.00147959);
    CHECK(events.ticks[0].id == TradeId{64175815});
    CHECK(events.ticks[0].has_id);
    CHECK(to_unix_ns(events.ticks[0].time) == kTimeV2);
    CHECK(to_unix_ns(events.venue_time) == kTimeV2);
  }
}

TEST_CASE("kraken: trades from before the subscription are no live trades", "[kraken]") {
  auto tester = kraken();
  const auto& snapshot = tester.parse(replaced(kTradesV2, "update", "snapshot"));
  CHECK(snapshot.kind == FrameKind::TradeSnapshot);
  CHECK(testing::is_nothing(snapshot));
  CHECK(to_unix_ns(snapshot.venue_time) == kTimeV2);
  CHECK(tester.parse(replaced(kTradesV2, "update", "other")).reject == Reject::UnknownMessage);
  CHECK(tester.parse(replaced(kTradesV2, R"("type":"update",)", "")).reject ==
        Reject::UnknownMessage);
  CHECK(tester.parse(R"({"channel":"trade","type":"update","data":[]})").kind ==
        FrameKind::Heartbeat);
}

TEST_CASE("kraken: a version 2 trade without a good price keeps its place only", "[kraken]") {
  for (const char* price : {"0", "-1", "null", R"("")", R"("inf")", "1e400"}) {
    INFO(price);
    auto tester = kraken();
    const auto& events = tester.parse(replaced(kTradesV2, "1774.14", price));
    REQUIRE(events.ticks.size() == 1);
    CHECK(events.ticks[0].id_only);
    CHECK(events.reject == Reject::BadPrice);
  }
  auto tester = kraken();
  CHECK(tester.parse(replaced(kTradesV2, "64175815", "-5")).reject == Reject::BadId);
  CHECK(tester.parse(replaced(kTradesV2, R"("symbol":"ETH/USD",)", "")).reject ==
        Reject::MissingField);
}

TEST_CASE("kraken: knows every other message and takes none for a trade", "[kraken]") {
  struct Row {
    std::string frame;
    FrameKind kind;
    std::int64_t time_ns;  // 0: none
  };
  const std::vector<Row> rows = {
      {R"({"connectionID":13935949241502919679,"event":"systemStatus","status":"online","version":"1.8.3"})",
       FrameKind::Status, 0},
      {R"({"channelID":2500,"channelName":"ticker","event":"subscriptionStatus","pair":"ALGO/XBT","status":"subscribed","subscription":{"name":"ticker"}})",
       FrameKind::Ack, 0},
      {R"({"errorMessage":"Subscription depth not supported","event":"subscriptionStatus","pair":"XBT/USD","status":"error"})",
       FrameKind::Error, 0},
      {R"({"event":"heartbeat"})", FrameKind::Heartbeat, 0},
      {R"({"event":"pong","reqid":42})", FrameKind::Heartbeat, 0},
      {R"({"errorMessage":"Malformed request","event":"error"})", FrameKind::Error, 0},
      {R"([2500,{"a":["0.000023630",7289,"7289.86759215"],"b":["0.000023610",1173,"1173.0"],"c":["0.000023620","25.1"]},"ticker","ALGO/XBT"])",
       FrameKind::Ticker, 0},
      {R"([320,{"as":[["58729.4","0.45","1617666423.606671"]],"bs":[["58729.3","1","1617666423.7"]]},"book-1000","XBT/USD"])",
       FrameKind::Book, 1'617'666'423'700'000'000},
      {R"([320,{"a":[["61308.5","0.0","1617666539.868687"],["61800.0","1.4","1617648977.752138","r"]]},{"b":[["56123.4","0.06","1617666539.870272"]],"c":"1768150633"},"book-1000","XBT/USD"])",
       FrameKind::Book, 1'617'666'539'870'272'000},
      {R"([325,["43770.2","43770.3","1633053779.916349","0.009","0.3"],"spread","XBT/USD"])",
       FrameKind::Ticker, 1'633'053'779'916'349'000},
      {R"([42,["1542057314.748456","1542057360.435743","3586.7","3586.7","3586.6","3586.6","3586.68","0.03",2],"ohlc-5","XBT/USD"])",
       FrameKind::Ticker, 1'542'057'314'748'456'000},
      {R"({"channel":"status","type":"update","data":[{"version":"2.0.10","system":"online","api_version":"v2","connection_id":4421894013101914413}]})",
       FrameKind::Status, 0},
      {R"({"channel":"heartbeat"})", FrameKind::Heartbeat, 0},
      {R"({"channel":"book","type":"snapshot","data":[{"symbol":"BTC/USD","bids":[{"price":63501.6,"qty":0.6}],"asks":[],"checksum":42,"timestamp":"2026-07-07T23:00:04.585581Z"}]})",
       FrameKind::Book, kTimeV2},
      {R"({"channel":"book","type":"update","data":[{"symbol":"ETH/USD","bids":[],"asks":[{"price":1,"qty":2}],"checksum":1,"timestamp":"2026-07-07T23:00:04.585581Z"}]})",
       FrameKind::Book, kTimeV2},
      {R"({"channel":"ticker","type":"update","data":[{"symbol":"BTC/USD","bid":99.9,"last":100,"timestamp":"2026-07-07T23:00:04.585581Z"}]})",
       FrameKind::Ticker, kTimeV2},
      {R"({"channel":"level3","type":"update","data":[{"symbol":"BTC/USD","bids":[{"event":"add","limit_price":42000.0,"timestamp":"2024-01-15T12:00:01Z"}],"timestamp":"2026-07-07T23:00:04.585581Z"}]})",
       FrameKind::Book, kTimeV2},
      {R"({"channel":"ohlc","type":"update","timestamp":"2026-07-07T23:00:04.585581Z","data":[{"symbol":"MATIC/USD","open":0.5,"close":0.5,"interval_begin":"2026-07-07T23:00:00Z","interval":5,"timestamp":"2026-07-07T23:05:00Z"}]})",
       FrameKind::Ticker, kTimeV2},
      {R"({"channel":"instrument","type":"snapshot","data":{"assets":[],"pairs":[]}})",
       FrameKind::Status, 0},
      {R"({"method":"subscribe","result":{"channel":"book","depth":10,"snapshot":true,"symbol":"BTC/USD"},"success":true,"time_in":"2026-07-07T23:00:03.501510Z","time_out":"2026-07-07T23:00:04.585581Z"})",
       FrameKind::Ack, kTimeV2},
      {R"({"error":"Currency pair not supported XBT/FOO","method":"subscribe","success":false,"symbol":"XBT/FOO","time_in":"2026-07-07T23:00:03.5Z","time_out":"2026-07-07T23:00:04.585581Z"})",
       FrameKind::Error, kTimeV2},
      {R"({"method":"pong","req_id":42,"time_in":"2026-07-07T23:00:03.5Z","time_out":"2026-07-07T23:00:04.585581Z"})",
       FrameKind::Heartbeat, kTimeV2}};
  for (const Row& row : rows) {
    INFO(row.frame);
    auto tester = kraken();
    const auto& events = tester.parse(row.frame);
    CHECK(events.kind == row.kind);
    CHECK(events.reject == Reject::None);
    CHECK(testing::is_nothing(events));
    CHECK(events.venue_time ==
          (row.time_ns == 0 ? kNoExchangeTime : exchange_time_from_ns(row.time_ns)));
  }
}

TEST_CASE("kraken: the frames of its futures are another market's", "[kraken]") {
  for (
      const char* frame :
      {R"({"event":"info","version":1})",
       R"({"event":"subscribed","feed":"book","product_ids":["FI_ETHUSD_211231"]})",
       R"({"feed":"trade","product_id":"PI_LTCUSD","uid":"e2429e31","side":"buy","type":"fill","seq":5956,"time":1626994929946,"qty":320.0,"price":119.44})",
       R"({"feed":"trade_snapshot","product_id":"FI_BCHUSD_210730","trades":[{"price":1,"qty":1}]})"}) {
    INFO(frame);
    auto tester = kraken();
    CHECK(tester.parse(frame).reject == Reject::OtherMarket);
    CHECK(testing::is_nothing(tester.events()));
  }
}

TEST_CASE("kraken: refuses what Kraken's spot markets do not send", "[kraken]") {
  for (const char* frame :
       {"{}",
        "[]",
        "[1,2]",
        R"(["trade","XBT/USD"])",
        R"([1,"trade","XBT/USD"])",
        R"([1,[],"trade","XBT/USD"])",
        R"([1,{},"trade","XBT/USD"])",
        R"([1,["1","2","3"],"trade","XBT/USD"])",
        R"([1,[["1","1","1617666461.4"]],"book-10","XBT/USD"])",
        R"([1,[["1","1","1617666461.4"]],"trade"])",
        R"([1,[["1","1","1617666461.4"]],"trade",""])",
        R"([1,[["1","1","1617666461.4"]],"XBT/USD",1])",
        R"([146481,"te",[658733916,1617643611128,0.7574881,230890],394])",
        R"({"event":"info","version":2})",
        R"({"channel":"trades","data":[{"coin":"BTC","px":"1","sz":"1","time":1737918794873}]})",
        R"({"channel":"ticker","market":"BNBBEAR/USDT","type":"update","data":{"bid":1.3e-07}})",
        R"({"channel":"trade"})",
        R"({"method":"subscribe"})",
        R"({"error":null,"success":true})",
        R"({"event":null})",
        R"({"error":"x","data":[]})"}) {
    INFO(frame);
    auto tester = kraken();
    const auto& events = tester.parse(frame);
    CHECK(events.kind == FrameKind::Rejected);
    CHECK(events.reject == Reject::UnknownMessage);
    CHECK(testing::is_nothing(events));
  }
}
