// The sound of an alert, looked at when the program starts: a file that is no RIFF/WAVE would be
// silent the first time it mattered.
#pragma once

#include <string>
#include <string_view>

namespace fastrsi::transport {

// Why `path` is no sound that can be played, in words with the mend; empty when it is one.
std::string wave_fault(const std::string& path);
// The same for what a file begins with: the chunks "fmt " and "data" within RIFF/WAVE.
std::string wave_fault_of(std::string_view bytes, std::size_t file_bytes);

}  // namespace fastrsi::transport
