// Words to the commands that talk to a running service: the part of command_line.cpp about them.
#pragma once

#include <CLI/CLI.hpp>

#include <functional>

#include "tools/service_commands.hpp"

namespace fastrsi {

// What the words ask for. Outlives the parsing and the command.
struct ServiceCommandWords {
  TailCommand tail;
  StatusCommand status;
  ScanCommand scan;
  ServiceLevelsCommand service_levels;
  LevelsCommand levels;
  WhyCommand why;
  SilenceCommand silence;
  WatchCommand watch;
  DeadCommand dead;
  ReloadCommand reload;
};

// Adds tail, status, scan, levels, why, silence, watch, dead and reload. `chosen` becomes the
// command that the words lead to.
void add_service_commands(CLI::App& app, ServiceCommandWords& words, std::function<int()>& chosen);

}  // namespace fastrsi
