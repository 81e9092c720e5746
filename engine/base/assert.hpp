// Assertions that stay on in release: a wrong signal is worse than none.
#pragma once

namespace fastrsi {

// Prints the broken condition and its place on stderr, then aborts.
[[noreturn]] void assertion_failed(const char* condition, const char* file, int line) noexcept;

}  // namespace fastrsi

// Use for bugs only, never for bad input: bad input is a value that is counted.
#define FASTRSI_ASSERT(condition) \
  ((condition) ? static_cast<void>(0) : ::fastrsi::assertion_failed(#condition, __FILE__, __LINE__))
