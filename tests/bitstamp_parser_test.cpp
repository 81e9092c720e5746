// Bitstamp frames: which are trades, and what refuses the rest.
#include <string>
#include <vector>

#include "tests/catch.hpp"
#include "tests/frames.hpp"

using namespace fastrsi;
using testing::FrameTester;
using testing::replaced;

namespace {

FrameTester bitstamp() {
  return FrameTester{make_bitstamp_parser()};
}

const std::string kBitstampTrade =
    R"({"data":{"id":84550458,"timestamp":"1554076803","amount":0.0016429999999999999,"amount_str":"0.00164300","price":3651.3000000000002,"price_str":"3651.30","type":0,"microtimestamp":"1554076803243152","buy_order_id":3056112169,"sell_order_id":3056099349},"channel":"live_trades_btceur","event":"trade"})";

constexpr std::int64_t kUs = 1000;

}  // namespace

TEST_CASE("bitstamp: reads a trade by its texts, whatever the order of keys", "[bitstamp]") {
  const std::vector<std::string> frames = {
      kBitstampTrade,
      R"({"event":"trade","channel":"live_trades_btceur","data":{"microtimestamp":1554076803243152,"price":3651.3,"amount":"0.001643","id":"84550458","price":1}})"};
  for (const std::string& frame : frames) {
    INFO(frame);
    auto tester = bitstamp();
    const auto& events = tester.parse(frame);
    REQUIRE(events.kind == FrameKind::Trades);
    REQUIRE(events.ticks.size() == 1);
    CHECK(events.rejected_trades == 0);
    CHECK(events.symbols[0] == "btceur");
    CHECK(events.ticks[0].price.value == 3651.30);
    CHECK(events.ticks[0].quantity.value == 0.001643);
    CHECK(events.ticks[0].id == TradeId{84550458});
    CHECK(to_unix_ns(events.ticks[0].time) == 1'554'076'803'243'152 * kUs);
    CHECK(events.venue_time == events.ticks[0].time);
  }
}

TEST_CASE("bitstamp: a trade without microseconds has its second", "[bitstamp]") {
  auto tester = bitstamp();
  const auto& events =
      tester.parse(replaced(kBitstampTrade, R"("microtimestamp":"1554076803243152",)", ""));
  REQUIRE(events.ticks.size() == 1);
  CHECK(to_unix_ns(events.ticks[0].time) == 1'554'076'803'000'000 * kUs);
}

TEST_CASE("bitstamp: says what is wrong with a trade", "[bitstamp]") {
  const auto check = [](const std::string& from, const std::string& to, Reject reason,
                        std::size_t ticks) {
    INFO(from << " -> " << to);
    auto tester = bitstamp();
    const auto& events = tester.parse(replaced(kBitstampTrade, from, to));
    CHECK(events.reject == reason);
    CHECK(events.rejected_trades == 1);
    REQUIRE(events.ticks.size() == ticks);
    if (ticks == 1) CHECK(events.ticks[0].id_only);
    CHECK(testing::is_consistent(events));
  };
  check(R"("price_str":"3651.30")", R"("price_str":"0")", Reject::BadPrice, 1);
  check(R"("price_str":"3651.30")", R"("price_str":"")", Reject::BadPrice, 1);
  check(R"("price":3651.3000000000002,"price_str":"3651.30",)", "", Reject::MissingField, 1);
  check(R"("amount_str":"0.00164300")", R"("amount_str":"-1")", Reject::BadQuantity, 1);
  check(R"("microtimestamp":"1554076803243152")", R"("microtimestamp":"x")", Reject::BadTime, 0);
}

TEST_CASE("bitstamp: a trade without place in the sequence is refused", "[bitstamp]") {
  auto tester = bitstamp();
  CHECK(tester.parse(replaced(kBitstampTrade, R"("id":84550458)", R"("id":-5)")).reject ==
        Reject::BadId);
  CHECK(tester.parse(replaced(kBitstampTrade, "live_trades_btceur", "live_trades_")).reject ==
        Reject::MissingField);
  CHECK(
      tester
          .parse(
              R"({"event":"trade","channel":"live_trades_btceur","data":{"id":1,"price":1,"amount":1}})")
          .reject == Reject::MissingField);
}

TEST_CASE("bitstamp: knows every other message and takes none for a trade", "[bitstamp]") {
  struct Row {
    std::string frame;
    FrameKind kind;
    std::int64_t time_us;  // 0: none
  };
  const std::vector<Row> rows = {
      {R"({"event":"bts:subscription_succeeded","channel":"live_trades_xrpeur","data":{}})",
       FrameKind::Ack, 0},
      {R"({"event":"bts:unsubscription_succeeded","channel":"live_trades_xrpeur","data":{}})",
       FrameKind::Ack, 0},
      {R"({"event":"bts:heartbeat","channel":"","data":{"status":"success"}})",
       FrameKind::Heartbeat, 0},
      {R"({"event":"bts:request_reconnect","channel":"","data":""})", FrameKind::Status, 0},
      {R"({"event":"bts:error","channel":"","data":{"code":null,"message":"Bad subscription string."}})",
       FrameKind::Error, 0},
      {R"({"data":{"timestamp":"1641343691","microtimestamp":"1641343691310202","bids":[],"asks":[["1.17438","853.01"]]},"channel":"diff_order_book_adaeur","event":"data"})",
       FrameKind::Book, 1'641'343'691'310'202},
      {R"({"data":{"timestamp":"1554076800","bids":[],"asks":[]},"event":"snapshot","channel":"diff_order_book_bchusd","generated":true})",
       FrameKind::Book, 1'554'076'800'000'000},
      {R"({"event":"data","channel":"order_book_btcusd","data":{"microtimestamp":"1641343691310202"}})",
       FrameKind::Book, 1'641'343'691'310'202},
      {R"({"event":"data","channel":"detail_order_book_btcusd","data":{"microtimestamp":"1641343691310202"}})",
       FrameKind::Book, 1'641'343'691'310'202},
      {R"({"event":"order_created","channel":"live_orders_btcusd","data":{"id":1,"price":1,"amount":1,"microtimestamp":"1641343691310202"}})",
       FrameKind::Book, 1'641'343'691'310'202},
      {R"({"event":"data","channel":"funding_rate_btcusd-perp","data":{"timestamp":"1641343691"}})",
       FrameKind::Ticker, 1'641'343'691'000'000},
      {R"({"event":"trade","channel":"private-my_trades_btcusd-42","data":{"id":1,"price":1,"amount":1,"microtimestamp":"1641343691310202"}})",
       FrameKind::Status, 0}};
  for (const Row& row : rows) {
    INFO(row.frame);
    auto tester = bitstamp();
    const auto& events = tester.parse(row.frame);
    CHECK(events.kind == row.kind);
    CHECK(events.reject == Reject::None);
    CHECK(testing::is_nothing(events));
    const bool has_time = events.venue_time != kNoExchangeTime;
    CHECK((has_time ? to_unix_ns(events.venue_time) / kUs : 0) == row.time_us);
  }
}

TEST_CASE("bitstamp: refuses what Bitstamp does not send", "[bitstamp]") {
  for (const char* frame :
       {"{}", "[]", R"({"event":"trade"})", R"({"event":"trade","channel":"live_trades_btcusd"})",
        R"({"event":"trade","channel":"live_orders_btcusd","data":{}})",
        R"({"event":"trade","channel":"live_trades_btcusd","data":[]})",
        R"({"event":"data","channel":"live_trades_btcusd","data":{}})",
        R"({"event":"data","channel":"diff_order_book_btcusd"})", R"({"event":"trades","data":{}})",
        R"({"channel":"live_trades_btcusd","data":{}})"}) {
    INFO(frame);
    auto tester = bitstamp();
    CHECK(tester.parse(frame).reject == Reject::UnknownMessage);
    CHECK(testing::is_nothing(tester.events()));
  }
}
