// Where in the input a checkpoint is, and of which input: part "input" of it.
//
//   input = version:u32 lines:u64 files:[text]
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fastrsi {

struct InputPosition {
  std::uint64_t lines = 0;         // of the merged input, taken
  std::vector<std::string> files;  // as they are opened
};

inline constexpr std::string_view kInputPart = "input";

std::string to_bytes(const InputPosition& position);
// Nothing when the bytes are none of this version's.
std::optional<InputPosition> position_from(std::string_view bytes);

}  // namespace fastrsi
