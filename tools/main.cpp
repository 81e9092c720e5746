// The program's door.
#include <clocale>

#include "tools/command_line.hpp"

int main(int argc, char** argv) {
  // So that "?" and "[...]" of a glob stand for a letter of any alphabet.
  std::setlocale(LC_CTYPE, "C.UTF-8");
  return fastrsi::run_command_line(argc, argv);
}
