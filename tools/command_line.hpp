// The program's commands (INTERFACE.md, section 1).
#pragma once

namespace fastrsi {

// Parses the words, runs the command, prints errors as one clear line each on stderr.
// Returns the exit code: 0 done, 1 failed while running, 2 wrong use or wrong configuration.
int run_command_line(int argc, char** argv);

}  // namespace fastrsi
