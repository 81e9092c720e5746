#include "sinks/output.hpp"

#include <utility>

#include "sinks/file_output.hpp"
#include "sinks/journald_output.hpp"
#include "sinks/sinks.hpp"

namespace fastrsi {

OutputFields record_fields(Kind kind, Timeframe timeframe, OutputField word, const RuleLabel& rule,
                           const std::vector<const Symbol*>& symbols) {
  OutputFields fields{{"KIND", std::string(to_text(kind))},
                      {"TIMEFRAME", std::string(to_text(timeframe))},
                      std::move(word),
                      {"RULE", rule.name}};
  for (const Symbol* symbol : symbols) fields.push_back({"SYMBOL", symbol->full_name});
  return fields;
}

std::unique_ptr<Output> make_output(const SinkSettings& settings) {
  if (settings.path == "journald") return std::make_unique<JournaldOutput>(settings.name);
  constexpr std::uint64_t kMebibyte = 1U << 20U;
  const FileRotation rotation{static_cast<std::uint64_t>(settings.file_mib) * kMebibyte,
                              static_cast<std::uint64_t>(settings.files_kept)};
  return std::make_unique<FileOutput>(settings.path, settings.append, rotation);
}

}  // namespace fastrsi
