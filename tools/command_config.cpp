// fastrsi config check, default and dump.
#include <fmt/format.h>

#include <cstdio>

#include "tools/command_session.hpp"

namespace fastrsi {

int run_config_check(const std::string& file) {
  Config config;
  if (!load_config(file, config)) return kExitWrongUse;
  fmt::print("{}: good: {} feed{}, {} rule{}, {} sink{}\n", file, config.feeds.size(),
             config.feeds.size() == 1 ? "" : "s", config.rules.size(),
             config.rules.size() == 1 ? "" : "s", config.sinks.size(),
             config.sinks.size() == 1 ? "" : "s");
  return kExitDone;
}

int run_config_default(const std::string& file) {
  const std::string text = default_config_text();
  if (file.empty()) {
    fmt::print("{}", text);
    return kExitDone;
  }
  // "x": a configuration that is there is never overwritten.
  std::FILE* out = std::fopen(file.c_str(), "wx");
  const bool written =
      out != nullptr && std::fwrite(text.data(), 1, text.size(), out) == text.size();
  const bool closed = out != nullptr && std::fclose(out) == 0;
  if (written && closed) return kExitDone;
  print_error(file + ": cannot be written, or is there already (choose another name)");
  return kExitFailed;
}

int run_config_dump(const std::string& file) {
  Config config;
  if (!load_config(file, config)) return kExitWrongUse;
  fmt::print("{}", dump_config(config));
  return kExitDone;
}

void print_error(const std::string& message) {
  fmt::print(stderr, "fastrsi: {}\n", message);
}

}  // namespace fastrsi
