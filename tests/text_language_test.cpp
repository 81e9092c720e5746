// Words of the four languages: the names against a copy of the specification's table
// (tests/data/text/signal_names.tsv), byte for byte.
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "engine/base/utf8.hpp"
#include "sinks/text/language.hpp"
#include "sinks/text/numbers.hpp"
#include "sinks/text/zone.hpp"
#include "tests/catch.hpp"

namespace fastrsi {
namespace {

std::vector<std::map<std::string, std::string>> table_of_names() {
  std::ifstream file(std::string(FASTRSI_SOURCE_DIR) + "/tests/data/text/signal_names.tsv");
  std::vector<std::map<std::string, std::string>> rows;
  std::vector<std::string> head;
  for (std::string line; std::getline(file, line);) {
    std::istringstream cells(line);
    std::vector<std::string> row;
    for (std::string cell; std::getline(cells, cell, '\t');) row.push_back(cell);
    if (head.empty()) {
      head = row;
      continue;
    }
    REQUIRE(row.size() == head.size());
    std::map<std::string, std::string> named;
    for (std::size_t i = 0; i < row.size(); ++i) named[head[i]] = row[i];
    rows.push_back(named);
  }
  return rows;
}

std::vector<std::string_view> all_words(const Lexicon& words) {
  std::vector<std::string_view> all{
      words.prefix,       words.symbol,         words.price,        words.rsi,
      words.time,         words.timeframe,      words.and_more,     words.symbols.one,
      words.symbols.many, words.native.decimal, words.native.group, words.native.percent};
  for (const SignalNames& names : words.signals) {
    all.insert(all.end(), {names.settings, names.formula, names.alert});
  }
  for (const UnitWords& unit : words.units) all.insert(all.end(), {unit.one, unit.many});
  all.insert(all.end(), words.stages.begin(), words.stages.end());
  all.insert(all.end(), words.qualities.begin(), words.qualities.end());
  all.insert(all.end(), words.reasons.begin(), words.reasons.end());
  return all;
}

}  // namespace

TEST_CASE("language: the eight signals are named as the table has them", "[text]") {
  const auto rows = table_of_names();
  REQUIRE(rows.size() == kKindCount);
  for (std::size_t i = 0; i < kKindCount; ++i) {
    const auto kind = static_cast<Kind>(i);
    auto row = rows[i];
    CHECK(row["kind"] == to_text(kind));
    CHECK(row["fa_settings"] == signal_name(Language::Persian, kind, NameStyle::Settings));
    CHECK(row["fa_formula"] == signal_name(Language::Persian, kind, NameStyle::Formula));
    CHECK(row["fa_alert"] == signal_name(Language::Persian, kind, NameStyle::Alert));
    for (const NameStyle style : {NameStyle::Settings, NameStyle::Formula, NameStyle::Alert}) {
      CHECK(row["ur"] == signal_name(Language::Urdu, kind, style));
      CHECK(row["hi"] == signal_name(Language::Hindi, kind, style));
      CHECK(row["en"] == signal_name(Language::English, kind, style));
    }
    CHECK(to_title(kind) == signal_name(Language::English, kind));
  }
}

TEST_CASE("language: Persian names are of Persian letters and have no joiners", "[text]") {
  // The first word of the first name, by its bytes.
  CHECK(signal_name(Language::Persian, Kind::Buy).substr(0, 12) ==
        "\xD8\xB3\xDB\x8C\xDA\xAF\xD9\x86\xD8\xA7\xD9\x84");
  for (const SignalNames& names : lexicon_of(Language::Persian).signals) {
    for (std::string_view left : {names.settings, names.formula, names.alert}) {
      while (!left.empty()) {
        const Utf8Step step = first_utf8(left);
        REQUIRE(step.valid);
        CHECK(step.code != 0x064A);  // Arabic yeh
        CHECK(step.code != 0x0643);  // Arabic kaf
        CHECK_FALSE((step.code >= 0x200B && step.code <= 0x200F));
        left.remove_prefix(step.length);
      }
    }
  }
}

TEST_CASE("language: no word is missing, and a place for a number stands where one goes",
          "[text]") {
  for (std::size_t i = 0; i < kLanguageCount; ++i) {
    const auto language = static_cast<Language>(i);
    INFO(to_text(language));
    CHECK(language_from_text(to_text(language)) == language);
    const Lexicon& words = lexicon_of(language);
    for (const std::string_view word : all_words(words)) CHECK_FALSE(word.empty());
    for (const std::string_view pattern : {words.and_more, words.symbols.one, words.symbols.many}) {
      CHECK(pattern.find("{}") != std::string_view::npos);
    }
    std::set<std::string_view> names;
    for (const SignalNames& signal : words.signals) names.insert(signal.alert);
    CHECK(names.size() == kKindCount);
  }
  CHECK_FALSE(language_from_text("de").has_value());
  CHECK_FALSE(language_from_text("").has_value());
}

TEST_CASE("numbers: prices have no exponent and read back to the same double", "[text]") {
  CHECK(price_text(61837.63) == "61837.63");
  CHECK(price_text(5.767e-05) == "0.00005767");
  CHECK(price_text(100.0) == "100");
  CHECK(price_text(1e21) == "1000000000000000000000");
  CHECK(price_text(1e300) == "1e+300");
  CHECK(price_text(std::numeric_limits<double>::infinity()) == "-");
  CHECK(rsi_text(54.0) == "54.00");
  CHECK(rsi_text(29.996) == "30.00");
  CHECK(rsi_text(std::numeric_limits<double>::quiet_NaN()) == "-");
}

TEST_CASE("numbers: native digits take their own signs, and letters stay", "[text]") {
  CHECK(native_number("1,234.5%", Language::Persian) == "۱٬۲۳۴٫۵٪");
  CHECK(native_number("1,234.5%", Language::Urdu) == "۱٬۲۳۴٫۵٪");
  CHECK(native_number("1,234.5%", Language::Hindi) == "१,२३४.५%");
  CHECK(native_number("1,234.5%", Language::English) == "1,234.5%");
  CHECK(native_number("+067899", Language::Persian) ==
        "+\xDB\xB0\xDB\xB6\xDB\xB7\xDB\xB8\xDB\xB9\xDB\xB9");
  CHECK(native_digits("2024-08-08 23:54:12 UTC", Language::Hindi) == "२०२४-०८-०८ २३:५४:१२ UTC");
}

TEST_CASE("zone: times are ISO with their zone, mails' dates as RFC 5322 has them", "[text]") {
  const ExchangeTime time = exchange_time_from_ns(1'723'161'252'345'000'000);
  CHECK(TextZone("UTC").seconds(time) == "2024-08-08 23:54:12 UTC");
  CHECK(TextZone("Asia/Tehran").seconds(time) == "2024-08-09 03:24:12 +03:30");
  CHECK(TextZone("America/New_York").seconds(time) == "2024-08-08 19:54:12 -04:00");
  CHECK(TextZone("Asia/Tehran").day(time) == "2024-08-09");
  CHECK(TextZone("UTC").mail_date(time) == "Thu, 08 Aug 2024 23:54:12 +0000");
  CHECK(TextZone("Asia/Kolkata").mail_date(time) == "Fri, 09 Aug 2024 05:24:12 +0530");
  CHECK(TextZone("UTC").seconds(kNoExchangeTime) == "-");
  CHECK_THROWS_WITH(TextZone("Asia/Teheran"), ContainsSubstring("Asia/Teheran"));
  // Out of range of any calendar, and yet a date.
  CHECK(TextZone("UTC").mail_date(time_from_wall_ms(std::numeric_limits<std::int64_t>::max())) ==
        "Tue, 31 Dec 2199 23:59:59 +0000");
}

}  // namespace fastrsi
