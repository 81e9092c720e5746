// Any bytes as Bybit's frames.
#include "tests/fuzz/parser_target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fastrsi::testing::fuzz_parser("bybit-linear", data, size);
  return 0;
}
