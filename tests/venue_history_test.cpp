// The venues' REST interfaces: requests for history and lists of symbols, and what comes back.
#include <string>
#include <utility>
#include <vector>

#include "tests/catch.hpp"
#include "tests/venues.hpp"

using namespace fastrsi;
using namespace fastrsi::testing;

TEST_CASE("venue: requests for history are the documents', and reach no further than they may",
          "[venue]") {
  const auto target = [](const std::string& name, const HistoryQuery& query) {
    const auto request = venue_of(name)->history_request(query);
    REQUIRE(request.has_value());
    return request->target;
  };
  CHECK(target("binance", minutes("BTCUSDT", 10)) ==
        "/api/v3/klines?symbol=BTCUSDT&interval=1m&startTime=1714521600000&endTime=1714522199999"
        "&limit=1000");
  CHECK(target("binance-usdm", minutes("币USDT", 10, 5)) ==
        "/fapi/v1/klines?symbol=%E5%B8%81USDT&interval=1m&startTime=1714521600000"
        "&endTime=1714521899999&limit=5");
  CHECK(target("coinbase", minutes("BTC-USD", 10)) ==
        "/products/BTC-USD/candles?granularity=60&start=2024-05-01T00:00:00Z"
        "&end=2024-05-01T00:09:59Z");
  CHECK(target("coinbase-advanced", minutes("BTC-USD", 10)) ==
        "/api/v3/brokerage/market/products/BTC-USD/candles?granularity=ONE_MINUTE"
        "&start=1714521600&end=1714522199&limit=350");
  CHECK(target("kraken", minutes("BTC/USD", 10)) ==
        "/0/public/OHLC?pair=XBTUSD&interval=1&since=1714521599");
  CHECK(target("bybit-linear", minutes("BTCUSDT", 10)) ==
        "/v5/market/kline?category=linear&symbol=BTCUSDT&interval=1&start=1714521600000"
        "&end=1714522199999&limit=1000");
  CHECK(target("okx", minutes("BTC-USDT", 10)) ==
        "/api/v5/market/history-candles?instId=BTC-USDT&bar=1m&before=1714521599999"
        "&after=1714522200000&limit=100");
  CHECK(target("bitstamp", minutes("btcusd", 10)) ==
        "/api/v2/ohlc/btcusd/?step=60&limit=1000&start=1714521600&end=1714522199");
  for (const std::string& name : kVenues) {
    INFO(name);
    const auto venue = venue_of(name);
    CHECK_FALSE(venue->history_request({"A", Timeframe::M20, at(kMay), at(kMay + 60), 0}));
    for (const Timeframe timeframe : venue->history_timeframes()) {
      const HistoryQuery query{"A", timeframe, at(kMay), at(kMay + 400'000'000), 50};
      const auto request = venue->history_request(query);
      REQUIRE(request.has_value());
      CHECK(request->weight > 0);
      CHECK(request->covers_until > query.begin);
      CHECK(request->covers_until <= query.end);
      if (name != "kraken") {
        CHECK(request->covers_until - query.begin <= 50 * nominal_length(timeframe));
      }
    }
  }
}

TEST_CASE("venue: histories come oldest first, without the forming bar and what was not asked for",
          "[venue]") {
  // Bars of 00:00, 00:01 and 00:02; it is 00:02:30, so the last one is forming.
  const std::vector<std::pair<std::string, std::string>> bodies = {
      {"binance",
       R"([[1714521600000,"1.0","3.0","0.5","2.0","10",1714521659999,"20",7,"0","0","0"],)"
       R"([1714521660000,"2.0","2.5","1.5","2.25","11",1714521719999,"20",8,"0","0","0"],)"
       R"([1714521720000,"2.25","9","1","9","12",1714521779999,"20",9,"0","0","0"]])"},
      {"coinbase",
       "[[1714521720,1,9,2.25,9,12],[1714521660,1.5,2.5,2.0,2.25,11],"
       "[1714521600,0.5,3.0,1.0,2.0,10],[1714521540,1,1,1,1,1]]"},
      {"coinbase-advanced",
       R"({"candles":[{"start":"1714521660","low":"1.5","high":"2.5","open":"2.0","close":"2.25","volume":"11"},)"
       R"({"start":"1714521600","low":"0.5","high":"3.0","open":"1.0","close":"2.0","volume":"10"}]})"},
      {"kraken",
       R"({"error":[],"result":{"XXBTZUSD":[[1714521600,"1.0","3.0","0.5","2.0","1.5","10",7],)"
       R"([1714521660,"2.0","2.5","1.5","2.25","2","11",8],[1714521720,"2.25","9","1","9","2","12",9]],"last":1714521660}})"},
      {"bybit-spot",
       R"({"retCode":0,"retMsg":"OK","result":{"category":"spot","symbol":"A","list":[)"
       R"(["1714521720000","2.25","9","1","9","12","1"],["1714521660000","2.0","2.5","1.5","2.25","11","1"],)"
       R"(["1714521600000","1.0","3.0","0.5","2.0","10","1"]]},"retExtInfo":{},"time":1})"},
      {"okx",
       R"({"code":"0","msg":"","data":[["1714521720000","2.25","9","1","9","12","1","1","0"],)"
       R"(["1714521660000","2.0","2.5","1.5","2.25","11","1","1","1"],["1714521600000","1.0","3.0","0.5","2.0","10","1","1","1"]]})"},
      {"bitstamp",
       R"({"data":{"ohlc":[{"close":"2.0","high":"3.0","low":"0.5","open":"1.0","timestamp":"1714521600","volume":"10"},)"
       R"({"close":"2.25","high":"2.5","low":"1.5","open":"2.0","timestamp":"1714521660","volume":"11"}],"pair":"BTC/USD"}})"}};
  for (const auto& [name, body] : bodies) {
    INFO(name);
    const auto venue = venue_of(name);
    const History history = venue->read_history(body, minutes("A", 10), at(kMay + 150));
    CHECK(history.error.empty());
    CHECK(history.damaged == 0);
    REQUIRE(history.bars.size() == 2);
    CHECK(history.bars[0].open_time == at(kMay));
    CHECK(history.bars[0].open.value == 1.0);
    CHECK(history.bars[0].high.value == 3.0);
    CHECK(history.bars[0].low.value == 0.5);
    CHECK(history.bars[0].close.value == 2.0);
    CHECK(history.bars[0].volume.value == 10.0);
    CHECK(history.bars[1].open_time == at(kMay + 60));
    CHECK(history.bars[1].close.value == 2.25);
    if (history.bars[1].has_trades) CHECK(history.bars[1].trades == 8);
    // A body cut anywhere has an error and no bars.
    for (std::size_t bytes = 0; bytes < body.size(); ++bytes) {
      const History cut =
          venue->read_history(body.substr(0, bytes), minutes("A", 10), at(kMay + 150));
      CHECK(cut.bars.empty());
      CHECK_FALSE(cut.error.empty());
    }
  }
}

TEST_CASE("venue: damaged rows of a history are left out and counted", "[venue]") {
  const std::string body =
      R"([[1714521600000,"1","3","0.5","2","10",0,"0",7],[1714521600000,"1","3","0.5","2","10",0,"0",7],)"
      R"([1714521660000,"0","3","0.5","2","10",0,"0",7],[1714521660000,"1","3","0.5","2","-1",0,"0",7],)"
      R"([1714521660000,"1","2","3","2","10",0,"0",7],[1714521660000,"1","3","0.5","2","10",0,"0","x"],)"
      R"([],5,{},["x"]])";
  const History history = venue_of("binance")->read_history(body, minutes("A", 10), at(kMay + 600));
  CHECK(history.bars.size() == 1);
  CHECK(history.damaged == 8);
}

TEST_CASE("venue: a month ends with the calendar's month", "[venue]") {
  // February and March 2024, asked on the last day of March and a day later.
  const std::string body =
      R"([[1706745600000,"1","3","0.5","2","10",0,"0",7],[1709251200000,"1","3","0.5","2","10",0,"0",7]])";
  const HistoryQuery query{"A", Timeframe::Mo1, at(0), at(kMay), 0};
  const auto venue = venue_of("binance");
  CHECK(venue->read_history(body, query, at(1'711'929'599)).bars.size() == 1);
  CHECK(venue->read_history(body, query, at(1'711'929'600)).bars.size() == 2);
}

TEST_CASE("venue: refusals of a request are told apart", "[venue]") {
  struct Row {
    std::string venue;
    std::string body;
    bool too_fast;
    bool unknown_symbol;
  };
  const std::vector<Row> rows = {
      {"binance", R"({"code":-1121,"msg":"Invalid symbol."})", false, true},
      {"binance-usdm", R"({"code":-1003,"msg":"Too many requests"})", true, false},
      {"coinbase", R"({"message":"NotFound"})", false, true},
      {"coinbase", R"({"message":"Public rate limit exceeded"})", true, false},
      {"coinbase-advanced", R"({"error":"NOT_FOUND","message":"product not found"})", false, true},
      {"kraken", R"({"error":["EQuery:Unknown asset pair"]})", false, true},
      {"kraken", R"({"error":["EGeneral:Too many requests"]})", true, false},
      {"bybit-spot", R"({"retCode":10001,"retMsg":"Not supported symbols","result":{}})", false,
       true},
      {"bybit-linear", R"({"retCode":10006,"retMsg":"Too many visits!","result":{}})", true, false},
      {"okx", R"({"code":"51001","msg":"Instrument ID doesn't exist","data":[]})", false, true},
      {"okx", R"({"code":"50011","msg":"Too Many Requests","data":[]})", true, false},
      {"bitstamp", R"({"code":"404","errors":[],"reason":"Not found"})", false, true}};
  for (const Row& row : rows) {
    INFO(row.body);
    const History history =
        venue_of(row.venue)->read_history(row.body, minutes("A", 10), at(kMay + 600));
    CHECK_FALSE(history.error.empty());
    CHECK(history.bars.empty());
    CHECK(history.is_too_fast == row.too_fast);
    CHECK(history.is_unknown_symbol == row.unknown_symbol);
  }
  for (const std::string& name : kVenues) {
    for (const char* body : {"", "<html>busy</html>", "{}", "[", R"({"data":5})"}) {
      INFO(name << ": " << body);
      CHECK_FALSE(venue_of(name)->read_history(body, minutes("A", 10), at(kMay)).error.empty());
      CHECK_FALSE(venue_of(name)->read_symbols(body).error.empty());
    }
  }
}

TEST_CASE("venue: lists of symbols", "[venue]") {
  const std::vector<std::pair<std::string, std::string>> bodies = {
      {"binance",
       R"({"timezone":"UTC","symbols":[{"symbol":"GOOD","status":"TRADING"},{"symbol":"BAD","status":"BREAK"}]})"},
      {"binance-coinm",
       R"({"symbols":[{"symbol":"GOOD","contractStatus":"TRADING"},{"symbol":"BAD","contractStatus":"SETTLING"}]})"},
      {"coinbase",
       R"([{"id":"GOOD","status":"online","trading_disabled":false},{"id":"BAD","status":"online","trading_disabled":true}])"},
      {"coinbase-advanced",
       R"({"products":[{"product_id":"GOOD","status":"online","is_disabled":false},{"product_id":"BAD","status":"delisted"}]})"},
      {"bybit-spot",
       R"({"retCode":0,"retMsg":"OK","result":{"list":[{"symbol":"GOOD","status":"Trading"},{"symbol":"BAD","status":"Closed"}],"nextPageCursor":""}})"},
      {"okx",
       R"({"code":"0","msg":"","data":[{"instType":"FUTURES","instId":"GOOD","state":"live"},{"instType":"FUTURES","instId":"BAD","state":"suspend"}]})"},
      {"bitstamp",
       R"([{"name":"G/D","url_symbol":"GOOD","trading":"Enabled"},{"url_symbol":"BAD","trading":"Disabled"}])"}};
  for (const auto& [name, body] : bodies) {
    INFO(name);
    const SymbolList list = venue_of(name)->read_symbols(body);
    CHECK(list.error.empty());
    CHECK(list.next.empty());
    REQUIRE(list.symbols.size() == 2);
    CHECK(list.symbols[0].name == "GOOD");
    CHECK(list.symbols[0].trades);
    CHECK(list.symbols[1].name == "BAD");
    CHECK_FALSE(list.symbols[1].trades);
  }
  const SymbolList kraken = venue_of("kraken")->read_symbols(
      R"({"error":[],"result":{"XXBTZUSD":{"altname":"XBTUSD","wsname":"XBT/USD","status":"online"},"XDGEUR":{"wsname":"XDG/EUR","status":"cancel_only"},"DARK.d":{"altname":"DARK.d"}}})");
  REQUIRE(kraken.symbols.size() == 2);
  CHECK(kraken.symbols[0].name == "BTC/USD");
  CHECK(kraken.symbols[0].trades);
  CHECK(kraken.symbols[1].name == "DOGE/EUR");
  CHECK_FALSE(kraken.symbols[1].trades);
}

TEST_CASE("venue: lists that come in pages", "[venue]") {
  const auto bybit = venue_of("bybit-linear");
  const SymbolList page = bybit->read_symbols(
      R"({"retCode":0,"retMsg":"OK","result":{"list":[],"nextPageCursor":"first%3DA%26last%3DB"}})");
  CHECK(page.next == "first=A&last=B");
  CHECK(bybit->symbols_request(page.next)->target ==
        "/v5/market/instruments-info?category=linear&limit=1000&cursor=first%3DA%26last%3DB");
  const auto okx = venue_of("okx");
  CHECK(okx->symbols_request("")->target == "/api/v5/public/instruments?instType=SPOT");
  CHECK(okx->read_symbols(
               R"({"code":"0","msg":"","data":[{"instType":"SPOT","instId":"A","state":"live"}]})")
            .next == "SWAP");
}
