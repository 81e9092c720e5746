// How a value of each kind is told, read and written. A codec has
//
//   std::string allowed() const;                                               for people
//   std::optional<Value> read(const TomlNode&, const ValueReader&) const;      complains by itself
//   std::string write(const Value&) const;                                     TOML
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tools/config_table.hpp"

namespace fastrsi {

struct WholeCodec {
  int min;
  int max;
  std::string allowed() const;
  std::optional<int> read(const TomlNode& node, const ValueReader& reader) const;
  std::string write(int value) const { return std::to_string(value); }
};

// Out of range counts as the nearest in range, with a warning (SIGNALS.md, section 1: L).
struct ClampedCodec {
  int min;
  int max;
  std::string allowed() const;
  std::optional<int> read(const TomlNode& node, const ValueReader& reader) const;
  std::string write(int value) const { return std::to_string(value); }
};

struct NumberCodec {
  double min;
  double max;
  std::string allowed() const;
  std::optional<double> read(const TomlNode& node, const ValueReader& reader) const;
  std::string write(double value) const;
};

struct FlagCodec {
  std::string allowed() const { return "true or false"; }
  std::optional<bool> read(const TomlNode& node, const ValueReader& reader) const;
  std::string write(bool value) const { return value ? "true" : "false"; }
};

// A number, or a word that stands for one that no file writes.
struct WordOrNumberCodec {
  std::string_view word;
  double stands_for;
  double min;
  double max;
  bool whole;
  std::string allowed() const;
  std::optional<double> read(const TomlNode& node, const ValueReader& reader) const;
  std::string write(double value) const;
};

struct DurationCodec {
  Nanoseconds min;
  Nanoseconds max;
  std::string allowed() const;
  std::optional<Nanoseconds> read(const TomlNode& node, const ValueReader& reader) const;
  std::string write(Nanoseconds value) const;
};

// What is wrong with a text, and how it is mended; `what` is empty when nothing is.
struct TextFault {
  std::string what;
  std::string hint;
};
using TextCheck = TextFault (*)(std::string_view text);

struct TextCodec {
  std::string_view described;  // "a file name"
  TextCheck check;
  std::string allowed() const { return std::string(described); }
  std::optional<std::string> read(const TomlNode& node, const ValueReader& reader) const;
  std::string write(const std::string& value) const { return toml_quoted(value); }
};

struct TextListCodec {
  std::string_view described;
  TextCheck check;  // of one element
  bool may_be_empty;
  std::string allowed() const { return std::string(described); }
  std::optional<std::vector<std::string>> read(const TomlNode& node,
                                               const ValueReader& reader) const;
  std::string write(const std::vector<std::string>& value) const;
};

// One of a closed list of words, kept as text.
struct TextWordCodec {
  std::vector<std::string_view> words;
  std::string allowed() const;
  std::optional<std::string> read(const TomlNode& node, const ValueReader& reader) const;
  std::string write(const std::string& value) const { return toml_quoted(value); }
};

struct KindsCodec {
  std::string allowed() const;
  std::optional<KindSet> read(const TomlNode& node, const ValueReader& reader) const;
  std::string write(KindSet value) const;
};

// Time of day as minutes since midnight, "HH:MM".
struct ClockCodec {
  std::string allowed() const { return "a time of day \"HH:MM\""; }
  std::optional<std::chrono::minutes> read(const TomlNode& node, const ValueReader& reader) const;
  std::string write(std::chrono::minutes value) const;
};

struct FileModeCodec {
  std::string allowed() const { return "an octal file mode as text, such as \"0600\""; }
  std::optional<std::uint32_t> read(const TomlNode& node, const ValueReader& reader) const;
  std::string write(std::uint32_t value) const;
};

struct DateCodec {
  using Value = std::optional<std::chrono::year_month_day>;
  std::string allowed() const { return "a date such as 2027-01-01; not set: never"; }
  std::optional<Value> read(const TomlNode& node, const ValueReader& reader) const;
  std::string write(const Value& value) const;
};

struct TokenCodec {
  std::string allowed() const { return "64 hex digits; empty: this consumer cannot log in"; }
  std::optional<std::string> read(const TomlNode& node, const ValueReader& reader) const;
  std::string write(const std::string& value) const { return toml_quoted(value); }
};

// `one of "forming", "close"`
std::string words_text(const std::vector<std::string_view>& words);
// `"forming", "close"`, and which of them may have been meant.
std::string word_hint(std::string_view word, const std::vector<std::string_view>& words);
// Nothing, after a complaint, when `node` is no text.
const std::string* text_of(const TomlNode& node, const ValueReader& reader,
                           std::string_view expected);
// The texts of a list of words out of `words`, each once; nothing, after complaints, otherwise.
std::optional<std::vector<std::string_view>> read_word_list(
    const TomlNode& node, const ValueReader& reader, const std::vector<std::string_view>& words,
    std::string_view expected);
std::string write_word_list(const std::vector<std::string_view>& words);

template <class Value>
struct Word {
  std::string_view text;
  Value value;
};

// One of a closed list of words that stand for the values of an enum.
template <class Value>
struct WordCodec {
  std::vector<Word<Value>> words;

  std::vector<std::string_view> texts() const {
    std::vector<std::string_view> all;
    for (const Word<Value>& word : words) all.push_back(word.text);
    return all;
  }
  Value value_of(std::string_view text) const {
    for (const Word<Value>& word : words) {
      if (word.text == text) return word.value;
    }
    return words.front().value;
  }
  std::string_view text_for(Value value) const {
    for (const Word<Value>& word : words) {
      if (word.value == value) return word.text;
    }
    return {};
  }

  std::string allowed() const { return words_text(texts()); }
  std::optional<Value> read(const TomlNode& node, const ValueReader& reader) const {
    const std::optional<std::string> text = TextWordCodec{texts()}.read(node, reader);
    if (!text) return std::nullopt;
    return value_of(*text);
  }
  std::string write(Value value) const { return toml_quoted(text_for(value)); }
};

// At least one of such words, each once, in the file's order.
template <class Value>
struct WordListCodec {
  WordCodec<Value> one;

  std::string allowed() const {
    return "a list of at least one, each once: " + write_word_list(one.texts());
  }
  std::optional<std::vector<Value>> read(const TomlNode& node, const ValueReader& reader) const {
    const auto texts = read_word_list(node, reader, one.texts(), "a list of words");
    if (!texts) return std::nullopt;
    if (texts->empty()) {
      reader.wrong(node, "the list is empty", "at least one of: " + write_word_list(one.texts()));
      return std::nullopt;
    }
    std::vector<Value> values;
    for (const std::string_view text : *texts) values.push_back(one.value_of(text));
    return values;
  }
  std::string write(const std::vector<Value>& values) const {
    std::vector<std::string_view> texts;
    texts.reserve(values.size());
    for (const Value value : values) texts.push_back(one.text_for(value));
    return write_word_list(texts);
  }
};

}  // namespace fastrsi
