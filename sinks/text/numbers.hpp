// Numbers for people: never with an exponent where a trader expects none, and in the digits of the
// language where that is asked for (DELIVERY.md, section 8.2, "Digits").
#pragma once

#include <string>
#include <string_view>

#include "sinks/text/language.hpp"

namespace fastrsi {

// The shortest decimal text that reads back to the same double, "-" for what is not finite. Beyond
// 40 characters it has an exponent.
std::string price_text(double value);

// Two places; "-" where a period has no value so far.
std::string rsi_text(double value);

// Digits, and the signs . , and % beside them, in the language's own; all else stays.
std::string native_number(std::string_view number, Language language);
// Digits alone, for dates and times.
std::string native_digits(std::string_view text, Language language);

}  // namespace fastrsi
