// Trade ids that are text (UUIDs): hashed to 64 bits, for venues whose ids only differ
// (IdRule::Window). A window holds about a hundred ids: a trade is taken for another one's repeat
// once in 10^17.
#pragma once

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace fastrsi {

// UUIDs have 36 characters.
inline constexpr std::size_t kTradeIdBytesMax = 64;

// FNV-1a (Fowler, Noll and Vo, 1991), its bits mixed once more as in MurmurHash3's finalizer.
constexpr std::uint64_t hash_of(std::string_view text) noexcept {
  std::uint64_t hash = 0xCBF2'9CE4'8422'2325;
  for (const char c : text) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x0000'0100'0000'01B3;
  }
  hash = (hash ^ (hash >> 33)) * 0xFF51'AFD7'ED55'8CCD;
  hash = (hash ^ (hash >> 33)) * 0xC4CE'B9FE'1A85'EC53;
  return hash ^ (hash >> 33);
}

// An id as digits: of the hash where it is text, itself where it is digits or no sane id (the
// reader of numbers refuses it then). Owner: the stack of whoever adds the trade; the digits live
// as long as this.
class TradeIdText {
 public:
  explicit TradeIdText(std::string_view id) noexcept : digits_(id) {
    if (id.empty() || id.size() > kTradeIdBytesMax || !is_word(id) || is_number(id)) return;
    const auto end = std::to_chars(room_.data(), room_.data() + room_.size(), hash_of(id)).ptr;
    digits_ = {room_.data(), static_cast<std::size_t>(end - room_.data())};
    is_text_ = true;
  }
  TradeIdText(const TradeIdText&) = delete;
  TradeIdText& operator=(const TradeIdText&) = delete;

  std::string_view digits() const noexcept { return digits_; }
  bool is_text() const noexcept { return is_text_; }

 private:
  // What a venue could write as an id: no spaces, no escapes, no signs but those within words. The
  // words that JSON itself has are no ids.
  static bool is_word(std::string_view text) noexcept {
    for (const char c : text) {
      const bool is_part = is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           c == '-' || c == '_' || c == '.' || c == ':';
      if (!is_part) return false;
    }
    return text.front() != '-' && text.front() != '.' && text != "null" && text != "true" &&
           text != "false";
  }
  static bool is_number(std::string_view text) noexcept {
    for (const char c : text) {
      if (!is_digit(c) && c != '.') return false;
    }
    return true;
  }
  static constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

  std::array<char, 20> room_{};
  std::string_view digits_;
  bool is_text_ = false;
};

}  // namespace fastrsi
