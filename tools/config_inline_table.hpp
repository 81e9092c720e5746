// A table within a value, member by member: what is unknown or of the wrong type is an error at its
// own place.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tools/config_codec.hpp"
#include "tools/did_you_mean.hpp"

namespace fastrsi {

// Lives while one table is read.
class InlineTable {
 public:
  InlineTable(const TomlNode& node, const ValueReader& reader) : node_(node), reader_(reader) {
    if (node.type == TomlType::Table) return;
    reader.expected(node, "a table");
    is_good_ = false;
  }

  // Reads a member into `field` when it is there; whether it was.
  template <class Codec, class Field>
  bool take(std::string_view name, const Codec& codec, Field& field) {
    names_.push_back(name);
    if (node_.type != TomlType::Table) return false;
    const TomlNode* const member = member_of(node_, name);
    if (member == nullptr) return false;
    auto value = codec.read(*member, within(name));
    if (!value) {
      is_good_ = false;
    } else {
      field = static_cast<Field>(std::move(*value));
    }
    return value.has_value();
  }

  void wrong(const TomlNode& at, std::string_view what, std::string hint = {}) {
    reader_.wrong(at, what, std::move(hint));
    is_good_ = false;
  }

  // After the last take(): members that none of them asked for are errors. Whether all was well.
  bool finish() {
    if (node_.type != TomlType::Table) return false;
    for (const TomlMember& member : node_.members) {
      bool known = false;
      for (const std::string_view name : names_) known = known || name == member.name;
      if (known) continue;
      reader_.report.error(member.at, reader_.name + ": unknown member " + shown(member.name),
                           word_hint(member.name, names_));
      is_good_ = false;
    }
    return is_good_;
  }

 private:
  ValueReader within(std::string_view name) const {
    return {reader_.report, reader_.name + "." + std::string(name)};
  }

  const TomlNode& node_;
  const ValueReader& reader_;
  std::vector<std::string_view> names_;
  bool is_good_ = true;
};

// "{ a = 1, b = "x" }" of parts that are written already.
class InlineWriter {
 public:
  void add(std::string_view name, const std::string& value) {
    text_ += text_.empty() ? "{ " : ", ";
    text_ += std::string(name) + " = " + value;
  }
  // Nothing when it is empty.
  void add_text(std::string_view name, const std::string& value) {
    if (!value.empty()) add(name, toml_quoted(value));
  }
  std::string text() const { return text_.empty() ? "{}" : text_ + " }"; }

 private:
  std::string text_;
};

}  // namespace fastrsi
