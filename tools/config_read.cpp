// Walks a file's values along the table: every value goes to its field, everything else is an error
// at its own place.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "tools/config_codec.hpp"
#include "tools/config_file.hpp"
#include "tools/config_table.hpp"
#include "tools/config_values.hpp"
#include "tools/did_you_mean.hpp"

namespace fastrsi {
namespace {

const KeyRow* find_key(Section section, std::string_view name) {
  for (const KeyRow& key : config_keys()) {
    if (key.section == section && key.name == name) return &key;
  }
  return nullptr;
}

// Whether keys of the section begin with `group` and a dot.
bool is_group(Section section, std::string_view group) {
  return std::any_of(config_keys().begin(), config_keys().end(), [&](const KeyRow& key) {
    return key.section == section && key.name.size() > group.size() &&
           key.name.starts_with(group) && key.name[group.size()] == '.';
  });
}

std::string_view last_part(std::string_view name) {
  return name.substr(name.rfind('.') + 1);  // npos + 1 is 0
}

std::string meant(std::string_view name) {
  return "did you mean " + toml_quoted(name) + "?";
}

std::string section_heading(const SectionRow& row) {
  return fmt::format(fmt::runtime(row.listed ? "[[{}]]" : "[{}]"), row.name);
}

// Where a key that the section does not have was meant to go.
std::string key_hint(Section section, std::string_view name) {
  std::vector<std::string_view> names;
  for (const KeyRow& key : config_keys()) {
    if (key.section == section) names.push_back(key.name);
  }
  for (const std::string_view own : names) {
    if (last_part(own) == last_part(name)) return meant(own);
  }
  for (const KeyRow& key : config_keys()) {
    if (key.name == name)
      return fmt::format("it belongs in {}", section_heading(section_row(key.section)));
  }
  std::string hint = did_you_mean(name, names);
  if (!hint.empty()) return hint;
  std::vector<std::string_view> parts;
  parts.reserve(names.size());
  for (const std::string_view own : names) parts.push_back(last_part(own));
  const std::string_view part = nearest_word(last_part(name), parts);
  for (const std::string_view own : names) {
    if (!part.empty() && last_part(own) == part) return meant(own);
  }
  return {};
}

// "{ default = 14, first = 2, second = 12 }"
std::string group_example(Section section, std::string_view group) {
  Config config;
  if (entry_count(config, section) == 0) add_entry(config, section);
  std::string text;
  for (const KeyRow& key : config_keys()) {
    if (key.section != section || !key.name.starts_with(std::string(group) + ".")) continue;
    text += fmt::format("{}{} = {}", text.empty() ? "{ " : ", ", last_part(key.name),
                        key.write(config, 0));
  }
  return text + " }";
}

class Walk {
 public:
  Walk(Config& config, Origins& origins, Report& report)
      : config_(config), origins_(origins), report_(report) {}

  void file(const TomlNode& root) {
    for (const TomlMember& member : root.members) {
      const SectionRow* row = find_section(member.name);
      if (row == nullptr) {
        unknown_section(member);
      } else if (row->listed) {
        list(*row, member);
      } else {
        single(*row, member);
      }
    }
  }

 private:
  static const SectionRow* find_section(std::string_view name) {
    for (const SectionRow& row : kSections) {
      if (row.name == name) return &row;
    }
    return nullptr;
  }

  void unknown_section(const TomlMember& member) {
    std::vector<std::string_view> names;
    names.reserve(kSections.size());
    for (const SectionRow& row : kSections) names.push_back(row.name);
    std::string hint = did_you_mean(member.name, names);
    for (const KeyRow& key : config_keys()) {
      const bool home = key.name == member.name || is_group(key.section, member.name);
      if (home && hint.empty()) {
        hint = fmt::format("it belongs in {}", section_heading(section_row(key.section)));
      }
    }
    for (const SectionRow& row : kSections) {
      if (last_part(row.name) == member.name) hint = "did you mean " + section_heading(row) + "?";
    }
    const bool section =
        member.value.type == TomlType::Table || member.value.type == TomlType::List;
    report_.error(member.at,
                  fmt::format("unknown {} {}", section ? "section" : "key", shown(member.name)),
                  std::move(hint));
  }

  void single(const SectionRow& row, const TomlMember& member) {
    if (member.value.type != TomlType::Table) {
      report_.error(member.value.at,
                    fmt::format("{}: expected a table, found {}", row.name, describe(member.value)),
                    "its heading is " + section_heading(row));
      return;
    }
    origins_.note(Origins::name_of(row.section, 0), member.at, true);
    table(row.section, 0, member.value, "");
  }

  void list(const SectionRow& row, const TomlMember& member) {
    if (member.value.type != TomlType::List) {
      report_.error(
          member.value.at,
          fmt::format("{}: expected a list of tables, found {}", row.name, describe(member.value)),
          "its heading is " + section_heading(row));
      return;
    }
    clear_entries(config_, row.section);
    for (const TomlNode& item : member.value.items) {
      if (entry_count(config_, row.section) == kConfigEntriesMax) {
        report_.error(item.at,
                      fmt::format("more than {} {}", kConfigEntriesMax, section_heading(row)));
        return;
      }
      entry(row, item);
    }
  }

  void entry(const SectionRow& row, const TomlNode& item) {
    if (item.type != TomlType::Table) {
      report_.error(item.at,
                    fmt::format("{}: expected a table, found {}", row.name, describe(item)),
                    "its heading is " + section_heading(row));
      return;
    }
    const std::size_t index = entry_count(config_, row.section);
    add_entry(config_, row.section);
    origins_.note(Origins::name_of(row.section, index), item.at, true);
    if (row.section == Section::Sink && !sink_exists(item, index)) return;
    table(row.section, index, item, "");
  }

  // A sink this build lacks gets one error, and none for each key that only that sink knows.
  bool sink_exists(const TomlNode& item, std::size_t index) {
    const TomlNode* type = member_of(item, "type");
    if (type == nullptr || type->type != TomlType::Text) return true;
    const auto is_type = [&](std::string_view word) { return word == type->text; };
    const auto& known = known_sinks();
    const auto& built = built_sinks();
    if (std::none_of(known.begin(), known.end(), is_type)) return true;
    if (std::any_of(built.begin(), built.end(), is_type)) return true;
    report_.error(type->at, fmt::format("sink.type: this build has no {} sink", type->text),
                  "it has " + words_text(built));
    // Its name still counts, for the lists of sinks that rules have.
    const TomlNode* name = member_of(item, "name");
    if (name != nullptr && name->type == TomlType::Text) {
      config_.sinks[index].name = name->text;
      origins_.note(Origins::name_of(Section::Sink, index, "name"), name->at, true);
    }
    return false;
  }

  void table(Section section, std::size_t index, const TomlNode& node, const std::string& prefix) {
    for (const TomlMember& member : node.members) {
      const std::string name = prefix + member.name;
      const bool plain = member.name.find('.') == std::string::npos;
      if (const KeyRow* key = find_key(section, name); key != nullptr && plain) {
        value(*key, index, member.value);
      } else if (section == Section::Socket && name == "consumer") {
        list(section_row(Section::Consumer), member);
      } else if (plain && is_group(section, name)) {
        group(section, index, member.value, name);
      } else {
        report_.error(
            member.at,
            fmt::format("unknown key {} in {}", shown(name), section_heading(section_row(section))),
            plain ? key_hint(section, name) : "a dot that splits a key stands outside quotes");
      }
    }
  }

  void group(Section section, std::size_t index, const TomlNode& node, const std::string& name) {
    if (node.type == TomlType::Table) {
      table(section, index, node, name + ".");
      return;
    }
    report_.error(node.at,
                  fmt::format("{}.{}: expected a table, found {}", section_row(section).name, name,
                              describe(node)),
                  fmt::format("{} = {}", name, group_example(section, name)));
  }

  void value(const KeyRow& key, std::size_t index, const TomlNode& node) {
    const std::size_t before = report_.error_count();
    key.read(node, ValueReader{report_, full_name(key)}, config_, index);
    const std::string origin = Origins::name_of(key.section, index, key.name);
    origins_.note(origin, node.at, report_.error_count() == before);
    for (std::size_t i = 0; i < node.items.size(); ++i) {
      origins_.note(fmt::format("{}[{}]", origin, i), node.items[i].at, true);
    }
  }

  Config& config_;
  Origins& origins_;
  Report& report_;
};

}  // namespace

ConfigResult parse_config(std::string_view text, const std::string& name) {
  ConfigResult result;
  if (text.size() > kConfigBytesMax) {
    const auto kib = kConfigBytesMax / 1024;
    result.errors = {{name, 0, 0, fmt::format("is larger than {} KiB", kib), {}}};
    return result;
  }
  result.errors = check_utf8(text, name);
  if (!result.errors.empty()) return result;
  TomlResult toml = parse_toml(text);
  if (!toml.message.empty()) {
    result.errors = {{name, toml.at.line, toml.at.column, toml.message, toml.hint}};
    return result;
  }
  Report report(name);
  Origins origins;
  Walk(result.config, origins, report).file(toml.root);
  check_config(result.config, origins, report);
  report.move_to(result);
  return result;
}

ConfigResult read_config(const std::string& path) {
  TextFile file = read_text_file(path, kConfigBytesMax);
  if (file.fault.empty()) return parse_config(file.text, path);
  ConfigResult result;
  result.errors = {{path, 0, 0, std::move(file.fault), std::move(file.hint)}};
  return result;
}

}  // namespace fastrsi
