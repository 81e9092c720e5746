// A replay's statistics, for people and for programs.
#pragma once

#include <string>

#include "tools/replay.hpp"

namespace fastrsi {

std::string to_text(const ReplayReport& report);
// One JSON object, ended by a line end.
std::string to_json(const ReplayReport& report);

}  // namespace fastrsi
