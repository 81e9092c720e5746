// Any bytes as Binance's frames; and the scanner of trades says what simdjson says.
#include "tests/fuzz/parser_target.hpp"

namespace {

using fastrsi::TradeStream;
using fastrsi::testing::FrameTester;

// A space behind the first brace makes the scanner pass a frame on to simdjson.
void compare_with_walk(std::string_view frame, char padding) {
  if (!frame.starts_with('{') || frame.find("rade\"") == std::string_view::npos) return;
  FrameTester scanned{fastrsi::make_binance_parser(true, TradeStream::FirstSeen)};
  FrameTester walked{fastrsi::make_binance_parser(true, TradeStream::FirstSeen)};
  const auto& expected = scanned.parse(frame, padding);
  // Book frames are told by their shape, whatever stands inside.
  if (expected.kind == fastrsi::FrameKind::Book) return;
  std::string spaced{frame};
  spaced.insert(1, 1, ' ');
  FASTRSI_ASSERT(fastrsi::testing::is_same(walked.parse(spaced, padding), expected));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fastrsi::testing::fuzz_parser("binance", data, size);
  fastrsi::testing::fuzz_parser("binance-usdm", data, size);
  fastrsi::testing::each_frame(data, size, compare_with_walk);
  return 0;
}
