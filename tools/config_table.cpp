// What surrounds the table's rows: sections and their entries, origins, reports.
#include "tools/config_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <utility>

#include "engine/base/assert.hpp"

namespace fastrsi {
namespace {

// The configuration's own lines first, then those of the files it names.
void sort_by_place(std::vector<ConfigError>& errors, const std::string& own_file) {
  std::stable_sort(errors.begin(), errors.end(), [&](const ConfigError& a, const ConfigError& b) {
    return std::make_tuple(a.file != own_file, std::string_view(a.file), a.line, a.column) <
           std::make_tuple(b.file != own_file, std::string_view(b.file), b.line, b.column);
  });
}

void cut(std::vector<ConfigError>& errors, std::string_view what) {
  if (errors.size() <= kConfigErrorsMax) return;
  const std::size_t beyond = errors.size() - kConfigErrorsMax;
  errors.resize(kConfigErrorsMax);
  errors.push_back({errors.back().file,
                    errors.back().line,
                    errors.back().column,
                    fmt::format("and {} more {}", beyond, what),
                    {}});
}

}  // namespace

std::string to_text(const ConfigError& error) {
  std::string text = error.file;
  if (error.line > 0) text += fmt::format(":{}:{}", error.line, error.column);
  text += ": " + error.message;
  return error.hint.empty() ? text : text + " (" + error.hint + ")";
}

std::string to_text(const ConfigResult& result) {
  std::string text;
  for (const ConfigError& error : result.errors) text += to_text(error) + "\n";
  for (ConfigError warning : result.warnings) {
    warning.message.insert(0, "warning: ");
    text += to_text(warning) + "\n";
  }
  return text;
}

void Report::error(TextPosition at, std::string message, std::string hint) {
  errors_.push_back({file_, at.line, at.column, std::move(message), std::move(hint)});
}

void Report::warning(TextPosition at, std::string message, std::string hint) {
  warnings_.push_back({file_, at.line, at.column, std::move(message), std::move(hint)});
}

void Report::move_to(ConfigResult& result) {
  sort_by_place(errors_, file_);
  sort_by_place(warnings_, file_);
  cut(errors_, "errors");
  cut(warnings_, "warnings");
  result.errors = std::move(errors_);
  result.warnings = std::move(warnings_);
}

const SectionRow& section_row(Section section) noexcept {
  const SectionRow& row = kSections[static_cast<std::size_t>(section)];
  FASTRSI_ASSERT(row.section == section);
  return row;
}

std::string full_name(const KeyRow& key) {
  return fmt::format("{}.{}", section_row(key.section).name, key.name);
}

std::size_t entry_count(const Config& config, Section section) noexcept {
  switch (section) {
    case Section::Feed:
      return config.feeds.size();
    case Section::Rule:
      return config.rules.size();
    case Section::Consumer:
      return config.socket.consumers.size();
    case Section::Sink:
      return config.sinks.size();
    case Section::Engine:
    case Section::State:
    case Section::Capture:
    case Section::Alert:
    case Section::Socket:
      break;
  }
  return 1;
}

void add_entry(Config& config, Section section) {
  FASTRSI_ASSERT(section_row(section).listed);
  if (section == Section::Feed) config.feeds.emplace_back();
  if (section == Section::Rule) config.rules.emplace_back();
  if (section == Section::Consumer) config.socket.consumers.emplace_back();
  if (section == Section::Sink) config.sinks.emplace_back();
}

void clear_entries(Config& config, Section section) {
  FASTRSI_ASSERT(section_row(section).listed);
  if (section == Section::Feed) config.feeds.clear();
  if (section == Section::Rule) config.rules.clear();
  if (section == Section::Consumer) config.socket.consumers.clear();
  if (section == Section::Sink) config.sinks.clear();
}

std::string Origins::name_of(Section section, std::size_t index, std::string_view key) {
  const std::string entry = fmt::format("{}[{}]", section_row(section).name, index);
  return key.empty() ? entry : fmt::format("{}.{}", entry, key);
}

void Origins::note(const std::string& name, TextPosition at, bool good) {
  places_[name] = {at, good};
}

bool Origins::is_good(const std::string& name) const {
  const auto place = places_.find(name);
  return place == places_.end() || place->second.good;
}

TextPosition Origins::place(Section section, std::size_t index,
                            std::initializer_list<std::string_view> keys) const {
  for (const std::string_view key : keys) {
    const auto place = places_.find(name_of(section, index, key));
    if (place != places_.end()) return place->second.at;
  }
  const auto entry = places_.find(name_of(section, index));
  return entry == places_.end() ? TextPosition{1, 1} : entry->second.at;
}

}  // namespace fastrsi
