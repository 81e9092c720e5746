// Walks UTF-8, one character at a time: what writes JSON or a log line must not pass on bytes that
// are none.
#pragma once

#include <cstddef>
#include <string_view>

namespace fastrsi {

// One step through a text. A byte that begins no well-formed character is a step of its own, not
// valid.
struct Utf8Step {
  char32_t code = 0;       // the code point; of a byte that is not valid, the byte
  std::size_t length = 0;  // bytes to go on by: 1 to 4, 0 at the text's end
  bool valid = false;
};

// The character that `text` begins with (Unicode 15, table 3-7: no overlong forms, no surrogates,
// at most U+10FFFF).
Utf8Step first_utf8(std::string_view text) noexcept;

}  // namespace fastrsi
