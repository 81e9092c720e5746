// Small things that the parsers of venues with named channels share.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "feeds/feeds.hpp"

namespace fastrsi {

// What a venue calls a channel or a type of message, and what it is to us.
struct FrameName {
  std::string_view name;
  FrameKind kind;
};

// nullptr when the name is not in the table. Tables are short, with the most frequent names first.
template <std::size_t N>
const FrameName* find_name(const std::array<FrameName, N>& names, std::string_view text) noexcept {
  for (const FrameName& row : names) {
    if (row.name == text) return &row;
  }
  return nullptr;
}

// Of equal keys the first counts.
inline void keep_first(std::string_view& slot, std::string_view text) noexcept {
  if (slot.data() == nullptr) slot = text;
}

}  // namespace fastrsi
