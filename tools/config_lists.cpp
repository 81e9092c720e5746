// Reads and writes the lists of the configuration: words, kinds, symbols. Every wrong element is
// reported, at its own place.
#include <algorithm>
#include <cstddef>
#include <utility>

#include "tools/config_codec.hpp"
#include "tools/did_you_mean.hpp"

namespace fastrsi {
namespace {

// The word that stands for all kinds.
constexpr std::string_view kAll = "*";

std::vector<std::string_view> kind_words() {
  std::vector<std::string_view> words;
  for (std::size_t i = 0; i < kKindCount; ++i) words.push_back(to_text(static_cast<Kind>(i)));
  return words;
}

// One text instead of a list of one is the likeliest slip.
std::string list_hint(const TomlNode& node) {
  if (node.type != TomlType::Text) return {};
  return "in brackets: [" + shown(node.text) + "]";
}

// Positions of the elements by text, so that a list of thousands is checked in one pass.
std::vector<bool> doubles_of(const std::vector<TomlNode>& items) {
  std::vector<std::size_t> order(items.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return items[a].text < items[b].text; });
  std::vector<bool> doubles(items.size(), false);
  for (std::size_t i = 1; i < order.size(); ++i) {
    const TomlNode& item = items[order[i]];
    doubles[order[i]] = item.type == TomlType::Text && items[order[i - 1]].type == TomlType::Text &&
                        items[order[i - 1]].text == item.text;
  }
  return doubles;
}

}  // namespace

std::optional<std::vector<std::string_view>> read_word_list(
    const TomlNode& node, const ValueReader& reader, const std::vector<std::string_view>& words,
    std::string_view expected) {
  if (node.type != TomlType::List) {
    reader.expected(node, expected, list_hint(node));
    return std::nullopt;
  }
  const std::vector<bool> doubles = doubles_of(node.items);
  std::vector<std::string_view> taken;
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    const TomlNode& item = node.items[i];
    const auto word = std::find(words.begin(), words.end(), item.text);
    if (item.type != TomlType::Text) {
      reader.expected(item, words_text(words));
    } else if (word == words.end()) {
      reader.wrong(item, shown(item.text) + " is not known", word_hint(item.text, words));
    } else if (doubles[i]) {
      reader.wrong(item, shown(item.text) + " stands twice in the list", "each once");
    } else {
      taken.push_back(*word);
    }
  }
  if (taken.size() != node.items.size()) return std::nullopt;
  return taken;
}

std::string write_word_list(const std::vector<std::string_view>& words) {
  std::string text = "[";
  for (std::size_t i = 0; i < words.size(); ++i) {
    text += (i == 0 ? "" : ", ") + toml_quoted(words[i]);
  }
  return text + "]";
}

std::string KindsCodec::allowed() const {
  return "[\"*\"] for all, or a list of: " + write_word_list(kind_words());
}

std::optional<KindSet> KindsCodec::read(const TomlNode& node, const ValueReader& reader) const {
  std::vector<std::string_view> words = {kAll};
  for (const std::string_view word : kind_words()) words.push_back(word);
  const auto taken = read_word_list(node, reader, words, "a list of kinds");
  if (!taken) return std::nullopt;
  KindSet set = 0;
  for (const std::string_view word : *taken) {
    if (word == kAll) set = kAllKinds;
    if (const auto kind = kind_from_text(word)) set = static_cast<KindSet>(set | set_of(*kind));
  }
  return set;
}

std::string KindsCodec::write(KindSet value) const {
  if (value == kAllKinds) return write_word_list({kAll});
  std::vector<std::string_view> words;
  for (std::size_t i = 0; i < kKindCount; ++i) {
    const auto kind = static_cast<Kind>(i);
    if (contains(value, kind)) words.push_back(to_text(kind));
  }
  return write_word_list(words);
}

std::optional<std::vector<std::string>> TextListCodec::read(const TomlNode& node,
                                                            const ValueReader& reader) const {
  if (node.type != TomlType::List) {
    reader.expected(node, described, list_hint(node));
    return std::nullopt;
  }
  if (node.items.empty() && !may_be_empty) {
    reader.wrong(node, "the list is empty", "at least one, such as [\"*\"]");
    return std::nullopt;
  }
  const std::vector<bool> doubles = doubles_of(node.items);
  std::vector<std::string> taken;
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    const TomlNode& item = node.items[i];
    if (item.type != TomlType::Text) {
      const bool number = item.type == TomlType::Whole || item.type == TomlType::Number;
      reader.expected(item, "a text", number ? "in quotes" : "");
      continue;
    }
    TextFault fault = check(item.text);
    if (fault.what.empty() && doubles[i]) fault = {"stands twice in the list", "each once"};
    if (fault.what.empty()) {
      taken.push_back(item.text);
    } else {
      reader.wrong(item, shown(item.text) + " " + fault.what, std::move(fault.hint));
    }
  }
  if (taken.size() != node.items.size()) return std::nullopt;
  return taken;
}

std::string TextListCodec::write(const std::vector<std::string>& value) const {
  std::vector<std::string_view> words(value.begin(), value.end());
  return write_word_list(words);
}

}  // namespace fastrsi
