// The venues as data: texts and their batches, and what answers say.
#include <cctype>
#include <chrono>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tests/catch.hpp"
#include "tests/venues.hpp"

using namespace fastrsi;
using namespace fastrsi::testing;
using namespace std::chrono_literals;

TEST_CASE("venue: every venue but a generic one knows where to connect", "[venue]") {
  for (const std::string& name : kVenues) {
    INFO(name);
    const auto venue = venue_of(name);
    const VenueFacts& facts = venue->facts();
    CHECK(facts.name == name);
    CHECK(facts.url.starts_with("wss://"));
    CHECK(facts.rest.url.starts_with("https://"));
    CHECK(facts.limits.streams_per_connection > 0);
    CHECK(facts.limits.symbols_per_message > 0);
    CHECK(facts.limits.messages.count > 0);
    CHECK(facts.limits.messages.per > 0s);
    CHECK(facts.limits.connections.count > 0);
    CHECK(facts.rest.bars_per_request_max > 0);
    CHECK(facts.rest.weight.count > 0);
    CHECK_FALSE(facts.rest.slow_down.empty());
    CHECK_FALSE(facts.symbol_hint.empty());
    CHECK(facts.ping.text.empty() == (facts.ping.every == 0s));
    CHECK_FALSE(venue->history_timeframes().empty());
    CHECK(venue->symbols_request("").has_value());
  }
  FeedSettings nowhere;
  nowhere.venue = "nowhere";
  CHECK(make_venue(nowhere) == nullptr);
}

TEST_CASE("venue: texts are those of the venues' documents", "[venue]") {
  const auto text = [](const std::string& name, const std::vector<std::string>& list,
                       bool subscribe = true) {
    const auto venue = venue_of(name);
    const auto messages = subscribe ? venue->subscribe(list, 7) : venue->unsubscribe(list, 7);
    REQUIRE(messages.size() == 1);
    CHECK(messages[0].id == 7);
    CHECK(messages[0].symbols == list);
    return messages[0].text;
  };
  CHECK(text("binance", {"BTCUSDT", "ETHUSDT"}) ==
        R"({"method":"SUBSCRIBE","params":["btcusdt@trade","ethusdt@trade"],"id":7})");
  CHECK(text("binance", {"币安人生USDT"}) ==
        R"({"method":"SUBSCRIBE","params":["币安人生usdt@trade"],"id":7})");
  CHECK(text("binance-coinm", {"BTCUSD_PERP"}, false) ==
        R"({"method":"UNSUBSCRIBE","params":["btcusd_perp@trade"],"id":7})");
  CHECK(text("coinbase", {"BTC-USD"}) ==
        R"({"type":"subscribe","product_ids":["BTC-USD"],"channels":["matches"]})");
  CHECK(text("coinbase-advanced", {"BTC-USD"}) ==
        R"({"type":"subscribe","channel":"market_trades","product_ids":["BTC-USD"]})");
  CHECK(
      text("kraken", {"BTC/USD"}) ==
      R"({"method":"subscribe","params":{"channel":"trade","symbol":["BTC/USD"],"snapshot":false},"req_id":7})");
  CHECK(text("bybit-spot", {"BTCUSDT"}) ==
        R"({"req_id":"7","op":"subscribe","args":["publicTrade.BTCUSDT"]})");
  CHECK(text("okx", {"BTC-USDT"}) ==
        R"({"id":"7","op":"subscribe","args":[{"channel":"trades","instId":"BTC-USDT"}]})");
  CHECK(text("bitstamp", {"btcusd"}, false) ==
        R"({"event":"bts:unsubscribe","data":{"channel":"live_trades_btcusd"}})");
  CHECK(venue_of("binance", "aggTrade")->subscribe(symbols(1), 1)[0].text ==
        R"({"method":"SUBSCRIBE","params":["sym0@aggTrade"],"id":1})");
}

TEST_CASE("venue: batches hold every symbol once, within the limits of a message", "[venue]") {
  for (const std::string& name : kVenues) {
    const auto venue = venue_of(name);
    const VenueLimits& limits = venue->facts().limits;
    const auto most = static_cast<std::size_t>(limits.symbols_per_message);
    for (const std::size_t count : {std::size_t{0}, std::size_t{1}, most, most + 1, 3 * most + 2}) {
      for (const std::string& prefix : {std::string{"S"}, std::string(60, 'L')}) {
        INFO(name << " " << count << " " << prefix);
        const auto names = symbols(count, prefix);
        std::vector<std::string> sent;
        std::uint64_t id = 100;
        for (const ControlMessage& message : venue->subscribe(names, 100)) {
          CHECK(message.id == id++);
          CHECK(message.text.size() <= limits.message_bytes_max);
          CHECK(message.symbols.size() <= most);
          CHECK(nlohmann::json::accept(message.text));
          sent.insert(sent.end(), message.symbols.begin(), message.symbols.end());
          for (const std::string& symbol : message.symbols) {
            std::string written = symbol;
            if (name.starts_with("binance")) {
              for (char& c : written) c = static_cast<char>(std::tolower(c));
            }
            CHECK(message.text.find(written) != std::string::npos);
          }
        }
        CHECK(sent == names);
      }
    }
  }
}

TEST_CASE("venue: names that JSON must escape come through whole", "[venue]") {
  const std::vector<std::string> odd = {"a\"b\\c\n\x01", "خساپا"};
  for (const std::string name : {"kraken", "coinbase", "okx"}) {
    const auto venue = venue_of(name);
    const auto messages = venue->subscribe(odd, 1);
    REQUIRE(messages.size() == 1);
    const auto text = nlohmann::json::parse(messages[0].text);
    if (name == "kraken") CHECK(text["params"]["symbol"] == nlohmann::json(odd));
    if (name == "coinbase") CHECK(text["product_ids"] == nlohmann::json(odd));
    if (name == "okx") CHECK(text["args"][0]["instId"] == odd[0]);
  }
}

TEST_CASE("venue: answers that accept", "[venue]") {
  struct Row {
    std::string venue;
    std::string frame;
    std::uint64_t id;
    std::vector<std::string> accepted;
    bool is_all;
  };
  const std::vector<Row> rows = {
      {"binance", R"({"result":null,"id":3})", 3, {}, false},
      {"binance",
       R"({"result":["btcusdt@trade","ethusdt@trade"],"id":4})",
       4,
       {"BTCUSDT", "ETHUSDT"},
       true},
      {"coinbase",
       R"({"type":"subscriptions","channels":[{"name":"heartbeat","product_ids":["X"]},{"name":"matches","product_ids":["BTC-USD","ETH-USD"],"account_ids":null}]})",
       0,
       {"BTC-USD", "ETH-USD"},
       true},
      {"coinbase-advanced",
       R"({"channel":"subscriptions","client_id":"","timestamp":"2026-04-07T14:30:09Z","sequence_num":0,"events":[{"subscriptions":{"heartbeats":["h"],"market_trades":["BTC-USD"]}}]})",
       0,
       {"BTC-USD"},
       true},
      {"kraken",
       R"({"method":"subscribe","req_id":5,"result":{"channel":"trade","snapshot":false,"symbol":"BTC/USD"},"success":true,"time_in":"x","time_out":"y"})",
       5,
       {"BTC/USD"},
       false},
      {"bybit-linear",
       R"({"success":true,"ret_msg":"","conn_id":"d8bu","req_id":"12","op":"subscribe"})",
       12,
       {},
       false},
      {"bybit-linear",
       R"({"success":true,"conn_id":"aa","data":{"failTopics":[],"successTopics":["publicTrade.BTC"]},"type":"COMMAND_RESP"})",
       0,
       {"BTC"},
       false},
      {"okx",
       R"({"id":"9","event":"subscribe","arg":{"channel":"trades","instId":"BTC-USDT"},"connId":"a4d3ae55"})",
       9,
       {"BTC-USDT"},
       false},
      {"bitstamp",
       R"({"event":"bts:subscription_succeeded","channel":"live_trades_xrpeur","data":{}})",
       0,
       {"xrpeur"},
       false}};
  for (const Row& row : rows) {
    INFO(row.frame);
    const Answer answer = venue_of(row.venue)->read_answer(row.frame);
    CHECK(answer.kind == AnswerKind::Accepted);
    CHECK(answer.id == row.id);
    CHECK(answer.accepted == row.accepted);
    CHECK(answer.refused.empty());
    CHECK(answer.is_all == row.is_all);
    CHECK_FALSE(answer.is_unsubscribe);
  }
  CHECK(venue_of("okx")
            ->read_answer(R"({"event":"unsubscribe","arg":{"channel":"trades","instId":"A"}})")
            .is_unsubscribe);
  CHECK(venue_of("kraken")
            ->read_answer(R"({"method":"unsubscribe","result":{"symbol":"A/B"},"success":true})")
            .is_unsubscribe);
}

TEST_CASE("venue: answers that refuse say which symbol, where the venue does", "[venue]") {
  struct Row {
    std::string venue;
    std::string frame;
    std::uint64_t id;
    std::string symbol;
    std::string words;
  };
  const std::vector<Row> rows = {
      {"binance", R"({"error":{"code":2,"msg":"Invalid request: invalid stream"},"id":3})", 3, "",
       "Invalid request"},
      {"binance-usdm", R"({"code":2,"msg":"Invalid JSON","id":"4"})", 4, "", "Invalid JSON"},
      {"coinbase",
       R"({"type":"error","message":"Failed to subscribe","reason":"FOO-USD is not a valid product"})",
       0, "FOO-USD", "not a valid product"},
      {"coinbase", R"({"type":"error","message":"Malformed JSON"})", 0, "", "Malformed JSON"},
      {"coinbase-advanced", R"({"type":"error","message":"invalid product"})", 0, "", "invalid"},
      {"kraken",
       R"({"error":"Currency pair not supported FOO/USD","method":"subscribe","req_id":8,"success":false,"symbol":"FOO/USD"})",
       8, "FOO/USD", "not supported"},
      {"bybit-spot",
       R"({"success":false,"ret_msg":"Invalid symbol :[publicTrade.FOOUSDT]","conn_id":"x","req_id":"2","op":"subscribe"})",
       2, "FOOUSDT", "Invalid symbol"},
      {"bybit-linear",
       R"({"success":false,"ret_msg":"error:handler not found,topic:publicTrade.FOO","req_id":"2","op":"subscribe"})",
       2, "FOO", "handler not found"},
      {"bybit-linear",
       R"({"success":true,"data":{"failTopics":["publicTrade.A"],"successTopics":["publicTrade.B"]},"type":"COMMAND_RESP"})",
       0, "A", ""},
      {"okx",
       R"({"id":"9","event":"error","code":"60018","msg":"Wrong URL or channel:trades,instId:FOO-USDT doesn't exist. Please use the correct URL.","connId":"a"})",
       9, "FOO-USDT", "doesn't exist"},
      {"bitstamp",
       R"({"event":"bts:error","channel":"","data":{"code":null,"message":"Bad subscription string."}})",
       0, "", "Bad subscription"}};
  for (const Row& row : rows) {
    INFO(row.frame);
    const Answer answer = venue_of(row.venue)->read_answer(row.frame);
    CHECK(answer.kind == AnswerKind::Refused);
    CHECK(answer.id == row.id);
    CHECK(answer.reason.find(row.words) != std::string::npos);
    CHECK(answer.refused.size() == (row.symbol.empty() ? 0U : 1U));
    if (answer.refused.size() == 1) CHECK(answer.refused[0].symbol == row.symbol);
  }
}

TEST_CASE("venue: notices of a shutdown, and what is no answer", "[venue]") {
  const auto kind = [](const std::string& name, const std::string& frame) {
    return venue_of(name)->read_answer(frame).kind;
  };
  CHECK(kind("binance", R"({"e":"serverShutdown","E":1770123456789})") == AnswerKind::Reconnect);
  CHECK(kind("binance", R"({"stream":"x","data":{"e":"serverShutdown","E":1770123456789}})") ==
        AnswerKind::Reconnect);
  CHECK(kind("bitstamp", R"({"event":"bts:request_reconnect","channel":"","data":""})") ==
        AnswerKind::Reconnect);
  CHECK(
      kind(
          "okx",
          R"({"event":"notice","code":"64008","msg":"The connection will soon be closed for a service upgrade."})") ==
      AnswerKind::Reconnect);
  CHECK(
      kind("kraken", R"({"channel":"status","type":"update","data":[{"system":"maintenance"}]})") ==
      AnswerKind::Maintenance);
  CHECK(kind("kraken", R"({"channel":"status","type":"update","data":[{"system":"online"}]})") ==
        AnswerKind::None);
  CHECK(kind("kraken", R"({"method":"pong","req_id":42})") == AnswerKind::None);
  CHECK(kind("bybit-linear", R"({"success":true,"ret_msg":"pong","op":"ping"})") ==
        AnswerKind::None);
  for (const std::string& name : kVenues) {
    for (const char* frame :
         {"", "pong", "{}", "[]", "{", "null", R"({"a":{"b":[1]}})", "\xFF{}", R"({"id":1})"}) {
      INFO(name << ": " << frame);
      CHECK(kind(name, frame) == AnswerKind::None);
    }
  }
}

TEST_CASE("venue: a generic feed's texts get its symbols", "[venue]") {
  FeedSettings feed;
  feed.venue = "generic";
  feed.generic.subscribe = {R"({"op":"login"})", R"({"op":"sub","id":{id},"list":[{symbols}]})",
                            "sub {symbol}"};
  feed.generic.unsubscribe = {"unsub {symbol}"};
  feed.generic.ping = "ping";
  const auto venue = make_venue(feed);
  REQUIRE(venue != nullptr);
  CHECK(venue->facts().greetings == std::vector<std::string>{R"({"op":"login"})"});
  CHECK_FALSE(venue->facts().acknowledges);
  CHECK(venue->facts().ping.text == "ping");
  const std::vector<std::string> names = {"A\"{id}", "B"};
  const auto messages = venue->subscribe(names, 5);
  REQUIRE(messages.size() == 3);
  CHECK(messages[0].text == R"({"op":"sub","id":5,"list":["A\"{id}","B"]})");
  CHECK(messages[0].symbols == names);
  CHECK(messages[1].text == R"(sub A\"{id})");
  CHECK(messages[1].id == 6);
  CHECK(messages[2].text == "sub B");
  CHECK(venue->unsubscribe(names, 1).size() == 2);
  CHECK(venue->read_answer(R"({"result":null,"id":5})").kind == AnswerKind::None);
  CHECK_FALSE(venue->history_request(minutes("A", 1)));
  CHECK_FALSE(venue->symbols_request(""));
}
