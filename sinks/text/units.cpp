#include "sinks/text/units.hpp"

#include "engine/base/utf8.hpp"

namespace fastrsi {

std::size_t length_in(SizeUnit unit, std::string_view text) noexcept {
  if (unit == SizeUnit::Bytes) return text.size();
  std::size_t length = 0;
  while (!text.empty()) {
    const Utf8Step step = first_utf8(text);
    length += unit == SizeUnit::Utf16 && step.code > 0xFFFF ? 2 : 1;
    text.remove_prefix(step.length);
  }
  return length;
}

std::string_view first_code_points(std::string_view text, std::size_t count) noexcept {
  std::size_t bytes = 0;
  for (; count > 0 && bytes < text.size(); --count) {
    bytes += first_utf8(text.substr(bytes)).length;
  }
  return text.substr(0, bytes);
}

}  // namespace fastrsi
