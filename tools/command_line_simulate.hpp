// The words of fastrsi simulate.
#pragma once

#include <CLI/CLI.hpp>

#include <functional>

#include "tools/commands.hpp"

namespace fastrsi {

void add_simulate(CLI::App& app, SimulateCommand& words, std::function<int()>& chosen);

}  // namespace fastrsi
