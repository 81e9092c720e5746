// The keys of one Binance object: one letter in events, words in answers.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "feeds/json.hpp"

namespace fastrsi {

// The words that tell answers and snapshots, as bits.
using WordSet = std::uint32_t;
inline constexpr WordSet kLastUpdateId = 1U << 0;
inline constexpr WordSet kOpenInterest = 1U << 1;
inline constexpr WordSet kResult = 1U << 2;  // null, a flag or a list: others put data in an object
inline constexpr WordSet kError = 1U << 3;   // an object
inline constexpr WordSet kCode = 1U << 4;
inline constexpr WordSet kMessage = 1U << 5;
inline constexpr WordSet kId = 1U << 6;
inline constexpr WordSet kOtherWord = 1U << 7;

inline WordSet word_of(const char* key, json::Value& value) noexcept {
  if (json::key_is(key, "lastUpdateId")) return kLastUpdateId;
  if (json::key_is(key, "openInterest")) return kOpenInterest;
  if (json::key_is(key, "code")) return kCode;
  if (json::key_is(key, "msg")) return kMessage;
  if (json::key_is(key, "id")) return kId;
  const bool is_object = json::first_character(value) == '{';
  if (json::key_is(key, "result") && !is_object) return kResult;
  if (json::key_is(key, "error") && is_object) return kError;
  return kOtherWord;
}

constexpr bool is_letter(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// The scalars of an object's letters, the first of equal ones, and which words it has. Owner: a
// parser, for one frame after the other: clear() touches three numbers only.
class BinanceFields {
 public:
  void clear() noexcept {
    letters_ = 0;
    strings_ = 0;
    words_ = 0;
  }

  void take(const char* key, json::Value& value) noexcept {
    if (!is_letter(key[0]) || key[1] != '"') {
      words_ |= word_of(key, value);
      return;
    }
    const std::string_view token = value.raw_json_token();
    const std::string_view text = json::text_of(token);
    if (token.starts_with('"')) {
      keep_string(key[0], text);
    } else {
      keep_bare(key[0], text);
    }
  }

  // `letter` is one.
  void keep_bare(char letter, std::string_view text) noexcept {
    if (has(letter)) return;
    letters_ |= bit_of(letter);
    begins_[slot_of(letter)] = text.data();
    sizes_[slot_of(letter)] = text.size();
  }

  void keep_string(char letter, std::string_view text) noexcept {
    if (!has(letter)) strings_ |= bit_of(letter);
    keep_bare(letter, text);
  }

  bool has(char letter) const noexcept { return (letters_ & bit_of(letter)) != 0; }

  // A scalar without its quotes, if it has any; without data() when the object has no such letter.
  std::string_view text(char letter) const noexcept {
    return has(letter) ? at(letter) : std::string_view{};
  }

  // Likewise, where only a string will do.
  std::string_view string(char letter) const noexcept {
    return (strings_ & bit_of(letter)) != 0 ? at(letter) : std::string_view{};
  }

  WordSet words() const noexcept { return words_; }

 private:
  // Letters differ in their low six bits.
  static constexpr std::size_t slot_of(char letter) noexcept {
    return static_cast<std::size_t>(letter) & 63U;
  }
  static constexpr std::uint64_t bit_of(char letter) noexcept {
    return std::uint64_t{1} << slot_of(letter);
  }
  std::string_view at(char letter) const noexcept {
    return {begins_[slot_of(letter)], sizes_[slot_of(letter)]};
  }

  std::uint64_t letters_ = 0;
  std::uint64_t strings_ = 0;
  WordSet words_ = 0;
  // Apart, because a processor stalls when it reads as one what was just written as two.
  std::array<const char*, 64> begins_;
  std::array<std::size_t, 64> sizes_;
};

}  // namespace fastrsi
