// The client header's own JSON reader against nlohmann's: the same texts are objects, and their top
// level reads the same.
#include <rapidcheck.h>

#include <nlohmann/json.hpp>
#include <string>

#include "tests/catch.hpp"
#include "tools/client/fastrsi_client.hpp"

namespace fastrsi_client {
namespace {

const std::string kRecord =
    R"({"seq":1041,"type":"signal","id":"a\/b\u0646\ud83d\ude00\"\\\b\f\n\r\t","price":-6.18e+4,)"
    R"("rsi":{"2":81.25,"x":[{},[],[1,null,"]}"]]},"repeat":true,"none":null, "e" : [ ] })";

// Where both disagree is damage, and the text is said by the test.
void check_same_json(const std::string& text) {
  const auto wanted = nlohmann::json::parse(text, nullptr, false);
  const auto got = JsonReader::read(text);
  INFO(text);
  REQUIRE(got.has_value() == wanted.is_object());
  if (!got) return;
  REQUIRE(got->size() == wanted.size());
  for (const auto& [name, value] : wanted.items()) {
    REQUIRE(got->count(name) == 1);
    const std::string& found = got->find(name)->second;
    REQUIRE((value.is_string() ? nlohmann::json(found) : nlohmann::json::parse(found)) == value);
  }
}

TEST_CASE("client: its JSON reader takes what is JSON", "[client]") {
  for (const char* const text :
       {"{}", " { } ", R"({"a":1})", R"({"a":-0.5e-3,"b":0,"c":[1,2,{"d":"}"}]})", R"({"":""})",
        R"({"a":"\u0000\u00e9"})"}) {
    check_same_json(text);
  }
  check_same_json(kRecord);
}

TEST_CASE("client: its JSON reader refuses what is none", "[client]") {
  for (const char* const text : {"",
                                 " ",
                                 "[]",
                                 "1",
                                 "{",
                                 "{}}",
                                 "{} x",
                                 R"({"a"})",
                                 R"({"a":})",
                                 R"({"a":1,})",
                                 R"({,})",
                                 R"({a:1})",
                                 R"({"a":01})",
                                 R"({"a":1.})",
                                 R"({"a":.5})",
                                 R"({"a":+1})",
                                 R"({"a":1e})",
                                 R"({"a":-})",
                                 R"({"a":nan})",
                                 R"({"a":tru})",
                                 R"({"a":"\x"})",
                                 R"({"a":"\u12"})",
                                 R"({"a":"\ud800"})",
                                 R"({"a":"\udc00"})",
                                 R"({"a":"\ud800\u0041"})",
                                 "{\"a\":\"\n\"}",
                                 R"({"a":[1})",
                                 R"({"a":{]}})",
                                 R"({"a":[1,]})",
                                 R"({"a":"b)",
                                 R"({"a" 1})"}) {
    check_same_json(text);
  }
  std::string deep = R"({"a":)";
  for (int i = 0; i < 100'000; ++i) deep += '[';
  CHECK_FALSE(JsonReader::read(deep));
  CHECK_FALSE(JsonReader::read(std::string("{}\0", 3)));
}

TEST_CASE("client: a damaged record is damaged for both readers", "[client]") {
  CHECK(rc::check([] {
    std::string text = kRecord;
    const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
    // ASCII: bytes that are no UTF-8 pass through, as names do elsewhere.
    const auto byte = static_cast<char>(*rc::gen::inRange(1, 127));
    switch (*rc::gen::inRange(0, 3)) {
      case 0:
        text[at] = byte;
        break;
      case 1:
        text.erase(at, 1);
        break;
      default:
        text.insert(at, 1, byte);
    }
    check_same_json(text);
  }));
}

}  // namespace
}  // namespace fastrsi_client
