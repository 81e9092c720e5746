// The nearest known word to a mistyped one.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace fastrsi {

// Insertions, deletions, replacements and swaps of neighbours that lead from `a` to `b`, each place
// touched once (optimal string alignment). Letters count the same in both cases.
std::size_t edit_distance(std::string_view a, std::string_view b);

// The nearest of `words` when it is near enough to be meant (a third of its length), else nothing.
// Of equally near ones the first. A word that begins with a digit is never meant.
std::string_view nearest_word(std::string_view word, const std::vector<std::string_view>& words);

// "did you mean "close"?", or nothing.
std::string did_you_mean(std::string_view word, const std::vector<std::string_view>& words);

}  // namespace fastrsi
