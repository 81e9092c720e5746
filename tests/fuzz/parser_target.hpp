// What the fuzz targets of the parsers share. An input is one byte that is put behind each frame,
// and frames one a line that a single parser reads one after the other.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/assert.hpp"
#include "feeds/feeds.hpp"
#include "tests/frames.hpp"

namespace fastrsi::testing {

// Calls check(frame, padding) for each frame of the input.
template <class Check>
void each_frame(const std::uint8_t* data, std::size_t size, Check check) {
  if (size == 0) return;
  std::string_view rest{reinterpret_cast<const char*>(data), size};
  const char padding = rest.front();
  rest.remove_prefix(1);
  while (!rest.empty()) {
    const std::size_t bytes = std::min(rest.find('\n'), rest.size());
    check(rest.substr(0, bytes), padding);
    rest.remove_prefix(std::min(bytes + 1, rest.size()));
  }
}

// Whatever the frames are: no crash, and events that agree with themselves.
inline void fuzz_parser(std::string_view venue, const std::uint8_t* data, std::size_t size) {
  FrameTester tester{make_parser(venue, TradeStream::FirstSeen)};
  each_frame(data, size, [&tester](std::string_view frame, char padding) {
    FASTRSI_ASSERT(is_consistent(tester.parse(frame, padding)));
  });
}

}  // namespace fastrsi::testing
