// Finds what a mistyped word was meant to be.
#include "tools/did_you_mean.hpp"

#include <algorithm>

namespace fastrsi {
namespace {

// Known words are at most 20 characters; what is longer than this is no slip of the finger.
constexpr std::size_t kWordBytesMax = 64;

constexpr char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b) {
  // Three rows of the usual matrix: a swap looks two rows back.
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> above(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) above[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = lower(a[i - 1]) == lower(b[j - 1]);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (same ? 0 : 1)});
      const bool swapped = i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
                           lower(a[i - 2]) == lower(b[j - 1]);
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before.swap(above);
    above.swap(row);
  }
  return above[b.size()];
}

std::string_view nearest_word(std::string_view word, const std::vector<std::string_view>& words) {
  std::string_view nearest;
  if (word.size() > kWordBytesMax) return nearest;
  std::size_t least = kWordBytesMax;
  for (const std::string_view candidate : words) {
    // "7m" is near "1m", but no slip of the finger.
    if (!candidate.empty() && candidate.front() >= '0' && candidate.front() <= '9') continue;
    const std::size_t distance = edit_distance(word, candidate);
    const std::size_t allowed = std::max<std::size_t>(1, candidate.size() / 3);
    if (distance <= allowed && distance < least) {
      least = distance;
      nearest = candidate;
    }
  }
  return nearest;
}

std::string did_you_mean(std::string_view word, const std::vector<std::string_view>& words) {
  const std::string_view nearest = nearest_word(word, words);
  if (nearest.empty()) return {};
  return "did you mean \"" + std::string(nearest) + "\"?";
}

}  // namespace fastrsi
