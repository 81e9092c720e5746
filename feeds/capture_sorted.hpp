// Cryptofeed format 2 by time. Its files hold one connection after the other, so the whole file has
// to be seen before its first line can be given; they are small, and larger ones than
// kSortedFileBytesMax are refused.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "feeds/byte_source.hpp"
#include "feeds/capture_log.hpp"

namespace fastrsi {

// The lines of `begin` and then of `source`, stably sorted by "ts" (a header first). Damaged lines
// are left out and told here, while their numbers are known. Throws std::runtime_error when `file`
// is too large.
std::unique_ptr<ByteSource> make_sorted_source(const std::string& file, std::string_view begin,
                                               std::unique_ptr<ByteSource> source, DamageLog& log);

}  // namespace fastrsi
