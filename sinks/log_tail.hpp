// The end of a log file that a crash may have torn: what is whole in it, and what is not.
#pragma once

#include <cstddef>
#include <set>
#include <string>

namespace fastrsi {

// More than a sink writes between two stored cursors.
inline constexpr std::size_t kLogTailBytes = 1U << 20;

// Cuts off what stands behind the last line end of a regular file. Nothing happens to a file that
// is not there, is no regular file, or cannot be written: opening it says why.
void cut_torn_line(const std::string& path) noexcept;

// The whole lines in the last kLogTailBytes of the file, and of the one before it (FILE.1), which
// may just have been full.
std::set<std::string> newest_lines(const std::string& path);

}  // namespace fastrsi
