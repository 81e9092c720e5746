// Tells a capture's format from its first lines, so that nobody has to name it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "feeds/csv_rows.hpp"

namespace fastrsi {

// How much of a file is looked at, and how many of its first lines may be damaged before the first
// known one.
inline constexpr std::size_t kSniffBytes = 64U * 1024;
inline constexpr std::size_t kSniffLinesMax = 16;

// capture_line.hpp has their grammars.
enum class CaptureFormat : std::uint8_t {
  Timed,           // our own, hftbacktest's, tardis.dev's
  CryptofeedText,  // cryptofeed format 1
  CryptofeedJson,  // cryptofeed format 2
  BareFrames,
  Csv,
};

struct CaptureShape {
  CaptureFormat format = CaptureFormat::BareFrames;
  std::size_t begin = 0;  // bytes of a byte order mark
  std::size_t known_line =
      1;                    // number of the first line of the format; those before it are damaged
  bool iso_times = false;   // Timed: with ISO 8601 times, as tardis.dev delivers
  bool csv_header = false;  // Csv: `known_line` names the columns
  CsvLayout csv;
  std::string venue;       // from our own header
  std::uint32_t link = 0;  // likewise
  std::string venue_hint;  // a guess from an address, for an error's mend
};

// `window` is the file's begin, `whole` whether it is all of it. Throws std::runtime_error ("FILE:
// what (mend)") when the format is unknown or of a newer version.
CaptureShape find_shape(const std::string& file, std::string_view window, bool whole);

// The value of a field of {"fastrsi":{...}}: a text's inside, anything else as it stands. Without
// data (not only empty) when it is not there or the object is damaged.
std::string_view own_field(std::string_view object, std::string_view key) noexcept;
// What begins every object that only captures of our own hold.
inline constexpr std::string_view kOwnObject = R"({"fastrsi":)";

}  // namespace fastrsi
