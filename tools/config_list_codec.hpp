// What codecs of lists and of tables within values share.
#pragma once

#include <fmt/format.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tools/config_codec.hpp"
#include "tools/config_values.hpp"

namespace fastrsi {

inline const TextCodec kAnyText{"a text", check_any};

// Elements of a list of tables or texts, each read by `read_one`.
template <class Value, class ReadOne>
std::optional<std::vector<Value>> read_list(const TomlNode& node, const ValueReader& reader,
                                            const std::string& allowed, ReadOne&& read_one) {
  if (node.type != TomlType::List) {
    reader.expected(node, allowed);
    return std::nullopt;
  }
  std::vector<Value> values;
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    const ValueReader within{reader.report, fmt::format("{}[{}]", reader.name, i)};
    std::optional<Value> value = read_one(node.items[i], within);
    if (value) values.push_back(std::move(*value));
  }
  if (values.size() != node.items.size()) return std::nullopt;
  return values;
}

template <class Value, class WriteOne>
std::string write_list(const std::vector<Value>& values, WriteOne&& write_one) {
  std::string text = "[";
  for (const Value& value : values) {
    text += text.size() == 1 ? "" : ", ";
    text += write_one(value);
  }
  return text + "]";
}

}  // namespace fastrsi
