// Any bytes as frames of a generic feed: a list of trades below an object, and rows in lists.
#include "tests/fuzz/parser_target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace fastrsi;
  GenericSettings objects;
  objects.trades = "data.trades[]";
  objects.symbol = "s";
  objects.price = "p";
  objects.quantity = "q";
  objects.id = "i";
  objects.time = "$.t";
  GenericSettings rows;
  rows.symbol = "[0]";
  rows.price = "[1]";
  rows.time = "[2]";
  rows.time_unit = TimeUnit::Second;
  for (const GenericSettings& settings : {objects, rows}) {
    testing::FrameTester tester{make_generic_parser(settings)};
    testing::each_frame(data, size, [&tester](std::string_view frame, char padding) {
      FASTRSI_ASSERT(testing::is_consistent(tester.parse(frame, padding)));
    });
  }
  return 0;
}
