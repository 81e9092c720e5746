// Whether a frame goes on with given text, as one comparison of eight-byte words: what the keys of
// a known shape cost when every frame has them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "engine/base/decimal.hpp"
#include "feeds/feeds.hpp"

namespace fastrsi {

// A template's argument, of up to 24 bytes: `goes_on<R"("e":)">(at)`.
template <std::size_t N>
struct Literal {
  static constexpr std::size_t kSize = N - 1;
  static constexpr std::size_t kWords = (kSize + 7) / 8;
  static_assert(kSize > 0 && kSize <= 24 && kFramePaddingBytes >= 24);

  // NOLINTNEXTLINE(google-explicit-constructor): a literal is what it is made of
  constexpr Literal(const char (&text)[N]) {
    for (std::size_t i = 0; i < kSize; ++i) {
      const auto byte = std::uint64_t{static_cast<unsigned char>(text[i])};
      for (std::size_t word = 0; word < kWords; ++word) {
        if (i >= begin_of(word) && i < begin_of(word) + 8) {
          words[word] |= byte << (8 * (i - begin_of(word)));
        }
      }
    }
  }

  // The last word overlaps the one before.
  static constexpr std::size_t begin_of(std::size_t word) noexcept {
    return kSize < 8 ? 0 : word + 1 == kWords ? kSize - 8 : 8 * word;
  }

  std::array<std::uint64_t, kWords> words{};
};

// Reads up to 24 bytes, whatever stands there.
template <Literal text>
inline bool goes_on(const char* at) noexcept {
  using Text = decltype(text);
  constexpr std::uint64_t kMask =
      Text::kSize < 8 ? (std::uint64_t{1} << (8 * (Text::kSize % 8))) - 1 : ~std::uint64_t{0};
  std::uint64_t differences = (decimal::load_eight(at) & kMask) ^ text.words[0];
  for (std::size_t word = 1; word < Text::kWords; ++word) {
    differences |= decimal::load_eight(at + Text::begin_of(word)) ^ text.words[word];
  }
  return differences == 0;
}

}  // namespace fastrsi
