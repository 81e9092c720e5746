// Reads captures of every format of INTERFACE.md, section 3, plain, gz and zst, larger than memory,
// and merges several files of one session by receive time. The formats' grammars stand in
// capture_line.hpp and csv_rows.hpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/units.hpp"
#include "feeds/feeds.hpp"

namespace fastrsi {

// What a line of a capture turned out to be.
enum class LineKind : std::uint8_t {
  Frame,         // bytes as the venue sent them
  Disconnected,  // the connection broke here
  Connected,     // it (or a new one) came up
  Trade,         // a row of a trade CSV: `tick` and `symbol` are set, there are no bytes
  Bar,           // a row of a bar CSV: `bar` is set
  Time,          // a moment without a frame: whoever captured looked at the clock
  Bars,          // history taken in: `bytes` is the whole object, for capture_bars.hpp
  Dropped,       // a hole: `dropped` frames were received here and could not be written
};

// Lines a block can hold at least: one line of a file may say two things (a reconnect).
inline constexpr std::size_t kBlockLinesMin = 2;
// A longer line is skipped to its end and counted.
inline constexpr std::size_t kLineBytesMax = kFrameBytesMax;
// Files of cryptofeed format 2 are sorted by time in memory, and refused above this.
inline constexpr std::size_t kSortedFileBytesMax = 256U * 1024 * 1024;

// A bar of a CSV; open times and prices as the file has them.
struct CsvBar {
  ExchangeTime open_time;
  Price open, high, low, close;
};

// One line, in order of receive time. Views live until the block that holds them is recycled.
struct CaptureLine {
  // Frame, Bars: followed by kFramePaddingBytes readable bytes.
  std::string_view bytes;
  ReceiveTime received = kNoReceiveTime;  // kNoReceiveTime for formats that carry none
  std::uint32_t source = 0;               // index of the file it came from
  std::uint32_t link = 0;                 // which of its feed's connections it came by
  LineKind kind = LineKind::Frame;
  bool is_cut = false;        // the file's damaged tail, told already: may be no whole frame
  std::string_view symbol;    // Trade, Bar: from the file's symbol column, or else its name
  std::uint64_t number = 0;   // of the line in its file, from 1; 0 where the file was sorted
  Tick tick;                  // Trade
  CsvBar bar;                 // Bar
  std::uint64_t dropped = 0;  // Dropped
};

// What lines are merged and paced by: when the line came or, of a row without a receive time, when
// what it tells happened. kNoReceiveTime for bare frames.
inline ReceiveTime time_of(const CaptureLine& line) noexcept {
  if (line.kind == LineKind::Trade) return ReceiveTime{line.tick.time.time_since_epoch()};
  if (line.kind == LineKind::Bar) return ReceiveTime{line.bar.open_time.time_since_epoch()};
  return line.received;
}

// The bytes a block's lines point into: `capacity`, and kFramePaddingBytes behind them.
struct BlockMemory {
  std::unique_ptr<char[]> bytes;
  std::size_t capacity = 0;
};

// A run of lines and the memory they point into. The reader touches it inside next() only, so a
// block may be read by another thread until it is passed in again.
struct CaptureBlock {
  std::vector<CaptureLine> lines;
  BlockMemory memory;  // the reader's alone
};

// What reading cost and met, for the statistics. Each damage is also told once, as a line, by the
// diagnostics.
struct CaptureStatistics {
  std::uint64_t bytes = 0;          // after decompression
  std::uint64_t lines = 0;          // all that are not empty, damaged and oversized ones among them
  std::uint64_t damaged_lines = 0;  // neither a known form nor a frame
  std::uint64_t oversized_lines = 0;  // above kLineBytesMax: skipped
  std::uint64_t damaged_tails = 0;    // files that end or break early: what came before was kept
  std::uint64_t dropped_frames = 0;   // received once, never written: the capture says so itself
};

struct CaptureOptions {
  std::vector<std::string> files;         // "-" is standard input
  std::string venue;                      // from --venue; empty: the header must say
  std::vector<std::string> venues;        // the same by file, where the files' feeds say it
  std::size_t block_lines_max = 4096;     // at least kBlockLinesMin
  std::size_t block_bytes = 256U * 1024;  // read at a time; grows for a line that is longer
};

// Neither the files nor the options say whose frames these are.
struct VenueUnknown : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Owner and thread: the reader thread. Throws std::runtime_error ("FILE: what (mend)") from the
// constructor when a file cannot be opened, is empty or of no known format, VenueUnknown when
// nothing names its venue; later damage is a value, counted.
//
// Order: within a file its own (cryptofeed format 2: by time, stable); between files by receive
// time, or by the trade's or bar's time where a CSV has only that, earlier files first on ties. A
// line whose time is missing or lies before an earlier line's goes as if at that line's time, so
// files of bare frames follow one another.
class CaptureReader {
 public:
  explicit CaptureReader(CaptureOptions options);
  ~CaptureReader();

  // Fills `block` with the next lines, reusing its memory. False when the input is at its end.
  bool next(CaptureBlock& block);

  // The venue of each source: from its header or --venue.
  const std::vector<std::string>& venues() const noexcept;
  // The connection of each source among those of its feed: from its header, else 0.
  const std::vector<std::uint32_t>& links() const noexcept;
  const CaptureStatistics& statistics() const noexcept;
  // One clear line for each damage met so far ("FILE:LINE: what"), at most 20 a file, then at the
  // file's end a count.
  const std::vector<std::string>& diagnostics() const noexcept;
  // Share of the compressed input read so far, 0 to 1: for the progress bar.
  double progress() const noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace fastrsi
