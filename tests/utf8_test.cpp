// The walk over UTF-8 and what a terminal may be shown of it.
#include "engine/base/utf8.hpp"

#include <rapidcheck.h>

#include <string>

#include "sinks/printable.hpp"
#include "tests/catch.hpp"

namespace fastrsi {
namespace {

TEST_CASE("utf8: characters of one to four bytes are read whole", "[utf8]") {
  const auto read = [](std::string_view text) { return first_utf8(text); };
  CHECK(read("a").code == U'a');
  CHECK(read("\u00e9").length == 2);
  CHECK(read("\u06a9").code == 0x6A9);
  CHECK(read("\u20ac").length == 3);
  CHECK(read("\U0010FFFF").code == 0x10FFFF);
  CHECK(read("\U0001F600x").length == 4);
  CHECK(read("").length == 0);
  CHECK_FALSE(read("").valid);
}

TEST_CASE("utf8: overlong forms, surrogates, cut and stray bytes are refused one by one",
          "[utf8]") {
  for (const std::string_view text :
       {"\x80", "\xBF", "\xC0\x80", "\xC1\xBF", "\xE0\x80\x80", "\xE0\x9F\xBF", "\xED\xA0\x80",
        "\xED\xBF\xBF", "\xF0\x80\x80\x80", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF",
        "\xE2\x82", "\xF0\x9F\x98", "\xC3(", "\xE2(\xA1"}) {
    const Utf8Step step = first_utf8(text);
    CHECK_FALSE(step.valid);
    CHECK(step.length == 1);
  }
}

TEST_CASE("printable: names of real symbols are left alone", "[utf8]") {
  for (const std::string name : {"BTCUSDT", "XBT/USD", "شاخص کل (هم وزن)6", "می\u200cشود", "€ 1"}) {
    CHECK(printable(name) == name);
  }
}

TEST_CASE("printable: what would act on a terminal is spelled out", "[utf8]") {
  CHECK(printable("evil\nFAKE\x1b[31m\x7f\r") == "evil\\x0aFAKE\\x1b[31m\\x7f\\x0d");
  CHECK(printable(std::string("\0", 1)) == "\\x00");
  CHECK(printable("\u009b31m") == "\\u{9b}31m");
  CHECK(printable("a\u202eb\u2066c\u200fd") == "a\\u{202e}b\\u{2066}c\\u{200f}d");
  CHECK(printable("a\u2028b\ufeffc\U000E0041") == "a\\u{2028}b\\u{feff}c\\u{e0041}");
  CHECK(printable("\xff\x9b") == "\\xff\\x9b");
  CHECK(printable("C:\\x0a") == "C:\\\\x0a");
}

TEST_CASE("printable: two names never look the same, and none holds a control", "[utf8]") {
  CHECK(rc::check([](const std::string& a, const std::string& b) {
    if (a != b) RC_ASSERT(printable(a) != printable(b));
    for (const char each : printable(a)) {
      RC_ASSERT(static_cast<unsigned char>(each) >= 0x20);
      RC_ASSERT(each != '\x7f');
    }
    for (std::string_view rest = a; !rest.empty();) {
      const Utf8Step step = first_utf8(rest);
      RC_ASSERT(step.length >= 1);
      RC_ASSERT(step.length <= rest.size());
      rest.remove_prefix(step.length);
    }
  }));
}

}  // namespace
}  // namespace fastrsi
