// The fields of one flat JSON object, as our own events and cryptofeed format 2 write them. Not
// simdjson: the strings have to be decoded where they lie, since the frame inside becomes a view of
// the block.
#pragma once

#include <cstddef>
#include <string_view>

namespace fastrsi {

// Views of the scanned text. Keys are not unescaped: those we look for have nothing to escape.
struct JsonField {
  std::string_view key;
  std::string_view value;  // a string's inside, still escaped; anything else as it stands
  bool is_string = false;
};

// Checks no more than it needs to find the fields: a nested value is skipped by its brackets.
class JsonFields {
 public:
  explicit JsonFields(std::string_view object) noexcept : text_(object) {}

  // False at the object's end, or where the text stops being one.
  bool next(JsonField& field) noexcept;
  // After next() said false: the text was one whole object with nothing behind it.
  bool is_whole() const noexcept { return state_ == State::Whole; }

 private:
  enum class State : unsigned char { Start, Inside, Whole, Broken };

  bool fail() noexcept;
  void skip_space() noexcept;
  bool take(char c) noexcept;
  bool take_string(std::string_view& inside) noexcept;
  bool take_value(JsonField& field) noexcept;
  bool take_nested(std::string_view& value) noexcept;

  std::string_view text_;
  std::size_t at_ = 0;
  State state_ = State::Start;
};

}  // namespace fastrsi
