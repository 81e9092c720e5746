// Any bytes as a configuration: it is refused with errors that have a place, or what it means
// survives being written and read again.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/assert.hpp"
#include "tools/config.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const fastrsi::ConfigResult result = fastrsi::parse_config(text, "fuzz.toml");
  for (const fastrsi::ConfigError& error : result.errors) {
    FASTRSI_ASSERT(!error.message.empty());
    FASTRSI_ASSERT(to_text(error).find('\n') == std::string::npos);
  }
  if (!result.errors.empty()) return 0;
  const std::string dump = fastrsi::dump_config(result.config);
  const fastrsi::ConfigResult again = fastrsi::parse_config(dump, "dump.toml");
  FASTRSI_ASSERT(again.errors.empty());
  FASTRSI_ASSERT(fastrsi::config_differences(result.config, again.config).empty());
  return 0;
}
