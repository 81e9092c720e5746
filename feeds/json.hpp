// The one door to simdjson: On-Demand, flat, one pass over a frame's fields in the order they come.
//
// On-Demand checks only what is walked over, and after an error its document must not be touched
// again (it crashes in optimised builds). So every walk says whether it came through, and a caller
// that hears "no" leaves at once. Scalars are handed out as raw tokens: our own converters read
// them exactly, whether the venue quotes them or not.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <utility>
#include <vector>

// simdjson's assertions cost a third of its instructions.
#ifndef NDEBUG
#define NDEBUG  // NOLINT(readability-identifier-naming)
#endif
// Without its implicit conversions, which throw.
#define SIMDJSON_EXCEPTIONS 0  // NOLINT(readability-identifier-naming)
#include <simdjson.h>

#include "feeds/feeds.hpp"

namespace fastrsi::json {

using Document = simdjson::ondemand::document;
using Object = simdjson::ondemand::object;
using Array = simdjson::ondemand::array;
using Value = simdjson::ondemand::value;

static_assert(simdjson::SIMDJSON_PADDING <= kFramePaddingBytes);

constexpr bool is_space(char c) noexcept {
  return static_cast<unsigned char>(c) <= ' ' && (c == ' ' || c == '\n' || c == '\r' || c == '\t');
}

// The text of a scalar's raw token: without the white space behind it, and without quotes. Escapes
// stay as they are.
inline std::string_view text_of(std::string_view token) noexcept {
  while (!token.empty() && is_space(token.back())) token.remove_suffix(1);
  if (token.size() >= 2 && token.front() == '"' && token.back() == '"') {
    return token.substr(1, token.size() - 2);
  }
  return token;
}

inline std::string_view text_of(Value& value) noexcept {
  return text_of(value.raw_json_token());
}

// The text of a token that is a string; without data() for any other value.
inline std::string_view string_of(std::string_view token) noexcept {
  return token.starts_with('"') ? text_of(token) : std::string_view{};
}

inline std::string_view string_of(Value& value) noexcept {
  return string_of(value.raw_json_token());
}

// The first character of a value tells its type: '{', '[', '"', a digit, '-', 't', 'f' or 'n'.
inline char first_character(Value& value) noexcept {
  return *value.raw_json_token().data();
}

// Whether the key that starts at `key` (behind its quote) is `name`. Reads at most the name's
// length and one byte, which the frame's padding covers.
template <std::size_t N>
bool key_is(const char* key, const char (&name)[N]) noexcept {
  static_assert(N - 1 < kFramePaddingBytes);
  return std::memcmp(key, name, N - 1) == 0 && key[N - 1] == '"';
}

// Walks over an object: visit(const char* key, Value&) -> bool. False when the walk broke off, by
// damage or by the visitor: nothing of the document may be touched then.
template <class Visit>
bool each_field(Object& object, Visit&& visit) noexcept {
  for (auto field : object) {
    if (field.error() != simdjson::SUCCESS) return false;
    Value value = field.value().value_unsafe();
    if (!visit(field.key().value_unsafe().raw(), value)) return false;
  }
  return true;
}

// Walks over an array: visit(Value&) -> bool. False as above.
template <class Visit>
bool each_element(Array& array, Visit&& visit) noexcept {
  for (auto element : array) {
    if (element.error() != simdjson::SUCCESS) return false;
    Value value = element.value_unsafe();
    if (!visit(value)) return false;
  }
  return true;
}

template <class Visit>
bool each_field_of(Value& value, Visit&& visit) noexcept {
  Object object;
  return value.get_object().get(object) == simdjson::SUCCESS &&
         each_field(object, std::forward<Visit>(visit));
}

template <class Visit>
bool each_element_of(Value& value, Visit&& visit) noexcept {
  Array array;
  return value.get_array().get(array) == simdjson::SUCCESS &&
         each_element(array, std::forward<Visit>(visit));
}

enum class Found : std::uint8_t { No, Yes, Broken };

// Looks for the next field named `key` from where the walk over `object` stands.
inline Found find(Object& object, std::string_view key, Value& value) noexcept {
  switch (object.find_field(key).get(value)) {
    case simdjson::SUCCESS:
      return Found::Yes;
    case simdjson::NO_SUCH_FIELD:
      return Found::No;
    default:
      return Found::Broken;
  }
}

// Walks over what is left of `object`. A key of a bare control character is not JSON, so it is
// never found.
inline bool walk_rest(Object& object) noexcept {
  Value value;
  return find(object, "\x01", value) == Found::No;
}

// What can be told of a frame before it is parsed. On success `frame` has lost the white space
// around it, and begins and ends with a pair of braces or brackets.
Reject check_frame(std::string_view& frame) noexcept;

inline bool root_of(Document& document, Object& object) noexcept {
  return document.get_object().get(object) == simdjson::SUCCESS;
}
inline bool root_of(Document& document, Array& array) noexcept {
  return document.get_array().get(array) == simdjson::SUCCESS;
}

// Whether nothing follows the root, which was walked to its end.
inline bool at_end(Document& document) noexcept {
  return document.current_location().error() != simdjson::SUCCESS;
}

// False only when there is no backslash. Symbols are short: two words are looked at, reaching into
// the padding.
inline bool may_have_escape(std::string_view text) noexcept {
  constexpr std::size_t kWordBytes = sizeof(std::uint64_t);
  static_assert(2 * kWordBytes <= kFramePaddingBytes);
  if (text.size() > 2 * kWordBytes) return true;
  constexpr std::uint64_t kOnes = 0x0101'0101'0101'0101;
  std::uint64_t found = 0;
  for (std::size_t i = 0; i < 2; ++i) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + i * kWordBytes, kWordBytes);
    word ^= kOnes * static_cast<std::uint64_t>('\\');
    found |= (word - kOnes) & ~word & (kOnes << 7);
  }
  return found != 0;
}

// Opens frames one after the other, and owns the memory they need. Owner: a parser. It allocates
// until it has seen its largest frame.
class Reader {
 public:
  Reader();

  // Indexes the frame and checks that it is UTF-8. `document` is best a local variable of the
  // function that walks it whole: the compiler then keeps it in registers, which halves the time.
  Reject open(std::string_view frame, Document& document) noexcept {
    if (could_continue(frame.data()[frame.size()])) frame = copy_of(frame);
    frame_bytes_ = frame.size();
    unescaped_bytes_ = 0;
    unescaped_from_ = nullptr;
    const simdjson::padded_string_view padded{frame.data(), frame.size(),
                                              frame.size() + simdjson::SIMDJSON_PADDING};
    const simdjson::error_code error = parser_.iterate(padded).get(document);
    return error == simdjson::SUCCESS ? Reject::None : reject_of(error);
  }

  // The text of a string with its escapes resolved; the text itself where it has none, which is
  // what venues send. Lives until the next open(). Empty when an escape is broken, when what has a
  // backslash is no string, and when more was asked for than the frame's texts are together.
  std::string_view unescaped(std::string_view text) noexcept {
    return !text.empty() && may_have_escape(text) ? unescaped_slow(text) : text;
  }

 private:
  // A frame with too few closing braces is walked to the byte behind it. What cannot stand there
  // ends the walk with an error; what can would lead it on, past the end of simdjson's index.
  static constexpr bool could_continue(char behind) noexcept {
    return behind == ',' || behind == '}' || behind == ']';
  }
  std::string_view copy_of(std::string_view frame) noexcept;
  static Reject reject_of(simdjson::error_code error) noexcept;
  std::string_view unescaped_slow(std::string_view text) noexcept;

  simdjson::ondemand::parser parser_;
  std::vector<char> copy_;
  std::size_t frame_bytes_ = 0;
  std::vector<std::uint8_t> unescaped_;
  std::size_t unescaped_bytes_ = 0;
  const char* unescaped_from_ = nullptr;  // the last text of the frame, and what it came to
  std::string_view unescaped_last_;
};

}  // namespace fastrsi::json
