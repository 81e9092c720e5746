// A message's id: the first 26 letters of the lower-case base 32 (RFC 4648, section 6) of a SHA-256
// over the sink's name and the keys of its events in order: whoever freezes the same events again
// gets the same id, and the far side can see that it has it.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace fastrsi {

inline constexpr std::size_t kMidBytes = 26;

// 64 hex digits of the bytes' SHA-256: the library has its door elsewhere.
using Sha256Hex = std::string (*)(std::string_view bytes);

std::string message_id(Sha256Hex sha256, std::string_view sink,
                       std::span<const std::string_view> keys);

}  // namespace fastrsi
