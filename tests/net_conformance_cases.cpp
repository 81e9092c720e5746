#include "tests/net_frames.hpp"

#include <initializer_list>
#include <utility>

namespace fastrsi::net::test {
namespace {

constexpr unsigned kMore = 0x0;
constexpr unsigned kText = 0x1;
constexpr unsigned kBinary = 0x2;
constexpr unsigned kClose = 0x8;
constexpr unsigned kPing = 0x9;
constexpr unsigned kPong = 0xA;

const std::string kProtocolError = "fail:1002";
const std::string kBadText = "fail:1007";
const std::string kTooBig = "fail:1009";
constexpr FrameForm kOpen{.final = false};
constexpr std::uint64_t kMessageMax = 16U * 1024 * 1024;

// Owner: conformance_cases().
class Table {
 public:
  explicit Table(Role sender) : sender_(sender) {}

  void lengths();
  void control_frames();
  void reserved();
  void fragments();
  void text();
  void closes();
  void masks();
  void wrong_lengths();

  std::vector<ConformanceCase> cases;

 private:
  std::string f(unsigned opcode, std::string_view payload = {}, const FrameForm& form = {}) const {
    return frame(sender_, opcode, payload, form);
  }
  void add(std::string name, std::string bytes, std::vector<std::string> events) {
    cases.push_back({std::move(name), std::move(bytes), std::move(events)});
  }

  const Role sender_;
};

void Table::lengths() {
  for (const std::size_t n : std::initializer_list<std::size_t>{
           0,   1,   2,    7,     8,     9,     124,   125,   126,   127,    128,   129,
           255, 256, 4095, 16383, 16384, 65534, 65535, 65536, 65537, 131072, 200000}) {
    const std::string text(n, '*');
    const std::string bytes(n, '\xFE');
    add("a text of " + std::to_string(n), f(kText, text), {"text:" + text});
    add("a binary message of " + std::to_string(n), f(kBinary, bytes), {"binary:" + bytes});
  }
  add("two messages at once", f(kText, "a") + f(kBinary, "b"), {"text:a", "binary:b"});
  std::string many;
  std::vector<std::string> wanted;
  for (int i = 0; i < 100; ++i) {
    const std::string text = "message " + std::to_string(i);
    many += f(kText, text);
    wanted.push_back("text:" + text);
  }
  add("a hundred messages", many, wanted);
}

void Table::control_frames() {
  const std::string most(125, 'p');
  for (const auto& [opcode, word] : {std::pair(kPing, "ping"), std::pair(kPong, "pong")}) {
    const std::string name = word;
    add(name + ", empty", f(opcode) + f(kText, "x"), {name + ":", "text:x"});
    add(name + ", with bytes that are no text", f(opcode, "\xFF\xFE") + f(kText, "x"),
        {name + ":\xFF\xFE", "text:x"});
    add(name + " of 125", f(opcode, most) + f(kText, "x"),
        {std::string(name).append(":").append(most), "text:x"});
    add(name + " of 126", f(opcode, most + "p"), {kProtocolError});
    add(name + " of 65536", f(opcode, std::string(65536, 'p')), {kProtocolError});
    add(name + ", fragmented", f(opcode, "a", kOpen) + f(kMore, "b"), {kProtocolError});
    add(name + " with a length in 16 bits", f(opcode, "a", {.length_form = 126}), {kProtocolError});
  }
  std::string pings;
  std::vector<std::string> wanted;
  for (int i = 0; i < 10; ++i) {
    pings += f(kPing, std::to_string(i));
    wanted.push_back("ping:" + std::to_string(i));
  }
  wanted.push_back("text:x");
  add("ten pings", pings + f(kText, "x"), wanted);
}

void Table::reserved() {
  for (unsigned bits = 1; bits < 8; ++bits) {
    const FrameForm form{.reserved = bits};
    const std::string name = "reserved bits " + std::to_string(bits);
    add(name + " of a text", f(kText, "x", form), {kProtocolError});
    add(name + " of a ping", f(kPing, "x", form), {kProtocolError});
    add(name + " of a close", f(kClose, "", form), {kProtocolError});
    add(name + " of a continuation", f(kText, "x", kOpen) + f(kMore, "y", form), {kProtocolError});
    add(name + " after a message", f(kText, "a") + f(kText, "x", form), {"text:a", kProtocolError});
  }
  for (const unsigned opcode : {3U, 4U, 5U, 6U, 7U, 11U, 12U, 13U, 14U, 15U}) {
    const std::string name = "reserved opcode " + std::to_string(opcode);
    add(name, f(opcode, "x"), {kProtocolError});
    add(name + ", empty", f(opcode), {kProtocolError});
    add(name + " between fragments", f(kText, "x", kOpen) + f(opcode, "x"), {kProtocolError});
  }
}

void Table::fragments() {
  const auto more = [this](std::string_view text) { return f(kMore, text, kOpen); };
  add("two fragments", f(kText, "ab", kOpen) + f(kMore, "cd"), {"text:abcd"});
  add("three fragments", f(kText, "ab", kOpen) + more("cd") + f(kMore, "ef"), {"text:abcdef"});
  add("binary fragments", f(kBinary, "\xFF", kOpen) + f(kMore, "\xFE"), {"binary:\xFF\xFE"});
  add("empty fragments", f(kText, "", kOpen) + more("") + f(kMore), {"text:"});
  add("an empty one between", f(kText, "a", kOpen) + more("") + f(kMore, "b"), {"text:ab"});
  add("an empty one first", f(kText, "", kOpen) + f(kMore, "b"), {"text:b"});
  add("an empty one last", f(kText, "a", kOpen) + f(kMore), {"text:a"});
  add("a ping between", f(kText, "ab", kOpen) + f(kPing, "q") + f(kMore, "cd"),
      {"ping:q", "text:abcd"});
  add("a pong between", f(kText, "ab", kOpen) + f(kPong, "q") + f(kMore, "cd"),
      {"pong:q", "text:abcd"});
  add("controls between all",
      f(kPing, "1") + f(kText, "ab", kOpen) + f(kPing, "2") + f(kPong, "3") + more("cd") +
          f(kPing, "4") + f(kMore, "ef") + f(kPing, "5"),
      {"ping:1", "ping:2", "pong:3", "ping:4", "text:abcdef", "ping:5"});
  add("a close between", f(kText, "ab", kOpen) + f(kClose, close_payload(1000)) + f(kMore, "cd"),
      {"close:1000:"});
  add("fragments, then a whole one", f(kText, "a", kOpen) + f(kMore, "b") + f(kText, "c"),
      {"text:ab", "text:c"});
  add("fragments twice",
      f(kText, "a", kOpen) + f(kMore, "b") + f(kBinary, "c", kOpen) + f(kMore, "d"),
      {"text:ab", "binary:cd"});
  std::string tiny = f(kText, "", kOpen);
  std::string whole;
  for (int i = 0; i < 300; ++i) {
    tiny += more(std::string(1, static_cast<char>('a' + i % 26)));
    whole += static_cast<char>('a' + i % 26);
  }
  add("300 fragments of a byte", tiny + f(kMore), {"text:" + whole});
  const std::string half(70'000, 'h');
  add("two fragments of 70000", f(kBinary, half, kOpen) + f(kMore, half),
      {"binary:" + half + half});
  add("a continuation first", f(kMore, "x"), {kProtocolError});
  add("an open continuation first", more("x"), {kProtocolError});
  add("a continuation after a message", f(kText, "a") + f(kMore, "b"), {"text:a", kProtocolError});
  add("a continuation after fragments", f(kText, "a", kOpen) + f(kMore, "b") + f(kMore, "c"),
      {"text:ab", kProtocolError});
  add("a text within fragments", f(kText, "a", kOpen) + f(kText, "b"), {kProtocolError});
  add("an open text within fragments", f(kText, "a", kOpen) + f(kText, "b", kOpen),
      {kProtocolError});
  add("a binary within fragments", f(kText, "a", kOpen) + f(kBinary, "b"), {kProtocolError});
}

void Table::text() {
  for (const std::string_view good :
       {"κόσμε €😀", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80",
        "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF", "a\x7F", "12345678κ"}) {
    add("good text " + std::to_string(cases.size()), f(kText, good), {"text:" + std::string(good)});
  }
  for (const std::string_view bad :
       {"ab\xFF", "\xFE", "\x80", "\xBF", "\xC0\x80", "\xC1\xBF", "\xC2", "\xE0\x9F\xBF",
        "\xE0\x80\x80", "\xED\xA0\x80", "\xED\xBF\xBF", "\xE2\x82", "\xF0\x8F\xBF\xBF",
        "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xF8\x88\x80\x80\x80", "\xF0\x9F\x98", "ok\xC3(",
        "12345678\xFFxxxxxxxx"}) {
    add("bad text " + std::to_string(cases.size()), f(kText, bad), {kBadText});
  }
  add("a character over fragments", f(kText, "\xE2\x82", kOpen) + f(kMore, "\xAC"),
      {"text:\xE2\x82\xAC"});
  add("a character over fragments and a ping",
      f(kText, "\xE2\x82", kOpen) + f(kPing, "k") + f(kMore, "\xAC"),
      {"ping:k", "text:\xE2\x82\xAC"});
  add("a bad second fragment", f(kText, "ok", kOpen) + f(kMore, "\xFF"), {kBadText});
  add("a bad first fragment", f(kText, "\xFF", kOpen) + f(kMore, "ok"), {kBadText});
  add("binary is no text", f(kBinary, "\xFF\x80"), {"binary:\xFF\x80"});
}

void Table::closes() {
  add("an empty close", f(kClose), {"close:1005:"});
  add("a close of one byte", f(kClose, "\x03"), {kProtocolError});
  add("a close with its reason", f(kClose, close_payload(1000, "bye")), {"close:1000:bye"});
  const std::string most(123, 'r');
  add("a close with 123 bytes of reason", f(kClose, close_payload(1000, most)),
      {"close:1000:" + most});
  add("a close with 124 bytes of reason", f(kClose, close_payload(1000, most + "r")),
      {kProtocolError});
  add("a close whose reason is no text", f(kClose, close_payload(1000, "\xFF")), {kBadText});
  add("a close whose reason is cut", f(kClose, close_payload(1000, "\xE2\x82")), {kBadText});
  for (const unsigned code : {1000U, 1001U, 1002U, 1003U, 1007U, 1008U, 1009U, 1010U, 1011U, 1012U,
                              1013U, 1014U, 3000U, 3999U, 4000U, 4999U}) {
    add("close code " + std::to_string(code), f(kClose, close_payload(code)),
        {"close:" + std::to_string(code) + ":"});
  }
  for (const unsigned code :
       {0U, 1U, 999U, 1004U, 1005U, 1006U, 1015U, 1016U, 1100U, 2000U, 2999U, 5000U, 65535U}) {
    add("close code " + std::to_string(code), f(kClose, close_payload(code)), {kProtocolError});
  }
  add("a close, fragmented", f(kClose, close_payload(1000), kOpen), {kProtocolError});
  add("a text after the close", f(kClose, close_payload(1000)) + f(kText, "x"), {"close:1000:"});
  add("a ping after the close", f(kClose) + f(kPing), {"close:1005:"});
  add("rubbish after the close", f(kClose) + "\xFF\xFF\xFF", {"close:1005:"});
  add("a message, then a close", f(kText, "x") + f(kClose, close_payload(1001)),
      {"text:x", "close:1001:"});
}

void Table::masks() {
  const FrameForm wrong{.masked = sender_ == Role::Server};
  add("the wrong mask on a text", f(kText, "abc", wrong), {kProtocolError});
  add("the wrong mask on an empty text", f(kText, "", wrong), {kProtocolError});
  add("the wrong mask on a ping", f(kPing, "", wrong), {kProtocolError});
  add("the wrong mask on a close", f(kClose, "", wrong), {kProtocolError});
  add("the wrong mask on the second", f(kText, "a") + f(kText, "abc", wrong),
      {"text:a", kProtocolError});
}

void Table::wrong_lengths() {
  for (const std::size_t n : {std::size_t{0}, std::size_t{3}, std::size_t{125}}) {
    const std::string text(n, 'x');
    add(std::to_string(n) + " in 16 bits", f(kText, text, {.length_form = 126}), {kProtocolError});
    add(std::to_string(n) + " in 64 bits", f(kText, text, {.length_form = 127}), {kProtocolError});
  }
  add("126 in 64 bits", f(kText, std::string(126, 'x'), {.length_form = 127}), {kProtocolError});
  add("65535 in 64 bits", f(kText, std::string(65535, 'x'), {.length_form = 127}),
      {kProtocolError});
  add("the highest bit of a length", f(kText, "x", {.claim = std::uint64_t{1} << 63}),
      {kProtocolError});
  add("all bits of a length", f(kText, "x", {.claim = ~std::uint64_t{0}}), {kProtocolError});
  add("the longest length there is", f(kText, "x", {.claim = ~std::uint64_t{0} >> 1}), {kTooBig});
  add("a byte too long", f(kBinary, "x", {.claim = kMessageMax + 1}), {kTooBig});
  add("a byte too long in two fragments",
      f(kBinary, "x", kOpen) + f(kMore, "", {.claim = kMessageMax}), {kTooBig});
  add("far too long in two fragments",
      f(kBinary, "x", kOpen) + f(kMore, "", {.claim = ~std::uint64_t{0} >> 1}), {kTooBig});
}

}  // namespace

std::vector<ConformanceCase> conformance_cases(Role sender) {
  Table table(sender);
  table.lengths();
  table.control_frames();
  table.reserved();
  table.fragments();
  table.text();
  table.closes();
  table.masks();
  table.wrong_lengths();
  return std::move(table.cases);
}

}  // namespace fastrsi::net::test
