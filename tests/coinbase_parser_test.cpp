// Coinbase frames, Exchange and Advanced Trade: which are trades, and what refuses the rest.
#include <string>
#include <vector>

#include "tests/catch.hpp"
#include "tests/frames.hpp"

using namespace fastrsi;
using testing::FrameTester;
using testing::replaced;

namespace {

FrameTester coinbase() {
  return FrameTester{make_coinbase_parser()};
}

constexpr std::int64_t kSecond = 1'000'000'000;

const std::string kMatch =
    R"({"type":"match","trade_id":280232,"maker_order_id":"2a0da34e","taker_order_id":"3c82abaa",)"
    R"("side":"sell","size":"985","price":"0.00001305","product_id":"SKL-BTC","sequence":175,)"
    R"("time":"2021-04-17T16:43:30.244075Z"})";
constexpr std::int64_t kMatchTime = 1'618'677'810 * kSecond + 244'075'000;

std::string coinbase_trade(const char* id, const char* second, const char* price = "68900.50") {
  return std::string{R"({"trade_id":")"} + id + R"(","product_id":"BTC-USD","price":")" + price +
         R"(","size":"0.0015","side":"BUY","time":"2026-04-07T14:30:)" + second + R"(Z"})";
}

std::string market_trades(const std::string& events) {
  return R"({"channel":"market_trades","client_id":"","timestamp":"2026-04-07T14:30:09Z",)"
         R"("sequence_num":5,"events":[)" +
         events + "]}";
}

std::string event(const std::string& type, const std::string& trades) {
  return R"({"type":")" + type + R"(","trades":[)" + trades + "]}";
}

// 2026-04-07T14:30:00Z
constexpr std::int64_t kMinuteNs = 1'775'572'200 * kSecond;

std::vector<std::uint64_t> ids_of(const FrameEvents& events) {
  std::vector<std::uint64_t> ids;
  for (const Tick& tick : events.ticks) ids.push_back(static_cast<std::uint64_t>(tick.id));
  return ids;
}

void check_match(const FrameEvents& events) {
  REQUIRE(events.kind == FrameKind::Trades);
  CHECK(events.reject == Reject::None);
  REQUIRE(events.ticks.size() == 1);
  CHECK(events.symbols[0] == "SKL-BTC");
  CHECK(events.ticks[0].price.value == 0.00001305);
  CHECK(events.ticks[0].quantity.value == 985.0);
  CHECK(events.ticks[0].id == TradeId{280232});
  CHECK(events.ticks[0].has_id);
  CHECK(to_unix_ns(events.ticks[0].time) == kMatchTime);
  CHECK(to_unix_ns(events.venue_time) == kMatchTime);
}

}  // namespace

TEST_CASE("coinbase: reads matches and the last match", "[coinbase]") {
  auto tester = coinbase();
  check_match(tester.parse(kMatch));
  check_match(tester.parse(replaced(kMatch, "match", "last_match")));
}

TEST_CASE("coinbase: reads a match whatever the order, spacing and quoting", "[coinbase]") {
  const std::vector<std::string> frames = {
      R"({"time":"2021-04-17T16:43:30.244075Z","product_id":"SKL-BTC","price":"0.00001305","size":"985","trade_id":280232,"type":"match"})",
      R"({ "type" : "match" , "trade_id" : "280232" , "size" : 985 , "price" : 1.305E-5 , "product_id" : "SKL-BTC" , "time" : "2021-04-17T16:43:30.244075Z" } )",
      R"({"type":"match","trade_id":280232,"size":"985.0","price":"0.00001305","product_id":"SKL\u002dBTC","time":"2021-04-17 16:43:30.244075 +0000 UTC","price":"1","type":"x","time":""})"};
  for (const std::string& frame : frames) {
    INFO(frame);
    auto tester = coinbase();
    check_match(tester.parse(frame));
  }
}

TEST_CASE("coinbase: says what is wrong with a match", "[coinbase]") {
  const auto check = [](const std::string& from, const std::string& to, Reject reason,
                        std::size_t ticks) {
    INFO(from << " -> " << to);
    auto tester = coinbase();
    const auto& events = tester.parse(replaced(kMatch, from, to));
    CHECK(events.reject == reason);
    CHECK(events.rejected_trades == 1);
    CHECK(events.ticks.size() == ticks);
    CHECK(testing::is_consistent(events));
  };
  check(R"("0.00001305")", R"("")", Reject::BadPrice, 1);
  check(R"("0.00001305")", "null", Reject::BadPrice, 1);
  check(R"("0.00001305")", R"("NaN")", Reject::BadPrice, 1);
  check(R"("0.00001305")", "-0.0", Reject::BadPrice, 1);
  check(R"("985")", R"("-985")", Reject::BadQuantity, 1);
  check(R"("size":"985",)", "", Reject::MissingField, 1);
  check("280232", R"("x")", Reject::BadId, 0);
  check("2021-04-17T16:43:30.244075Z", "0001-01-01T00:00:00Z", Reject::BadTime, 0);
  check("2021-04-17T16:43:30.244075Z", "1979-12-31T23:59:59Z", Reject::BadTime, 0);
  check("2021-04-17T16:43:30.244075Z", "yesterday", Reject::BadTime, 0);
  check(R"("product_id":"SKL-BTC",)", "", Reject::MissingField, 0);
  check(R"("2021-04-17T16:43:30.244075Z")", "null", Reject::BadTime, 0);
}

TEST_CASE("coinbase: sorts the market trades of a frame, which come newest first", "[coinbase]") {
  auto tester = coinbase();
  const std::string update = event(
      "update", coinbase_trade("12", "03") + "," + coinbase_trade("11", "03") + "," +
                    coinbase_trade("10", "02") + "," + coinbase_trade("9", "02.5", "68901.25"));
  const auto& events = tester.parse(market_trades(update));
  REQUIRE(events.kind == FrameKind::Trades);
  CHECK(ids_of(events) == std::vector<std::uint64_t>{10, 9, 11, 12});
  CHECK(events.ticks[1].price.value == 68901.25);
  CHECK(to_unix_ns(events.ticks[1].time) == kMinuteNs + 2'500'000'000);
  CHECK(to_unix_ns(events.venue_time) == kMinuteNs + 9 * kSecond);
  CHECK(testing::is_consistent(events));
}

TEST_CASE("coinbase: trades from before the subscription are no live trades", "[coinbase]") {
  const std::string old_trades = coinbase_trade("2", "01") + "," + coinbase_trade("1", "00");
  auto tester = coinbase();
  const auto& snapshot = tester.parse(market_trades(event("snapshot", old_trades)));
  CHECK(snapshot.kind == FrameKind::TradeSnapshot);
  CHECK(testing::is_nothing(snapshot));
  CHECK(to_unix_ns(snapshot.venue_time) == kMinuteNs + 9 * kSecond);

  const auto& with_bad =
      tester.parse(market_trades(event("snapshot", coinbase_trade("2", "01", "0"))));
  CHECK(with_bad.kind == FrameKind::TradeSnapshot);
  CHECK(with_bad.rejected_trades == 0);

  const auto& both = tester.parse(market_trades(event("snapshot", old_trades) + "," +
                                                event("update", coinbase_trade("3", "02"))));
  REQUIRE(both.kind == FrameKind::Trades);
  CHECK(ids_of(both) == std::vector<std::uint64_t>{3});

  const auto& late_type = tester.parse(
      market_trades(R"({"trades":[)" + old_trades + R"(],"type":"snapshot"},{"trades":[)" +
                    coinbase_trade("4", "02") + R"(],"type":"update"})"));
  CHECK(ids_of(late_type) == std::vector<std::uint64_t>{4});

  CHECK(tester.parse(market_trades(event("update", ""))).kind == FrameKind::Heartbeat);
  CHECK(tester.parse(market_trades(event("other", old_trades))).reject == Reject::UnknownMessage);
  CHECK(tester.parse(market_trades("")).reject == Reject::UnknownMessage);
}

TEST_CASE("coinbase: reads market trades whose channel comes last", "[coinbase]") {
  const std::string events =
      R"({"events":[)" + event("update", coinbase_trade("3", "02")) + R"(],"channel":")";
  auto tester = coinbase();
  CHECK(ids_of(tester.parse(events + R"(market_trades"})")) == std::vector<std::uint64_t>{3});
  const auto& candles = tester.parse(events + R"(candles"})");
  CHECK(candles.kind == FrameKind::Ticker);
  CHECK(testing::is_nothing(candles));
}

TEST_CASE("coinbase: bad trades among good ones are counted and keep their place", "[coinbase]") {
  auto tester = coinbase();
  const auto& events = tester.parse(market_trades(event(
      "update", coinbase_trade("5", "05") + "," + coinbase_trade("4", "04", "0") + "," +
                    coinbase_trade("x", "03") + "," + coinbase_trade("2", "02", "-1") + ",7")));
  REQUIRE(events.kind == FrameKind::Trades);
  CHECK(events.rejected_trades == 4);
  CHECK(events.reject == Reject::BadPrice);
  CHECK(ids_of(events) == std::vector<std::uint64_t>{2, 4, 5});
  CHECK(events.ticks[0].id_only);
  CHECK(events.ticks[1].id_only);
  CHECK_FALSE(events.ticks[2].id_only);
}

TEST_CASE("coinbase: knows every other message and takes none for a trade", "[coinbase]") {
  struct Row {
    std::string frame;
    FrameKind kind;
    std::int64_t time_ns;  // 0: none
  };
  const std::string tail = R"(","timestamp":"2026-04-07T14:30:09Z","sequence_num":0,"events":[)";
  const std::int64_t tail_time = kMinuteNs + 9 * kSecond;
  const std::vector<Row> rows = {
      {R"({"type":"subscriptions","channels":[{"name":"level2","product_ids":["BAND-GBP"]}]})",
       FrameKind::Ack, 0},
      {R"({"type":"heartbeat","sequence":90,"last_trade_id":20,"product_id":"BTC-USD","time":"2021-04-17T16:43:30.244075Z"})",
       FrameKind::Heartbeat, kMatchTime},
      {R"({"type":"ticker","sequence":5,"product_id":"BTC-USD","price":"4095.0","side":"buy","time":"2021-04-17T16:43:30.244075Z","trade_id":61,"last_size":"1"})",
       FrameKind::Ticker, kMatchTime},
      {R"({"type":"l2update","product_id":"SKL-BTC","changes":[["sell","0.00001306","660.5"]],"time":"2021-04-17T16:43:30.244075Z"})",
       FrameKind::Book, kMatchTime},
      {R"({"type":"l2update","product_id":"BTC-EUR","changes":[["buy","9202.70","0.5"]],"time":"0001-01-01T00:00:00.000000Z"})",
       FrameKind::Book, 0},
      {R"({"product_id":"BAT-USDC","type":"snapshot","bids":[["0.247175","5299"]],"asks":[["0.257175","12"]]})",
       FrameKind::Book, 0},
      {R"({"type":"received","time":"2021-04-17T16:43:30.244075Z","product_id":"BTC-USD","order_id":"d5","size":"1","price":"502.1","side":"buy"})",
       FrameKind::Book, kMatchTime},
      {R"({"type":"open","product_id":"BTC-USD","price":"200.2","remaining_size":"1.00"})",
       FrameKind::Book, 0},
      {R"({"type":"done","product_id":"BTC-USD","price":"200.2","reason":"filled"})",
       FrameKind::Book, 0},
      {R"({"type":"change","product_id":"BTC-USD","price":"200.2","new_size":"5"})",
       FrameKind::Book, 0},
      {R"({"type":"status","products":[],"currencies":[]})", FrameKind::Status, 0},
      {R"({"type":"error","message":"Failed to subscribe","reason":"x"})", FrameKind::Error, 0},
      {R"({"channel":"l2_data)" + tail +
           R"({"type":"snapshot","product_id":"BTC-USD","updates":[{"side":"bid","event_time":"2026-04-07T14:30:00Z","price_level":"1","new_quantity":"2"}]}]})",
       FrameKind::Book, tail_time},
      {R"({"channel":"ticker)" + tail +
           R"({"type":"update","tickers":[{"type":"ticker","product_id":"BTC-USD","price":"1"}]}]})",
       FrameKind::Ticker, tail_time},
      {R"({"channel":"candles)" + tail +
           R"({"type":"update","candles":[{"start":"1775521800","high":"2","low":"1","open":"1","close":"2","volume":"3","product_id":"BTC-USD"}]}]})",
       FrameKind::Ticker, tail_time},
      {R"({"channel":"subscriptions)" + tail +
           R"({"subscriptions":{"market_trades":["BTC-USD"]}}]})",
       FrameKind::Ack, tail_time},
      {R"({"channel":"heartbeats)" + tail +
           R"({"current_time":"2026-04-07 14:30:09.000000005 +0000 UTC m=+41691.260485341","heartbeat_counter":41691}]})",
       FrameKind::Heartbeat, tail_time + 5},
      {R"({"channel":"status)" + tail + R"({"type":"snapshot","products":[]}]})", FrameKind::Status,
       tail_time},
      {R"({"channel":"user)" + tail + R"({"type":"snapshot","orders":[]}]})", FrameKind::Status,
       tail_time}};
  for (const Row& row : rows) {
    INFO(row.frame);
    auto tester = coinbase();
    const auto& events = tester.parse(row.frame);
    CHECK(events.kind == row.kind);
    CHECK(events.reject == Reject::None);
    CHECK(testing::is_nothing(events));
    CHECK(events.venue_time ==
          (row.time_ns == 0 ? kNoExchangeTime : exchange_time_from_ns(row.time_ns)));
  }
}

TEST_CASE("coinbase: refuses what Coinbase does not send", "[coinbase]") {
  for (const char* frame :
       {"{}", "[]", R"([{"type":"match"}])", R"({"type":"trade","symbol":"SANDUSD","price":"1"})",
        R"({"type":"heartbeat","timestamp":1617645248100})", R"({"type":"ticker","price":"1"})",
        R"({"channel":"trades","events":[]})", R"({"channel":"market_trades"})",
        R"({"channel":"market_trades","events":{}})", R"({"type":null})", R"({"channel":null})",
        R"({"type":"match","events":[]})", R"({"type":["match"],"price":"1"})"}) {
    INFO(frame);
    auto tester = coinbase();
    const auto& events = tester.parse(frame);
    CHECK(events.kind == FrameKind::Rejected);
    CHECK(events.reject == Reject::UnknownMessage);
    CHECK(testing::is_nothing(events));
  }
}
