// Another program run by its words, without a shell: bytes to its standard input, what it says
// back, and an end in time. It inherits no descriptor but those three.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>

namespace fastrsi::transport {

enum class ChildEnd : std::uint8_t {
  Exited,      // `code` is what it returned
  Killed,      // `code` is the signal that it died of
  TimedOut,    // its whole process group was killed
  Stopped,     // likewise, for the stop was asked for; or it was not even started
  NotStarted,  // `code` is errno
};

struct ChildResult {
  ChildEnd end = ChildEnd::NotStarted;
  int code = 0;
  std::string output;  // both its outputs, or the standard one alone; cut at the limit
  bool is_cut = false;
};

struct ChildWish {
  std::span<const std::string> command;  // the program and its arguments; looked up in PATH
  std::string_view input;
  std::chrono::milliseconds within{10'000};
  std::size_t output_bytes_max = 4096;
  bool with_errors = true;    // its standard error belongs to the output
  std::stop_token stop = {};  // it is given up at once
};

// Blocks until it has ended. Whoever calls has SIGPIPE ignored, as the program does.
ChildResult run_child(const ChildWish& wish);

}  // namespace fastrsi::transport
