#include "tools/command_line.hpp"

int main(int argc, char** argv) {
  return fastrsi::run_command_line(argc, argv);
}
