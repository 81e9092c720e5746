#include "engine/base/assert.hpp"

#include <cstdio>
#include <cstdlib>

namespace fastrsi {

void assertion_failed(const char* condition, const char* file, int line) noexcept {
  std::fprintf(stderr, "fastrsi: bug: %s is false at %s:%d\n", condition, file, line);
  std::abort();
}

}  // namespace fastrsi
