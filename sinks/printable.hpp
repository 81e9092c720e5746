// Makes text from outside safe for a terminal or a log: a name must not end a line, move the
// cursor, ring, or turn the reading direction of what stands beside it.
#pragma once

#include <string>
#include <string_view>

namespace fastrsi {

// Escapes what would act instead of being seen: controls and bytes that are no UTF-8 as \xNN; C1
// controls, line and paragraph separators, bidirectional controls, invisible spaces and tag
// characters as \u{...}; the backslash itself as \\, so that no name can pretend to be another
// one's escaped form. Joiners stay: tickers need them.
std::string printable(std::string_view text);

}  // namespace fastrsi
