// Writes what the table knows: the default file, the effective settings, the key reference, the
// differences of two configurations.
#include <fmt/format.h>

#include <algorithm>

#include "tools/config_table.hpp"

namespace fastrsi {
namespace {

constexpr std::size_t kLineCharactersMax = 100;
constexpr std::string_view kDefaultHead =
    "# The configuration of fastrsi. Every key is here with its default, so a file needs only "
    "what\n"
    "# differs. Durations carry their unit: d h m s ms us ns, as in \"250ms\" or \"1h30m\".\n"
    "# Keys with a dot may also be written as a table: rsi = { default = 14 }.\n";

// Before a key that the section's entry, as it stands, does not take.
constexpr std::string_view kOtherType = "#   ";

// A comment of whole words, cut into lines.
std::string comment(std::string_view text) {
  std::string lines = "#";
  std::size_t length = 1;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (length + 1 + end > kLineCharactersMax) {
      lines += "\n#";
      length = 1;
    }
    lines += ' ';
    lines += text.substr(0, end);
    length += 1 + end;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines + "\n";
}

std::string section_line(const SectionRow& row) {
  return fmt::format(fmt::runtime(row.listed ? "[[{}]]\n" : "[{}]\n"), row.name);
}

// The defaults, with one entry in every list so that each key has a value to show.
Config example_config() {
  Config config;
  for (const SectionRow& row : kSections) {
    if (entry_count(config, row.section) == 0) add_entry(config, row.section);
  }
  return config;
}

// A key that has no default (a date) shows what one looks like.
std::string shown_default(const KeyRow& key, const Config& config) {
  const std::string value = key.write(config, 0);
  return value.empty() ? "2027-01-01" : value;
}

// A bar would end the cell.
std::string markdown_cell(std::string text) {
  for (std::size_t at = 0; (at = text.find('|', at)) != std::string::npos; at += 2) {
    text.insert(at, 1, '\\');
  }
  return text;
}

bool is_empty_by_default(Section section) {
  return entry_count(Config{}, section) == 0;
}

void dump_section(const Config& config, const SectionRow& row, std::string& text) {
  for (std::size_t i = 0; i < entry_count(config, row.section); ++i) {
    text += (text.empty() ? "" : "\n") + section_line(row);
    for (const KeyRow& key : config_keys()) {
      if (key.section != row.section || !key.applies(config, i)) continue;
      const std::string value = key.write(config, i);
      if (!value.empty()) text += fmt::format("{} = {}\n", key.name, value);
    }
  }
}

}  // namespace

std::string default_config_text() {
  const Config example = example_config();
  std::string text(kDefaultHead);
  for (const SectionRow& row : kSections) {
    const std::string_view off = is_empty_by_default(row.section) ? "# " : "";
    text += "\n" + comment(row.help) + std::string(off) + section_line(row);
    for (const KeyRow& key : config_keys()) {
      if (key.section != row.section) continue;
      // What stands for "not set" must stay so when the rest of the section is switched on.
      // So must what is for entries of another type.
      const bool is_unset = key.write(example, 0).empty() && off.empty();
      const bool is_others = off.empty() && !key.applies(example, 0);
      const std::string_view unset = is_others ? kOtherType : is_unset ? "# " : off;
      text += "\n" + comment(key.help) + comment("Allowed: " + key.allowed);
      text += fmt::format("{}{} = {}\n", unset, key.name, shown_default(key, example));
    }
  }
  return text;
}

std::string dump_config(const Config& config) {
  std::string text;
  // A list that is empty against its default has to say so, before the first heading.
  for (const SectionRow& row : kSections) {
    const bool none = row.listed && entry_count(config, row.section) == 0;
    if (none && !is_empty_by_default(row.section)) text += fmt::format("{} = []\n", row.name);
  }
  for (const SectionRow& row : kSections) dump_section(config, row, text);
  return text;
}

std::string dump_sink(const SinkConfig& sink) {
  Config config;
  config.sinks = {sink};
  std::string text;
  dump_section(config, section_row(Section::Sink), text);
  return text;
}

std::string config_reference() {
  const Config example = example_config();
  std::string text;
  for (const SectionRow& row : kSections) {
    text += fmt::format(
        "{}### `{}`\n\n{}\n\n| key | default | allowed | meaning |\n|---|---|---|---|\n",
        text.empty() ? "" : "\n",
        fmt::format(fmt::runtime(row.listed ? "[[{}]]" : "[{}]"), row.name), row.help);
    for (const KeyRow& key : config_keys()) {
      if (key.section != row.section) continue;
      const std::string value = key.write(example, 0);
      text += fmt::format("| `{}` | {} | {} | {} |\n", key.name,
                          value.empty() ? "not set" : "`" + markdown_cell(value) + "`",
                          markdown_cell(key.allowed), markdown_cell(std::string(key.help)));
    }
  }
  return text;
}

std::vector<std::string> config_differences(const Config& before, const Config& after) {
  std::vector<std::string> lines;
  for (const SectionRow& row : kSections) {
    const std::size_t old_count = entry_count(before, row.section);
    const std::size_t new_count = entry_count(after, row.section);
    if (old_count != new_count) {
      lines.push_back(fmt::format("{}: {} -> {} entries", row.name, old_count, new_count));
    }
    for (std::size_t i = 0; i < std::min(old_count, new_count); ++i) {
      const std::string entry =
          row.listed ? fmt::format("{}[{}]", row.name, i) : std::string(row.name);
      for (const KeyRow& key : config_keys()) {
        if (key.section != row.section) continue;
        const std::string old_value = key.write(before, i);
        const std::string new_value = key.write(after, i);
        if (old_value == new_value) continue;
        lines.push_back(fmt::format("{}.{}: {} -> {}", entry, key.name, old_value, new_value));
      }
    }
  }
  return lines;
}

}  // namespace fastrsi
