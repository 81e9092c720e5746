// What the commands that replay captures share.
#pragma once

#include <string>

#include "tools/commands.hpp"
#include "tools/config.hpp"
#include "tools/replay.hpp"

namespace fastrsi {

// Reads `file` into `config`, printing warnings and all errors; false when there are errors.
// Nothing for no file.
bool load_config(const std::string& file, Config& config);

// Throws std::invalid_argument when the words make no sense.
ReplayOptions replay_options(const ReplayCommand& command, const Config& config);

// Prints each damage; the exit code they make.
int report_damage(const ReplayReport& report);

}  // namespace fastrsi
