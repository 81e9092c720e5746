#include "sinks/text/limited.hpp"

#include <algorithm>

#include "sinks/text/wording.hpp"

namespace fastrsi {

std::string cut_and_escaped(std::string_view text, SizeLimit limit, Escape escape) {
  const auto cut_at = [&](std::size_t characters) {
    std::string cut(first_code_points(text, characters));
    return escaped(escape, with_isolates_closed(cut + "\u2026"));
  };
  // Lengths grow with the characters kept, but for a line's end that closes an isolate in their
  // midst, which costs nothing more than the end would.
  std::size_t good = 0;
  std::size_t bad = std::min(length_in(SizeUnit::CodePoints, text), limit.most) + 1;
  while (bad - good > 1) {
    const std::size_t middle = good + (bad - good) / 2;
    (fits(limit, cut_at(middle)) ? good : bad) = middle;
  }
  return cut_at(good);
}

}  // namespace fastrsi
