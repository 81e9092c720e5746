// SHA-256 of a token, and a comparison that tells nothing by its time. The one door to OpenSSL's
// libcrypto: who keeps only hashes in a configuration gives no token away with it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace fastrsi {

inline constexpr std::size_t kSha256HexBytes = 64;

// 64 lower-case hex digits (FIPS 180-4). Empty when the library refuses, which equals no hash.
std::string sha256_hex(std::string_view bytes);

// Takes the same time wherever two texts of one length differ.
bool same_in_constant_time(std::string_view a, std::string_view b) noexcept;

}  // namespace fastrsi
