// Binance frames in every shape and damage: which are trades, and what refuses the rest.
#include <string>
#include <vector>

#include "tests/catch.hpp"
#include "tests/frames.hpp"

using namespace fastrsi;
using testing::FrameTester;
using testing::replaced;

namespace {

FrameTester spot(TradeStream stream = TradeStream::FirstSeen) {
  return FrameTester{make_binance_parser(false, stream)};
}
FrameTester futures(TradeStream stream = TradeStream::FirstSeen) {
  return FrameTester{make_binance_parser(true, stream)};
}

ExchangeTime ms(std::int64_t unix_ms) {
  return exchange_time_from_ns(unix_ms * 1'000'000);
}

const std::string kBinanceTrade =
    R"({"e":"trade","E":1723161255343,"s":"BTCUSDT","t":3735683259,"p":"61837.63000000",)"
    R"("q":"0.02000000","T":1723161255342,"m":true,"M":true})";

std::string combined(const std::string& event, const std::string& stream = "btcusdt@trade") {
  return R"({"stream":")" + stream + R"(","data":)" + event + "}";
}

void check_trade(const FrameEvents& events) {
  REQUIRE(events.kind == FrameKind::Trades);
  CHECK(events.reject == Reject::None);
  CHECK(events.rejected_trades == 0);
  REQUIRE(events.ticks.size() == 1);
  REQUIRE(events.symbols.size() == 1);
  const Tick& tick = events.ticks[0];
  CHECK(events.symbols[0] == "BTCUSDT");
  CHECK(tick.price.value == 61837.63);
  CHECK(tick.quantity.value == 0.02);
  CHECK(tick.id == TradeId{3735683259});
  CHECK(tick.has_id);
  CHECK_FALSE(tick.id_only);
  CHECK(tick.time == ms(1723161255342));
  CHECK(tick.received == receive_time_from_ns(1));
  CHECK(tick.symbol == kNoSymbol);
  CHECK(events.venue_time == ms(1723161255343));
}

}  // namespace

TEST_CASE("binance: reads a trade, raw and combined", "[binance]") {
  auto tester = spot();
  check_trade(tester.parse(kBinanceTrade));
  check_trade(tester.parse(combined(kBinanceTrade)));
}

TEST_CASE("binance: reads a trade whatever the order and spacing of its keys", "[binance]") {
  const std::string backwards =
      R"({"T":1723161255342,"q":"0.02000000","p":"61837.63000000","t":3735683259,"s":"BTCUSDT",)"
      R"("E":1723161255343,"e":"trade","M":true,"m":false})";
  const std::string spaced =
      " {\t\"e\" : \"trade\" , \"E\":1723161255343 ,\"s\": \"BTCUSDT\"\r\n,\"t\":3735683259 ,"
      "\"p\": \"61837.63000000\" ,\"q\":\"0.02000000\" ,\"T\" :1723161255342 , \"m\":true }\n";
  const std::vector<std::string> frames = {
      R"({"data":)" + kBinanceTrade + R"(,"stream":"btcusdt@trade"})",
      R"({"stream":"btcusdt@trade","generated":true,"data":)" + kBinanceTrade + "}",
      backwards,
      spaced,
      replaced(kBinanceTrade, R"("m":true)", R"("b":88,"a":50)"),
      replaced(kBinanceTrade, R"("m":true)", R"("new_key":[1,{"p":"2"}])"),
      replaced(kBinanceTrade, R"("E":)", R"("word":"x","number":0,"data":7,"E":)"),
      replaced(spaced, R"("E")", R"("data":7,"E")")};
  for (const std::string& frame : frames) {
    INFO(frame);
    check_trade(spot().parse(frame));
  }
}

TEST_CASE("binance: takes numbers and strings alike for price, quantity, id and times",
          "[binance]") {
  check_trade(spot().parse(
      R"({"e":"trade","E":"1723161255343","s":"BTCUSDT","t":"3735683259","p":61837.63,)"
      R"("q":2e-2,"T":"1723161255342"})"));
  check_trade(spot().parse(
      R"({"e":"trade","E":1723161255343000,"s":"BTCUSDT","t":3735683259,"p":"61837.63",)"
      R"("q":"0.02","T":1723161255342000})"));
}

TEST_CASE("binance: the first of equal keys counts", "[binance]") {
  check_trade(spot().parse(
      replaced(kBinanceTrade, R"("m":true)", R"("p":"1","t":1,"s":"X","T":1,"e":"x")")));
  check_trade(spot().parse(
      replaced(combined(kBinanceTrade), R"(}})", R"(},"data":{"e":"trade","p":"1"}})")));
}

TEST_CASE("binance: reads aggregate trades of spot and futures", "[binance]") {
  const std::string old_futures =
      R"({"stream":"btcusdt@aggTrade","data":{"e":"aggTrade","E":1568693103463,"s":"BTCUSDT",)"
      R"("p":"10223.74","q":"0.236","f":181349,"l":181349,"T":1568693103463,"m":false}})";
  auto old_events_of = futures();
  const auto& old_events = old_events_of.parse(old_futures);
  REQUIRE(old_events.kind == FrameKind::Trades);
  CHECK_FALSE(old_events.ticks[0].has_id);
  CHECK(old_events.ticks[0].price.value == 10223.74);

  auto events_of = futures();
  const auto& events = events_of.parse(
      R"({"e":"aggTrade","E":1626916404006,"a":11285749,"s":"BCHUSD_PERP","p":"427.91","q":"3",)"
      R"("f":16034449,"l":16034449,"T":1626916403852,"m":true,"nq":"3"})");
  REQUIRE(events.kind == FrameKind::Trades);
  CHECK(events.symbols[0] == "BCHUSD_PERP");
  CHECK(events.ticks[0].id == TradeId{11285749});
  CHECK(events.ticks[0].time == ms(1626916403852));
  CHECK(events.venue_time == ms(1626916404006));
}

TEST_CASE("binance: one stream of trades counts, the other is told apart", "[binance]") {
  const std::string aggregate =
      R"({"e":"aggTrade","E":1723161255344,"s":"BTCUSDT","a":7,"p":"1","q":"1","f":1,"l":1,)"
      R"("T":1723161255342,"m":false,"M":true})";
  const auto check_other = [](const FrameEvents& events) {
    CHECK(events.kind == FrameKind::OtherTrades);
    CHECK(events.ticks.empty());
    CHECK(events.venue_time != kNoExchangeTime);
  };
  auto trades = spot(TradeStream::Trade);
  check_other(trades.parse(aggregate));
  check_trade(trades.parse(kBinanceTrade));
  auto aggregates = spot(TradeStream::AggTrade);
  check_other(aggregates.parse(kBinanceTrade));
  CHECK(aggregates.parse(aggregate).kind == FrameKind::Trades);
  auto first = spot(TradeStream::FirstSeen);
  CHECK(first.parse(aggregate).kind == FrameKind::Trades);
  check_other(first.parse(kBinanceTrade));
  CHECK(first.parse(aggregate).kind == FrameKind::Trades);
}

TEST_CASE("binance: trades of futures that are not market trades keep their place only",
          "[binance]") {
  const std::string frame =
      R"({"e":"trade","E":1721347022957,"T":1721347022956,"s":"BTCUSDT","t":5182005737,)"
      R"("p":"63943.90","q":"0.003","X":"INSURANCE_FUND","m":true})";
  auto events_of = futures();
  const auto& events = events_of.parse(frame);
  REQUIRE(events.kind == FrameKind::Trades);
  CHECK(events.reject == Reject::NotMarketTrade);
  CHECK(events.rejected_trades == 1);
  REQUIRE(events.ticks.size() == 1);
  CHECK(events.ticks[0].id_only);
  CHECK(events.ticks[0].id == TradeId{5182005737});
  CHECK(futures().parse(replaced(frame, "INSURANCE_FUND", "MARKET")).rejected_trades == 0);
  auto empty_of = futures();
  const auto& empty =
      empty_of.parse(replaced(replaced(frame, R"("63943.90")", R"("0")"), "INSURANCE_FUND", "NA"));
  CHECK(empty.reject == Reject::NotMarketTrade);
  CHECK(empty.ticks[0].id_only);
}

TEST_CASE("binance: a trade without a good price keeps its place only", "[binance]") {
  for (const char* price : {R"("0")", R"("0.00000000")", R"("-1.5")", R"("inf")", R"("nan")",
                            R"("")", "null", R"("1e400")", R"("-inf")", "true", "[1]",
                            R"({"p":"1"})", R"("1.5 ")", R"("١")", R"("1,5")", R"("0x10")"}) {
    INFO(price);
    auto events_of = spot();
    const auto& events = events_of.parse(replaced(kBinanceTrade, R"("61837.63000000")", price));
    REQUIRE(events.kind == FrameKind::Trades);
    CHECK(events.reject == Reject::BadPrice);
    CHECK(events.rejected_trades == 1);
    REQUIRE(events.ticks.size() == 1);
    CHECK(events.ticks[0].id_only);
    CHECK(events.ticks[0].id == TradeId{3735683259});
  }
  auto without_id_of = spot();
  const auto& without_id = without_id_of.parse(
      replaced(replaced(kBinanceTrade, R"("61837.63000000")", "null"), R"("t":3735683259,)", ""));
  CHECK(without_id.kind == FrameKind::Rejected);
  CHECK(without_id.reject == Reject::BadPrice);
  CHECK(without_id.rejected_trades == 1);
  CHECK(without_id.ticks.empty());
}

TEST_CASE("binance: says what else is wrong with a trade", "[binance]") {
  const auto check = [](const std::string& from, const std::string& to, Reject reason,
                        std::size_t ticks) {
    INFO(from << " -> " << to);
    auto events_of = spot();
    const auto& events = events_of.parse(replaced(kBinanceTrade, from, to));
    CHECK(events.reject == reason);
    CHECK(events.rejected_trades == 1);
    CHECK(events.ticks.size() == ticks);
    CHECK(testing::is_consistent(events));
  };
  check(R"("q":"0.02000000")", R"("q":"-1")", Reject::BadQuantity, 1);
  check(R"("q":"0.02000000")", R"("q":null)", Reject::BadQuantity, 1);
  check(R"("q":"0.02000000",)", "", Reject::MissingField, 1);
  check(R"("p":"61837.63000000",)", "", Reject::MissingField, 1);
  check(R"("s":"BTCUSDT",)", "", Reject::MissingField, 0);
  check(R"("s":"BTCUSDT")", R"("s":null)", Reject::MissingField, 0);
  check(R"("s":"BTCUSDT")", R"("s":"")", Reject::MissingField, 0);
  check(R"("T":1723161255342,)", "", Reject::MissingField, 0);
  check(R"("T":1723161255342)", R"("T":0)", Reject::BadTime, 0);
  check(R"("T":1723161255342)", R"("T":null)", Reject::BadTime, 0);
  check(R"("T":1723161255342)", R"("T":-1723161255342)", Reject::BadTime, 0);
  check(R"("T":1723161255342)", R"("T":123456785)", Reject::BadTime, 0);
  check(R"("T":1723161255342)", R"("T":7258118400000)", Reject::BadTime, 0);
  check(R"("T":1723161255342)", R"("T":18446744073709551616)", Reject::BadTime, 0);
  check(R"("t":3735683259)", R"("t":-1)", Reject::BadId, 0);
  check(R"("t":3735683259)", R"("t":1.5)", Reject::BadId, 0);
  check(R"("t":3735683259)", R"("t":null)", Reject::BadId, 0);
  check(R"("t":3735683259)", R"("t":18446744073709551616)", Reject::BadId, 0);
}

TEST_CASE("binance: reads ids and prices to the end of their range", "[binance]") {
  const auto id_of = [](const char* id) {
    return spot().parse(replaced(kBinanceTrade, "3735683259", id)).ticks.at(0).id;
  };
  CHECK(id_of("9007199254740993") == TradeId{9'007'199'254'740'993});
  CHECK(id_of("18446744073709551615") == TradeId{18'446'744'073'709'551'615U});
  CHECK(id_of("0") == TradeId{0});
  const auto price_of = [](const char* price) {
    return spot().parse(replaced(kBinanceTrade, "61837.63000000", price)).ticks.at(0).price.value;
  };
  CHECK(price_of("0.00000001") == 1e-8);
  CHECK(price_of("5.767e-05") == 5.767e-05);
  CHECK(price_of("1e308") == 1e308);
  CHECK(price_of("123456789012345678901234567890.5") == 123456789012345678901234567890.5);
}

TEST_CASE("binance: symbols are any text, with escapes resolved", "[binance]") {
  const auto check = [](const std::string& written, const std::string& symbol) {
    auto tester = spot();
    const auto& events = tester.parse(replaced(kBinanceTrade, "BTCUSDT", written));
    REQUIRE(events.ticks.size() == 1);
    CHECK(std::string{events.symbols[0]} == symbol);
  };
  check("币安人生USDT", "币安人生USDT");
  check("1000SHIBUSDT_PERP_WITH_A_LONG_NAME", "1000SHIBUSDT_PERP_WITH_A_LONG_NAME");
  check(R"(BTC\/USDT)", "BTC/USDT");
  check(R"(\u0042TCUSDT\ud83d\ude00)", "BTCUSDT\xF0\x9F\x98\x80");
  check(R"(a\"b\\c)", R"(a"b\c)");
  CHECK(spot().parse(replaced(kBinanceTrade, "BTCUSDT", R"(\ud83d)")).reject ==
        Reject::MissingField);
}

TEST_CASE("binance: reads klines with their own interval and times", "[binance]") {
  const std::string frame =
      R"({"stream":"btcusdt@kline_1m","data":{"e":"kline","E":1628952396573,"s":"FTMUSDT",)"
      R"("k":{"t":1628952360000,"T":1628952419999,"s":"FTMUSDT","i":"1m","f":38248833,"L":38248910,)"
      R"("o":"0.34064000","c":"0.33993000","h":"0.34070000","l":"0.33934000","v":"208601.0","n":78,)"
      R"("x":false,"q":"70846.7","V":"156046.3","Q":"52984.1","B":"0"}}})";
  auto tester = spot();
  const auto& events = tester.parse(frame);
  REQUIRE(events.kind == FrameKind::Kline);
  CHECK(events.ticks.empty());
  CHECK(events.kline.symbol == "FTMUSDT");
  CHECK(events.kline.timeframe == Timeframe::M1);
  CHECK(events.kline.open_time == ms(1628952360000));
  CHECK(events.kline.open.value == 0.34064);
  CHECK(events.kline.high.value == 0.3407);
  CHECK(events.kline.low.value == 0.33934);
  CHECK(events.kline.close.value == 0.33993);
  CHECK_FALSE(events.kline.closed);
  CHECK(events.venue_time == ms(1628952396573));  // not its close, which is in the future

  CHECK(spot().parse(replaced(frame, R"("x":false)", R"("x":true)")).kline.closed);
  CHECK(spot().parse(replaced(frame, R"("i":"1m")", R"("i":"1M")")).kline.timeframe ==
        Timeframe::Mo1);
  CHECK(spot().parse(replaced(frame, R"("i":"1m")", R"("i":"1w")")).kline.timeframe ==
        Timeframe::W1);
  CHECK(spot().parse(replaced(frame, R"("i":"1m")", R"("i":"3d")")).kind == FrameKind::Ticker);
  CHECK(spot().parse(replaced(frame, R"("i":"1m")", R"("i":"1mo")")).kind == FrameKind::Ticker);
  CHECK(spot().parse(replaced(frame, R"("o":"0.34064000")", R"("o":null)")).reject ==
        Reject::BadPrice);
  CHECK(spot().parse(replaced(frame, R"("t":1628952360000)", R"("t":0)")).reject ==
        Reject::BadTime);
  CHECK(spot().parse(R"({"e":"kline","E":1628952396573,"s":"A"})").reject == Reject::MissingField);
  CHECK(spot().parse(R"({"e":"kline","E":1628952396573,"s":"A","k":1})").kind == FrameKind::Ticker);
}

TEST_CASE("binance: knows every other message and takes none for a trade", "[binance]") {
  struct Row {
    std::string frame;
    FrameKind kind;
    std::int64_t time_ms;  // 0: none
  };
  const std::vector<Row> rows = {
      {R"({"result":null,"id":1})", FrameKind::Ack, 0},
      {R"({"id":1000,"result":null})", FrameKind::Ack, 0},
      {R"({"result":["btcusdt@trade"],"id":3})", FrameKind::Ack, 0},
      {R"({"error":{"code":2,"msg":"Invalid request"},"id":4})", FrameKind::Error, 0},
      {R"({"code":2,"msg":"Invalid request: unknown variant"})", FrameKind::Error, 0},
      {R"({"stream":"btcusdt@bookTicker","data":{"u":50093239212,"s":"BTCUSDT","b":"61837.63","B":"3.7","a":"61837.64","A":"1.54698000"}})",
       FrameKind::Book, 0},
      {R"({"u":400900217,"s":"BNBUSDT","b":"25.35190000","B":"31.21000000","a":"25.36520000","A":"40.66000000"})",
       FrameKind::Book, 0},
      {R"({"e":"bookTicker","u":4984028370881,"s":"BTCUSDT","b":"63943.90","B":"46.371","a":"63944.00","A":"0.095","T":1721347022507,"E":1721347022508})",
       FrameKind::Book, 1721347022508},
      {R"({"stream":"bchusd_perp@bookTicker","data":{"u":167006084895,"e":"bookTicker","s":"BCHUSD_PERP","ps":"BCHUSD","b":"427.84","B":"24","a":"427.90","A":"669","T":1626916403864,"E":1626916403871}})",
       FrameKind::Book, 1626916403871},
      {R"({"stream":"btcusdt@depth@100ms","data":{"e":"depthUpdate","E":1723161255208,"s":"BTCUSDT","U":1,"u":2,"b":[["61737.63","0"]],"a":[]}})",
       FrameKind::Book, 1723161255208},
      {R"({"e":"depthUpdate","E":1721347022504,"T":1721347022506,"s":"BTCUSDT","U":1,"u":2,"pu":0,"b":[],"a":[["1","2"]]})",
       FrameKind::Book, 1721347022506},
      {R"({"lastUpdateId":50093239218,"bids":[["61837.63","3.7"]],"asks":[]})", FrameKind::Book, 0},
      {R"({"lastUpdateId":4984028384061,"E":1721347022759,"T":1721347022750,"bids":[],"asks":[]})",
       FrameKind::Book, 1721347022759},
      {R"({"stream":"btcusdc@depthSnapshot","generated":true,"data":{"lastUpdateId":1,"bids":[],"asks":[]}})",
       FrameKind::Book, 0},
      {R"({"stream":"dogebnb@ticker","data":{"e":"24hrTicker","E":1569805259092,"s":"DOGEBNB","p":"0.00000291","T":1}})",
       FrameKind::Ticker, 1569805259092},
      {R"({"stream":"btcusdt@markPrice","data":{"e":"markPriceUpdate","E":1569888003001,"s":"BTCUSDT","p":"8291.34697815","r":"0.00010000","T":1569916800000}})",
       FrameKind::Ticker, 1569888003001},
      {R"({"stream":"btcusdt@forceOrder","data":{"e":"forceOrder","E":1584059031426,"o":{"s":"BTCUSDT","S":"BUY","p":"4793.91","T":1584059031421}}})",
       FrameKind::Ticker, 1584059031426},
      {R"({"stream":"btcusdt@openInterest","generated":true,"data":{"symbol":"BTCUSDT","openInterest":"26286.181"}})",
       FrameKind::Ticker, 0},
      {R"([{"e":"24hrMiniTicker","E":1672515782136,"s":"A"},{"e":"24hrMiniTicker","E":1672515782137,"s":"B"}])",
       FrameKind::Ticker, 1672515782137},
      {R"({"stream":"!markPrice@arr","data":[{"e":"markPriceUpdate","E":1672515782136,"s":"A","p":"1"}]})",
       FrameKind::Ticker, 1672515782136},
      {R"({"e":"contractInfo","E":1669647330540,"s":"IOTAUSDT"})", FrameKind::Status,
       1669647330540}};
  for (const Row& row : rows) {
    INFO(row.frame);
    for (const bool is_futures : {false, true}) {
      auto tester = is_futures ? futures() : spot();
      for (const std::string& frame : {row.frame, replaced(row.frame, ":", " : ")}) {
        const auto& events = tester.parse(frame);
        CHECK(events.kind == row.kind);
        CHECK(events.reject == Reject::None);
        CHECK(testing::is_nothing(events));
        CHECK(events.venue_time == (row.time_ms == 0 ? kNoExchangeTime : ms(row.time_ms)));
      }
    }
  }
}

TEST_CASE("binance: refuses what Binance does not send", "[binance]") {
  for (const char* frame :
       {R"({})", R"([])", R"([1,2])", R"({"data":null})", R"({"stream":"x","data":null})",
        R"({"stream":"x"})", R"({"e":"unheardOf","E":1723161255343})", R"({"e":null})",
        R"({"e":1})",
        R"([{"e":"trade","E":1723161255343,"s":"A","t":1,"p":"1","q":"1","T":1723161255343}])",
        R"([{"e":"24hrTicker","E":1},{"e":"trade","E":1}])",
        R"({"jsonrpc":"2.0","result":true,"id":1})",
        R"({"error":null,"id":1,"result":{"status":"success"}})",
        R"({"id":1,"result":{"price":"1"}})"}) {
    INFO(frame);
    auto events_of = spot();
    const auto& events = events_of.parse(frame);
    CHECK(events.kind == FrameKind::Rejected);
    CHECK(events.reject == Reject::UnknownMessage);
    CHECK(events.venue_time == kNoExchangeTime);
    CHECK(testing::is_nothing(events));
  }
}

TEST_CASE("binance: the frames of its options are another market's", "[binance]") {
  for (
      const char* frame :
      {R"({"e":"trade","E":1765983420778,"T":1765983420778,"s":"BTC-251219-89000-C","t":200,"p":"1420.000","q":"1.54","X":"MARKET","S":"BUY","m":false})",
       R"({"stream":"DOGE-231006-0.06-C@trade","data":{"e":"trade","E":1696118408137,"s":"DOGE-231006-0.06-C","t":"15","p":"2.64","q":"0.01","b":"4647850284614262784","a":"4719907951072796672","T":1696118408134,"S":"-1"}})",
       R"({"stream":"BTCUSDT@index","data":{"e":"index","E":1696118400040,"s":"BTCUSDT","p":"26963.1"}})",
       R"({"stream":"XRP@markPrice","data":[{"e":"markPrice","E":1696118400043,"s":"XRP-231006-0.44-C","mp":"7.949"}]})"}) {
    INFO(frame);
    auto events_of = spot();
    const auto& events = events_of.parse(frame);
    CHECK(events.reject == Reject::OtherMarket);
    CHECK(testing::is_nothing(events));
  }
}
