// fastrsi config check, default and dump.
#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <system_error>

#include "tools/command_session.hpp"

namespace fastrsi {
namespace {

std::string counted(std::size_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

}  // namespace

int run_config_check(const std::string& file) {
  Config config;
  if (!load_config(file, config)) return kExitWrongUse;
  print_text(fmt::format("{}: good: {}, {}, {}\n", file, counted(config.feeds.size(), "feed"),
                         counted(config.rules.size(), "rule"),
                         counted(config.sinks.size(), "sink")));
  return kExitDone;
}

int run_config_default(const std::string& file) {
  const std::string text = default_config_text();
  if (file.empty()) {
    print_text(text);
    return kExitDone;
  }
  // "x": a configuration that is there is never overwritten.
  std::FILE* out = std::fopen(file.c_str(), "wx");
  if (out == nullptr && errno == EEXIST) {
    print_error(file + ": is there already (choose another name)");
    return kExitFailed;
  }
  bool written = out != nullptr && std::fwrite(text.data(), 1, text.size(), out) == text.size();
  int error = errno;
  if (out != nullptr && std::fclose(out) != 0) {
    error = errno;
    written = false;
  }
  if (written) return kExitDone;
  print_error(fmt::format("{}: cannot be written: {} (name a file in a folder you may write to)",
                          file, std::generic_category().message(error)));
  return kExitFailed;
}

int run_config_dump(const std::string& file) {
  Config config;
  if (!load_config(file, config)) return kExitWrongUse;
  print_text(dump_config(config));
  return kExitDone;
}

}  // namespace fastrsi
