// What commands say: text on standard output, errors and notes on standard error.
#include <fcntl.h>

#include <cerrno>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <system_error>

#include "tools/commands.hpp"

namespace fastrsi {
namespace {

[[noreturn]] void throw_output_error() {
  throw std::runtime_error(
      "cannot write standard output: " + std::generic_category().message(errno) +
      " (write to a place that takes it all)");
}

}  // namespace

void hold_standard_descriptors() {
  // Read only: what is written to a closed standard output must not pass for written.
  for (int descriptor = 0; descriptor <= 2; ++descriptor) {
    if (::fcntl(descriptor, F_GETFD) < 0 && errno == EBADF) {
      [[maybe_unused]] const int taken = ::open("/dev/null", O_RDONLY);
    }
  }
}

void print_text(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size()) throw_output_error();
}

void finish_text() {
  if (std::fflush(stdout) != 0) throw_output_error();
}

void print_note(std::string_view text) {
  [[maybe_unused]] const std::size_t written = std::fwrite(text.data(), 1, text.size(), stderr);
}

void print_error(const std::string& message) {
  print_note("fastrsi: " + message + "\n");
}

}  // namespace fastrsi
