// The generic venue: paths, settings, and what becomes of frames.
#include <string>
#include <vector>

#include "feeds/generic_path.hpp"
#include "tests/catch.hpp"
#include "tests/frames.hpp"

using namespace fastrsi;
using testing::FrameTester;

namespace {

JsonPath path_of(const std::string& text) {
  JsonPath path;
  INFO(text);
  REQUIRE(JsonPath::parse(text, path).what.empty());
  return path;
}

std::vector<std::string> found(const std::string& path, const std::string& json) {
  json::Tree tree;
  REQUIRE(tree.read(json) == Reject::None);
  std::vector<std::string> texts;
  path_of(path).each(tree.root(), [&](json::Node node) {
    texts.push_back(node.is_object() || node.is_list() ? "..." : std::string{node.text()});
  });
  return texts;
}

constexpr std::int64_t kReceivedNs = 1'723'161'255'343'000'000;

// Receives at a time that a trade can have.
class ReceivingTester {
 public:
  explicit ReceivingTester(const GenericSettings& settings)
      : parser_(make_generic_parser(settings)) {}

  const FrameEvents& parse(const std::string& frame) {
    copy_ = frame + std::string(kFramePaddingBytes, '\0');
    parser_->parse({copy_.data(), frame.size()}, receive_time_from_ns(kReceivedNs), events_);
    return events_;
  }

 private:
  std::unique_ptr<Parser> parser_;
  std::string copy_;
  FrameEvents events_;
};

GenericSettings quotes() {
  GenericSettings settings;
  settings.trades = "data.trades";
  settings.symbol = "s";
  settings.price = "p";
  settings.quantity = "q";
  settings.id = "i";
  settings.time = "t";
  return settings;
}

const std::string kQuotes = R"({"channel":"trades","at":"2024-05-01T00:00:00Z","data":{"trades":[)"
                            R"({"s":"خساپا","p":"1.5","q":"2","i":"8","t":1723161255343},)"
                            R"({"s":"FOO","p":2.5,"q":3,"i":7,"t":"1723161255342.25"}]}})";

}  // namespace

TEST_CASE("generic: a path leads to its values", "[generic]") {
  using Texts = std::vector<std::string>;
  CHECK(found("a", R"({"a":1})") == Texts{"1"});
  CHECK(found("a.b[].c", R"({"a":{"b":[{"c":1},{"d":2},{"c":"3"}]}})") == Texts{"1", "3"});
  CHECK(found("[2][0]", R"([0,1,["x"]])") == Texts{"x"});
  CHECK(found("[][1]", R"([[1,2],[3,4],5])") == Texts{"2", "4"});
  CHECK(found("[].a[].b", R"([{"a":[{"b":1},{"b":2}]},{"a":[{"b":3}]}])") == Texts{"1", "2", "3"});
  CHECK(found(R"("a.b".c)", R"({"a.b":{"c":true}})") == Texts{"true"});
  CHECK(found("", R"({"a":1})") == Texts{"..."});
  CHECK(found("$", R"({"a":1})") == Texts{"..."});
  CHECK(found("$.a", R"({"a":1,"a":2})") == Texts{"1"});
  for (const char* path : {"b", "a.b", "a[0]", "a[]", "[0]", "[]"}) {
    CHECK(found(path, R"({"a":1})").empty());
  }
  CHECK(found("[3]", "[0,1,2]").empty());
}

TEST_CASE("generic: what is no path says why", "[generic]") {
  for (const char* text :
       {"a.", ".a", "a..b", "a[", "a[x]", "a[-1]", "a[12345]", "a]", "a b", "\"a", "$a", "a$",
        "a[0]b", "[0]..a", "a\"b\"", "a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q"}) {
    INFO(text);
    JsonPath path;
    const PathFault fault = JsonPath::parse(text, path);
    CHECK_FALSE(fault.what.empty());
    CHECK_FALSE(fault.hint.empty());
    CHECK(path.is_empty());
  }
}

TEST_CASE("generic: reads the trades its settings describe", "[generic]") {
  FrameTester tester{make_generic_parser(quotes())};
  const auto& events = tester.parse(kQuotes);
  REQUIRE(events.kind == FrameKind::Trades);
  REQUIRE(events.ticks.size() == 2);
  CHECK(events.rejected_trades == 0);
  CHECK(events.symbols[0] == "FOO");
  CHECK(events.ticks[0].price.value == 2.5);
  CHECK(events.ticks[0].id == TradeId{7});
  CHECK(to_unix_ns(events.ticks[0].time) == 1'723'161'255'342'250'000);
  CHECK(events.symbols[1] == "خساپا");
  CHECK(events.ticks[1].price.value == 1.5);
  CHECK(events.ticks[1].quantity.value == 2.0);
  CHECK(to_unix_ns(events.ticks[1].time) == 1'723'161'255'343'000'000);
  CHECK(testing::is_consistent(events));
}

TEST_CASE("generic: one trade, a list of rows, and a list within each", "[generic]") {
  GenericSettings settings;
  settings.trades = "";
  settings.symbol = "[0]";
  settings.price = "[1]";
  ReceivingTester rows{settings};
  CHECK(rows.parse(R"([["A",1],["B",2],["C",3]])").ticks.size() == 3);
  CHECK(rows.parse(R"(["A",1])").ticks.size() == 1);
  settings.symbol = "$.symbol";
  settings.price = "p";
  settings.trades = "events[].trades[]";
  ReceivingTester nested{settings};
  const auto& events = nested.parse(
      R"({"symbol":"A","events":[{"trades":[{"p":1},{"p":2}]},{"other":0},{"trades":[{"p":3}]}]})");
  CHECK(events.ticks.size() == 3);
  CHECK(events.symbols[2] == "A");
  settings.trades = "";
  ReceivingTester single{settings};
  const auto& one = single.parse(R"({"p":"7","symbol":"A\"B"})");
  REQUIRE(one.ticks.size() == 1);
  CHECK(one.symbols[0] == "A\"B");
  CHECK_FALSE(one.ticks[0].has_id);
  CHECK(to_unix_ns(one.ticks[0].time) == kReceivedNs);
  settings.constant_symbol = "X";
  ReceivingTester constant{settings};
  CHECK(constant.parse(R"({"p":"7","symbol":"A"})").symbols.at(0) == "X");
}

TEST_CASE("generic: reads times of every unit", "[generic]") {
  struct Row {
    TimeUnit unit;
    std::string text;
    std::int64_t time_ns;  // 0: none
  };
  const std::vector<Row> rows = {
      {TimeUnit::Second, "1723161255", 1'723'161'255'000'000'000},
      {TimeUnit::Second, "\"1723161255.25\"", 1'723'161'255'250'000'000},
      {TimeUnit::Millisecond, "1723161255343", 1'723'161'255'343'000'000},
      {TimeUnit::Millisecond, "1723161255343.5", 1'723'161'255'343'500'000},
      {TimeUnit::Microsecond, "1723161255343123", 1'723'161'255'343'123'000},
      {TimeUnit::Nanosecond, "1723161255343123456", 1'723'161'255'343'123'456},
      {TimeUnit::Nanosecond, "1723161255343123456.9", 1'723'161'255'343'123'456},
      {TimeUnit::Iso, "\"2024-08-08T23:54:15.343Z\"", 1'723'161'255'343'000'000},
      {TimeUnit::Second, "1723161255343", 0},
      {TimeUnit::Millisecond, "1723161255", 0},
      {TimeUnit::Millisecond, "1723161255343.", 0},
      {TimeUnit::Millisecond, "1723161255343.x", 0},
      {TimeUnit::Millisecond, "-1723161255343", 0},
      {TimeUnit::Nanosecond, "18446744073709551615", 0},
      {TimeUnit::Second, "18446744073709551615", 0},
      {TimeUnit::Iso, "1723161255", 0},
      {TimeUnit::Millisecond, "\"\"", 0},
      {TimeUnit::Millisecond, "null", 0}};
  for (const Row& row : rows) {
    INFO(row.text);
    GenericSettings settings;
    settings.time = "t";
    settings.time_unit = row.unit;
    FrameTester tester{make_generic_parser(settings)};
    const auto& events = tester.parse(R"({"symbol":"A","price":1,"t":)" + row.text + "}");
    if (row.time_ns == 0) {
      CHECK(events.reject == Reject::BadTime);
      CHECK(events.ticks.empty());
    } else {
      REQUIRE(events.ticks.size() == 1);
      CHECK(to_unix_ns(events.ticks[0].time) == row.time_ns);
    }
  }
}

TEST_CASE("generic: says what is wrong with a trade, and what is none is no trade", "[generic]") {
  const auto check = [](const std::string& trade, Reject reason) {
    INFO(trade);
    FrameTester tester{make_generic_parser(quotes())};
    const auto& events = tester.parse(R"({"data":{"trades":[)" + trade + "]}}");
    CHECK(events.reject == reason);
    CHECK(events.rejected_trades == (reason == Reject::None ? 0U : 1U));
    CHECK(testing::is_consistent(events));
  };
  check(R"({"s":"A","p":null,"q":1,"i":1,"t":1723161255343})", Reject::BadPrice);
  check(R"({"s":"A","p":"-1","q":1,"i":1,"t":1723161255343})", Reject::BadPrice);
  check(R"({"s":"A","p":1,"q":"","i":1,"t":1723161255343})", Reject::BadQuantity);
  check(R"({"s":"A","p":1,"i":1,"t":1723161255343})", Reject::MissingField);
  check(R"({"p":1,"q":1,"i":1,"t":1723161255343})", Reject::MissingField);
  check(R"({"s":"A","p":1,"q":1,"t":1723161255343})", Reject::MissingField);
  check(R"({"s":"A","p":1,"q":1,"i":1})", Reject::MissingField);
  check(R"({"s":"A","p":1,"q":1,"i":1,"t":1})", Reject::BadTime);
  check(R"({"s":"A","p":1,"q":1,"i":"","t":1723161255343})", Reject::BadId);
  check(R"({"s":"A","p":1,"q":1,"i":"a-b","t":1723161255343})", Reject::None);
  check(R"({"s":"A","p":{},"q":1})", Reject::None);
  check("1", Reject::None);
  FrameTester tester{make_generic_parser(quotes())};
  for (const char* frame : {"{}", "[]", R"({"data":1})", R"({"data":{"trades":[]}})",
                            R"({"type":"subscribed"})", R"([{"s":"A"}])"}) {
    INFO(frame);
    CHECK(tester.parse(frame).kind == FrameKind::Status);
    CHECK(testing::is_nothing(tester.events()));
  }
  CHECK(tester.parse("pong").reject == Reject::NotJson);
  CHECK(tester.parse("{\"a\":1").reject == Reject::Truncated);
  CHECK(tester.parse(std::string(100'000, '[') + std::string(100'000, ']')).reject ==
        Reject::NotJson);
}

TEST_CASE("generic: ids rise only where the settings say so", "[generic]") {
  GenericSettings settings = quotes();
  CHECK(make_generic_parser(settings)->id_rule() == IdRule::Window);
  settings.id_rises = true;
  CHECK(make_generic_parser(settings)->id_rule() == IdRule::Rising);
  FrameTester tester{make_generic_parser(settings)};
  CHECK(tester.parse(R"({"data":{"trades":{"s":"A","p":1,"q":1,"i":"a","t":1723161255343}}})")
            .reject == Reject::BadId);
}

TEST_CASE("generic: a backslash outside of a string is never read on from", "[generic]") {
  GenericSettings rows;
  rows.symbol = "[0]";
  rows.price = "[1]";
  rows.time = "[2]";
  for (const std::string row : {R"([1\"/17},1,1])", R"([1\\,1,1])", R"([a\u0041,1,1])"}) {
    testing::FrameTester tester{make_generic_parser(rows)};
    CHECK(tester.parse("[" + row + "]").ticks.empty());
  }
}

TEST_CASE("generic: one symbol with an escape serves every trade of its frame", "[generic]") {
  GenericSettings settings;
  settings.trades = "list[]";
  settings.symbol = "$.s";
  settings.price = "p";
  settings.time = "$.t";
  std::string list;
  for (int i = 0; i < 200; ++i) list += std::string(i == 0 ? "" : ",") + R"({"p":1})";
  testing::FrameTester tester{make_generic_parser(settings)};
  const auto& events = tester.parse(R"({"s":"BTC\/USDT","t":1723161250000,"list":[)" + list + "]}");
  REQUIRE(events.symbols.size() == 200);
  CHECK(events.symbols.front() == "BTC/USDT");
  CHECK(events.symbols.back() == "BTC/USDT");
}

TEST_CASE("generic: a frame that is cut anywhere, and what stands behind it, is no trade",
          "[generic]") {
  FrameTester tester{make_generic_parser(quotes())};
  for (std::size_t bytes = 0; bytes < kQuotes.size(); ++bytes) {
    for (const char padding : std::string{"}]\",0\\ "}) {
      REQUIRE(
          testing::is_nothing(tester.parse(std::string_view{kQuotes}.substr(0, bytes), padding)));
    }
  }
  for (const char* tail : {"}", "]", "{}", ",{}", "1]", "null}"}) {
    CHECK(testing::is_nothing(tester.parse(kQuotes + tail)));
  }
  CHECK(tester.parse(kQuotes).ticks.size() == 2);
}
