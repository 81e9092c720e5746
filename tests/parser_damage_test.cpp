// Damaged frames: cut, flipped, padded with junk, too large. None may crash a parser, and none may
// become a trade that the bytes do not say.
#include <rapidcheck.h>

#include <random>
#include <string>
#include <vector>

#include "tests/catch.hpp"
#include "tests/frames.hpp"

using namespace fastrsi;
using testing::FrameTester;

namespace {

struct Sample {
  const char* venue;
  std::string frame;
};

// One frame of each shape that carries trades, and the commonest others.
const std::vector<Sample>& samples() {
  static const std::
      vector<Sample>
          kSamples = {{"binance",
                       R"({"stream":"btcusdt@trade","data":{"e":"trade","E":1723161255343,"s":"BTCUSDT","t":3735683259,"p":"61837.63000000","q":"0.02000000","T":1723161255342,"m":true,"M":true}})"},
                      {"binance",
                       R"({"e":"aggTrade","E":1617647603484,"s":"ZILUSDT","a":18938405,"p":"0.21448000","q":"2062.9","f":1,"l":2,"T":1617647603483,"m":false,"M":true})"},
                      {"binance",
                       R"({"e":"trade","E":1617647603484,"s":"ZILUSDT","t":18938405,"p":"0.21448","q":"20629","b":88,"a":89,"T":1617647603483,"m":false,"M":true})"},
                      {"binance-usdm",
                       R"({"stream":"sandusdt@aggTrade","data":{"e":"aggTrade","E":1617647797640,"a":9445517,"s":"SANDUSDT","p":"0.69067","q":"369","f":12821738,"l":12821738,"T":1617647797485,"m":true}})"},
                      {"binance-usdm",
                       R"({"stream":"btcusdt@trade","data":{"e":"trade","E":1721347022956,"T":1721347022956,"s":"BTCUSDT","t":5182005737,"p":"63943.90","q":"0.003","X":"MARKET","m":true}})"},
                      {"binance",
                       R"({"stream":"btcusdt@depth@100ms","data":{"e":"depthUpdate","E":1723161255208,"s":"BTCUSDT","U":1,"u":2,"b":[["61737.63","0"]],"a":[["1","2"]]}})"},
                      {"binance-usdm",
                       R"({"stream":"btcusdt@bookTicker","data":{"e":"bookTicker","u":4984028370881,"s":"BTCUSDT","b":"63943.90","B":"46.371","a":"63944.00","A":"0.095","T":1721347022507,"E":1721347022507}})"},
                      {"binance",
                       R"({"e":"kline","E":1628952396573,"s":"FTMUSDT","k":{"t":1628952360000,"T":1628952419999,"s":"FTMUSDT","i":"1m","o":"0.34064","c":"0.33993","h":"0.3407","l":"0.33934","x":false}})"},
                      {"coinbase",
                       R"({"type":"match","trade_id":280232,"side":"sell","size":"985","price":"0.00001305","product_id":"SKL-BTC","sequence":175,"time":"2021-04-17T16:43:30.244075Z"})"},
                      {"coinbase-advanced",
                       R"({"channel":"market_trades","timestamp":"2026-04-07T14:30:09Z","sequence_num":5,"events":[{"type":"update","trades":[{"trade_id":"11","product_id":"BTC-USD","price":"1","size":"2","side":"BUY","time":"2026-04-07T14:30:02Z"},{"trade_id":"10","product_id":"BTC-USD","price":"1","size":"2","side":"BUY","time":"2026-04-07T14:30:01Z"}]}]})"},
                      {"kraken",
                       R"([321,[["58721.20000","0.02798644","1617666461.465618","s","m",""],["58721.3","0.1","1617666461.466773","b","l",""]],"trade","XBT/USD"])"},
                      {"kraken",
                       R"({"channel":"trade","type":"update","data":[{"symbol":"ETH/USD","side":"buy","price":1774.14,"qty":0.00147959,"ord_type":"limit","trade_id":64175815,"timestamp":"2026-07-07T23:00:04.585581Z"}]})"},
                      {"bybit-linear",
                       R"({"topic":"publicTrade.LTCUSDT","type":"snapshot","ts":1680688979985,"data":[{"T":1680688979983,"s":"LTCUSDT","S":"Buy","v":"0.4","p":"94.53","i":"4c7b6bdc-b4a3-5716-9c7b-bbe01dc7072f","BT":false},{"T":1680688979982,"s":"LTCUSDT","v":"1","p":"94.5","i":"5","BT":true}]})"},
                      {"bybit-spot",
                       R"({"topic":"trade","params":{"symbol":"ETHUSDT","binary":"false"},"data":{"v":"2280000000007453966","t":1659312000103,"p":"1678.54","q":"1.4","m":true}})"},
                      {"bybit-spot",
                       R"({"topic":"kline.1.BTCUSDT","data":[{"start":1672324800000,"end":1672324859999,"interval":"1","open":"16649.5","close":"16677","high":"16678","low":"16608","volume":"2.081","confirm":false}],"ts":1672324988882,"type":"snapshot"})"},
                      {"okx",
                       R"({"arg":{"channel":"trades","instId":"BTC-USDT"},"data":[{"instId":"BTC-USDT","tradeId":"130639474","px":"42219.9","sz":"0.12","side":"buy","ts":"1629386781174","count":"3"}]})"},
                      {"okx",
                       R"({"table":"spot/trade","data":[{"instrument_id":"BCH-USDT","price":"328.74","side":"sell","size":"0.12","timestamp":"2019-08-01T00:00:08.806Z","trade_id":"423886239"}]})"},
                      {"bitstamp",
                       R"({"data":{"id":84550458,"timestamp":"1554076803","amount":0.001643,"amount_str":"0.00164300","price":3651.3,"price_str":"3651.30","type":0,"microtimestamp":"1554076803243152"},"channel":"live_trades_btceur","event":"trade"})"}};
  return kSamples;
}

FrameTester tester_of(const Sample& sample) {
  return FrameTester{make_parser(sample.venue, TradeStream::FirstSeen)};
}

constexpr int kDamagesPerCase = 20;

// One to four bytes changed, taken away or doubled.
std::string damaged(std::string frame) {
  const int count = *rc::gen::inRange(1, 5);
  for (int i = 0; i < count && !frame.empty(); ++i) {
    const auto at = *rc::gen::inRange<std::size_t>(0, frame.size());
    switch (*rc::gen::inRange(0, 4)) {
      case 0:
        frame[at] = *rc::gen::arbitrary<char>();
        break;
      case 1:
        frame[at] = *rc::gen::elementOf(std::string{R"("\{}[]:,.-+eE0129 ntfTpqsSX)"});
        break;
      case 2:
        frame.erase(at, *rc::gen::inRange<std::size_t>(1, 8));
        break;
      default:
        frame.insert(at, frame.substr(at, *rc::gen::inRange<std::size_t>(1, 8)));
        break;
    }
  }
  return frame;
}

}  // namespace

TEST_CASE("parsers: a frame that is cut anywhere is refused or is no trade", "[parsers]") {
  for (const Sample& sample : samples()) {
    auto tester = tester_of(sample);
    for (std::size_t bytes = 0; bytes < sample.frame.size(); ++bytes) {
      INFO(sample.frame.substr(0, bytes));
      const auto& events = tester.parse(std::string_view{sample.frame}.substr(0, bytes));
      REQUIRE(testing::is_nothing(events));
      REQUIRE(events.kind == FrameKind::Rejected);
    }
    // The parser has taken no harm.
    CHECK(tester.parse(sample.frame).kind != FrameKind::Rejected);
  }
}

TEST_CASE("parsers: what stands behind a frame is not used", "[parsers]") {
  for (const Sample& sample : samples()) {
    INFO(sample.frame);
    auto clean = tester_of(sample);
    const auto& expected = clean.parse(sample.frame);
    for (const char padding : std::string{"}]{[\",0:\\\xFF\n "}) {
      auto tester = tester_of(sample);
      REQUIRE(testing::is_same(tester.parse(sample.frame, padding), expected));
      for (std::size_t bytes = 1; bytes < sample.frame.size(); ++bytes) {
        const auto& cut = tester.parse(std::string_view{sample.frame}.substr(0, bytes), padding);
        REQUIRE(testing::is_nothing(cut));
      }
    }
  }
}

TEST_CASE("parsers: white space around a frame does not count, trailing content does",
          "[parsers]") {
  for (const Sample& sample : samples()) {
    INFO(sample.frame);
    auto clean = tester_of(sample);
    const auto& expected = clean.parse(sample.frame);
    auto tester = tester_of(sample);
    CHECK(testing::is_same(tester.parse(" \t\r\n" + sample.frame + " \r\n"), expected));
    for (const char* tail : {"}", "]", "{}", "[]", ",{}", " {}", "\"x\"]", "1]", "null}", "[1]"}) {
      const auto& events = tester.parse(sample.frame + tail);
      INFO(tail);
      CHECK(testing::is_nothing(events));
      CHECK(events.kind == FrameKind::Rejected);
    }
  }
}

TEST_CASE("parsers: damaged frames stay consistent", "[parsers]") {
  for (const Sample& sample : samples()) {
    INFO(sample.frame);
    CHECK(rc::check([&sample] {
      auto tester = tester_of(sample);
      for (int i = 0; i < kDamagesPerCase; ++i) {
        RC_ASSERT(testing::is_consistent(
            tester.parse(damaged(sample.frame), *rc::gen::arbitrary<char>())));
      }
    }));
  }
}

namespace {

// Binance's trades are read in three ways, one the other's fallback: in their usual form, by a
// scanner, and by simdjson. A word among the keys leads past the first, a space behind the first
// brace past the second.
void require_one_answer(const Sample& sample, std::string frame) {
  auto read = tester_of(sample);
  const auto& expected = read.parse(frame);
  frame.insert(1, 1, ' ');
  auto walked = tester_of(sample);
  RC_ASSERT(testing::is_same(walked.parse(frame), expected));
}

}  // namespace

TEST_CASE("parsers: all ways to read a trade say the same of it and of every damage of it",
          "[parsers]") {
  static constexpr std::string_view kType = R"(rade",)";
  for (const Sample& sample : samples()) {
    if (sample.frame.find(kType) == std::string::npos) continue;
    if (std::string_view{sample.venue}.starts_with("binance")) {
      INFO(sample.frame);
      CHECK(rc::check([&sample] {
        for (int i = 0; i < kDamagesPerCase; ++i) {
          std::string frame = damaged(sample.frame);
          if (frame.empty() || frame.front() != '{') continue;
          require_one_answer(sample, frame);
          const std::size_t type = frame.find(kType);
          if (type == std::string::npos) continue;
          frame.insert(type + kType.size(), R"("word":0,)");
          require_one_answer(sample, frame);
        }
      }));
    }
  }
}

TEST_CASE("parsers: frames that cannot be JSON are told apart", "[parsers]") {
  for (const std::string& venue : parser_venues()) {
    INFO(venue);
    FrameTester tester{make_parser(venue, TradeStream::Trade)};
    CHECK(tester.parse("").reject == Reject::Empty);
    CHECK(tester.parse(" \r\n").reject == Reject::Empty);
    CHECK(tester.parse("hello").reject == Reject::NotJson);
    CHECK(tester.parse("\xEF\xBB\xBF{\"result\":null,\"id\":1}").reject == Reject::NotJson);
    CHECK(tester.parse("b'\\x1f\\x8b'").reject == Reject::NotJson);
    CHECK(tester.parse("{\"a\":1").reject == Reject::Truncated);
    CHECK(tester.parse("{\"a\":\"}").reject == Reject::Truncated);
    CHECK(tester.parse("{\"a\":\"\xFF\"}").reject == Reject::NotJson);
    CHECK(tester.parse("{\"a\" 1}").reject == Reject::NotJson);
    CHECK(tester.parse("{\"a\":1]").reject == Reject::NotJson);
    CHECK(tester.parse("{a:1}").reject == Reject::NotJson);
    CHECK(tester.parse(std::string(1, '{') + std::string(1, '\0') + "}").reject == Reject::NotJson);
    CHECK(testing::is_nothing(tester.parse(std::string(100'000, '[') + std::string(100'000, ']'))));
    CHECK(testing::is_nothing(tester.parse(std::string(100'000, '['))));
    std::string nested;
    for (int i = 0; i < 50'000; ++i) nested += "{\"data\":";
    CHECK(testing::is_nothing(tester.parse(nested + "1" + std::string(50'000, '}'))));
  }
}

TEST_CASE("parsers: a frame above the limit is refused unread", "[parsers]") {
  std::string frame = R"({"channel":"trade","type":"update","data":[)";
  frame += std::string(kFrameBytesMax, ' ') + "]}";
  for (const std::string& venue : parser_venues()) {
    FrameTester tester{make_parser(venue, TradeStream::Trade)};
    CHECK(tester.parse(frame).reject == Reject::TooLarge);
  }
}

TEST_CASE("parsers: takes so many trades of a frame and counts the rest", "[parsers]") {
  std::string frame = "[1,[";
  for (std::size_t i = 0; i < kTradesPerFrameMax + 10; ++i) {
    // Newest first.
    frame += i == 0 ? "" : ",";
    frame += R"(["1","1",")" + std::to_string(1'617'666'461 - i) + R"("])";
  }
  frame += R"(],"trade","XBT/USD"])";
  FrameTester tester{make_parser("kraken", TradeStream::Trade)};
  const auto& events = tester.parse(frame);
  CHECK(events.kind == FrameKind::Trades);
  CHECK(events.ticks.size() == kTradesPerFrameMax);
  CHECK(events.rejected_trades == 10);
  CHECK(events.reject == Reject::TooManyTrades);
  CHECK(testing::is_consistent(events));
}

TEST_CASE("parsers: every kind, reason and venue has a name", "[parsers]") {
  for (std::size_t i = 0; i < kFrameKindCount; ++i) CHECK_FALSE(to_text(FrameKind(i)).empty());
  for (std::size_t i = 0; i < kRejectCount; ++i) CHECK_FALSE(to_text(Reject(i)).empty());
  CHECK(parser_venues().size() == 10);
  CHECK(make_parser("nowhere", TradeStream::Trade) == nullptr);
  CHECK(make_parser("kraken", TradeStream::Trade)->id_rule() == IdRule::Rising);
  CHECK(make_parser("okx", TradeStream::Trade)->id_rule() == IdRule::Rising);
  for (const char* venue : {"bybit-spot", "bybit-linear", "bitstamp"}) {
    CHECK(make_parser(venue, TradeStream::Trade)->id_rule() == IdRule::Window);
  }
}
