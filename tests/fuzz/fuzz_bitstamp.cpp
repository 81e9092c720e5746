// Any bytes as Bitstamp's frames.
#include "tests/fuzz/parser_target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fastrsi::testing::fuzz_parser("bitstamp", data, size);
  return 0;
}
