// Records as text: golden lines, what reads back, and the order of an export.
#include "engine/market/record.hpp"

#include <rapidcheck.h>

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "tests/catch.hpp"
#include "tests/records.hpp"

namespace fastrsi {
namespace {

const RuleLabel kRecordTars{"tars", 14, 2, 12};
const Symbol kRecordBitcoin{"binance", "BTCUSDT", "binance:BTCUSDT"};

// Every bit pattern that is a finite number, not only the handy ones.
double any_finite() {
  const auto value = std::bit_cast<double>(*rc::gen::arbitrary<std::uint64_t>());
  return std::isfinite(value) ? value : 1.0;
}

bool same_bits(double a, double b) {
  return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
}

TEST_CASE("record: a signal is written as the page has it", "[record]") {
  CHECK(to_json(make_signal(kRecordTars, kRecordBitcoin)) ==
        R"({"type":"signal","id":"tars/binance:BTCUSDT/1m/buy/2024-08-08T23:54:00Z/1",)"
        R"("stage":"provisional","rule":"tars","kind":"buy","venue":"binance","symbol":"BTCUSDT",)"
        R"("timeframe":"1m","bar_open":"2024-08-08T23:54:00Z",)"
        R"("time":"2024-08-08T23:54:12.345000000Z","price":61837.63,)"
        R"("rsi":{"2":81.25,"12":55.1,"14":54},"quality":"complete"})");
}

TEST_CASE("record: a repeat says so after the quality, others say nothing", "[record]") {
  Signal signal = make_signal(kRecordTars, kRecordBitcoin);
  CHECK(to_json(signal).find("repeat") == std::string::npos);
  signal.repeat = true;
  signal.quality = Quality::Gap;
  const std::string text = to_json(signal);
  CHECK(text.substr(text.find(R"("quality")")) == R"("quality":"gap","repeat":true})");
}

TEST_CASE("record: periods ascend, stand once, and are null without a value", "[record]") {
  const double none = std::numeric_limits<double>::quiet_NaN();
  const auto rsi_of = [](const RuleLabel& rule, RsiValues rsi) {
    Signal signal = make_signal(rule, kRecordBitcoin);
    signal.rsi = rsi;
    const std::string text = to_json(signal);
    const auto from = text.find(R"("rsi":)");
    return text.substr(from, text.find('}', from) + 1 - from);
  };
  CHECK(rsi_of(kRecordTars, {54.5, none, none}) == R"("rsi":{"2":null,"12":null,"14":54.5})");
  CHECK(rsi_of({"r", 14, 14, 12}, {1.5, 1.5, 2.5}) == R"("rsi":{"12":2.5,"14":1.5})");
  CHECK(rsi_of({"r", 7, 7, 7}, {1.5, 1.5, 1.5}) == R"("rsi":{"7":1.5})");
  CHECK(rsi_of({"r", 2, 21, 100}, {1, 2, 3}) == R"("rsi":{"2":1,"21":2,"100":3})");
}

TEST_CASE("record: a list is written as the page has it", "[record]") {
  const Symbol ether{"binance", "ETHUSDT", "binance:ETHUSDT"};
  Snapshot list{ListReason::FirstLoad, &kRecordTars, Kind::Overbought, Timeframe::M1, kBarOpen, {}};
  CHECK(to_json(list) ==
        R"({"type":"snapshot","reason":"first_load","rule":"tars","kind":"overbought",)"
        R"("timeframe":"1m","time":"2024-08-08T23:54:00.000000000Z","symbols":[]})");
  list.reason = ListReason::Scan;
  list.symbols = {&kRecordBitcoin, &ether};
  const std::string text = to_json(list);
  CHECK(text.find(R"("reason":"scan")") != std::string::npos);
  CHECK(text.substr(text.find(R"("symbols")")) ==
        R"("symbols":["binance:BTCUSDT","binance:ETHUSDT"]})");
}

TEST_CASE("record: names with quotes, controls, Persian letters and broken bytes stay JSON",
          "[record]") {
  const auto symbol_in_json = [](const std::string& name) {
    const Symbol symbol{"generic", name, "generic:" + name};
    const std::string text = to_json(make_signal(kRecordTars, symbol));
    const std::string key = R"("symbol":)";
    const auto from = text.find(key) + key.size();
    return text.substr(from, text.find(R"(,"timeframe")") - from);
  };
  CHECK(symbol_in_json("XBT/USD") == R"("XBT/USD")");
  CHECK(symbol_in_json("a\"b\\c") == R"("a\"b\\c")");
  CHECK(symbol_in_json("\b\f\n\r\t\x01\x1f\x7f") == "\"\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\"");
  CHECK(symbol_in_json("شاخص کل (هم وزن)6") == "\"شاخص کل (هم وزن)6\"");
  CHECK(symbol_in_json("a\xFF\xC3") == "\"a\uFFFD\uFFFD\"");
  CHECK(symbol_in_json(std::string("a\0b", 3)) == "\"a\\u0000b\"");
}

TEST_CASE("record: times are exact from 1677 to 2262", "[record]") {
  CHECK(to_iso_ns(exchange_time_from_ns(0)) == "1970-01-01T00:00:00.000000000Z");
  CHECK(to_iso_ns(exchange_time_from_ns(-1)) == "1969-12-31T23:59:59.999999999Z");
  CHECK(to_iso_seconds(exchange_time_from_ns(-1)) == "1969-12-31T23:59:59Z");
  CHECK(to_iso_ns(ExchangeTime::max()) == "2262-04-11T23:47:16.854775807Z");
  CHECK(to_iso_ns(ExchangeTime::min()) == "1677-09-21T00:12:43.145224192Z");
  CHECK(to_iso_seconds(exchange_time_from_ns(1'709'251'199'999'999'999)) == "2024-02-29T23:59:59Z");
}

TEST_CASE("record: each kind has its own word and title, and the word reads back", "[record]") {
  std::set<std::string_view> words;
  std::set<std::string_view> titles;
  for (std::size_t i = 0; i < kKindCount; ++i) {
    const auto kind = static_cast<Kind>(i);
    CHECK(kind_from_text(to_text(kind)) == kind);
    words.insert(to_text(kind));
    titles.insert(to_title(kind));
  }
  CHECK(words.size() == kKindCount);
  CHECK(titles.size() == kKindCount);
  CHECK_FALSE(kind_from_text("Buy").has_value());
  CHECK_FALSE(kind_from_text("").has_value());
}

TEST_CASE("record: JSON reads back to the same names and the same doubles", "[record]") {
  CHECK(rc::check([] {
    const auto codes = *rc::gen::container<std::u32string>(rc::gen::inRange<char32_t>(0, 0xD800));
    std::string name;
    for (const char32_t code : codes) {
      name += nlohmann::json::parse("\"" +
                                    [&] {
                                      std::array<char, 8> escape{};
                                      std::snprintf(escape.data(), escape.size(), "\\u%04x",
                                                    static_cast<unsigned>(code));
                                      return std::string(escape.data());
                                    }() +
                                    "\"")
                  .get<std::string>();
    }
    const Symbol symbol{"generic", name, "generic:" + name};
    Signal signal = make_signal(kRecordTars, symbol);
    signal.price.value = any_finite();
    signal.rsi = {any_finite(), any_finite(), any_finite()};
    signal.firing = *rc::gen::arbitrary<std::uint32_t>();
    const auto json = nlohmann::json::parse(to_json(signal));
    RC_ASSERT(json.at("symbol").get<std::string>() == name);
    RC_ASSERT(json.at("id").get<std::string>() == signal_id(signal));
    RC_ASSERT(same_bits(json.at("price").get<double>(), signal.price.value));
    RC_ASSERT(same_bits(json.at("rsi").at("14").get<double>(), signal.rsi.by_default));
    RC_ASSERT(same_bits(json.at("rsi").at("2").get<double>(), signal.rsi.by_first));
    RC_ASSERT(same_bits(json.at("rsi").at("12").get<double>(), signal.rsi.by_second));
  }));
}

TEST_CASE("record: whatever bytes a name holds, the record is JSON on one line", "[record]") {
  CHECK(rc::check([] {
    const auto name = *rc::gen::arbitrary<std::string>();
    const Symbol symbol{"generic", name, "generic:" + name};
    const Snapshot list{ListReason::Scan, &kRecordTars, Kind::Sell,
                        Timeframe::S1,    kBarOpen,     {&symbol}};
    for (const std::string& text : {to_json(make_signal(kRecordTars, symbol)), to_json(list)}) {
      RC_ASSERT(nlohmann::json::accept(text));
      RC_ASSERT(text.find('\n') == std::string::npos);
    }
  }));
}

// Few values each, so that equal parts are common.
Signal any_signal(const std::array<RuleLabel, 2>& rules, const std::array<Symbol, 4>& symbols) {
  Signal signal = make_signal(rules[*rc::gen::inRange<std::size_t>(0, 2)],
                              symbols[*rc::gen::inRange<std::size_t>(0, 4)]);
  signal.time = exchange_time_from_ns(*rc::gen::inRange<std::int64_t>(0, 2));
  signal.timeframe = *rc::gen::element(Timeframe::S15, Timeframe::S5);
  signal.kind = *rc::gen::element(Kind::Sell, Kind::Buy);
  signal.stage = *rc::gen::element(Stage::Provisional, Stage::Confirmed);
  signal.firing = *rc::gen::inRange<std::uint32_t>(1, 3);
  return signal;
}

TEST_CASE("record: the canonical order is a strict weak order", "[record]") {
  const std::array<RuleLabel, 2> rules{{{"a", 14, 2, 12}, {"b", 14, 2, 12}}};
  const std::array<Symbol, 4> symbols{
      {{"x", "A", "x:A"}, {"x", "B", "x:B"}, {"y", "A", "y:A"}, {"y", "B", "y:B"}}};
  CHECK(rc::check([&] {
    const Signal a = any_signal(rules, symbols);
    const Signal b = any_signal(rules, symbols);
    const Signal c = any_signal(rules, symbols);
    const auto equal = [](const Signal& p, const Signal& q) {
      return !canonical_less(p, q) && !canonical_less(q, p);
    };
    RC_ASSERT_FALSE(canonical_less(a, a));
    RC_ASSERT_FALSE(canonical_less(a, b) && canonical_less(b, a));
    if (canonical_less(a, b) && canonical_less(b, c)) RC_ASSERT(canonical_less(a, c));
    if (equal(a, b) && equal(b, c)) RC_ASSERT(equal(a, c));
    if (equal(a, b)) RC_ASSERT(to_json(a) == to_json(b));
  }));
}

TEST_CASE("record: the canonical order compares time first and the firing last", "[record]") {
  const Symbol first{"a", "Z", "a:Z"};
  const Symbol second{"b", "A", "b:A"};
  const Signal early = make_signal(kRecordTars, second);
  Signal late = make_signal(kRecordTars, first);
  CHECK(canonical_less(late, early));
  late.time += Nanoseconds{1};
  CHECK(canonical_less(early, late));
  Signal again = early;
  again.firing = 2;
  CHECK(canonical_less(early, again));
  again.stage = Stage::Confirmed;
  again.firing = 1;
  CHECK(canonical_less(early, again));
}

}  // namespace
}  // namespace fastrsi
