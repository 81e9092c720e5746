// Names from outside made fit to stand in a message (DELIVERY.md, section 8.2): what would turn the
// reading direction, end a line, hide, or is no character at all, goes before we add marks of our
// own.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace fastrsi {

// What a name shows at most; the longest real one known has 25 characters.
inline constexpr std::size_t kNameCharactersMax = 64;

// Without C0 and C1 controls, line and paragraph separators, bidirectional controls, invisible and
// tag characters. A byte that is no UTF-8 becomes U+FFFD. Joiners (U+200C, U+200D) stay between two
// letters of Arabic or Indic script, where spelling needs them, and go elsewhere. A longer name
// ends with an ellipsis as its last character; one of which nothing is left is "?".
std::string sanitised_name(std::string_view name);

}  // namespace fastrsi
