// Every format of a capture, written by hand, read back.
#include "feeds/capture.hpp"

#include <string>
#include <vector>

#include "tests/capture_files.hpp"
#include "tests/catch.hpp"

namespace fastrsi {
namespace {

using test::options_for;
using test::OwnedLine;
using test::read_capture;
using test::ReadResult;
using test::ScratchFolder;

const std::string kFrame = R"({"stream":"btcusdt@trade","data":{"e":"trade","p":"1.5"}})";

ReadResult read_text(const std::string& text, const std::string& venue = "binance") {
  const ScratchFolder folder;
  ReadResult result = read_capture(options_for({folder.write("capture.txt", text)}, venue));
  REQUIRE(result.blocks_kept);
  REQUIRE(result.limits_kept);
  return result;
}

// One frame at `received_ns` and nothing wrong.
void check_one_frame(const ReadResult& result, std::int64_t received_ns, const std::string& frame) {
  CHECK(result.error.empty());
  REQUIRE(result.lines.size() == 1);
  CHECK(result.lines[0].kind == LineKind::Frame);
  CHECK(result.lines[0].received_ns == received_ns);
  CHECK(result.lines[0].bytes == frame);
  CHECK(result.statistics.damaged_lines == 0);
  CHECK(result.diagnostics.empty());
}

std::vector<LineKind> kinds_of(const ReadResult& result) {
  std::vector<LineKind> kinds;
  for (const OwnedLine& line : result.lines) kinds.push_back(line.kind);
  return kinds;
}

}  // namespace

TEST_CASE("capture: our own header names the venue, and events and binary frames are lines",
          "[capture]") {
  const ReadResult result = read_text(
      "1723161253000000000 {\"fastrsi\":{\"capture\":1,\"venue\":\"kraken\",\"url\":\"wss://x\"}}\n"
      "1723161253937085768 " +
          kFrame +
          "\n"
          "1723161260000000000 {\"fastrsi\":{\"event\":\"disconnected\",\"reason\":\"a \\\"b\\\" "
          "}\"}}\n"
          "1723161261000000000 {\"fastrsi\":{\"event\":\"connected\"}}\n"
          "1723161262000000000 {\"fastrsi\":{\"binary\":\"AAECg/8=\"}}\n",
      "binance");
  CHECK(result.venues == std::vector<std::string>{"kraken"});
  REQUIRE(kinds_of(result) == std::vector<LineKind>{LineKind::Frame, LineKind::Disconnected,
                                                    LineKind::Connected, LineKind::Frame});
  CHECK(result.lines[0].bytes == kFrame);
  CHECK(result.lines[0].received_ns == 1723161253937085768);
  CHECK(result.lines[1].received_ns == 1723161260000000000);
  CHECK(result.lines[3].bytes == std::string("\x00\x01\x02\x83\xff", 5));
  CHECK(result.statistics.lines == 5);
  CHECK(result.statistics.damaged_lines == 0);
}

TEST_CASE("capture: what our own objects may not hold is damage", "[capture]") {
  const std::string header =
      "1723161253000000000 {\"fastrsi\":{\"capture\":1,\"venue\":\"kraken\"}}\n";
  for (const std::string object :
       {R"({"fastrsi":{"event":"exploded"}})", R"({"fastrsi":{"binary":"AAE"}})",
        R"({"fastrsi":{"binary":"A*E="}})", R"({"fastrsi":{"event":"disconnected"})",
        R"({"fastrsi":{"capture":1,"venue":"okx"}})", R"({"fastrsi":7})", R"({"fastrsi":)"}) {
    CAPTURE(object);
    const ReadResult result =
        read_text(test::joined({header, "1723161254000000000 ", object, "\n"}));
    CHECK(result.lines.empty());
    CHECK(result.statistics.damaged_lines == 1);
    REQUIRE(result.diagnostics.size() == 1);
    CHECK_THAT(result.diagnostics[0], ContainsSubstring("capture.txt:2: "));
  }
}

TEST_CASE("capture: the receive time's unit follows from its size", "[capture]") {
  check_one_frame(read_text("1723161253937085768 " + kFrame + "\n"), 1723161253937085768, kFrame);
  check_one_frame(read_text("1723161253937085 " + kFrame + "\n"), 1723161253937085000, kFrame);
  check_one_frame(read_text("1723161253937 " + kFrame + "\n"), 1723161253937000000, kFrame);
  check_one_frame(read_text("1723161253 " + kFrame + "\n"), 1723161253000000000, kFrame);
  check_one_frame(read_text("1723161253.937085 " + kFrame + "\n"), 1723161253937085000, kFrame);
  check_one_frame(read_text("999999999999999999 " + kFrame + "\n"), 999999999999999999, kFrame);
  check_one_frame(read_text("2019-06-01T00:00:00.123456789Z " + kFrame + "\n"), 1559347200123456789,
                  kFrame);
  check_one_frame(read_text("2019-06-01T00:00:03.1238784Z " + kFrame), 1559347203123878400, kFrame);
}

TEST_CASE("capture: with ISO times an empty line is one disconnect, elsewhere nothing",
          "[capture]") {
  const std::string first = "2019-06-01T00:00:00Z " + kFrame + "\n";
  const std::string second = "2019-06-01T00:00:09Z " + kFrame + "\n";
  const ReadResult result = read_text("\n" + first + "\n\n" + second + "\n");
  CHECK(kinds_of(result) == std::vector<LineKind>{LineKind::Frame, LineKind::Disconnected,
                                                  LineKind::Connected, LineKind::Frame,
                                                  LineKind::Disconnected});
  CHECK(result.lines.at(1).received_ns == 1559347200000000000);
  CHECK(result.lines.at(2).received_ns == 1559347209000000000);
  const std::string plain = "1723161253937085768 " + kFrame + "\n";
  CHECK(kinds_of(read_text("\n" + plain + "\n\r\n" + plain)) ==
        std::vector<LineKind>{LineKind::Frame, LineKind::Frame});
}

TEST_CASE("capture: cryptofeed format 1 gives what was received and tells reconnects",
          "[capture]") {
  const ReadResult result = read_text(
      "configuration: {\"trades\":[\"BTC-USDT\"]}\n"
      "wss://a/x <-> 1617647602.5\n"
      "wss://b/y <-> 1617647602.6\n"
      "wss://a/x <- 1617647602.7: {\"op\":\"subscribe\"}\n"
      "1617647603.4249449: " +
      kFrame +
      "\n"
      "https://a/depth?symbol=A -> 1617647604: {\"lastUpdateId\":1}\n"
      "wss://a/x <-> 1617647700.25\n"
      "1617647701.1: b'\\x1f\\x8b\\'\\n{\"\\\\'\n"
      "1617647702: b\"it's\"\n");
  REQUIRE(kinds_of(result) == std::vector<LineKind>{LineKind::Frame, LineKind::Disconnected,
                                                    LineKind::Connected, LineKind::Frame,
                                                    LineKind::Frame});
  CHECK(result.lines[0].received_ns == 1617647603424944900);
  CHECK(result.lines[0].bytes == kFrame);
  CHECK(result.lines[1].received_ns == 1617647700250000000);
  CHECK(result.lines[3].bytes == "\x1f\x8b'\n{\"\\");
  CHECK(result.lines[4].bytes == "it's");
  CHECK(result.statistics.lines == 9);
  CHECK(result.statistics.damaged_lines == 0);
}

TEST_CASE("capture: damage in cryptofeed format 1 costs its line only", "[capture]") {
  const std::string good = "1617647603.5: {\"a\":1}\n";
  for (const std::string line :
       {"1617647603.5 {\"a\":1}", "161764760x.5: {\"a\":1}", "1617647603.5: ", "junk", "wss://a/x",
        "wss://a/x <-> soon", "1617647603.5: b'\\x1", "1617647603.5: b'abc", "1617647603.5: b'a'b'",
        "1617647603.5: b'\\q'", "1617647603.5: b'\\", "999: {}"}) {
    CAPTURE(line);
    const ReadResult result = read_text(test::joined({good, line, "\n", good}));
    CHECK(result.lines.size() == 2);
    CHECK(result.statistics.damaged_lines == 1);
    REQUIRE(result.diagnostics.size() == 1);
    CHECK_THAT(result.diagnostics[0], ContainsSubstring("capture.txt:2: "));
  }
}

TEST_CASE("capture: cryptofeed format 2 is sorted by time, stably", "[capture]") {
  const ReadResult result = read_text(
      R"({"t":"header","format":2,"exchange":"X","config":{"trades":["A"]}})"
      "\n"
      R"({"t":"http","conn":"h","ts":1649290075.8,"url":"https://x","data":"{\"a\":[1]}"})"
      "\n"
      R"({"t":"connect","conn":"ws.1","ts":1649290076.0,"addr":"wss://x"})"
      "\n"
      R"({"t":"recv","conn":"ws.1","ts":1649290079.5,"data":"{\"n\":3}"})"
      "\n"
      R"({"t":"connect","conn":"ws.1","ts":1649290080.5,"addr":"wss://x"})"
      "\n"
      "junk\n"
      R"({"t":"recv","conn":"ws.1","ts":1649290081,"data":"bad \q escape"})"
      "\n"
      R"({"t":"connect","conn":"ws.2","ts":1649290076.0,"addr":"wss://x"})"
      "\n"
      R"({"t":"send","conn":"ws.2","ts":1649290076.5,"addr":"wss://x","data":"{}"})"
      "\n"
      R"({"t":"recv","conn":"ws.2","ts":1649290078.876819,"data":"{\"n\":1,\"s\":\"\u00e9\ud83d\ude00\"}"})"
      "\n"
      R"({"t":"recv","conn":"ws.2","ts":1649290079.5,"data":"{\"n\":4}"})"
      "\n"
      R"({"t":"recv","conn":"ws.2","ts":1649290079.5,"data":"[\"\\\"\",\n5]"})"
      "\n");
  REQUIRE(result.lines.size() == 6);
  CHECK(result.lines[0].bytes == "{\"n\":1,\"s\":\"\u00e9\U0001F600\"}");
  CHECK(result.lines[0].received_ns == 1649290078876819000);
  CHECK(result.lines[1].bytes == R"({"n":3})");
  CHECK(result.lines[2].bytes == R"({"n":4})");
  CHECK(result.lines[3].bytes == "[\"\\\"\",\n5]");
  CHECK(result.lines[4].kind == LineKind::Disconnected);
  CHECK(result.lines[5].kind == LineKind::Connected);
  CHECK(result.statistics.lines == 12);
  CHECK(result.statistics.damaged_lines == 2);
  REQUIRE(result.diagnostics.size() == 2);
  CHECK_THAT(result.diagnostics[0], ContainsSubstring("capture.txt:6: "));
  CHECK_THAT(result.diagnostics[1], ContainsSubstring("capture.txt:7: "));
}

TEST_CASE("capture: bare frames come one a line, without a time", "[capture]") {
  const ReadResult result = read_text("{\"channel\":\"status\"}\n\n[1,2]\r\nnot json\n");
  REQUIRE(result.lines.size() == 3);
  CHECK(result.lines[0].bytes == R"({"channel":"status"})");
  CHECK(result.lines[1].bytes == "[1,2]");
  CHECK(result.lines[2].bytes == "not json");
  CHECK(result.lines[0].received_ns == to_unix_ns(kNoReceiveTime));
}

TEST_CASE("capture: line ends, NUL bytes and empty lines change no other line", "[capture]") {
  const std::string line = "1723161253937085768 " + kFrame;
  const std::string nul(7, '\0');
  const ReadResult result =
      read_text("\xEF\xBB\xBF" + line + "\r\n\n" + line + nul + "\n" + nul + "\n\r\n" + line);
  REQUIRE(result.lines.size() == 3);
  CHECK(result.lines[0].bytes == kFrame);
  CHECK(result.lines[1].bytes == kFrame + nul);
  CHECK(result.lines[2].bytes == kFrame);
  CHECK(result.statistics.lines == 4);
  CHECK(result.statistics.damaged_lines == 1);
}

TEST_CASE("capture: a last line that is cut is a frame while its time is whole", "[capture]") {
  const std::string line = "1723161253937085768 " + kFrame;
  check_one_frame(read_text(line.substr(0, 30)), 1723161253937085768, kFrame.substr(0, 10));
  const ReadResult result = read_text(line + "\n" + line.substr(0, 12));
  CHECK(result.lines.size() == 1);
  CHECK(result.statistics.damaged_lines == 1);
}

TEST_CASE("capture: the venue is the header's, else the option's, else an error with a hint",
          "[capture]") {
  const std::string own =
      "1723161253000000000 {\"fastrsi\":{\"capture\":1,\"venue\":\"kraken\"}}\n";
  CHECK(read_text(own, "").venues == std::vector<std::string>{"kraken"});
  CHECK(read_text("1723161253937085768 {}\n", "okx").venues == std::vector<std::string>{"okx"});
  CHECK_THAT(read_text("1723161253937085768 {}\n", "").error,
             ContainsSubstring("no header names the venue (give --venue)"));
  CHECK_THAT(read_text("wss://fstream.binance.com/stream <-> 1617647602.5\n", "").error,
             ContainsSubstring("(give --venue; its addresses are those of binance-usdm)"));
}

}  // namespace fastrsi
